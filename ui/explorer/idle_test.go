package explorer

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAnIdleScreenDrawsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{}, 80, 24)
		s.press(question, "enter")
		s.wait(10 * time.Second)
		s.written()
		s.wait(time.Hour)
		if n := s.written(); n != 0 {
			t.Errorf("%d bytes were written in an idle hour", n)
		}
		s.close()
	})
}

// The cost of a frame is counted in bytes of the program's output under a fake clock, so the speed
// of the machine makes no difference.
func TestFramesAreSmall(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		if n := s.written(); n > 4096 {
			t.Errorf("the first frame takes %d bytes, the budget is 4096", n)
		}
		cost := func(key, change string, budget int) {
			t.Helper()
			before := s.text()
			s.written()
			s.press(key)
			n := s.written()
			t.Logf("%5d bytes: %s, %s", n, key, change)
			if n > budget {
				t.Errorf("%s, %s: %d bytes, the budget is %d", key, change, n, budget)
			}
			if s.text() == before {
				t.Errorf("%s, %s: the screen is the same as before", key, change)
			}
		}
		cost("a", "a letter", 512)
		s.press("backspace", question, "enter")
		s.wait(10 * time.Second) // until the last note has disappeared
		s.press("tab")
		cost("down", "another row", 1024)
		cost("down", "and another", 1024)
		cost("+", "zoom", 1024)
		cost("0", "and back", 1024)
		cost("c", "the critical path", 1024)
		cost("left", "the event before", 1024)
		cost("left", "and the one before that, whose text is followed at its end", 2048)
	})
}

func TestResizingKeepsEverythingInItsPlace(t *testing.T) {
	inBubble(t, 200, 50, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("typed")
		for _, size := range [][2]int{{80, 24}, {59, 14}, {39, 9}, {1, 1}, {250, 70}} {
			s.resize(size[0], size[1])
		}
		s.has("✓ answered without a model")
		s.has("❯ typed")
		s.has("╭─ run")
	})
}
