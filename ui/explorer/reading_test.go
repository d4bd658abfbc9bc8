package explorer

import (
	"strings"
	"testing"
	"time"
)

// askThree asks three questions, and waits for their answers.
func askThree(s *screen) {
	for _, q := range []string{"the first question", "the second question", "the third question"} {
		s.press(q, "enter")
		s.wait(4 * time.Second)
	}
}

func TestCopyingAndSourcesUseTheAnswerThatIsScrolledTo(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		askThree(s)
		s.has("conversation · 3 of 3")
		s.press("tab", "tab", "home")
		s.has("conversation · 1 of 3")
		s.has("▌ the first question")
		s.press("y")
		s.has(`copied the answer to "the first question"`)
		s.press("s")
		s.has(`which source of "the first question"?`)
		s.press("esc", "end")
		s.has("conversation · 3 of 3")
		s.press("y")
		s.has(`copied the answer to "the third question"`)
	})
}

func TestEveryAnswerIsReachedByScrolling(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		askThree(s)
		s.press("tab", "tab", "end")
		seen := map[string]bool{}
		for range 60 {
			title := strings.SplitAfter(s.text(), "conversation · ")[1][:6]
			seen[title] = true
			s.press("up")
		}
		for _, want := range []string{"1 of 3", "2 of 3", "3 of 3"} {
			if !seen[want] {
				t.Errorf("scrolling line by line never selects %s: %v", want, seen)
			}
		}
		s.has("conversation · 1 of 3")
	})
}

func TestTheTimelineOfAFinishedRunTakesOneRowUntilItHasTheKeys(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(time.Second)
		s.has("╭─ timeline · rag") // not folded while the run is at work
		s.wait(3 * time.Second)
		s.hasNot("╭─ timeline")
		s.has("✓ rag 1.8s")
		s.has("tab timeline")
		rows := 0
		for _, l := range strings.Split(s.text(), "\n") {
			if strings.HasPrefix(l, "│") {
				rows++
			}
		}
		if rows < 15 { // 14 rows of the answer, and the question line
			t.Errorf("the answer has %d rows:\n%s", rows-1, s.text())
		}
		s.press("tab")
		s.has("╭─ timeline · rag")
		s.press("shift+tab")
		s.hasNot("╭─ timeline")
		s.press("again", "enter")
		s.wait(500 * time.Millisecond)
		s.has("╭─ timeline · rag")
	})
}

func TestNothingMovesUnderTheMouse(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("tab")
		before := s.text()
		s.press(mouseSeq("<0;", 10, 14, "M"), mouseSeq("<0;", 10, 14, "m"))
		if strings.Contains(s.text(), "╭─ timeline · rag") != strings.Contains(before, "╭─ timeline · rag") {
			t.Errorf("a click in the answer moves it:\n%s", s.text())
		}
	})
}
