package explorer

import (
	"fmt"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weft/flow"
)

func TestNoFrameIsOwedForever(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s frameScheduler
		news, shown, ends := 0, 0, 0 // ends: pending ends of spacings
		frame := func() {
			shown = news
			s.space()
			ends++
		}
		end := func() {
			ends--
			now, again := s.resume()
			if again != nil {
				ends++
			}
			if now {
				frame()
			}
			if ends > 1 {
				t.Fatal("two spacings at a time")
			}
		}
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0: // something moves by itself
				if news++; !s.postpone(causeText) {
					frame()
				}
			case 1: // a person presses a key
				news++
				shown = news
				s.interrupt()
			case 2:
				if ends > 0 {
					end()
				}
			}
		}
		for range 3 {
			if ends > 0 {
				end()
			}
		}
		if shown != news || ends > 0 || s.spacing {
			t.Fatalf("%d of %d changes are shown at the end, and %d spacings are pending: %+v", shown, news, ends, s)
		}
	})
}

func TestTheEndIsShownWhateverIsPressedBefore(t *testing.T) {
	step := 13 * time.Millisecond
	if os.Getenv("WEFT_LONG") == "1" {
		step = 3 * time.Millisecond
	}
	// Records arrive at any time between two ticks of the clock, which are 100 ms apart
	for late := time.Duration(0); late < 100*time.Millisecond; late += step {
		synctest.Test(t, func(t *testing.T) {
			const writes = 300 * time.Millisecond
			e := newScripted(func(r *journalRun, w, q string) {
				s := teller{r, q}
				s.begin(w)
				s.start("synthesize", 2, 1)
				time.Sleep(late)
				for range int(writes / time.Millisecond) {
					s.delta(2, "one word and another ")
					time.Sleep(time.Millisecond)
				}
				s.finish("synthesize", 2)
				s.delta(2, "finis.")
				r.write(flow.Record{Kind: flow.RunCancelled, Error: "a key was pressed"})
			})
			e.introduce(false)
			e.ready()
			s := open(t, e, Options{}, 100, 40)
			s.press(question)
			if _, err := io.WriteString(s.in, named["enter"]); err != nil {
				t.Fatal(err)
			}
			s.wait(late + writes - time.Millisecond)
			if _, err := io.WriteString(s.in, "x"); err != nil {
				t.Fatal(err)
			}
			s.wait(time.Second)
			s.has("❯ x")
			s.has("finis.")
			s.has("⊘")
			s.close()
		})
	}
}

func TestAStreamIsDrawnTwentyFiveTimesASecondAndAKeyAtOnce(t *testing.T) {
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
			s.delta(2, "3999 And this is")
		})
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{}, 100, 40)
		s.press(question, "enter")
		writes := func() int { s.mu.Lock(); defer s.mu.Unlock(); return s.writes }
		before := writes()
		s.wait(2 * time.Second)
		if n := writes() - before; n < 40 || n > 2*int(time.Second/frameSpacing)+2 {
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
		s.press("pgdown")
		s.has("3999 And this is")
		before = writes()
		s.wait(time.Second)
		if n := writes() - before; n > 11 { // the clock of the run draws ten frames
			t.Errorf("%d frames in a second in which nothing but the clock moves", n)
		}
		s.close()
	})
}
