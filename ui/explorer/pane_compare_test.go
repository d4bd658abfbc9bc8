package explorer

import (
	"strings"
	"testing"
	"time"

	"weft/ui/canvas"
	"weft/ui/run/runtest"
	"weft/ui/theme"
)

// TestBothRunsAreComparedAsOfAMoment goes back through two runs to their start, and forward to the
// present again.
func TestBothRunsAreComparedAsOfAMoment(t *testing.T) {
	th, err := theme.Named("mono", true)
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(Options{Now: func() time.Time { return runtest.Epoch.Add(time.Hour) }})
	s.theme, s.layout = th, arrange(80, 24, contents{lines: 1})
	var sides [2]compareSide
	for i := range sides {
		records := runtest.RAG()
		last := records[len(records)-1].Time
		sides[i] = compareSide{fold: runtest.Fold(records), clock: func(time.Time) time.Time { return last }}
	}
	p := newComparePane(s, sides[0], sides[1])
	shown := func() string {
		c := canvas.New(80, 24)
		p.Draw(c, c.Bounds(), true)
		return c.Plain()
	}
	now := shown()
	if strings.Contains(now, "as of") || !strings.Contains(now, "the answers are the same") {
		t.Fatalf("at first it shows\n%s", now)
	}
	steps := 0
	for before := p.screen.Moment; ; before = p.screen.Moment {
		if p.key("left"); p.screen.Moment == before {
			break
		}
		steps++
		if got := shown(); !strings.Contains(got, "◂ as of ") || !strings.Contains(got, "▼") {
			t.Errorf("as of %s it shows\n%s", p.screen.Moment, got)
		}
	}
	if got := shown(); steps < 3 || !strings.Contains(got, "there is no answer yet") {
		t.Errorf("%d steps back it shows\n%s", steps, got)
	}
	for range steps {
		p.key("right")
	}
	shown()
	p.key("G") // where it was at first; there were fewer steps at the start
	if p.screen.Moment != -1 || shown() != now {
		t.Errorf("after as many steps forward the moment is %s:\n%s", p.screen.Moment, shown())
	}
}
