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

// What was shown alone before a pane was opened is shown alone after it has closed.
func TestClosingAPaneShowsThePartsThatWereShownBefore(t *testing.T) {
	for _, c := range []struct {
		name      string
		keys      []string // which open the pane
		want, not string   // what is on the screen after it has closed, and what is not
	}{
		{"a source over a graph", []string{"tab", "v", "ctrl+s", "enter"}, "─ timeline · rag", "─ run "},
		{"a source over the conversation alone", []string{"tab", "tab", "f", "s", "enter"}, "─ answer ─", "─ run "},
		{"a graph over the timeline alone", []string{"tab", "f", "v"}, "─ timeline · rag", "─ answer ─"},
		{"a source over the details", []string{"tab", "enter", "ctrl+s", "enter"}, "─ run ", "─ timeline · rag"},
		{"a source that is made large", []string{"ctrl+s", "enter", "f"}, "─ answer ─", "─ run "},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
				s.press(question, "enter")
				s.wait(4 * time.Second)
				s.press(c.keys...)
				s.hasNot(c.want)
				s.press("esc")
				s.has(c.want)
				s.hasNot(c.not)
			})
		})
	}
}
