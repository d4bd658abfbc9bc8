package timeline_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run/runtest"
	"weft/ui/timeline"
)

// ruler returns the first line of the panel, cell by cell.
func ruler(c *canvas.Canvas, w int) (cells []string) {
	for x := range w {
		g, _ := c.At(x, 0)
		cells = append(cells, g)
	}
	return cells
}

func TestAClickOnTheRulerGoesToTheInstantThatIsClicked(t *testing.T) {
	widths := []int{80}
	if os.Getenv("WEFT_LONG") == "1" {
		widths = []int{80, 120, 200}
	}
	for name, rs := range map[string][]flow.Record{"rag": runtest.RAG(), "folded gap": runtest.HumanDone(), "short": short()} {
		for zoom, do := range map[string]func(m *timeline.Model){
			"fit": func(*timeline.Model) {}, "in": func(m *timeline.Model) { m.Zoom(0.5); m.Pan(-10) }, "out": func(m *timeline.Model) { m.Zoom(2) },
		} {
			for _, w := range widths {
				hits := 0
				for x := range w {
					m := show(t, rs, "dark", 0)
					draw(m, w, 20)
					do(m)
					h := m.HitTest(x, 0)
					if !h.OnTime {
						continue
					}
					hits++
					m.Click(x, 0)
					if got := ruler(draw(m, w, 20), w); got[x] != "▼" {
						t.Fatalf("%s, zoomed %s, %d wide: a click at column %d leads to\n%s", name, zoom, w, x, strings.Join(got, ""))
					}
				}
				if hits < 20 {
					t.Errorf("%s, zoomed %s, %d wide: only %d columns can be clicked", name, zoom, w, hits)
				}
			}
		}
	}
}

func TestABarThatIsHalfDoneCanBeLookedAt(t *testing.T) {
	m := show(t, short(), "dark", 0)
	draw(m, 120, 12)
	for x := range 120 { // click the last column in which the second step runs
		if h := m.HitTest(x, 0); h.OnTime && h.Time > 700*time.Microsecond && h.Time < 800*time.Microsecond {
			m.Click(x, 0)
		}
	}
	v := m.View()
	if d := v.Elapsed(time.Time{}); d < 700*time.Microsecond || d > 800*time.Microsecond {
		t.Fatalf("the shown moment is %v", d)
	}
	at := v.Position()
	m.Scrub(-1)
	if m.View().Position() != at || m.View().Elapsed(time.Time{}) > 600*time.Microsecond {
		t.Error("a step back does not lead to the record before the moment")
	}
}

// short is a run of less than a millisecond.
func short() []flow.Record {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	first := j.Run("retrieve", 1, start)
	j.Wait(0.5)
	second := j.Run("rerank", 1, first.Done("Found", nil))
	j.Wait(0.4)
	second.Finish("Answer", runtest.P{"text": "so"})
	return j.Records
}
