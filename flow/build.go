package flow

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// given registers what a step returns, as far as it is one concrete type.
func (c *core) given(t reflect.Type, name string) {
	switch {
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		panic(fmt.Sprintf("flow: %s: step %q returns %v, which says nothing about its events; declare an interface that only they implement", c.name, name, t))
	case t.Kind() == reflect.Interface:
	case t.Kind() == reflect.Pointer:
		c.typeOf(t.Elem(), "what step "+name+" gives")
	default:
		c.typeOf(t, "what step "+name+" gives")
	}
}

// resolving is held by who makes workflows ready, because one looks at those within it, which may be within others too.
var resolving sync.Mutex

// resolve makes a workflow, and those within it, ready to run.
func (c *core) resolve() {
	resolving.Lock()
	defer resolving.Unlock()
	for _, d := range c.within(nil) {
		d.resolveAlone()
	}
}

// within returns the workflow and all that it has as steps.
func (c *core) within(seen []*core) []*core {
	if slices.Contains(seen, c) {
		return seen
	}
	seen = append(seen, c)
	for _, s := range c.steps {
		if s.kind == nested {
			seen = s.sub.within(seen)
		}
	}
	return seen
}

// check returns the findings about a workflow and those within it.
func (c *core) check() error {
	c.resolve()
	e := &InvalidError{Workflow: c.name}
	all := c.within(nil)
	can := thatEnd(all)
	for _, d := range all {
		broken := slices.Clip(d.broken)
		if !can[d] && d.withinItself() {
			broken = append(broken, endless)
		}
		for _, f := range broken {
			if d != c {
				f.Where = fmt.Sprintf("workflow %q: %s", d.name, f.Where)
			}
			e.Findings = append(e.Findings, f)
		}
	}
	if len(e.Findings) == 0 {
		return nil
	}
	return e
}

// checkOnce is check, remembered.
func (c *core) checkOnce() error {
	if !c.checked.Load() {
		if err := c.check(); err != nil {
			return err
		}
		c.checked.Store(true)
	}
	return nil
}

// resolveAlone turns the steps' types into the tables that the engine routes by. It runs once.
func (c *core) resolveAlone() {
	c.build.Do(func() {
		c.built = true
		for _, d := range c.within(nil)[1:] { // a reply from outside reaches the awaits within
			for _, s := range d.steps {
				for _, t := range s.awaits {
					c.types[c.typeOf(d.types[t].rt, "what step "+s.name+" awaits")].awaited = true
				}
			}
		}
		for _, s := range c.steps {
			s.outs, s.only = c.implementors(s.gives), -1
			if k := s.gives.Kind(); k != reflect.Interface && k != reflect.Pointer {
				s.only = s.outs[0]
			}
			for _, t := range s.awaits {
				c.types[t].awaited = true
			}
			if s.kind == recovery {
				continue
			}
			for i, t := range s.takes {
				ty := c.types[t]
				switch {
				case s.kind == join:
					ty.joins = append(ty.joins, s)
				case !slices.Contains(s.takes[:i], t):
					ty.takers = append(ty.takers, s)
				}
			}
		}
		c.resolveRecovery()
		c.resolveJoins()
		c.resolveLimits()
		c.serial = c.cfg.Timeout == 0 && !slices.ContainsFunc(c.steps, (*step).mayOverlap) &&
			!slices.ContainsFunc(c.types, func(t *eventType) bool { return len(t.takers) > 1 })
		c.broken = c.validate()
	})
}

// mayOverlap reports whether an execution of the step can go on beside another, or ends otherwise than by its own doing.
func (s *step) mayOverlap() bool {
	return s.kind != single && s.kind != recovery || s.timeout > 0 || len(s.sends) > 0 || len(s.awaits) > 0
}

// implementors returns the known types that a value of the declared type t may have.
func (c *core) implementors(t reflect.Type) (all []int) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Interface {
		return []int{c.byType[t]}
	}
	for i, ty := range c.types {
		if ty.rt.Implements(t) || reflect.PointerTo(ty.rt).Implements(t) {
			all = append(all, i)
		}
	}
	return all
}

func (c *core) resolveRecovery() {
	for _, r := range c.steps {
		if r.kind != recovery {
			continue
		}
		for _, s := range c.steps {
			if s.kind == recovery {
				continue
			}
			if slices.Contains(r.covers, s.name) || len(r.covers) == 0 && s.recovers == nil {
				s.recovers = r
			}
		}
	}
	for _, r := range c.steps { // a step that is named goes to who names it, not to who takes all
		for _, name := range r.covers {
			if i, ok := c.byStep[name]; ok && c.steps[i].kind != recovery {
				c.steps[i].recovers = r
			}
		}
	}
}

// after returns the types that may come of an event of type t in one step that is no join, and whether they are in a
// scope of that step.
func (c *core) after(s *step) []int {
	out := append(slices.Clone(s.outs), s.sends...)
	if s.recovers != nil {
		out = append(out, s.recovers.outs...)
		out = append(out, s.recovers.sends...)
	}
	return out
}

// reach walks from the given types through steps that are no joins, nearest first, and returns the type that the nearest
// join takes (-1: there is none) and the fan-outs on the way. A fan-out within that has a join of its own is left by what
// that join gives.
func (c *core) reach(from []int, of *step) (joined int, inner []*step) {
	joined = -1
	seen, queue := map[int]bool{}, slices.Clone(from)
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		if seen[t] {
			continue
		}
		seen[t] = true
		if len(c.types[t].joins) > 0 && joined < 0 {
			joined = t
		}
		for _, s := range c.types[t].takers {
			if s.kind != fanOut || s == of || s.scopes < 0 {
				queue = append(queue, c.after(s)...)
			} else {
				queue = append(queue, s.sends...)
				for _, j := range c.types[s.scopes].joins {
					queue = append(queue, c.after(j)...)
				}
			}
			if s.kind == fanOut && s != of && !slices.Contains(inner, s) {
				inner = append(inner, s)
			}
		}
	}
	return joined, inner
}

// resolveJoins says for every fan-out which join ends it: like brackets, from the innermost outwards, each has the nearest
// join that is left. A fan-out for which none is left takes that of the nearest one within it, whose branches then belong
// to the outer scope.
func (c *core) resolveJoins() {
	within := map[*step][]*step{}
	var all []*step
	for _, s := range c.steps {
		if s.kind == fanOut {
			all = append(all, s)
			_, within[s] = c.reach(c.after(s), s)
		}
	}
	depth := map[*step]int{}
	var measure func(s *step, path []*step) int
	measure = func(s *step, path []*step) int {
		n := 0
		for _, in := range within[s] {
			if !slices.Contains(path, in) {
				n = max(n, 1+measure(in, append(path, in)))
			}
		}
		return n
	}
	for _, s := range all {
		depth[s] = measure(s, []*step{s})
	}
	for i, s := range all { // of two that are within each other, the first that was added is the outer one
		for _, o := range all[:i] {
			if slices.Contains(within[s], o) && slices.Contains(within[o], s) && depth[s] >= depth[o] {
				depth[s] = depth[o] - 1
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *step) int { return depth[a] - depth[b] })
	for _, s := range all {
		if s.scopes, _ = c.reach(c.after(s), s); s.scopes >= 0 {
			continue
		}
		for _, in := range within[s] {
			if in.scopes >= 0 && depth[in] <= depth[s] {
				s.scopes = in.scopes
				break
			}
		}
		for _, in := range within[s] {
			if s.scopes >= 0 && in.scopes == s.scopes {
				in.scopes = -1
			}
		}
	}
}

// resolveLimits bounds how many branches of a fan-out may wait for a worker, except where the branches go to a fan-out
// that may itself wait for this one.
func (c *core) resolveLimits() {
	feeds := func(s *step) (all []*step) {
		for _, t := range s.outs {
			for _, u := range c.types[t].takers {
				if u.kind == fanOut {
					all = append(all, u)
				}
			}
		}
		return all
	}
	for _, s := range c.steps {
		if s.kind != fanOut {
			continue
		}
		seen, queue := map[*step]bool{}, feeds(s)
		for len(queue) > 0 {
			u := queue[0]
			queue = queue[1:]
			if !seen[u] {
				seen[u] = true
				queue = append(queue, feeds(u)...)
			}
		}
		if seen[s] {
			continue
		}
		for _, t := range s.outs {
			for _, u := range c.types[t].takers {
				s.limit = max(s.limit, 4*u.workers)
			}
		}
	}
}
