package flow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"weft/flow/internal/detach"
	"weft/flow/internal/fold"
	"weft/flow/internal/queue"
)

// A run is the runtime of one run: it gives the fold its ticks and executes its commands. It has no
// loop goroutine. The goroutine that causes a tick, mostly one that has just finished a step, runs
// the tick under the lock and continues with the step that the tick starts. Only if a tick starts
// further steps are other goroutines needed.
type run struct {
	id     string
	c      *core
	parent context.Context
	base   time.Time
	baseNs int64 // base in nanoseconds since 1970

	mu    sync.Mutex
	tree  fold.Tree
	timer *time.Timer
	armed int64 // when timer fires; 0: it does not

	published atomic.Uint64 // records that readers may see
	more      chan struct{} // closed when there are new records; made only when a reader waits

	ctxMu   sync.Mutex // for everything about contexts; may be locked while mu is
	ctx     context.Context
	stop    context.CancelCauseFunc
	stopped error // why the run ended; nil: it has not
	unhook  func() bool

	contexts    []Context  // a block of contexts for attempts
	contextsOut int        // how many of them are in use
	fewContexts [3]Context // the first block of contexts: enough for a chain of steps
	host        stateHost  // of the run's own state
	fewPlaces   [3]place   // memory for its places, if there are at most three

	pool workerPool

	release time.Duration // after which the run suspends itself if it only waits; 0: never
	aside   error         // why it was suspended

	requests []request // kept while the run waits for its turn
	keeper   *keeper
	labels   map[string]string
	edits    map[uint64]any // of a fork
	written  Header         // of the journal from which the past was read, if it is known
	past     string         // the identifier in the records from which this run was resumed or forked

	hasSlot bool // has had its turn
	waits   bool // for it
	live    bool // its first tick in this process has been run
	done    chan struct{}
	out     any
	err     error
	late    atomic.Int64 // results, sends and changes that came after the end
}

// now returns the time in nanoseconds since 1970. It never goes back.
func (r *run) now() int64 { return r.baseNs + int64(time.Since(r.base)) }

// length returns the number of the last record.
func (r *run) length() uint64 { return r.tree.Log.First + r.tree.Log.Len() }

// A Context is given to a step: the context of this attempt, which is done when the attempt no
// longer counts, and the way to the run. It is for the attempt only; what is done with it after the
// step has returned has no effect.
//
// To call a step in a test, make one with NewContext of package flow/flowtest.
type Context struct {
	*place
	exec     *fold.Execution              // another one's once this attempt is over: see counts
	extra    atomic.Pointer[contextExtra] // made when it is needed; set under run.mu
	attempt  int32
	returned bool // the step has; guarded by run.mu
}

// contextBlock is how many contexts are allocated at once. They have 512 bytes: a larger object with
// pointers costs more in memory and in garbage collection.
const contextBlock = 16

// A place is what all attempts of a step have in common in one run of its workflow.
type place struct {
	run   *run
	state *fold.State
	step  *fold.Step
	shown atomic.Pointer[writableType] // of the event that was emitted last
}

// A stateHost is the runtime's own data about a fold.State, which the state refers to as its Host.
type stateHost struct {
	changes sync.Mutex // held while the state's values are changed
	places  []place    // by step
}

// A contextExtra holds the fields of a Context that few attempts need, so that the others stay
// small. All but std are guarded by run.mu.
type contextExtra struct {
	std      atomic.Pointer[standardContext] // made when it is asked for; set under run.mu
	reply    chan struct{}                   // wakes the goroutine that is parked
	room     chan struct{}                   // wakes the goroutine that is blocked
	parked   bool                            // waits in Await or Sleep
	parkedAs string                          // its key
	hold     *limitHold                      // of a step with a Limit
	blocked  bool                            // waits in a fan-out's yield
	finish   func()                          // ends the attempt, whose step has returned while it was parked
	updating atomic.Bool                     // is in an Update
	again    uint32                          // items of a fan-out that were yielded, also before a restart
	sends    []fold.Event                    // until the step has returned
	calls    map[callName]int                // how often each name was used
	fatal    error                           // the engine's error about an event that the step yields or emits
	test     *detach.Recorder                // of a context without a run
}

// more returns the fields that few attempts need, which may be changed. The run's lock is held.
func (c *Context) more() *contextExtra {
	m := c.extra.Load()
	if m == nil {
		m = &contextExtra{}
		c.extra.Store(m)
	}
	return m
}

// counts reports whether the attempt is under way. The run's lock is held.
func (c *Context) counts() bool {
	host, _ := c.exec.Host.(*Context)
	return host == c
}

// A standardContext is the context of the standard library; most steps never need one.
type standardContext struct {
	context.Context
	cancel context.CancelCauseFunc
}

// A stepBody calls a step's function; in is an event, or a []any for a join or a collect.
type stepBody func(c *Context, in any) (any, error)

// A fanOutBody calls the function of a fan-out. It calls open before the first yield, and stops
// when yield returns false.
type fanOutBody func(c *Context, in any, open func(), yield func(any) bool) error

// A workerPool is the goroutines of a run while a fan-out yields. Waking a goroutine takes longer
// than a short step, so one goroutine that performs short steps one after the other is faster than
// several that contend for the run's lock; but a long step must not delay the others.
//
// An attempt that starts is therefore put into a run queue, from which each goroutine that has
// finished a step takes the next. While an attempt waits in the queue, a spare goroutine spins: it
// takes the next attempt and calls the next spare when the yield of a fan-out blocks, since the
// goroutine of the fan-out then takes none, or when no record is appended in eight yields of the
// processor. It looks at the records after all eight only, because each look delays the processor
// that appends them. If one of its yields of the processor takes long, the processors are so busy
// that the spare itself is kept waiting; then every attempt in the queue gets a goroutine of its
// own.
type workerPool struct {
	queue   queue.FIFO[*Context] // attempts that no goroutine performs yet
	taken   atomic.Uint32        // how many attempts were taken out of the queue
	stalled atomic.Bool          // a fan-out's yield has blocked, and no attempt was taken since
	spare   bool                 // a spare goroutine spins, or was called
	fanOuts int                  // whose steps are being called; goroutines rest only while it is not 0
	resting []chan bool          // goroutines that may be called; false: to end
}

// A request is a call from outside, which is kept if the run waits for its turn.
type request struct {
	kind    requestKind
	event   fold.Event // of a send or a reply
	await   uint32     // of a reply: the await that it names
	permits int        // of a resume: how many executions may start; 0: all
	cause   error      // of a cancel or a suspend
}

type requestKind uint8

const (
	requestSend requestKind = iota
	requestReply
	requestPause
	requestResume
	requestCancel
	requestSuspend
)

// isDebugger reports whether a debugger asked, so that a later Pause or Resume replaces the
// request.
func (q request) isDebugger() bool { return q.kind == requestPause || q.kind == requestResume }

func (r *run) logger() *slog.Logger {
	if l := r.c.log; l != nil {
		return l
	}
	return slog.Default()
}

// tooLate is called without the lock, because a user's log handler may call the run.
func (r *run) tooLate(what string, s *fold.Step) {
	r.late.Add(1)
	r.logger().Debug("too late", "what", what, "run", r.id, "step", s.Name)
}

func (r *run) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return nil
	default:
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// putAside suspends the run in the fold. The lock is held.
func (r *run) putAside(cause error) {
	r.aside = cause
	r.tree.Suspend(r.now())
}

// suspended returns the error of a run that was put aside.
func (r *run) suspended() error {
	if r.aside == nil {
		return fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.Name, ErrSuspended)
	}
	return fmt.Errorf("flow: run %s of %s: %w; %w", r.id, r.c.Name, ErrSuspended, r.aside)
}

// closed returns the error for requests to a run that has ended or is suspended; nil: it accepts
// them. The lock is held.
func (r *run) closed() error {
	switch {
	case r.tree.Over():
		return ErrEnded
	case r.tree.Suspended() && r.live: // else it is about to be revived
		return ErrSuspended
	}
	return nil
}

// A callName names calls of an attempt that are distinguished by their order: awaits by their key
// and type.
type callName struct {
	key string
	typ int
}
