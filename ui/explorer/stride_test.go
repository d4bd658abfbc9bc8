package explorer

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStreamIsDrawnThirtyTimesASecondAndAKeyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(func(r *journalRun, w, q string) {
			s := teller{r, q}
			s.begin(w)
			s.start("synthesize", 2, 1)
			for i := range 4000 {
				s.delta(2, fmt.Sprintf("word %d ", i))
				time.Sleep(time.Millisecond)
			}
			s.finish("synthesize", 2)
			s.delta(2, "And this is the end.")
		})
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{}, 100, 40)
		s.press(question, "enter")
		writes := func() int { s.mu.Lock(); defer s.mu.Unlock(); return s.writes }
		before := writes()
		s.wait(2 * time.Second)
		if n := writes() - before; n < 50 || n > 2*int(time.Second/apart)+2 {
			t.Errorf("%d frames in two seconds of a stream", n)
		}
		typed := ""
		for i := range 20 {
			typed += string(rune('a' + i))
			before := writes()
			if _, err := io.WriteString(s.in, typed[i:]); err != nil {
				t.Fatal(err)
			}
			s.wait(time.Second/fps + time.Millisecond)
			if writes() == before {
				t.Errorf("nothing is drawn after the key %q", typed[i:])
			}
			s.has("❯ " + typed)
			s.wait(time.Duration(13*i) * time.Millisecond % (40 * time.Millisecond))
		}
		s.wait(3 * time.Second)
		s.has("And this is the end.")
		before = writes()
		s.wait(time.Second)
		if n := writes() - before; n > 11 { // the clock of the run, which goes on
			t.Errorf("%d frames in a second in which nothing but the clock moves", n)
		}
		s.close()
	})
}
