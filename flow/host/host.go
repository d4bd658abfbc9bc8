// Package host keeps the runs of a directory of journals, and in memory only those that have
// something to do.
//
//	h, err := host.Open(dir, host.Settings{}, approvals, reminders)
//	id, err := host.Start(h, approvals, "", Request{"…"})
//	…
//	err = h.Reply(id, await, Approval{Yes: true})
//	answer, err := h.Wait(ctx, id)
//
// A run that only waits, for a reply, an event from outside or an instant, is released: it has no
// goroutine, no lock and no open file. One index of the directory holds what is due and when. A
// released run comes back when something is sent to it, or when its instant has come; its step is
// then called again from the top, as after a restart.
package host

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// Settings change how a Host keeps runs. The zero value works.
type Settings struct {
	ReleaseAfter time.Duration     // how long a run waits before it is released; 0: a second
	Keep         []flow.KeepOption // how journals are written
}

// ErrClosed is returned by calls that come after Close.
var ErrClosed = errors.New("host: it is closed")

// maxWaking limits how many runs that have become due are read from disk at once.
const maxWaking = 8

// A Host has the runs of a directory. Its methods may be called from any goroutine.
type Host struct {
	dir       *journal.Dir
	settings  Settings
	workflows map[string]flow.Definition
	ctx       context.Context // of the runs: its end suspends them
	end       context.CancelFunc
	waking    chan struct{}
	watchers  sync.WaitGroup

	mu          sync.Mutex
	runs        map[string]*entry // those that have not ended
	interrupted map[string]bool
	due         dueHeap
	timer       *time.Timer
	live        int
	closed      bool
}

// An entry is a run that has not ended.
type entry struct {
	id, workflow string
	run          flow.Handle   // nil: it is released
	loading      chan struct{} // closed when it has been read; nil: it is not being read
	gone         chan struct{} // closed when run has been released or has ended
	over         chan struct{} // closed when it has ended: then out and err are set
	out          any
	err          error

	at    time.Time // when something is due; zero: nothing is
	place int       // in the heap, from 0; -1: it is not there
}

// Open returns the host of a directory. The host can continue runs of the given workflows only.
// Open reads the beginning and the end of each journal, but continues no run: see
// [Host.Interrupted].
func Open(dir *journal.Dir, settings Settings, workflows ...flow.Definition) (*Host, error) {
	if settings.ReleaseAfter <= 0 {
		settings.ReleaseAfter = time.Second
	}
	h := &Host{
		dir: dir, settings: settings, workflows: map[string]flow.Definition{}, waking: make(chan struct{}, maxWaking),
		runs: map[string]*entry{}, interrupted: map[string]bool{},
	}
	for _, w := range workflows {
		if err := w.Check(); err != nil {
			return nil, err
		}
		h.workflows[w.Name()] = w
	}
	h.ctx, h.end = context.WithCancel(context.Background())
	if err := h.index(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.arm()
	return h, nil
}

// Start starts a run and returns its identifier; "" is a random one. A run with the identifier must
// not be there yet.
func Start[In, Out any](h *Host, wf *flow.Workflow[In, Out], id string, in In, opts ...flow.RunOption) (string, error) {
	if id == "" {
		id = rand.Text()
	}
	return id, h.begin(id, wf, func(ctx context.Context, more ...flow.RunOption) (flow.Handle, error) {
		return wf.Start(ctx, in, append(slices.Clone(opts), more...)...)
	})
}

func (h *Host) begin(id string, wf flow.Definition, start func(context.Context, ...flow.RunOption) (flow.Handle, error)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return ErrClosed
	}
	h.workflows[wf.Name()] = wf
	w, err := h.dir.Create(id)
	if err != nil {
		return err
	}
	run, err := start(h.ctx, flow.ID(id), flow.Keep(w, h.settings.Keep...), flow.Release(h.settings.ReleaseAfter))
	if err != nil {
		w.Close()
		return errors.Join(err, h.dir.Remove(id))
	}
	e := newEntry(id, wf.Name())
	h.runs[id] = e
	h.attach(e, run, w)
	return nil
}

func newEntry(id, workflow string) *entry {
	return &entry{id: id, workflow: workflow, over: make(chan struct{}), place: -1}
}

// attach notes that a run is in memory. The lock is held.
func (h *Host) attach(e *entry, run flow.Handle, w *journal.Writer) {
	e.run, e.gone = run, make(chan struct{})
	h.live++
	h.watchers.Add(1)
	go func() {
		defer h.watchers.Done()
		<-run.Done()
		err := w.Close()
		h.detach(e, run, err)
	}()
}

// detach notes that a run was released or has ended, and that its journal is closed.
func (h *Host) detach(e *entry, run flow.Handle, closing error) {
	out, err := run.Result(context.Background())
	at := nextDue(run.Explain())
	h.mu.Lock()
	defer h.mu.Unlock()
	e.run = nil
	h.live--
	if !errors.Is(err, flow.ErrSuspended) {
		e.out, e.err = out, errors.Join(err, closing)
		delete(h.runs, e.id)
		close(e.over)
	} else if !h.closed {
		h.wakeAt(e, at)
	}
	close(e.gone)
}

// handle returns a run in memory. A released run is first resumed from its journal.
func (h *Host) handle(id string) (*entry, flow.Handle, chan struct{}, error) {
	for {
		h.mu.Lock()
		e := h.runs[id]
		switch {
		case h.closed:
			h.mu.Unlock()
			return nil, nil, nil, ErrClosed
		case e == nil:
			h.mu.Unlock()
			return nil, nil, nil, fmt.Errorf("host: run %s has ended, or there is none: %w", id, fs.ErrNotExist)
		case e.run != nil:
			defer h.mu.Unlock()
			return e, e.run, e.gone, nil
		case e.loading != nil:
			loading := e.loading
			h.mu.Unlock()
			<-loading
			continue
		}
		e.loading = make(chan struct{})
		h.unschedule(e)
		delete(h.interrupted, id)
		h.watchers.Add(1) // so that Close waits for it
		h.mu.Unlock()
		run, w, err := h.read(e)
		h.mu.Lock()
		if close(e.loading); err == nil {
			h.attach(e, run, w)
		} else {
			h.interrupted[id] = true
		}
		e.loading = nil
		h.watchers.Done()
		h.mu.Unlock()
		if err != nil {
			return nil, nil, nil, err
		}
	}
}

// read resumes a run from its journal.
func (h *Host) read(e *entry) (flow.Handle, *journal.Writer, error) {
	h.mu.Lock()
	wf := h.workflows[e.workflow]
	h.mu.Unlock()
	if wf == nil {
		return nil, nil, fmt.Errorf("host: run %s is of the workflow %s, which the host was not given", e.id, e.workflow)
	}
	file, w, err := h.dir.Continue(e.id)
	if err != nil {
		return nil, nil, err
	}
	run, err := flow.Resume(h.ctx, wf, slices.Values(file.Records), flow.Keep(w, h.settings.Keep...), flow.Release(h.settings.ReleaseAfter))
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	return run, w, nil
}

// with calls f with a run, reading it into memory if needed. It calls f again if the run was
// released meanwhile.
func (h *Host) with(id string, f func(flow.Handle) error) error {
	for {
		_, run, gone, err := h.handle(id)
		if err != nil {
			return err
		}
		if err = f(run); !errors.Is(err, flow.ErrSuspended) {
			return err
		}
		<-gone
	}
}

// Send hands an event to a run, as [flow.Run.Send] does.
func (h *Host) Send(id string, ev any) error {
	return h.with(id, func(run flow.Handle) error { return run.Send(ev) })
}

// SendJSON is Send for an event that is known by the stable name of its type and as JSON.
func (h *Host) SendJSON(id, typeName string, payload json.RawMessage) error {
	return h.with(id, func(run flow.Handle) error { return run.SendJSON(typeName, payload) })
}

// Reply answers an open await of a run, as [flow.Run.Reply] does. The await's number is the Event
// of its AwaitOpened record; [journal.Dir.Read] returns the records of a released run too.
func (h *Host) Reply(id string, await uint64, reply any) error {
	return h.with(id, func(run flow.Handle) error { return run.Reply(await, reply) })
}

// Cancel ends a run with a cause.
func (h *Host) Cancel(id string, cause error) error {
	return h.with(id, func(run flow.Handle) error {
		run.Cancel(cause)
		if run.Explain().Suspended {
			return flow.ErrSuspended
		}
		return nil
	})
}

// Continue resumes a run that was interrupted: see [Host.Interrupted].
func (h *Host) Continue(id string) error {
	return h.with(id, func(flow.Handle) error { return nil })
}

// Wait waits for the end of a run and returns its stop event, or the error that ended it. If ctx is
// done before, Wait returns the cause of that.
func (h *Host) Wait(ctx context.Context, id string) (any, error) {
	h.mu.Lock()
	e := h.runs[id]
	h.mu.Unlock()
	if e == nil {
		return h.result(id)
	}
	select {
	case <-e.over:
		return e.out, e.err
	case <-h.ctx.Done():
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// result reads the result of a run that has ended.
func (h *Host) result(id string) (any, error) {
	file, err := h.dir.Read(id)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	wf := h.workflows[file.Header.Workflow]
	h.mu.Unlock()
	if n := len(file.Records); wf == nil || n == 0 || !over(file.Records[n-1]) {
		return nil, fmt.Errorf("host: run %s has not ended, or is of no workflow that the host was given", id)
	}
	run, err := flow.Resume(context.Background(), wf, slices.Values(file.Records))
	if err != nil {
		return nil, err
	}
	return run.Result(context.Background())
}

// Live returns how many runs are in memory.
func (h *Host) Live() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.live
}

// Close suspends the runs that are in memory, and returns when their journals are closed. The runs
// can be continued by another host.
func (h *Host) Close() {
	h.mu.Lock()
	h.closed = true
	if h.timer != nil {
		h.timer.Stop()
	}
	h.mu.Unlock()
	h.end()
	h.watchers.Wait()
}
