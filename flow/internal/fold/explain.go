package fold

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// An Explanation says what a run is doing, and for each part that makes no progress, what it waits
// for.
type Explanation struct {
	Run       string         `json:"run"`
	Ended     bool           `json:"ended"`
	Paused    bool           `json:"paused"`
	Suspended bool           `json:"suspended,omitempty"`
	Cleans    bool           `json:"cleans_up,omitempty"` // its end is decided, and its clean-up steps are under way
	Steps     []StepLoad     `json:"steps"`               // those with executions
	Retries   []RetryDue     `json:"retries,omitempty"`
	Joins     []JoinWait     `json:"joins,omitempty"`
	Awaits    []AwaitWait    `json:"awaits,omitempty"`
	Sleeps    []SleepWait    `json:"sleeps,omitempty"`
	Outside   []OutsideWait  `json:"outside,omitempty"` // what steps take from outside
	Runs      []*Explanation `json:"runs,omitempty"`    // sub-workflows
}

// A StepLoad is what waits for a step's workers and how many are free.
type StepLoad struct {
	Step    string `json:"step"`
	Queued  int    `json:"queued"`
	Running int    `json:"running"`
	Free    int    `json:"free"`
}

// A RetryDue is an execution that waits for its next attempt.
type RetryDue struct {
	Step      string    `json:"step"`
	Execution uint64    `json:"execution"`
	Attempt   int       `json:"attempt"`            // the next one
	Attempts  int       `json:"attempts,omitempty"` // that the policy allows; 0: any number
	Due       time.Time `json:"due"`
	Error     string    `json:"error"` // of the last one
}

// A JoinWait is a join or a collect that waits for events.
type JoinWait struct {
	Step  string `json:"step"`
	Have  int    `json:"have"`
	Needs string `json:"needs"`
}

// An AwaitWait is an execution that waits for an event from outside.
type AwaitWait struct {
	ID        uint64          `json:"await"` // what Run.Reply names
	Step      string          `json:"step"`
	Execution uint64          `json:"execution"`
	Key       string          `json:"key"`
	Prompt    any             `json:"prompt"`          // after a restart a json.RawMessage
	Type      string          `json:"type"`            // of the reply
	Match     json.RawMessage `json:"match,omitempty"` // the fields that it must have
	Since     time.Time       `json:"since,omitzero"`  // when the prompt was shown
	Due       time.Time       `json:"due,omitzero"`    // when its time is over; zero: never
}

// UnmarshalJSON decodes an await; its Prompt remains JSON.
func (a *AwaitWait) UnmarshalJSON(b []byte) error {
	type fields AwaitWait
	j := struct {
		*fields
		Prompt json.RawMessage `json:"prompt"`
	}{fields: (*fields)(a)}
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	a.Prompt = j.Prompt
	return nil
}

// A SleepWait is an execution that sleeps.
type SleepWait struct {
	Step      string    `json:"step"`
	Execution uint64    `json:"execution"`
	Key       string    `json:"key"`
	Due       time.Time `json:"due"`
}

// An OutsideWait is a type of event that a step takes from outside, whenever one comes.
type OutsideWait struct {
	Step string `json:"step"`
	Type string `json:"type"`
}

// Explain says what the run is doing, and why what does not move does not.
func (t *Tree) Explain() *Explanation { return t.root.explain() }

func (st *State) explain() *Explanation {
	e := &Explanation{Run: st.RunID(), Ended: st.phase == phaseOver, Paused: st.tree.paused, Suspended: st.tree.suspended, Cleans: st.cleaning && st.phase == phaseRunning}
	queued := make([]int, len(st.workers))
	for exec := range st.executions() {
		switch exec.status {
		case statusReady, statusQueued:
			queued[exec.Step.Index]++
		case statusDelayed:
			e.Retries = append(e.Retries, RetryDue{
				Step: exec.Step.Name, Execution: uint64(exec.ID), Attempt: int(exec.attempt) + 1, Attempts: exec.extra.fault.most,
				Due: stamp(exec.extra.timer.at), Error: exec.extra.fault.text,
			})
		}
		if a := exec.sleeping(); a != nil {
			e.Sleeps = append(e.Sleeps, SleepWait{exec.Step.Name, uint64(exec.ID), a.key, stamp(a.timer.at)})
		}
		if exec.hosts() {
			e.Runs = append(e.Runs, exec.extra.child.explain())
		}
	}
	for i, s := range st.Workflow.Steps {
		if running := st.workers[i].occupied; running+queued[i] > 0 {
			e.Steps = append(e.Steps, StepLoad{s.Name, queued[i], running, max(0, s.Workers-running)})
		}
	}
	for _, s := range st.Workflow.Steps {
		for _, t := range s.External {
			e.Outside = append(e.Outside, OutsideWait{s.Name, st.Workflow.Types[t].Name})
		}
	}
	e.Joins = st.explainJoins()
	for _, a := range st.awaits {
		w := AwaitWait{
			ID: uint64(a.id), Step: a.exec.Step.Name, Execution: uint64(a.exec.ID), Key: a.key, Prompt: a.prompt.Prompt,
			Type: st.Workflow.Types[a.typ].Name, Since: stamp(a.since),
		}
		if a.prompt.Match != nil {
			w.Match, _ = json.Marshal(a.prompt.Match)
		}
		if a.timer.where > 0 {
			w.Due = stamp(a.timer.at)
		}
		e.Awaits = append(e.Awaits, w)
	}
	return e
}

// OpenAwaits returns the awaits of a run and its sub-workflows, by their identifiers.
func (e *Explanation) OpenAwaits() []AwaitWait {
	all := slices.Clone(e.Awaits)
	for _, sub := range e.Runs {
		all = append(all, sub.OpenAwaits()...)
	}
	slices.SortFunc(all, func(a, b AwaitWait) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// explainJoins lists the joins and collects that wait for events.
func (st *State) explainJoins() (waits []JoinWait) {
	for _, id := range slices.Sorted(maps.Keys(st.scopes)) {
		sc := st.scopes[id]
		if sc.joinType < 0 {
			continue
		}
		for i, join := range st.Workflow.Types[sc.joinType].Joins {
			if sc.hasFired(i) {
				continue
			}
			needs := fmt.Sprintf("%d open in the fan-out of %q", sc.open, sc.step.Name)
			if !sc.ended {
				needs += ", which still yields"
			}
			waits = append(waits, JoinWait{join.Name, len(sc.arrivedFor(join)), needs})
		}
	}
	for _, c := range st.collects {
		n := 0
		for _, q := range c.got {
			n += len(q)
		}
		waits = append(waits, JoinWait{c.step.Name, n, st.missing(c)})
	}
	return waits
}

// dateTime is the layout of instants that may be days away.
const dateTime = "2006-01-02 15:04:05"

// String returns the explanation in lines for a person.
func (e Explanation) String() string {
	var b strings.Builder
	switch {
	case e.Ended:
		fmt.Fprintf(&b, "run %s has ended\n", e.Run)
	case e.Suspended:
		fmt.Fprintf(&b, "run %s is suspended\n", e.Run)
	case e.Cleans:
		fmt.Fprintf(&b, "run %s cleans up\n", e.Run)
	case e.Paused:
		fmt.Fprintf(&b, "run %s is paused\n", e.Run)
	default:
		fmt.Fprintf(&b, "run %s\n", e.Run)
	}
	for _, s := range e.Steps {
		fmt.Fprintf(&b, "  step %s: %d running, %d queued, %d of its workers free\n", s.Step, s.Running, s.Queued, s.Free)
	}
	for _, r := range e.Retries {
		most := ""
		if r.Attempts > 0 {
			most = fmt.Sprintf(" of %d", r.Attempts)
		}
		fmt.Fprintf(&b, "  step %s: attempt %d%s is due at %s, after: %s\n", r.Step, r.Attempt, most, r.Due.Format(time.TimeOnly), r.Error)
	}
	for _, j := range e.Joins {
		fmt.Fprintf(&b, "  step %s: has %d, needs %s\n", j.Step, j.Have, j.Needs)
	}
	for _, a := range e.Awaits {
		fmt.Fprintf(&b, "  step %s: awaits %s as %q", a.Step, a.Type, a.Key)
		if len(a.Match) > 0 {
			fmt.Fprintf(&b, " that matches %s", a.Match)
		}
		if !a.Due.IsZero() {
			fmt.Fprintf(&b, " until %s", a.Due.Format(dateTime))
		}
		b.WriteByte('\n')
	}
	for _, s := range e.Sleeps {
		fmt.Fprintf(&b, "  step %s: sleeps as %q until %s\n", s.Step, s.Key, s.Due.Format(dateTime))
	}
	for _, o := range e.Outside {
		fmt.Fprintf(&b, "  step %s: takes %s from outside\n", o.Step, o.Type)
	}
	for _, r := range e.Runs {
		b.WriteString("  " + strings.ReplaceAll(strings.TrimSuffix(r.String(), "\n"), "\n", "\n  ") + "\n")
	}
	return b.String()
}
