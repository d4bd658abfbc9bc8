package explorer

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/run/runtest"
)

// cells copies what the screen shows.
func (s *screen) cells(w, h int) look {
	type cell struct {
		text  string
		style canvas.Style
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]cell, w*h)
	for y := range h {
		for x := range w {
			all[y*w+x].text = " "
			if c := s.emu.CellAt(x, y); c != nil && c.Content != "" {
				all[y*w+x] = cell{c.Content, c.Style}
			}
		}
	}
	return func(x, y int) (string, canvas.Style) { return all[y*w+x].text, all[y*w+x].style }
}

// A paced run plays a recorded run at the pace at which it was recorded, from the moment that its
// records are first read. No two records arrive at the same time, because timers that are due at
// the same time fire in any order, and the picture has to be the same each time.
type paced struct {
	recorded
	began time.Time
}

func (r *paced) Records(ctx context.Context, after uint64) iter.Seq[flow.Record] {
	if r.began.IsZero() {
		r.began = time.Now()
	}
	start := r.began.Sub(r.recorded[0].Time)
	return func(yield func(flow.Record) bool) {
		for rec := range r.recorded.Records(ctx, after) {
			shift := start + time.Duration(rec.Seq)*137*time.Microsecond%time.Millisecond
			rec.Time = rec.Time.Add(shift).Truncate(time.Microsecond)
			if !rec.Due.IsZero() {
				rec.Due = rec.Due.Add(shift)
			}
			time.Sleep(time.Until(rec.Time))
			if ctx.Err() != nil || !yield(rec) {
				return
			}
		}
	}
}

type paceReplay struct {
	replay
	run *paced
}

func (e paceReplay) Ask(string, string) (Run, error) { return e.run, nil }

// The readme's moving picture is what a terminal shows while a question is typed and its recorded
// run is played: a frame each tenth of a second where something has changed. Timers that are due at
// the same moment fire in any order, and on a busy machine in one that may show a word a frame
// later: then the run is played again.
func TestTheMovingPictureIsWhatTheScreenShows(t *testing.T) {
	const most, plays = 300_000, 20
	want, err := os.ReadFile(filepath.Join(screens, "moving.svg"))
	if err != nil && !*update {
		t.Fatal(err)
	}
	var got string
	for range plays {
		if got = movingPicture(t); *update || got == string(want) {
			break
		}
	}
	comparePicture(t, "moving.svg", got, most)
}

// movingPicture returns the picture of a recorded run that is played once.
func movingPicture(t *testing.T) (picture string) {
	t.Helper()
	const w, h = 110, 30
	records := runtest.Read(t, "../../testdata/runs/research.jsonl")
	v := runtest.Fold(records).Now()
	question := v.Root().Question(v)
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		tell(e.session, show.Provider{Name: "Ollama", Model: "tiny-chat", Embedder: "hashed", Local: true})
		tell(e.session, show.Corpus{Dir: "~/manual", Files: 5, Chunks: 17, State: show.CorpusReady})
		s := open(t, paceReplay{replay{e, records}, &paced{recorded: records}}, Options{Theme: "dark"}, w, h)
		var frames []look
		var times []time.Duration
		began := time.Now()
		snap := func() {
			frames = append(frames, s.cells(w, h))
			times = append(times, time.Since(began))
		}
		snap()
		const step = 10
		for i := 0; i < len(question); i += step {
			s.press(question[i:min(i+step, len(question))])
			s.wait(100 * time.Millisecond)
			snap()
		}
		s.wait(300 * time.Millisecond)
		s.press("enter")
		length := records[len(records)-1].Time.Sub(records[0].Time)
		for played := time.Duration(0); played < length+200*time.Millisecond; played += 100 * time.Millisecond {
			snap()
			s.wait(100 * time.Millisecond)
		}
		snap()
		picture = movingSVG(w, h, frames, times, time.Since(began)+4*time.Second)
		s.close()
	})
	return picture
}
