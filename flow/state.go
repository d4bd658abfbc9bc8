package flow

import (
	"encoding/json"
	"math/bits"
	"sync"
)

// A rec is a record as the engine works with it, with small integers where a [Record] has names. Payload is the event's
// value or, by kind, a *patch, a Prompt, a *fault.
type rec struct {
	fact
	sub     uint32 // the execution that runs the sub-workflow whose record this is; 0: the run itself
	due     int64  // as at; 0: nothing is due
	payload any
}

// clear makes r an empty record.
func (r *rec) clear(at int64, sub uint32) {
	r.fact = fact{at: at, step: -1, typ: -1}
	if r.sub, r.due = sub, 0; r.payload != nil {
		r.payload = nil
	}
}

// A fact is what the log keeps of every record, in 32 bytes without a pointer.
type fact struct {
	at     int64 // nanoseconds since 1970
	exec   uint32
	event  uint32
	cause  uint32
	n      int32 // of an EventSent its place in the fan-out, of all others the attempt
	worker uint16
	step   int16 // -1: none
	typ    int16 // -1: none
	kind   Kind
	paid   uint8 // in the log: which payload of its chunk is the record's, from 1; 0: it has none
}

// A fault is why something failed or ended, in a record: the live error, and what of it is kept on disk.
type fault struct {
	err  error
	text string
	end  Kind // the kind of record that this leads to, in a StepCancelled
}

// A state is what is known about a run: exactly the fold of its records. A sub-workflow has a state of its own, below its
// parent's. It is changed by apply only, in place, and holds nothing of the run's past.
type state struct {
	c      *core
	t      *tree
	sub    uint32 // as in rec
	parent *state
	host   *exec // the parent's execution that this run is
	phase  phase

	steps []lane
	nopen int // executions that have not ended
	nwait int // of these, how many await (a nested one: whether its run's clock stands)

	ready    line[*exec] // routed, not yet started or queued
	*pending             // what else follows by itself; to be changed through own
	ending   *ending
	end      ending // where ending mostly points

	scopes  map[uint32]*scope
	values  map[string]value
	writing sync.Mutex // held by an Update: the runtime's

	left   int64  // of the run's timeout, while its clock stands
	since  int64  // when the clock went on; 0: it stands
	alarm  timer  // the run's timeout
	last   int64  // the time of the last record
	moved  bool   // a record has touched it: something may follow
	oldest uint32 // no execution before this one is open: what giving up has found
	under  *state // the next there
}

// pending is what of a state most runs never have: what follows by itself, see next, and what waits for more. Every state
// begins with the empty one of its workflow, which is never changed.
type pending struct {
	freed   []*step  // lanes in which somebody waits and a worker became free
	due     []*exec  // back from an await, or a retry whose time has come
	reply   []*await // awaits whose reply is there
	closing []*scope // scopes of which nothing is open
	dying   []*scope // scopes that were given up
	failed  []*exec  // failed for good, to be recovered
	spawn   []*exec  // nested executions whose run has to begin
	ended   []*exec  // nested executions whose run has ended
	restart []*exec  // executions that were under way when the process ended

	awaits []*await // open ones
	kept   []keptEvent
	sets   []*set // what collects hold
}

// own returns what is pending to be changed.
func (st *state) own() *pending {
	if st.pending == &st.c.nothing {
		st.pending = new(pending)
	}
	return st.pending
}

// quiet reports whether nothing of it follows by itself.
func (p *pending) quiet() bool {
	return len(p.freed) == 0 && len(p.due) == 0 && len(p.reply) == 0 && len(p.closing) == 0 && len(p.dying) == 0 &&
		len(p.failed) == 0 && len(p.spawn) == 0 && len(p.ended) == 0 && len(p.restart) == 0
}

// A tree is what a run shares with its sub-workflows.
type tree struct {
	run    *run   // that it is of
	root   *state // top
	ids    uint32
	execs  index
	subs   map[uint32]*state // by the execution that runs them
	timers timers
	paused bool
	steps  int    // executions that may start although the run is paused
	passed uint32 // the execution that a breakpoint has stopped once
	breaks func(step, typ string) bool
	now    int64 // of the tick
	id     string
	spare  []*exec  // those to be used again
	spares [4]*exec // where spare begins
	moved  *state   // those of sub-workflows that a record has touched
	cmds   []command
	few    [2]command // where cmds begins
	lanes  [3]lane    // where those of top are, if they are not more
	top    state
	seed   [2]exec // the first to use: enough for a chain, and made before the stack is deep
}

type phase uint8

const (
	idle phase = iota
	running
	over
)

// An ending is the end of a run that is decided, while what is still open is given up.
type ending struct {
	kind  Kind
	fault *fault
	event outEvent // for a stop
	exec  uint32
	step  int16
}

type status uint8

const (
	isReady   status = iota // routed
	isQueued                // waits for a worker
	isRunning               // has a worker
	isDelayed               // waits for its next attempt
	isAwaiting
	isFailed // waits for its recovery
	isDone
)

// An exec is one call of a step with all its attempts.
type exec struct {
	s       *step
	st      *state
	in      any
	scope   *scope
	lineage *lineage
	id      uint32
	cause   uint32
	order   uint32 // its branch's place in the scope
	flushed uint32 // how many of its sends were delivered before an await
	attempt int32
	worker  uint16
	status  status
	woken   bool // has come back from an await
	idle    bool // counted in state.nwait
	direct  bool // was yielded: counts as waiting branch of its scope until it starts
	typ     int16

	out outEvent // the first of what it gave and that is not yet delivered; further ones are in rare

	link *exec // in a queue
	rare *rare
	ctx  *Context // the runtime's: the attempt under way
}

// rare is what few executions have.
type rare struct {
	outs   []outEvent
	since  int64 // when the first attempt began
	spent  int64 // of the step's timeout, before the awaits
	mark   int64 // when the timeout's clock went on
	timer  timer // next attempt, or timeout
	scope  *scope
	awaits []*await
	fault  *fault
	child  *state
}

func (x *exec) more() *rare {
	if x.rare == nil {
		x.rare = &rare{}
		x.rare.timer.exec = x
	}
	return x.rare
}

// An outEvent is an event that was recorded and waits for its execution to finish.
type outEvent struct {
	payload any
	id      uint32
	typ     int16
	step    int16
}

// A lineage is what an execution inherits: how often its ancestors were recovered, and by whom.
type lineage struct {
	step int
	n    int
	up   *lineage
}

func (l *lineage) count(step int) int {
	for ; l != nil; l = l.up {
		if l.step == step {
			return l.n
		}
	}
	return 0
}

// A scope is a fan-out that is not over.
type scope struct {
	id      uint32
	s       *step
	typ     int // that its joins take; -1: it has none of its own
	parent  *scope
	order   uint32 // its place in the parent
	lineage *lineage
	exec    uint32 // the execution that yields
	open    int    // executions and scopes in it
	yielded uint32
	waiting int // branches that have not started
	ended   bool
	dying   bool
	queued  bool   // in state.closing
	oldest  uint32 // no execution in it before this one is open: what giving up has found
	fired   []bool
	results []result // of the type that the joins take
	items   []any    // what was yielded, until the sequence ends: to compare after a restart
}

// A result is an event that a join takes.
type result struct {
	event  any
	order  uint32
	to     int16  // the one join that it is meant for; -1: all
	within *place // where in the branch, if that fanned out further
}

// A place is that of a branch in a scope within the one that joins, and so on inwards.
type place struct {
	order  uint32
	within *place
}

// An await is an execution's wait for the world.
type await struct {
	x     *exec
	id    uint32
	key   string
	typ   int
	ask   Prompt
	open  bool
	found bool // reply is the one that resolves it, not yet recorded
	cause uint32
	reply any
	fault *fault
	timer timer
}

// A keptEvent came before anybody awaited it.
type keptEvent struct {
	id      uint32
	typ     int
	payload any
}

// A set is what a collect holds for one branch.
type set struct {
	s     *step
	scope *scope
	order uint32
	got   [][]held // for every position in s.takes that is the first of its type
}

type held struct {
	typ     int
	id      uint32
	payload any
	lineage *lineage
}

// A value is an entry of the run's state: as it was set, or as JSON if it comes from a journal.
type value struct {
	v   any
	raw json.RawMessage
}

// A lane is a step's workers and who waits for one.
type lane struct {
	busy    uint64   // workers 1 to 64
	rest    []uint64 // and further
	n       int
	marked  bool  // in state.freed
	front   queue // retries that are due and executions back from an await
	waiting queue
}

// first returns who gets the next free worker.
func (l *lane) first() *exec {
	if x := l.front.peek(); x != nil {
		return x
	}
	return l.waiting.peek()
}

// free returns the smallest free worker, from 1.
func (l *lane) free() uint16 {
	if i := bits.TrailingZeros64(^l.busy); i < 64 {
		return uint16(i + 1)
	}
	for w := range l.rest {
		if i := bits.TrailingZeros64(^l.rest[w]); i < 64 {
			return uint16(64*(w+1) + i + 1)
		}
	}
	return uint16(64*(len(l.rest)+1) + 1)
}

func (l *lane) occupy(worker uint16) {
	l.n++
	if worker <= 64 {
		l.busy |= 1 << (worker - 1)
		return
	}
	w := int(worker-1)/64 - 1
	for len(l.rest) <= w {
		l.rest = append(l.rest, 0)
	}
	l.rest[w] |= 1 << ((worker - 1) % 64)
}

func (l *lane) release(worker uint16) {
	l.n--
	if worker <= 64 {
		l.busy &^= 1 << (worker - 1)
		return
	}
	l.rest[(worker-1)/64-1] &^= 1 << ((worker - 1) % 64)
}
