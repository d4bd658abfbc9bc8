package explorer

import (
	"strings"
	"testing"
	"time"
)

// twoWaits shows two runs that wait for a reply; the second is on the screen.
func twoWaits(t *testing.T, w, h int, f func(s *screen, e *scripted)) {
	inBubble(t, w, h, Options{Workflow: "approve"}, func(s *screen, e *scripted) {
		s.press("the first", "enter")
		s.wait(time.Second)
		s.press("esc", "i", "the second", "enter")
		s.wait(time.Second)
		f(s, e)
	})
}

func TestTheFormIsThatOfTheRunThatIsShown(t *testing.T) {
	twoWaits(t, 80, 24, func(s *screen, e *scripted) {
		s.has("run 2 of 2")
		s.has("question  the second")
		s.press(" draft", "esc", "p")
		s.has("run 1 of 2")
		s.has("question  the first")
		s.press("tab", " and more", "esc", "n")
		s.has("run 2 of 2")
		s.has("question  the second draft")
		s.press("tab", "enter")
		s.wait(500 * time.Millisecond)
		if got := strings.Join(e.runs["approve-2"].replies, " "); got != `Approval {"keep":[1,2,3],"query":"the second draft"}` {
			t.Errorf("the second run got %s", got)
		}
		if got := e.runs["approve-1"].replies; len(got) > 0 {
			t.Errorf("the first run got %s", got)
		}
		s.has("? approve asks you in run 1 (tab)")
		s.has("ask another question")
		s.wait(4 * time.Second)
		s.press("tab") // to the form of the other run
		s.has("run 1 of 2")
		s.has("question  the first and more")
	})
}

func TestSwitchingTheRunInAFormGoesToTheOtherForm(t *testing.T) {
	twoWaits(t, 80, 24, func(s *screen, e *scripted) {
		s.press("alt+up", " one")
		s.has("question  the first one")
		s.press("alt+down", " two")
		s.has("question  the second two")
	})
}

func TestTheWaitOfAnotherRunIsToldAndTakesNoPlace(t *testing.T) {
	inBubble(t, 80, 24, Options{Workflow: "approve"}, func(s *screen, e *scripted) {
		s.press("the first", "enter")
		s.wait(time.Second)
		s.press("esc", "i", "shift+tab", "shift+tab", "draft")
		s.press("enter")
		s.wait(5 * time.Second)
		s.has("? approve asks you in run 1 (tab)")
		s.press("esc")
		s.has("run 2 of 2")
		s.hasNot("Which sources")
		s.press("i", "shift+tab")
		s.hasNot("Which sources")
	})
}
