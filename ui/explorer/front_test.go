package explorer

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow/show"
)

// footer returns the last row of the screen.
func (s *screen) footer() string {
	lines := strings.Split(strings.TrimRight(s.text(), "\n"), "\n")
	return lines[len(lines)-1]
}

func TestTheFooterShowsTheKeysOfWhatIsInFront(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		see := func(want string) {
			t.Helper()
			if got := s.footer(); !strings.HasPrefix(got, " "+want) {
				t.Errorf("the footer is %q, want %q", got, want)
			}
		}
		s.press("one", "enter")
		s.wait(3 * time.Second)
		s.press("ctrl+p")
		see("↑↓ select   ↵ choose   esc close")
		s.press("esc", "tab", "/")
		see("↵ keep   esc clear")
		s.press("zzz")
		s.has("nothing matches; esc clears the filter")
		s.hasNot("retrieve")
		s.press("enter")
		if !strings.Contains(s.footer(), "esc clear") {
			t.Errorf("the footer of a filter that holds is %q", s.footer())
		}
		s.press("esc")
		s.hasNot("nothing matches")
		s.has("retrieve")
	})
}

func TestTheFooterIsNotCoveredByAListBesideIt(t *testing.T) {
	withFlow(t, 120, 30, func(s *screen) {
		s.press("f1")
		s.has("╭─ help")
		if got := s.footer(); got != " ↑↓ select   ↵ choose   esc close" {
			t.Errorf("the footer is %q", got)
		}
	})
}

func TestAnInnerPanelIsClosedByTheLetterThatQuitsElsewhere(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("one", "enter")
		s.wait(3 * time.Second)
		s.press("tab", "v")
		s.has("╭─ workflow · rag")
		s.press("q")
		s.hasNot("╭─ workflow · rag")
		s.press("enter")
		s.has("╭─ run")
		s.press("q")
		s.has("╭─ timeline · rag") // the run continues
		s.press("enter", "i", "two", "enter")
		s.wait(3 * time.Second)
		s.has("▌ two") // of the two runs, the second is shown
		s.has("conversation · 2 of 2")
		s.press("tab", "p")
		s.has("▌ one")
		s.has("❯ two")
		s.has("timeline · rag · run 1 of 2")
	})
}

func TestTheDebuggersKeysWorkWhereTheyAreNamed(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("slowly", "enter", "tab", "P")
		s.wait(4 * time.Second)
		s.press("W")
		s.has("╭─ run")
		s.has("P continues it, . lets one more execution start")
		s.press("B")
		s.has("breakpoints of rag")
		s.press("synthesize", "enter")
		s.press(".")
		s.wait(time.Second)
		s.has("synthesize: 1 execution would start next") // rerank has run
		s.press("b")
		s.has("breakpoints of rag") // no step is selected, but the whole run
		s.press("synthesize", "enter", "P")
		s.wait(5 * time.Second)
		s.hasNot("P continues it")
		s.press("esc")
		s.has("✓ answered by a model")
		s.press("tab", "tab") // moves the focus to the conversation
		s.press("i", "slowly again", "enter", "tab", "P", "tab")
		s.wait(4 * time.Second)
		s.hasNot("✓ answered by a model · 2 sources · 2.4s")
		s.press("P")
		s.wait(5 * time.Second)
		s.hasNot("paused")
	})
}

func TestBeforeTheFirstQuestionTheChosenWorkflowIsDebugged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		e.introduce(true)
		indexing := e.startIndex()
		s := open(t, breakable{e}, Options{Workflow: "simple"}, 80, 24)
		leaveOut(e, indexing)
		s.wait(100 * time.Millisecond)
		s.press("tab", "down")
		s.has("╭─ timeline · index")
		for _, key := range []string{"b", "B", "F"} {
			s.press(key)
			if s.has("of simple"); key != "F" {
				s.has("breakpoints of simple")
			}
			s.has("generate")
			s.press("esc")
		}
		s.press("b", "generate", "enter")
		s.has("simple · stops at generate")
		s.close()
	})
}

func TestFaultIsFoundByItsName(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		for _, key := range []string{"ctrl+p", "f1"} {
			s.press(key, "fault")
			s.has("fault: make the selected step fail or slow on purpose")
			s.press("esc")
		}
	})
}

func TestALongNameOfAModelLeavesTheHeaderItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		tell(e.session, show.Provider{Model: strings.Repeat("a-model-with-a-long-name-", 4), Endpoint: "https://models.example.org"})
		e.ready()
		s := open(t, e, Options{}, 80, 24)
		s.has(" ◈ weft  ~/docs · 18,230 passages   a-model-with-a-long-name-")
		s.close()
	})
}

func TestTheChosenWorkflowIsAmongThoseThatHaveRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{Workflow: "approve"}, 80, 17)
		s.has("Workflows, 1 of 3")
		s.has("▸ approve")
		s.resize(80, 30)
		s.has("│ Workflows (")
		s.has("  rag ")
		s.close()
	})
}

func TestTypingAfterAnEscapeGivesNoCommands(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("one", "enter")
		s.wait(3 * time.Second)
		s.press("how ", "esc")
		s.has("still in the question; esc again leaves it, and the text stays ─")
		s.press("do I")
		s.has("❯ how do I")
		s.press("esc", "esc")
		s.has("❯ how do I")
		s.press("v") // the letter is a command, because the line has lost the focus
		s.has("workflow · rag")
	})
}

func TestTheFooterShowsTheKeysOfOtherRunsWhereThereAreSome(t *testing.T) {
	withFlow(t, 120, 30, func(s *screen) {
		s.press("one", "enter")
		s.wait(3 * time.Second)
		s.press("tab", "tab")
		if got := s.footer(); strings.Contains(got, "pn run") || !strings.Contains(got, "scroll") {
			t.Errorf("with one run, the footer of the conversation is %q", got)
		}
		s.press("tab", "two", "enter")
		s.wait(3 * time.Second)
		if got := s.footer(); strings.Contains(got, " run") {
			t.Errorf("the footer of the question line is %q", got)
		}
		s.press("tab", "tab")
		if got := s.footer(); !strings.Contains(got, "pn run") || !strings.Contains(got, "scroll") {
			t.Errorf("with two runs, the footer of the conversation is %q", got)
		}
	})
	withFlow(t, 200, 50, func(s *screen) { // with the inspector beside the timeline
		for _, question := range []string{"one", "two"} {
			s.press(question, "enter")
			s.wait(3 * time.Second)
		}
		s.press("tab", "enter")
		if got := s.footer(); strings.Contains(got, "↓ run") || !strings.Contains(got, "open") {
			t.Errorf("the footer of the inspector is %q", got)
		}
	})
}
