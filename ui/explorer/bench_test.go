package explorer

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run/runtest"
)

// BenchmarkFrame measures a key press and the frame after it. The floor is a frame that only blanks
// the canvas and writes it out.
func BenchmarkFrame(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			e := newScripted(func(r *journalRun, w, q string) { playRag(func(time.Duration) {})(r, w, q) })
			e.introduce(false)
			e.ready()
			l := newLoop(b, e)
			l.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			l.drain()
			l.send(tea.PasteMsg{Content: question})
			l.send(tea.KeyPressMsg{Code: tea.KeyEnter})
			time.Sleep(10 * time.Millisecond)
			l.drain()
			l.now = l.now.Add(time.Hour)
			l.send(tea.KeyPressMsg{Code: tea.KeyTab})
			keys := []tea.KeyPressMsg{{Code: tea.KeyDown}, {Code: tea.KeyUp}}
			blank := canvas.New(size[0], size[1])
			var floor time.Duration
			i := 0
			for b.Loop() {
				begin := time.Now()
				blank.Reset(size[0], size[1])
				_ = blank.String()
				floor += time.Since(begin)
				_, _ = l.m.Update(keys[i%2])
				_ = l.m.View()
				i++
			}
			b.ReportMetric(float64(b.Elapsed()-floor)/float64(floor), "x-floor")
			b.ReportMetric(float64((b.Elapsed()-floor).Microseconds())/float64(i), "µs/frame")
		})
	}
}

// BenchmarkLongRun measures a screen of 200×50 cells with an unfinished run of 1,000 and of 100,000
// records: a key press, a new record, and a jump to a moment, each with the frame after it. The
// floor is a frame that only blanks the canvas and writes it out.
func BenchmarkLongRun(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		records := runtest.Long(n)
		for _, what := range []string{"key", "record", "seek"} {
			b.Run(fmt.Sprintf("%s/%d", what, n), func(b *testing.B) {
				e := newScripted(nil)
				e.introduce(false)
				e.ready()
				l := newLoop(b, e)
				l.send(tea.WindowSizeMsg{Width: 200, Height: 50})
				l.drain()
				l.send(tea.PasteMsg{Content: question})
				l.send(tea.KeyPressMsg{Code: tea.KeyEnter})
				track := l.m.runs.last().id
				l.send(batch{{track: track, records: records}})
				l.now = records[n-1].Time.Add(time.Second)
				l.send(tea.KeyPressMsg{Code: tea.KeyTab})
				l.send(tea.KeyPressMsg{Code: tea.KeyDown})
				l.send(tea.KeyPressMsg{Code: 'c', Text: "c"})
				if l.m.runs.shown == nil || l.m.runs.shown.fold.Len() < n || l.m.shell.layout.detail.Empty() {
					b.Fatal("the run is not shown")
				}
				_ = l.m.View()
				keys := []tea.KeyPressMsg{{Code: tea.KeyDown}, {Code: tea.KeyUp}}
				blank := canvas.New(200, 50)
				var floor time.Duration
				i := 0
				for b.Loop() {
					begin := time.Now()
					blank.Reset(200, 50)
					_ = blank.String()
					floor += time.Since(begin)
					switch what {
					case "key":
						_, _ = l.m.Update(keys[i%2])
					case "record":
						note := flow.Record{Time: l.now, Run: records[0].Run, Kind: flow.EventEmitted, Type: "Note"}
						_, _ = l.m.Update(batch{{track: track, records: []flow.Record{note}}})
					case "seek":
						l.m.timeline.chart.ScrubTo(1 + i*31_337%n)
						_, _ = l.m.Update(noteOver{gen: -1})
					}
					_ = l.m.View()
					i++
				}
				b.ReportMetric(float64(b.Elapsed()-floor)/float64(floor), "x-floor")
				b.ReportMetric(float64((b.Elapsed()-floor).Microseconds())/float64(i), "µs/frame")
			})
		}
	}
}

// BenchmarkFirstFrame measures the start of the explorer up to its first frame, without the
// terminal.
func BenchmarkFirstFrame(b *testing.B) {
	blank := canvas.New(80, 24)
	var floor time.Duration
	for b.Loop() {
		begin := time.Now()
		blank.Reset(80, 24)
		_ = blank.String()
		floor += time.Since(begin)
		m, err := newExplorer(b.Context(), newScripted(nil), Options{Env: []string{}})
		if err != nil {
			b.Fatal(err)
		}
		_, _ = m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		_ = m.View()
	}
	b.ReportMetric(float64(b.Elapsed()-floor)/float64(floor), "x-floor")
}
