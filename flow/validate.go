package flow

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// An InvalidError is all that is wrong with a workflow's graph.
type InvalidError struct {
	Workflow string
	Findings []Finding
}

// A Finding is one thing that is wrong: what it is, where, and how to mend it.
type Finding struct{ What, Where, Mend string }

func (f Finding) String() string { return f.Where + ": " + f.What + "; " + f.Mend }

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = "\n  " + f.String()
	}
	return fmt.Sprintf("flow: workflow %q cannot run:%s", e.Workflow, strings.Join(lines, ""))
}

// Check returns what is wrong with the workflow's graph: nil, or an *[InvalidError] with all findings. The first run does
// the same. After it the workflow can no longer be changed.
func (w *Workflow[In, Out]) Check() error {
	return w.c.check()
}

func (c *core) validate() (found []Finding) {
	say := func(where, what, mend string) { found = append(found, Finding{what, where, mend}) }
	if len(c.steps) == 0 {
		say("the workflow", "it has no steps", "add one with flow.Step")
		return found
	}
	stop := c.types[c.out].name
	in := c.types[c.in]
	if len(in.takers) == 0 && len(in.joins) == 0 && c.in != c.out {
		say("the workflow", "no step takes the start event "+in.name, "add a step whose function takes a "+in.name)
	}
	made := map[int]bool{c.in: true}
	from := map[int][]string{}
	for _, s := range c.steps {
		for _, t := range append(slices.Clone(s.outs), s.sends...) {
			made[t] = true
			if n := fmt.Sprintf("step %q", s.name); !slices.Contains(from[t], n) {
				from[t] = append(from[t], n)
			}
		}
	}
	if !made[c.out] || c.in == c.out {
		say("the workflow", "no step gives the stop event "+stop, "let a step return a "+stop)
	}
	for i, ty := range c.types {
		for _, s := range append(slices.Clone(ty.takers), ty.joins...) {
			switch {
			case i == c.out:
				say(fmt.Sprintf("step %q", s.name), "it takes the stop event "+ty.name, "take another event; the stop event ends the run")
			case !made[i]:
				say(fmt.Sprintf("step %q", s.name), "no step gives "+ty.name+", which it takes", "let a step return or send a "+ty.name+", or remove the step")
			}
		}
		if made[i] && i != c.out && i != c.in && len(ty.takers) == 0 && len(ty.joins) == 0 && !ty.awaited {
			say(strings.Join(from[i], ", "), "no step takes "+ty.name, "add a step whose function takes a "+ty.name+", or do not give it")
		}
	}
	for _, s := range c.steps {
		if s.gives.Kind() == reflect.Interface && len(s.outs) == 0 {
			say(fmt.Sprintf("step %q", s.name), fmt.Sprintf("no known event implements %v, which it returns", s.gives), "let the events that it may return implement it, and add steps that take them")
		}
	}
	c.validateReach(say)
	c.validateJoins(say)
	c.validateRecovery(say)
	return found
}

// validateReach finds steps that nothing leads to and steps from which nothing leads to the end.
func (c *core) validateReach(say func(where, what, mend string)) {
	reached := map[*step]bool{}
	var visit func(t int)
	enter := func(s *step) {
		if reached[s] {
			return
		}
		reached[s] = true
		for _, t := range c.after(s) {
			visit(t)
		}
		if s.recovers != nil {
			reached[s.recovers] = true
		}
	}
	visit = func(t int) {
		for _, s := range append(slices.Clone(c.types[t].takers), c.types[t].joins...) {
			enter(s)
		}
	}
	visit(c.in)
	ends := map[*step]bool{}
	for again := true; again; {
		again = false
		for _, s := range c.steps {
			if ends[s] {
				continue
			}
			out := c.after(s)
			if s.kind == fanOut && s.scopes >= 0 {
				out = append(out, s.scopes)
			}
			for _, t := range out {
				if t == c.out || slices.ContainsFunc(append(slices.Clone(c.types[t].takers), c.types[t].joins...), func(u *step) bool { return ends[u] }) {
					ends[s], again = true, true
					break
				}
			}
		}
	}
	for _, s := range c.steps {
		where := fmt.Sprintf("step %q", s.name)
		if !reached[s] && s.kind != recovery && c.produced(s) {
			say(where, "nothing leads to it from the start event", "let a step that is reached give what it takes, or remove it")
		}
		if !ends[s] && !slices.Contains(c.after(s), c.out) && c.consumed(s) {
			say(where, "the stop event "+c.types[c.out].name+" cannot be reached from it", "let it, or a step after it, lead to a step that returns the stop event")
		}
	}
}

// produced reports whether all that a step takes is given by some step: otherwise that was said already.
func (c *core) produced(s *step) bool {
	for _, t := range s.takes {
		if t == c.in {
			continue
		}
		if !slices.ContainsFunc(c.steps, func(u *step) bool { return slices.Contains(u.outs, t) || slices.Contains(u.sends, t) }) {
			return false
		}
	}
	return true
}

// consumed reports whether something that a step gives is taken: otherwise that was said already.
func (c *core) consumed(s *step) bool {
	return slices.ContainsFunc(c.after(s), func(t int) bool {
		return len(c.types[t].takers) > 0 || len(c.types[t].joins) > 0
	})
}

func (c *core) validateJoins(say func(where, what, mend string)) {
	for _, s := range c.steps {
		if s.kind != join {
			continue
		}
		if !slices.ContainsFunc(c.steps, func(f *step) bool { return f.kind == fanOut && f.scopes == s.takes[0] }) {
			say(fmt.Sprintf("step %q", s.name), "it joins "+c.types[s.takes[0]].name+", but no fan-out leads to it", "add a step with flow.Each before it, or take one event at a time")
		}
	}
}

func (c *core) validateRecovery(say func(where, what, mend string)) {
	claimed := map[string]string{}
	all := ""
	for _, s := range c.steps {
		if s.kind != recovery {
			continue
		}
		where := fmt.Sprintf("recovery step %q", s.name)
		if len(s.covers) == 0 {
			if all != "" {
				say(where, fmt.Sprintf("all steps are covered by %q already", all), "name the steps that it covers with flow.Covers")
			}
			all = s.name
		}
		for _, name := range s.covers {
			i, known := c.byStep[name]
			switch {
			case !known:
				say(where, fmt.Sprintf("it covers %q, which is no step", name), "correct the name in flow.Covers")
			case c.steps[i].kind == recovery:
				say(where, fmt.Sprintf("it covers %q, which is a recovery step", name), "recovery steps are not recovered; handle the error in it")
			case claimed[name] != "":
				say(where, fmt.Sprintf("it covers %q, which %q covers already", name, claimed[name]), "leave it to one of them")
			default:
				claimed[name] = s.name
			}
		}
	}
}

var endless = Finding{
	"it stands within itself, and no run of it could end before the one within has ended", "the workflow",
	"let something lead from the start event to the stop event without it, or back to a step instead of to a workflow",
}

// withinItself reports whether a workflow is a step of one of its steps.
func (c *core) withinItself() bool {
	return slices.ContainsFunc(c.steps, func(s *step) bool { return s.kind == nested && slices.Contains(s.sub.within(nil), c) })
}

// thatEnd returns those workflows of which a run can end, as far as it depends on what stands within them.
func thatEnd(all []*core) map[*core]bool {
	can := map[*core]bool{}
	for again := true; again; {
		again = false
		for _, c := range all {
			if !can[c] && c.ends(can) {
				can[c], again = true, true
			}
		}
	}
	return can
}

// ends reports whether something leads from the start event to the stop event without a workflow that cannot end. What the start
// event alone begins always begins.
func (c *core) ends(can map[*core]bool) bool {
	seen, queue := map[int]bool{}, []int{c.in}
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		if seen[t] {
			continue
		}
		seen[t] = true
		for _, s := range append(slices.Clone(c.types[t].takers), c.types[t].joins...) {
			switch {
			case s.kind != nested || can[s.sub]:
				queue = append(queue, c.after(s)...)
			case t == c.in:
				return false
			}
		}
	}
	return seen[c.out]
}
