package fold

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"weft/flow/internal/schema"
)

// validate returns what is wrong with the workflow itself, without those within it.
func (w *Workflow) validate() (found []Finding) {
	say := func(where, what, mend string) { found = append(found, Finding{what, where, mend}) }
	if len(w.Steps) == 0 {
		say("the workflow", "it has no steps", "add one with flow.Step")
		return found
	}
	stop := w.Types[w.Out].Name
	if w.In == w.Out {
		say("the workflow", "its start event and its stop event are both "+stop, "give one of them a type of its own: a run ends as soon as there is a stop event")
		return found
	}
	in := w.Types[w.In]
	if len(in.Takers) == 0 && len(in.Joins) == 0 && w.In != w.Out {
		say("the workflow", "no step takes the start event "+in.Name, "add a step whose function takes a "+in.Name)
	}
	made := map[int]bool{w.In: true}
	for i, ty := range w.Types {
		made[i] = made[i] || ty.External
	}
	from := map[int][]string{}
	for _, s := range w.Steps {
		for _, t := range append(slices.Clone(s.Outs), s.Sends...) {
			made[t] = true
			if n := fmt.Sprintf("step %q", s.Name); !slices.Contains(from[t], n) {
				from[t] = append(from[t], n)
			}
		}
	}
	if !made[w.Out] || w.In == w.Out {
		say("the workflow", "no step gives the stop event "+stop, "let a step return a "+stop)
	}
	for i, ty := range w.Types {
		for _, s := range append(slices.Clone(ty.Takers), ty.Joins...) {
			switch {
			case i == w.Out:
				say(fmt.Sprintf("step %q", s.Name), "it takes the stop event "+ty.Name, "take another event; the stop event ends the run")
			case !made[i]:
				say(fmt.Sprintf("step %q", s.Name), "no step gives "+ty.Name+", which it takes", "let a step return or send a "+ty.Name+", declare with flow.External that it comes from outside, or remove the step")
			}
		}
		if made[i] && i != w.Out && i != w.In && len(ty.Takers) == 0 && len(ty.Joins) == 0 && !ty.Awaited {
			say(strings.Join(from[i], ", "), "no step takes "+ty.Name, "add a step whose function takes a "+ty.Name+", or do not give it")
		}
	}
	for _, s := range w.Steps {
		if s.Kind != CleanupStep && s.Gives.Kind() == reflect.Interface && len(s.Outs) == 0 {
			say(fmt.Sprintf("step %q", s.Name), fmt.Sprintf("no known event implements %v, which it returns", s.Gives), "let the events that it may return implement it, and add steps that take them")
		}
	}
	w.validateTypes(say)
	w.validateReach(say)
	w.validateJoins(say)
	w.validateRecovery(say)
	return found
}

// validateTypes finds event types that do not survive encoding to JSON and decoding.
func (w *Workflow) validateTypes(say func(where, what, mend string)) {
	for _, ty := range w.Types {
		if ty.Go == reflect.TypeFor[Failure]() {
			continue // a Failure has an encoding of its own
		}
		for _, p := range schema.Problems(ty.Go, false) {
			what, _, _ := strings.Cut(p.String(), "; ")
			say("event "+ty.Name, what, p.Mend)
		}
	}
}

// validateReach finds steps that nothing leads to and steps from which nothing leads to the end.
func (w *Workflow) validateReach(say func(where, what, mend string)) {
	reached := map[*Step]bool{}
	var visit func(t int)
	enter := func(s *Step) {
		if reached[s] {
			return
		}
		reached[s] = true
		for _, t := range w.after(s) {
			visit(t)
		}
		if s.recoveredBy != nil {
			reached[s.recoveredBy] = true
		}
	}
	visit = func(t int) {
		for _, s := range append(slices.Clone(w.Types[t].Takers), w.Types[t].Joins...) {
			enter(s)
		}
	}
	visit(w.In)
	for i, ty := range w.Types {
		if ty.External {
			visit(i)
		}
	}
	ends := map[*Step]bool{}
	for again := true; again; {
		again = false
		for _, s := range w.Steps {
			if ends[s] {
				continue
			}
			out := w.after(s)
			if s.Kind == FanOutStep && s.joinType >= 0 {
				out = append(out, s.joinType)
			}
			for _, t := range out {
				if t == w.Out || slices.ContainsFunc(append(slices.Clone(w.Types[t].Takers), w.Types[t].Joins...), func(u *Step) bool { return ends[u] }) {
					ends[s], again = true, true
					break
				}
			}
		}
	}
	for _, s := range w.Steps {
		where := fmt.Sprintf("step %q", s.Name)
		if !reached[s] && s.Kind != RecoveryStep && s.Kind != CleanupStep && w.produced(s) {
			say(where, "nothing leads to it from the start event", "let a step that is reached give what it takes, or remove it")
		}
		if !ends[s] && !slices.Contains(w.after(s), w.Out) && w.consumed(s) {
			say(where, "the stop event "+w.Types[w.Out].Name+" cannot be reached from it", "let it, or a step after it, lead to a step that returns the stop event")
		}
	}
}

// produced reports whether some step gives each type that a step takes. If it does not, another
// finding says so.
func (w *Workflow) produced(s *Step) bool {
	for _, t := range s.Takes {
		if t == w.In || w.Types[t].External {
			continue
		}
		if !slices.ContainsFunc(w.Steps, func(u *Step) bool { return slices.Contains(u.Outs, t) || slices.Contains(u.Sends, t) }) {
			return false
		}
	}
	return true
}

// consumed reports whether any step takes one of the types that s gives. If none does, another
// finding says so.
func (w *Workflow) consumed(s *Step) bool {
	return slices.ContainsFunc(w.after(s), func(t int) bool {
		return len(w.Types[t].Takers) > 0 || len(w.Types[t].Joins) > 0
	})
}

func (w *Workflow) validateJoins(say func(where, what, mend string)) {
	for _, s := range w.Steps {
		if s.Kind != JoinStep {
			continue
		}
		if !slices.ContainsFunc(w.Steps, func(f *Step) bool { return f.Kind == FanOutStep && f.joinType == s.Takes[0] }) {
			say(fmt.Sprintf("step %q", s.Name), "it joins "+w.Types[s.Takes[0]].Name+", but no fan-out leads to it", "add a step with flow.Each before it, or take one event at a time")
		}
	}
}

func (w *Workflow) validateRecovery(say func(where, what, mend string)) {
	claimed := map[string]string{}
	all := ""
	for _, s := range w.Steps {
		if s.Kind != RecoveryStep {
			continue
		}
		where := fmt.Sprintf("recovery step %q", s.Name)
		if len(s.Covers) == 0 {
			if all != "" {
				say(where, fmt.Sprintf("all steps are covered by %q already", all), "name the steps that it covers with flow.Covers")
			}
			all = s.Name
		}
		for _, name := range s.Covers {
			covered := w.stepNamed(name)
			switch {
			case covered == nil:
				say(where, fmt.Sprintf("it covers %q, which is no step", name), "correct the name in flow.Covers")
			case covered.Kind == RecoveryStep:
				say(where, fmt.Sprintf("it covers %q, which is a recovery step", name), "recovery steps are not recovered; handle the error in it")
			case covered.Kind == CleanupStep:
				say(where, fmt.Sprintf("it covers %q, which is a clean-up step", name), "clean-up steps are not recovered; handle the error in it")
			case claimed[name] != "":
				say(where, fmt.Sprintf("it covers %q, which %q covers already", name, claimed[name]), "leave it to one of them")
			default:
				claimed[name] = s.Name
			}
		}
	}
}

var endless = Finding{
	"it stands within itself, and no run of it could end before the one within has ended", "the workflow",
	"let something lead from the start event to the stop event without it, or back to a step instead of to a workflow",
}

// withinItself reports whether a workflow is a step of one of its steps.
func (w *Workflow) withinItself() bool {
	return slices.ContainsFunc(w.Steps, func(s *Step) bool { return s.Kind == NestedStep && slices.Contains(s.Sub.Within(), w) })
}

// thatEnd returns the workflows whose runs can end, as far as that depends on their sub-workflows.
func thatEnd(all []*Workflow) map[*Workflow]bool {
	can := map[*Workflow]bool{}
	for again := true; again; {
		again = false
		for _, w := range all {
			if !can[w] && w.ends(can) {
				can[w], again = true, true
			}
		}
	}
	return can
}

// ends reports whether a path leads from the start event to the stop event without a workflow that
// cannot end. A step that the start event triggers always begins.
func (w *Workflow) ends(can map[*Workflow]bool) bool {
	seen, queue := map[int]bool{}, []int{w.In}
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		if seen[t] {
			continue
		}
		seen[t] = true
		for _, s := range append(slices.Clone(w.Types[t].Takers), w.Types[t].Joins...) {
			switch {
			case s.Kind != NestedStep || can[s.Sub]:
				queue = append(queue, w.after(s)...)
			case t == w.In:
				return false
			}
		}
	}
	return seen[w.Out]
}
