package explorer

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

func TestCopyingSaysWhatAndHow(t *testing.T) {
	inBubble(t, 100, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("ctrl+y")
		s.has("copied the answer to \"How do retries back off?\" as Markdown")
		s.has("OSC 52")
		if len(s.copied) != 1 || s.copied[0] != answerText {
			t.Errorf("copied %q", s.copied)
		}
		if !strings.Contains(s.sent(), "\x1b]52;c;") {
			t.Error("nothing was sent to the terminal's clipboard")
		}
	})
	inBubble(t, 100, 24, Options{Env: []string{"TERM=xterm-256color", "SSH_TTY=/dev/pts/1"}}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("ctrl+y")
		s.has("OSC 52")
		if len(s.copied) != 0 {
			t.Error("over SSH the system's clipboard is somebody else's")
		}
	})
}

func TestTheMouseSelectsScrollsAndCopies(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		row := func(text string) (x, y int) {
			for y, l := range strings.Split(s.text(), "\n") {
				if i := strings.Index(l, text); i >= 0 {
					return len([]rune(l[:i])) + 1, y + 1
				}
			}
			t.Errorf("%q is not on the screen:\n%s", text, s.text())
			return 1, 1
		}
		x, y := row("✓ rag") // the timeline is folded to one row; a click shows the others
		s.press(mouseSeq("<0;", x, y, "M"), mouseSeq("<0;", x, y, "m"))
		x, y = row("rerank")
		s.press(mouseSeq("<0;", x, y, "M"), mouseSeq("<0;", x, y, "m"))
		s.has("▌✓ ├ rerank")
		x, y = row("a non-retryable")
		s.press(mouseSeq("<0;", x, y, "M"), mouseSeq("<32;", x+14, y, "M"), mouseSeq("<0;", x+14, y, "m"))
		if len(s.copied) != 1 || s.copied[0] != "a non-retryable" {
			t.Errorf("copied %q", s.copied)
		}
		for range 20 {
			s.in.Write([]byte(mouseSeq("<64;", x, y, "M")))
		}
		s.wait(100 * time.Millisecond)
		s.has("❯ " + question)
		for range 20 {
			s.in.Write([]byte(mouseSeq("<65;", x, y, "M")))
		}
		s.wait(100 * time.Millisecond)
		_, y = row("[1] docs/retry.md")
		s.press(mouseSeq("<0;", 8, y, "M"), mouseSeq("<0;", 8, y, "m"))
		s.has("╭─ docs/retry.md:12–30")
		s.press("esc", "pgup")
		x, y = row("[2].")
		s.press(mouseSeq("<0;", x+1, y, "M"), mouseSeq("<0;", x+1, y, "m"))
		s.has("╭─ docs/config.md:88–91")
	})
}

func TestADragOverBarsCopiesNothing(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("one", "enter")
		s.wait(3 * time.Second)
		drag := func(text string, cells int) {
			for y, l := range strings.Split(s.text(), "\n") {
				if i := strings.Index(l, text); i >= 0 {
					x := len([]rune(l[:i])) + 1
					s.press(mouseSeq("<0;", x, y+1, "M"), mouseSeq("<32;", x+cells, y+1, "M"), mouseSeq("<0;", x+cells, y+1, "m"))
					return
				}
			}
			t.Errorf("%q is not on the screen:\n%s", text, s.text())
		}
		drag("███", 4)
		if len(s.copied) != 0 {
			t.Errorf("copied %q", s.copied)
		}
		drag("retrieve", 7)
		if len(s.copied) != 1 || s.copied[0] != "retrieve" {
			t.Errorf("copied %q", s.copied)
		}
	})
}

func TestAMotionBeforeAPressDoesNotGoOnAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []tea.Msg
		s := &coalescer{every: frameInterval, send: func(m tea.Msg) { sent = append(sent, m) }}
		s.filter(nil, tea.MouseMotionMsg{X: 3, Y: 3})
		s.filter(nil, tea.MouseClickMsg{X: 9, Y: 9})
		time.Sleep(10 * frameInterval)
		synctest.Wait()
		if len(sent) != 0 {
			t.Errorf("sent %v", sent)
		}
	})
}

func TestTheWheelOverTheTimelineScrollsItsRows(t *testing.T) {
	withFlow(t, 80, 15, func(s *screen) {
		s.press("one", "enter")
		s.wait(3 * time.Second)
		s.press("tab", "up", "up", "up", "up") // the first row is selected and visible
		first, last := "✓ rag", "╰ synthesize"
		s.has(first)
		s.hasNot(last)
		for range 5 {
			s.press(mouseSeq("<65;", 20, 5, "M"))
		}
		s.has(last)
		s.hasNot(first)
		for range 5 {
			s.press(mouseSeq("<64;", 20, 5, "M"))
		}
		s.has(first)
		s.hasNot(last)
	})
}
