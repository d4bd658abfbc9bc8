package fold

import (
	"slices"
	"testing"
)

// A list may hold thousands of awaits, and the first is removed most often: that must not move the
// others.
func TestRemovingTheFirstOfAListKeepsTheOrder(t *testing.T) {
	in := func() []*await { return []*await{{key: "a"}, {key: "b"}, {key: "c"}} }
	for i := range 3 {
		all := in()
		list, want := all, slices.Delete(slices.Clone(all), i, i+1)
		remove(&list, all[i])
		if !slices.Equal(list, want) {
			t.Errorf("without the one at %d it is %v", i, list)
		}
	}
	all := in()
	list, second := all, &all[1]
	if remove(&list, all[0]); &list[0] != second {
		t.Error("the others were moved")
	}
	if all[0] != nil {
		t.Error("the list still holds the removed element")
	}
	remove(&list, list[0])
	remove(&list, list[0])
	if len(list) > 0 || cap(list) == 0 {
		t.Error("the last one leaves no room for the next")
	}
}
