package explorer

import (
	"slices"
	"testing"
)

func TestTheKeysReturnToThePaneThatHadThem(t *testing.T) {
	f := focusStack{linePart}
	see := func(what string, want ...part) {
		t.Helper()
		if !slices.Equal(f, want) {
			t.Errorf("%s: %v, want %v", what, f, want)
		}
	}
	f.over(detailPart)
	see("a source is opened from the line", linePart, detailPart)
	f.over(detailPart)
	see("another source is opened", linePart, detailPart)
	f.leave(detailPart)
	see("it is closed", linePart)
	f.to(timelinePart)
	f.over(linePart)
	see("a command asks with a form", timelinePart, linePart)
	f.over(detailPart)
	f.leave(linePart)
	see("what has not the keys cannot give them back", timelinePart, linePart, detailPart)
	f.to(detailPart)
	see("a click where the keys are", timelinePart, linePart, detailPart)
	f.to(conversationPart)
	see("the focus moves elsewhere", conversationPart)
	f.to(detailPart)
	f.leave(detailPart)
	see("the focus leaves the details", timelinePart)
	f.leave(timelinePart)
	see("the last one keeps them", timelinePart)
}
