package fold

import "weft/flow/internal/queue"

// A State is the state of one run: the fold of its records. A sub-workflow has a State of its own,
// below its parent's. What concerns a run together with its sub-workflows, such as the pause, the
// timers and the last identifier, is in their Tree. Neither holds anything of the past.
type State struct {
	Workflow *Workflow
	Host     any // the runtime's own data; the fold does not use it

	tree   *Tree
	nested *runInfo // the sub-workflow's run that this is; nil: it is the run itself
	parent *State
	host   *Execution // the parent's execution that runs this one
	phase  phase

	workers []workerSet // by step
	open    int         // executions that have not ended
	waiting int         // how many of them await, or run a sub-workflow whose clock is stopped

	ready    queue.FIFO[*Execution] // routed, and neither started nor queued
	*pending                        // further work of advance; change it through ownPending only
	ending   *ending
	stop     ending // the memory of ending, for a stop event
	cleaning bool   // its clean-up steps are under way; ending is set

	scopes map[uint32]*scope
	values map[string]Value

	clockLeft  int64 // of the run's timeout, while its clock is stopped
	clockSince int64 // when the clock began to run; 0: it is stopped
	timeout    timer // the run's

	dirty      bool   // a record has changed the state: something may follow by itself
	nextDirty  *State // the next in Tree.dirty
	oldestOpen uint32 // no execution before this one is open; it grows while the run is being closed
}

// A pending holds the parts of a state that most runs never need: the work that State.advance does
// next, and the awaits and collects that wait for events. Every state begins with the shared empty
// nothingPending.
type pending struct {
	freed    []*Step      // steps for whose free workers executions wait
	due      []*Execution // back from an await, or a retry whose time has come
	replies  []*await     // awaits whose reply has arrived
	closing  []*scope     // scopes of which nothing is open
	dying    []*scope     // scopes that were abandoned
	failed   []*Execution // failed for good, to be recovered
	spawn    []*Execution // nested executions whose run has to begin
	ended    []*Execution // nested executions whose run has ended
	restarts []*Execution // executions that were under way when the process ended

	awaits   []*await     // open ones
	early    []earlyReply // replies that came before an await for them
	collects []*collected
}

// nothingPending is the pending with which every state begins. It is shared and never changed.
var nothingPending pending

// ownPending returns the state's own pending, which may be changed.
func (st *State) ownPending() *pending {
	if st.pending == &nothingPending {
		st.pending = new(pending)
	}
	return st.pending
}

// A phase is how far a run is. Snapshots store its number: new ones are added at the end.
type phase uint8

const (
	phaseIdle phase = iota
	phaseRunning
	phaseOver
)

// An ending is the end of a run that is decided, while its open executions are given up.
type ending struct {
	kind  Kind
	fault *fault
	event Event // for a stop
	exec  uint32
	step  int16
}

// A status is how far an execution is. Snapshots store its number: new ones are added at the end.
type status uint8

const (
	statusReady   status = iota // routed
	statusQueued                // waits for a worker
	statusRunning               // has a worker
	statusDelayed               // waits for its next attempt
	statusAwaiting
	statusFailed // waits for its recovery
	statusDone
)

// An Execution is one call of a step with all its attempts.
type Execution struct {
	Step  *Step
	State *State
	In    any // the event that it is called with; of a join or a collect []any
	Host  any // the runtime's: the attempt under way. The fold never looks at it
	ID    uint32

	branch
	cause        uint32 // the event or the scope that triggered it
	delivered    uint32 // how many of its sends were delivered before an await
	attempt      int32
	worker       uint16
	status       status
	replied      bool // is back from an await
	waiting      bool // is counted in State.waiting
	undispatched bool // was yielded and has not started: is counted in scope.waiting
	typ          int16

	out   Event      // the first event that it gave and that is not yet delivered
	next  *Execution // in an execList
	extra *details
}

// A details holds the fields that few executions need.
type details struct {
	outs         []Event // further ones that it gave
	firstStart   int64   // when the first attempt began
	timeoutSpent int64   // of the step's timeout, before the awaits
	timeoutSince int64   // when the timeout's clock began to run
	timer        timer   // of the next attempt, or of the timeout
	opened       *scope  // its fan-out
	awaits       []*await
	calls        []*call
	fault        *fault // of the last attempt
	child        *State // the run of a nested execution
}

// details returns the fields that few executions need, which may be changed.
func (x *Execution) details() *details {
	if x.extra == nil {
		x.extra = &details{}
		x.extra.timer.exec = x
	}
	return x.extra
}

// An Event is an event between the step that gave it and the steps that take it.
type Event struct {
	Payload any
	ID      uint32 // given by the fold
	Type    int16
	To      int16 // the one step that it is meant for; -1: all that take it
}

// A lineage is what an execution inherits: how often its ancestors were recovered, by step.
type lineage struct {
	step   int
	times  int
	parent *lineage
}

// recoveries returns how often a lineage was recovered by a step.
func (l *lineage) recoveries(step int) int {
	for ; l != nil; l = l.parent {
		if l.step == step {
			return l.times
		}
	}
	return 0
}

// merge returns a lineage with the recoveries that either lineage has used.
func (l *lineage) merge(other *lineage) *lineage {
	if l == nil || l == other {
		return other
	}
	for ; other != nil; other = other.parent {
		if l.recoveries(other.step) < other.times {
			l = &lineage{other.step, other.times, l}
		}
	}
	return l
}

// A branch is where in the tree of fan-outs an execution or an event is, and what it inherits. The
// zero branch is that of the run itself.
type branch struct {
	scope   *scope // the innermost one around it
	lineage *lineage
	order   uint32 // its place in the scope
}

// A scope is a fan-out that is not over.
type scope struct {
	state      *State
	id         uint32
	step       *Step
	joinType   int // the type that its joins take; -1: it has none of its own
	parent     *scope
	order      uint32 // its place in the parent
	lineage    *lineage
	yielder    uint32 // the execution that yields
	open       int    // executions and scopes in it
	yielded    uint32
	waiting    int    // branches that have not started
	ended      bool   // the sequence has ended
	abandoned  bool   // is given up with all its branches
	closing    bool   // is in pending.closing
	oldestOpen uint32 // no execution in it before this one is open; it grows while the scope is being given up
	fired      []bool // by join
	results    []result
	items      []any // what was yielded, until the sequence ends: to compare after a restart
}

// A result is an event that a join takes.
type result struct {
	event  any
	order  uint32
	to     int16       // the one join that it is meant for; -1: all
	within *branchPath // its place in the branch, if the branch has fanned out further
}

// A branchPath is the place of a branch in a scope nested in the scope that joins, followed by its
// place in the scope nested in that, and so on.
type branchPath struct {
	order  uint32
	within *branchPath
}

// An await is an execution's wait for an event from outside.
type await struct {
	exec     *Execution
	id       uint32
	key      string
	typ      int
	prompt   Prompt
	fields   []fieldValue // of prompt.Match; made when a reply comes
	open     bool
	since    int64 // when it opened
	answered bool  // reply is the one that resolves it, not yet recorded
	cause    uint32
	reply    any
	fault    *fault
	timer    timer
}

// An earlyReply is a reply that came before an await for it.
type earlyReply struct {
	id      uint32
	typ     int
	payload any
}

// A collected is what a collect holds for one branch.
type collected struct {
	step  *Step
	scope *scope
	order uint32
	got   [][]heldEvent // by position in Step.Takes, for the first position of each type
}

type heldEvent struct {
	typ     int
	id      uint32
	payload any
	lineage *lineage
}

// A workerSet is the workers of a step in one run, and the executions that wait for one.
type workerSet struct {
	busy     uint64   // workers 1 to 64
	busyRest []uint64 // and further
	occupied int
	listed   bool     // is in pending.freed
	front    execList // retries that are due and executions back from an await
	waiting  execList
}

// An execList is an intrusive linked list of the executions that wait for a worker, so that an
// empty list costs no memory. If head is nil, tail has no meaning. Executions that were given up
// are dropped when they reach the front.
type execList struct{ head, tail *Execution }

// A timer is something that is due: a retry, a step's or an await's timeout, a run's timeout.
type timer struct {
	at    int64
	seq   uint64
	where int // in the heap, from 1; 0: not armed

	exec  *Execution // one of these three has armed it
	await *await
	state *State
}

// An execIndex holds the executions that have not ended, those of sub-workflows too, in the order
// of their identifiers, which is that of their creation. One that has ended keeps its place until
// there are many of them.
type execIndex struct {
	all   []indexEntry
	ended int
	few   [16]indexEntry // where all begins
}

type indexEntry struct {
	exec *Execution
	id   uint32 // exec may be reused by now: the id shows that
}

// A timers is a heap of timers by time, and among equals by the order of arming.
type timers struct {
	heap []*timer
	seq  uint64
}

// A Tree is a run with its sub-workflows: the state of each, what concerns all of them (the pause,
// the timers, the identifiers), the log, and the commands that the runtime has to execute. Every
// call of it is made by one goroutine at a time.
type Tree struct {
	Log   Log
	Break func(step, event string) bool // the breakpoints: whether to stop before an execution

	root      *State // top
	info      runInfo
	ids       uint32 // the last identifier that was given
	execs     execIndex
	subs      map[uint32]*State // by the execution that runs them
	timers    timers
	paused    bool
	suspended bool   // nothing may happen until it is revived
	permits   int    // executions that may start although the run is paused
	pausedAt  uint32 // the execution that a breakpoint has stopped once
	now       int64  // the time of the tick
	last      int64  // the time of the last record
	dirty     *State // sub-workflows that a record has changed
	commands  []Command

	// A short run needs no memory but its Tree.
	spare        []*Execution // executions to be reused
	fewSpare     [4]*Execution
	fewCommands  [2]Command
	fewWorkers   [3]workerSet
	fewExecution [2]Execution
	top          State
}

// A Command is what the runtime has to do because of a record. It is the only effect of the fold.
type Command struct {
	Do   CommandKind
	Exec *Execution
}

// A CommandKind says what is to be done.
type CommandKind uint8

// The commands.
const (
	CommandStart  CommandKind = iota // call the step, or let it continue after an await
	CommandCancel                    // end the attempt's context
	CommandExpire                    // end it because its time is over
	CommandRoom                      // let its blocked yield continue
	CommandEnd                       // the run is over
)

// Init makes a zero Tree the tree of a new run of a resolved workflow.
func (t *Tree) Init(w *Workflow, id string) {
	t.top.init(w, t)
	t.root = &t.top
	t.commands = t.fewCommands[:0]
	t.execs.all = t.execs.few[:0]
	t.spare = append(t.fewSpare[:0], &t.fewExecution[0], &t.fewExecution[1])
	t.Log.root = &t.info
	t.info.workflow = w
	t.SetID(id)
}

// SetID gives the run its identifier, before its first record.
func (t *Tree) SetID(id string) { t.info.id = id }

func (st *State) init(w *Workflow, t *Tree) {
	st.Workflow, st.tree, st.pending = w, t, &nothingPending
	if n := len(w.Steps); st == &t.top && n <= len(t.fewWorkers) {
		st.workers = t.fewWorkers[:n]
	} else {
		st.workers = make([]workerSet, n)
	}
	st.timeout.state = st
}
