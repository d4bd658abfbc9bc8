package host

import (
	"container/heap"
	"errors"
	"log/slog"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// lookAgain is how long the host waits before it looks again at a due run that another process
// owns: that process may have exited before the run ended.
const lookAgain = 10 * time.Second

// nextDue returns the earliest due time of a run that only waits; zero: nothing is due.
func nextDue(e flow.Explanation) (at time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	for _, a := range e.Awaits {
		sooner(a.Due)
	}
	for _, s := range e.Sleeps {
		sooner(s.Due)
	}
	for _, sub := range e.Runs {
		sooner(nextDue(*sub))
	}
	return at
}

// wakeAt schedules a released run to be resumed at an instant, if that is not zero. The lock is
// held.
func (h *Host) wakeAt(e *entry, at time.Time) {
	if e.at = at; !at.IsZero() {
		heap.Push(&h.due, e)
		h.arm()
	}
}

func (h *Host) unschedule(e *entry) {
	if e.place >= 0 {
		heap.Remove(&h.due, e.place)
	}
	e.at = time.Time{}
}

// arm sets the timer, which all released runs share, to the earliest due time. The lock is held.
func (h *Host) arm() {
	if len(h.due) == 0 || h.closed {
		return
	}
	wait := time.Until(h.due[0].at)
	if h.timer == nil {
		h.timer = time.AfterFunc(wait, h.wake)
	} else {
		h.timer.Reset(wait)
	}
}

// wake resumes the released runs that are due.
func (h *Host) wake() {
	for {
		h.mu.Lock()
		if h.closed || len(h.due) == 0 || h.due[0].at.After(time.Now()) {
			h.arm()
			h.mu.Unlock()
			return
		}
		e := heap.Pop(&h.due).(*entry)
		h.watchers.Add(1)
		h.mu.Unlock()
		h.waking <- struct{}{}
		go func() {
			defer h.watchers.Done()
			defer func() { <-h.waking }()
			h.resumeDue(e)
		}()
	}
}

// resumeDue resumes a run whose time has come.
func (h *Host) resumeDue(e *entry) {
	switch err := h.Continue(e.id); {
	case err == nil, errors.Is(err, ErrClosed), errors.Is(err, flow.ErrEnded):
	case errors.Is(err, journal.ErrOwned):
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.runs[e.id] == e && e.run == nil && e.loading == nil && e.place < 0 {
			h.wakeAt(e, time.Now().Add(lookAgain))
		}
	default:
		slog.Error("a run that is due cannot be continued", "run", e.id, "error", err)
	}
}

// A dueHeap is the released runs for which something is due, the earliest first.
type dueHeap []*entry

func (d dueHeap) Len() int           { return len(d) }
func (d dueHeap) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dueHeap) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = i, j
}

// Push adds an entry.
func (d *dueHeap) Push(x any) {
	e := x.(*entry)
	e.place = len(*d)
	*d = append(*d, e)
}

// Pop takes the last entry.
func (d *dueHeap) Pop() any {
	n := len(*d) - 1
	e := (*d)[n]
	(*d)[n], *d = nil, (*d)[:n]
	e.place = -1
	return e
}
