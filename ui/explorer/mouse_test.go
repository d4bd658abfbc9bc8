package explorer

import (
	"strings"
	"testing"
	"time"
)

func TestCopyingSaysWhatAndHow(t *testing.T) {
	inBubble(t, 100, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("ctrl+y")
		s.has("copied the answer as Markdown")
		s.has("OSC 52")
		if len(s.copied) != 1 || s.copied[0] != answerText {
			t.Errorf("copied %q", s.copied)
		}
		if !strings.Contains(s.out.String(), "\x1b]52;c;") {
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
		x, y := row("rerank")
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
