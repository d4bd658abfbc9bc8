package explorer

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/flow/show"
)

// maxBatch limits the records of one batch, so that one message never blocks the event loop for
// long.
const maxBatch = 4096

// A pump carries the records of runs to the program. One goroutine per run reads its journal, and
// another gathers the records and sends them, at most once per frameInterval unless a batch is
// full. A pump never blocks the event loop; if the loop is slow, the batches become larger.
type pump struct {
	ctx   context.Context
	in    chan carried
	wg    sync.WaitGroup
	every time.Duration
}

// A carried is a record of a run, or the end of its journal.
type carried struct {
	track uint64
	rec   flow.Record
	ended bool
}

// A batch is what the pump sends: pieces in the order of their arrival.
type batch []piece

// A piece holds consecutive records of one run, and whether its journal has ended after them.
type piece struct {
	track   uint64
	records []flow.Record
	ended   bool
}

func newPump(ctx context.Context, every time.Duration) *pump {
	return &pump{ctx: ctx, in: make(chan carried, 512), every: every}
}

// watch starts to carry a run's records; track identifies it in the batches.
func (p *pump) watch(track uint64, r Run) {
	p.wg.Go(func() {
		for rec := range r.Records(p.ctx, 0) {
			select {
			case p.in <- carried{track: track, rec: rec}:
			case <-p.ctx.Done():
				return
			}
		}
		select {
		case p.in <- carried{track: track, ended: true}:
		case <-p.ctx.Done():
		}
	})
}

// start sends batches until the context ends.
func (p *pump) start(send func(tea.Msg)) {
	p.wg.Go(func() {
		timer := time.NewTimer(p.every)
		defer timer.Stop()
		for {
			select {
			case c := <-p.in:
				send(p.gather(c, timer))
			case <-p.ctx.Done():
				return
			}
		}
	})
}

// gather returns a batch of what has arrived when the timer expires, and starts the timer again. A
// batch that is full is returned at once: a long journal is read as fast as the event loop takes
// its batches.
func (p *pump) gather(first carried, timer *time.Timer) batch {
	b, due := batch{}.add(first), timer.C
	for n := 1; n < maxBatch; {
		if due != nil {
			select {
			case c := <-p.in:
				b = b.add(c)
				n++
			case <-due:
				timer.Reset(p.every)
				due = nil
			}
			continue
		}
		select { // what has arrived by now
		case c := <-p.in:
			b = b.add(c)
			n++
		default:
			return b
		}
	}
	return b
}

// wait waits until all goroutines have ended, which they do when the context ends.
func (p *pump) wait() { p.wg.Wait() }

func (b batch) add(c carried) batch {
	if n := len(b); n == 0 || b[n-1].track != c.track {
		b = append(b, piece{track: c.track})
	}
	last := &b[len(b)-1]
	if c.ended {
		last.ended = true
		return b
	}
	if n := len(last.records); n > 0 {
		if merged, ok := merge(last.records[n-1], c.rec); ok {
			last.records[n-1] = merged
			return b
		}
	}
	last.records = append(last.records, c.rec)
	return b
}

// text reports whether a batch consists of streamed text only.
func (b batch) text() bool {
	for _, p := range b {
		if p.ended || slices.ContainsFunc(p.records, func(r flow.Record) bool { return r.Kind != flow.EventEmitted || r.Type != show.TypeDelta }) {
			return false
		}
	}
	return true
}

// bulk reports whether a batch is a part of a long journal that is being opened.
func (b batch) bulk() bool {
	n := 0
	for _, p := range b {
		n += len(p.records)
	}
	return n > maxBatch/4
}

// merge joins two deltas of one stream that were written within a frameInterval of each other. The
// records' own times decide, because a long run or a journal arrives all at once and the speed of
// its text must still be shown. No other records are merged.
func merge(a, b flow.Record) (flow.Record, bool) {
	if a.Kind != flow.EventEmitted || b.Kind != flow.EventEmitted || a.Type != show.TypeDelta || b.Type != show.TypeDelta ||
		a.Run != b.Run || a.Execution != b.Execution || a.Attempt != b.Attempt || !a.Time.Truncate(frameInterval).Equal(b.Time.Truncate(frameInterval)) {
		return a, false
	}
	var x, y show.Delta
	ja, err := a.JSON()
	if err != nil || json.Unmarshal(ja, &x) != nil {
		return a, false
	}
	jb, err := b.JSON()
	if err != nil || json.Unmarshal(jb, &y) != nil {
		return a, false
	}
	if y.Restart || x.Reasoning+y.Reasoning != "" && x.Text+y.Text != "" {
		return a, false // a delta with reasoning is not merged with one that has text
	}
	joined, err := json.Marshal(show.Delta{Restart: x.Restart, Text: x.Text + y.Text, Reasoning: x.Reasoning + y.Reasoning})
	if err != nil {
		return a, false
	}
	b.Payload = json.RawMessage(joined)
	return b, true
}
