package fold

// onlyWaited is the Type of the RunSuspended record of a run that only waited.
const onlyWaited = "waits"

// A suspension is the value of a RunSuspended record.
type suspension struct {
	waits  bool
	awaits []AwaitWait // the open ones of a run that only waits
}

// A Suspension is the payload of the RunSuspended record of a run that awaits replies: its open
// awaits, also those of sub-workflows.
type Suspension struct {
	Awaits []AwaitWait `json:"awaits"`
}

// Suspend records that the run is put aside: what is under way ends without a result, and begins
// again when the run continues. The record says when something is due next.
func (t *Tree) Suspend(now int64) {
	if t.suspended || t.root.phase != phaseRunning {
		return
	}
	t.tick(now)
	due, _ := t.NextDue()
	s := suspension{waits: t.OnlyWaits()}
	if s.waits {
		s.awaits = t.root.explain().OpenAwaits()
	}
	t.root.recordDue(RunSuspended, s, due)
	t.applySuspended()
}

func (t *Tree) applySuspended() {
	t.suspended = true
	for _, st := range t.states() {
		for exec := range st.executions() {
			if exec.underWay() {
				t.command(CommandCancel, exec)
			}
		}
	}
	t.command(CommandEnd, nil)
}

// Suspended reports whether the run is put aside. Until it is revived nothing may happen to it.
func (t *Tree) Suspended() bool { return t.suspended }

// OnlyWaits reports whether nothing of the run is under way: every open execution awaits or sleeps,
// or there is none and steps take events from outside.
func (t *Tree) OnlyWaits() bool {
	st := t.root
	return st.phase == phaseRunning && st.ending == nil && !t.paused &&
		(st.open > 0 || st.Workflow.External) && st.waiting == st.open
}
