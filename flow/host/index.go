package host

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"weft/flow"
)

// A Waiting is a run that was released.
type Waiting struct {
	ID       string
	Workflow string
	Due      time.Time // when the host resumes it by itself; zero: not before something is sent to it
}

// Waiting lists the runs that were released, by their identifiers.
func (h *Host) Waiting() (all []Waiting) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.runs {
		if e.run == nil && !h.interrupted[e.id] {
			all = append(all, Waiting{e.id, e.workflow, e.at})
		}
	}
	slices.SortFunc(all, func(a, b Waiting) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Interrupted lists the runs that have not ended, do not wait and were not continued with
// [Host.Continue]: they were under way when their process ended, or could not be continued. A run
// that is under way in another process is listed too; to continue that one is an error.
func (h *Host) Interrupted() (ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.interrupted {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// index fills runs with those of the directory that have not ended.
func (h *Host) index() error {
	list, err := h.dir.List()
	if err != nil {
		return err
	}
	for _, info := range list {
		if info.Err != nil { // it is no journal, or a newer one: not a run of this host
			continue
		}
		path, err := h.dir.Path(info.ID)
		if err != nil {
			return err
		}
		last, err := lastRecord(path)
		if err != nil {
			return fmt.Errorf("host: %s: %w", path, err)
		}
		if last.Seq == 0 || over(last) {
			continue
		}
		e := newEntry(info.ID, info.Workflow)
		h.runs[info.ID] = e
		if last.Kind == flow.RunSuspended && last.Type == "waits" {
			h.schedule(e, last.Due)
		} else {
			h.interrupted[info.ID] = true
		}
	}
	return nil
}

// over reports whether a record is one that ends its run.
func over(r flow.Record) bool {
	switch r.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		return !strings.Contains(r.Run, "/")
	}
	return false
}

// lastRecord returns the last whole record of a journal, without checking checksums, which are
// checked when the run is continued. A journal without a record gives the zero Record.
func lastRecord(path string) (rec flow.Record, err error) {
	f, err := os.Open(path)
	if err != nil {
		return rec, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return rec, err
	}
	for size := int64(4 << 10); ; size *= 8 {
		from := max(0, st.Size()-size)
		tail, err := io.ReadAll(io.NewSectionReader(f, from, st.Size()-from))
		if err != nil {
			return rec, err
		}
		tail = tail[:bytes.LastIndexByte(tail, '\n')+1]
		lines := bytes.Split(bytes.TrimSuffix(tail, []byte("\n")), []byte("\n"))
		if len(lines) < 2 && from > 0 {
			continue // the last line begins before this tail: read a longer one
		}
		// A line that is not a record, such as the header or a record of a newer kind, gives the
		// zero record.
		if json.NewDecoder(bytes.NewReader(lines[len(lines)-1])).Decode(&rec) != nil {
			rec = flow.Record{}
		}
		return rec, nil
	}
}

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
	h.schedule(e, at)
	h.arm()
}

func (h *Host) schedule(e *entry, at time.Time) {
	if e.at = at; !at.IsZero() {
		heap.Push(&h.due, e)
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
			if err := h.Continue(e.id); err != nil && !errors.Is(err, ErrClosed) {
				slog.Error("a run cannot be continued whose time has come", "run", e.id, "error", err)
			}
		}()
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
