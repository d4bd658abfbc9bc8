// Package host keeps the runs of a directory of journals, and in memory only those that have
// something to do.
//
//	h, err := host.Open(dir, host.Settings{}, approvals, reminders)
//	id, err := host.Start(h, approvals, "", Request{"…"})
//	…
//	waiting, err := h.Waiting()
//	err = h.Reply(id, waiting[0].Awaits[0].ID, Approval{Yes: true})
//	answer, err := h.Wait(ctx, id)
//
// A program that begins again continues the runs that were under way when it ended:
//
//	interrupted, err := h.Interrupted()
//	for _, id := range interrupted {
//		err := h.Continue(id) // wraps journal.ErrOwned if another process has the run
//		…
//	}
//
// A run that only waits, for a reply, an event from outside or an instant, is released: it has no
// goroutine, no lock and no open file. One index of the directory holds what is due and when. A
// released run comes back when something is sent to it, or when its instant has come; its step is
// then called again from the top, as after a restart.
//
// Several processes can have a host of one directory. A run is in the memory of one of them at
// most, and an event that is sent to it through another host is handed to that process. The host
// sees runs that other processes begin and end when it is asked for them.
package host

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
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

	// Has says which runs of the folder are the host's; nil: all. A host neither lists nor continues
	// the others, such as those about other documents. It is asked again whenever a journal changes.
	Has func(flow.Header) bool

	// Resuming returns further options for a run that is read back into memory, such as its
	// breakpoints. nil: no options.
	Resuming func(id string) []flow.RunOption
}

// ErrClosed is returned by calls that come after Close.
var ErrClosed = errors.New("host: it is closed")

// maxWaking limits how many runs that have become due are read from disk at once.
const maxWaking = 8

// A Host has the runs of a directory. Its methods may be called from any goroutine.
type Host struct {
	dir      *journal.Dir
	settings Settings
	socket   io.Closer       // through which other processes send events; nil: they cannot
	ctx      context.Context // of the runs: its end suspends them
	end      context.CancelFunc
	waking   chan struct{}
	watchers sync.WaitGroup

	mu        sync.Mutex
	workflows map[string]flow.Definition
	runs      map[string]*entry // those that have not ended
	files     map[string]stamp  // of all runs that are not in memory, as they were last read
	due       dueHeap
	timer     *time.Timer
	live      int
	closed    bool
}

// An entry is a run that has not ended.
type entry struct {
	id, workflow string
	run          flow.Handle      // nil: it is not in memory
	interrupted  bool             // it does not only wait, or could not be continued
	awaits       []flow.AwaitWait // of a released run
	loading      chan struct{}    // closed when it has been read; nil: it is not being read
	gone         chan struct{}    // closed when run has been released or has ended
	over         chan struct{}    // closed when it has ended: then out and err are set, or elsewhere
	out          any
	err          error
	elsewhere    bool // it has ended in another process; its result is in the journal

	at    time.Time // when something is due; zero: nothing is
	place int       // in the heap, from 0; -1: it is not there
}

// Open returns the host of a directory. The host can continue runs of the given workflows only.
// Open reads the beginning and the end of each journal, but continues no run: see
// [Host.Interrupted].
//
// Open also lets other processes send events to the runs of this one ([journal.Dir.Listen]). Where
// that is not possible it logs why, and their events are refused with a [journal.OwnedError].
func Open(dir *journal.Dir, settings Settings, workflows ...flow.Definition) (*Host, error) {
	if settings.ReleaseAfter <= 0 {
		settings.ReleaseAfter = time.Second
	}
	h := &Host{
		dir: dir, settings: settings, workflows: map[string]flow.Definition{}, waking: make(chan struct{}, maxWaking),
		runs: map[string]*entry{}, files: map[string]stamp{},
	}
	for _, w := range workflows {
		if err := w.Check(); err != nil {
			return nil, err
		}
		h.workflows[w.Name()] = w
	}
	h.ctx, h.end = context.WithCancel(context.Background())
	if err := h.refresh(); err != nil {
		return nil, err
	}
	var err error
	if h.socket, err = dir.Listen(); err != nil {
		slog.Warn("other processes cannot send events to the runs of this one", "directory", dir.Folder(), "error", err)
		h.socket = nil
	}
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

// StartJSON starts a run of one of the host's workflows whose start event is given as JSON, and
// returns its identifier; "" is a random one. An error wraps [journal.ErrExists] or
// [journal.ErrOwned] if there is a run with the identifier, [flow.ErrMalformed] if the event does
// not fit its type, and [ErrUnknownWorkflow].
func (h *Host) StartJSON(workflow, id string, start json.RawMessage, opts ...flow.RunOption) (string, error) {
	if id == "" {
		id = rand.Text()
	}
	h.mu.Lock()
	wf := h.workflows[workflow]
	h.mu.Unlock()
	if wf == nil {
		return "", fmt.Errorf("host: %s: %w", workflow, ErrUnknownWorkflow)
	}
	return id, h.begin(id, wf, func(ctx context.Context, more ...flow.RunOption) (flow.Handle, error) {
		return wf.StartJSON(ctx, start, append(slices.Clone(opts), more...)...)
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
	e.run, e.gone, e.interrupted, e.awaits = run, make(chan struct{}), false, nil
	h.live++
	h.watchers.Add(1)
	go func() {
		defer h.watchers.Done()
		<-run.Done()
		h.detach(e, run, w)
	}()
}

// detach notes that a run was released or has ended, and closes its journal.
func (h *Host) detach(e *entry, run flow.Handle, w *journal.Writer) {
	path, err := h.dir.Path(e.id)
	file, statErr := os.Stat(path) // while no other process can change it
	closing := errors.Join(err, w.Close())
	out, err := run.Result(context.Background())
	state := run.Explain()
	h.mu.Lock()
	defer h.mu.Unlock()
	e.run = nil
	h.live--
	if delete(h.files, e.id); statErr == nil {
		h.files[e.id] = stampOf(file)
	}
	switch {
	case !errors.Is(err, flow.ErrSuspended):
		e.out, e.err = out, errors.Join(err, closing)
		delete(h.runs, e.id)
		close(e.over)
	case !h.closed:
		e.awaits = state.OpenAwaits()
		h.wakeAt(e, nextDue(state))
	}
	close(e.gone)
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
	socket := h.socket
	h.socket = nil
	if h.timer != nil {
		h.timer.Stop()
	}
	h.mu.Unlock()
	h.end()
	h.watchers.Wait()
	if socket != nil {
		_ = socket.Close() // the runs are safe, and a socket that is left behind is removed by the next host
	}
}
