package timeline_test

import (
	"fmt"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run/runtest"
)

// BenchmarkFrame draws 200×50 cells of runs of different lengths; the floor is clearing the canvas.
func BenchmarkFrame(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		for _, view := range []string{"fit", "zoomed", "workers", "open", "picked", "critical", "live"} {
			b.Run(fmt.Sprintf("%s/%d", view, n), func(b *testing.B) {
				rs := runtest.Long(n)
				m := show(b, rs, "dark", time.Second)
				note := flow.Record{Time: rs[n-1].Time, Run: rs[0].Run, Kind: flow.EventEmitted, Type: "Note"}
				m.SetSize(200, 50)
				m.Fit()
				switch view {
				case "zoomed":
					for range 8 {
						m.Zoom(0.5)
					}
				case "critical":
					m.Critical()
				case "workers":
					m.Workers()
				case "picked":
					m.Effect()
				case "open":
					m.Move(2)
					m.Toggle()
				}
				c := canvas.New(200, 50)
				start := time.Now()
				const rounds = 200
				for range rounds {
					c.Reset(200, 50)
				}
				least := time.Since(start) / rounds
				for b.Loop() {
					if view == "live" { // a record comes before each frame
						m.View().Run().Apply(note)
					}
					c.Reset(200, 50)
					m.Draw(c, c.Bounds())
				}
				b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(least), "x-floor")
			})
		}
	}
}
