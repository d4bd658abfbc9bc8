package flow

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// An Explanation says what a run is doing, and why what does not move does not.
type Explanation struct {
	Run     string         `json:"run"`
	Ended   bool           `json:"ended"`
	Paused  bool           `json:"paused"`
	Steps   []StepLoad     `json:"steps"` // those with executions
	Retries []RetryDue     `json:"retries,omitempty"`
	Joins   []JoinWait     `json:"joins,omitempty"`
	Awaits  []AwaitWait    `json:"awaits,omitempty"`
	Runs    []*Explanation `json:"runs,omitempty"` // sub-workflows
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
	Attempt   int       `json:"attempt"` // the next one
	Due       time.Time `json:"due"`
	Error     string    `json:"error"` // of the last one
}

// A JoinWait is a join or a collect that waits for events.
type JoinWait struct {
	Step  string `json:"step"`
	Have  int    `json:"have"`
	Needs string `json:"needs"`
}

// An AwaitWait is an execution that waits for the world.
type AwaitWait struct {
	Step      string          `json:"step"`
	Execution uint64          `json:"execution"`
	Key       string          `json:"key"`
	Type      string          `json:"type"`            // of the reply
	Match     json.RawMessage `json:"match,omitempty"` // the fields that it must have
	Due       time.Time       `json:"due,omitzero"`
}

// Explain says what the run is doing, and why what does not move does not.
func (r *Run[Out]) Explain() Explanation {
	r.r.mu.Lock()
	defer r.r.mu.Unlock()
	return *r.r.explain(r.r.t.root)
}

func (r *run) explain(st *state) *Explanation {
	e := &Explanation{Run: r.nameOf(st.sub), Ended: st.phase == over, Paused: r.t.paused}
	queued := make([]int, len(st.steps))
	for x := range st.executions() {
		switch x.status {
		case isReady, isQueued:
			queued[x.s.index]++
		case isDelayed:
			e.Retries = append(e.Retries, RetryDue{x.s.name, uint64(x.id), int(x.attempt) + 1, stamp(x.rare.timer.at), x.rare.fault.text})
		}
		if x.hosts() {
			e.Runs = append(e.Runs, r.explain(x.rare.child))
		}
	}
	for i, s := range st.c.steps {
		if l := &st.steps[i]; l.n+queued[i] > 0 {
			e.Steps = append(e.Steps, StepLoad{s.name, queued[i], l.n, max(0, s.workers-l.n)})
		}
	}
	for _, s := range st.snapshot(0).Scopes {
		sc := st.scopes[s.ID]
		if sc.typ < 0 {
			continue
		}
		for i, j := range st.c.types[sc.typ].joins {
			if sc.hasFired(i) {
				continue
			}
			needs := fmt.Sprintf("%d open in the fan-out of %q", sc.open, sc.s.name)
			if !sc.ended {
				needs += ", which still yields"
			}
			e.Joins = append(e.Joins, JoinWait{j.name, len(sc.of(j)), needs})
		}
	}
	for _, c := range st.sets {
		n := 0
		for _, q := range c.got {
			n += len(q)
		}
		e.Joins = append(e.Joins, JoinWait{c.s.name, n, strings.TrimPrefix(st.lacks(c), fmt.Sprintf("step %q misses ", c.s.name))})
	}
	for _, a := range st.awaits {
		w := AwaitWait{Step: a.x.s.name, Execution: uint64(a.x.id), Key: a.key, Type: st.c.types[a.typ].name}
		if a.ask.Match != nil {
			w.Match, _ = json.Marshal(a.ask.Match)
		}
		if a.timer.where > 0 {
			w.Due = stamp(a.timer.at)
		}
		e.Awaits = append(e.Awaits, w)
	}
	return e
}

// String says it in lines for a person.
func (e Explanation) String() string {
	var b strings.Builder
	switch {
	case e.Ended:
		fmt.Fprintf(&b, "run %s has ended\n", e.Run)
	case e.Paused:
		fmt.Fprintf(&b, "run %s is paused\n", e.Run)
	default:
		fmt.Fprintf(&b, "run %s\n", e.Run)
	}
	for _, s := range e.Steps {
		fmt.Fprintf(&b, "  step %s: %d running, %d queued, %d of its workers free\n", s.Step, s.Running, s.Queued, s.Free)
	}
	for _, r := range e.Retries {
		fmt.Fprintf(&b, "  step %s: attempt %d is due at %s, after: %s\n", r.Step, r.Attempt, r.Due.Format(time.TimeOnly), r.Error)
	}
	for _, j := range e.Joins {
		fmt.Fprintf(&b, "  step %s: has %d, needs %s\n", j.Step, j.Have, j.Needs)
	}
	for _, a := range e.Awaits {
		fmt.Fprintf(&b, "  step %s: awaits %s as %q", a.Step, a.Type, a.Key)
		if len(a.Match) > 0 {
			fmt.Fprintf(&b, " that matches %s", a.Match)
		}
		b.WriteByte('\n')
	}
	for _, r := range e.Runs {
		b.WriteString("  " + strings.ReplaceAll(strings.TrimSuffix(r.String(), "\n"), "\n", "\n  ") + "\n")
	}
	return b.String()
}
