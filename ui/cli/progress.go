package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/units"
)

// slowStep is how long a step runs before the progress line appears.
const slowStep = 500 * time.Millisecond

// A progress is a line on a terminal that shows which step is running and for how long. It is
// overwritten in place, and erased before other output. The zero value shows nothing.
type progress struct {
	w io.Writer

	mu    sync.Mutex
	steps []atWork
	shown bool
	quiet bool // other output uses the line
}

type atWork struct {
	execution uint64
	name      string
	since     time.Time
	// waits describes what the step waits for and how far that is. If it is empty, the step is
	// running.
	waits string
}

// record updates the running steps from a record.
func (p *progress) record(r flow.Record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.Kind {
	case flow.StepStarted:
		p.leave(r.Execution)
		p.steps = append(p.steps, atWork{execution: r.Execution, name: r.Step, since: r.Time})
	case flow.StepFinished, flow.StepCancelled:
		p.leave(r.Execution)
	case flow.StepFailed:
		if p.leave(r.Execution); !r.Due.IsZero() {
			p.steps = append(p.steps, atWork{execution: r.Execution,
				name: r.Step + ", which failed and is tried again,", since: r.Time})
		}
	case flow.EventEmitted:
		if how, ok := r.Payload.(show.Progress); ok {
			p.waits(r.Execution, how)
		}
	}
}

func (p *progress) leave(execution uint64) {
	kept := p.steps[:0]
	for _, s := range p.steps {
		if s.execution != execution {
			kept = append(kept, s)
		}
	}
	p.steps = kept
}

func (p *progress) waits(execution uint64, how show.Progress) {
	for i := range p.steps {
		if s := &p.steps[i]; s.execution == execution {
			s.waits = ""
			if how.Waits != "" {
				s.waits = how.Message
				if how.Total > 0 {
					s.waits += fmt.Sprintf(", %d of %d %s", how.Done, how.Total, how.Unit)
				}
			}
		}
	}
}

// tick redraws the line if there is one. It shows the step that started last, because that is the
// one the others wait for.
func (p *progress) tick(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil || p.quiet || len(p.steps) == 0 {
		p.clear()
		return
	}
	s := p.steps[len(p.steps)-1]
	took := now.Sub(s.since)
	if took < slowStep {
		p.clear()
		return
	}
	p.shown = true
	what := status.Running.Word()
	if s.waits != "" {
		what = s.waits
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s %s · %s", canvas.Line(s.name), canvas.Line(what),
		units.Duration(took.Truncate(100*time.Millisecond)))
}

// hide erases the line. While quiet is set it stays hidden.
func (p *progress) hide(quiet bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.quiet = quiet
	p.clear()
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// run redraws the line periodically until the returned function is called.
func (p *progress) run() (stop func()) {
	if p.w == nil {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(100 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case now := <-t.C:
				p.tick(now)
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
		p.hide(true)
	}
}
