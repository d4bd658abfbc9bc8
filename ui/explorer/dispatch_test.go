package explorer

import (
	"strings"
	"testing"
	"time"
)

func TestAPageScrollsThePaneThatIsSeen(t *testing.T) {
	inBubble(t, 150, 30, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("tab", "down", "enter")
		s.has("step · retrieve")
		s.has("time        ran")
		s.press("v")
		s.has("workflow · rag")
		s.press("pgdown", "pgdown", "enter", "esc")
		s.has("step · retrieve")
		s.has("time        ran") // the details that the graph covered have not scrolled
		s.hasNot("this line leads nowhere")
		s.press("enter", "pgdown", "pgdown")
		s.hasNot("time        ran")
	})
}

func TestEscapeInTheDetailsThatTabReachedGoesToTheTimeline(t *testing.T) {
	inBubble(t, 200, 50, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("ctrl+s", "enter")
		s.has("╭─ docs/retry.md:12–30")
		s.press("esc") // the focus returns to the question line, from which the source was opened
		s.press("x")
		s.has("❯ x")
		s.press("backspace", "tab", "tab", "esc")
		if !strings.HasPrefix(s.footer(), " ↑↓ step") {
			t.Errorf("the timeline does not have the focus: %q", s.footer())
		}
	})
}

func TestAPasteGoesIntoTheFormThatIsSeen(t *testing.T) {
	inBubble(t, 80, 24, Options{Workflow: "approve"}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(2 * time.Second)
		s.has("question  " + question)
		// The click gives the focus to the timeline
		s.press(mouseSeq("<0;", 30, 4, "M"), mouseSeq("<0;", 30, 4, "m"))
		s.paste(" soon")
		s.has("question  " + question + " soon")
		s.press("enter")
		s.wait(500 * time.Millisecond)
		if got := strings.Join(e.runs["approve-1"].replies, " "); !strings.Contains(got, question+" soon") {
			t.Errorf("replies %s", got)
		}
	})
}
