package explorer

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// BenchmarkFrame is a key press and the frame after it, against a frame that only blanks the canvas and writes it out.
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

// BenchmarkFirstFrame is everything from nothing to the first frame, but for the terminal.
func BenchmarkFirstFrame(b *testing.B) {
	blank := canvas.New(80, 24)
	var floor time.Duration
	for b.Loop() {
		begin := time.Now()
		blank.Reset(80, 24)
		_ = blank.String()
		floor += time.Since(begin)
		m, err := newModel(b.Context(), newScripted(nil), Options{Env: []string{}})
		if err != nil {
			b.Fatal(err)
		}
		_, _ = m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		_ = m.View()
	}
	b.ReportMetric(float64(b.Elapsed()-floor)/float64(floor), "x-floor")
}
