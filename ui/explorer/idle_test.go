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

func TestFramesAreSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{}, 80, 24)
		first := s.written()
		s.press("a")
		key := s.written()
		t.Logf("first frame %d bytes, a key %d bytes", first, key)
		if first > 4096 {
			t.Errorf("the first frame takes %d bytes, the budget is 4096", first)
		}
		if key > 512 {
			t.Errorf("a key takes %d bytes, the budget is 512", key)
		}
		s.close()
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
		s.has("✓ answered by extractive")
		s.has("❯ typed")
		s.has("╭─ run")
	})
}
