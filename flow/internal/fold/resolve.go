package fold

import (
	"fmt"
	"reflect"
	"slices"

	"weft/flow/internal/schema"
)

// Resolve turns the types of the steps into the tables by which events are routed, for the workflow
// and its sub-workflows, and remembers the mistakes that it finds. It must not be called at the
// same time for two workflows that share a sub-workflow.
func (w *Workflow) Resolve() {
	for _, d := range w.Within() {
		d.resolveAlone()
	}
}

func (w *Workflow) resolveAlone() {
	if w.resolved {
		return
	}
	w.resolved = true
	for _, d := range w.Within()[1:] { // a reply from outside reaches the awaits of sub-workflows
		for _, s := range d.Steps {
			for _, t := range s.Awaits {
				w.Types[w.TypeOf(d.Types[t].Go, "what step "+s.Name+" awaits")].Awaited = true
			}
			for _, t := range s.External {
				w.Types[w.TypeOf(d.Types[t].Go, "what step "+s.Name+" takes from outside")].Awaited = true
			}
		}
	}
	w.adoptErrors()
	for _, ty := range w.Types {
		ty.Values, ty.Renames = schema.ValuesOf(ty.Go), schema.RenamesOf(ty.Go)
	}
	for _, s := range w.Steps {
		w.resolveTypes(s)
	}
	w.resolveRecovery()
	w.resolveJoins()
	w.resolveLimits()
	w.External = slices.ContainsFunc(w.Types, func(t *EventType) bool { return t.External })
	w.Serial = w.Timeout == 0 && !w.External && !slices.ContainsFunc(w.Steps, (*Step).mayOverlap) &&
		!slices.ContainsFunc(w.Types, func(t *EventType) bool { return len(t.Takers) > 1 })
	w.findings = w.validate()
}

// resolveTypes finds what a step may return and enters it where its events are taken.
func (w *Workflow) resolveTypes(s *Step) {
	if s.Only = -1; s.Kind == CleanupStep {
		w.cleanup = append(w.cleanup, s)
		return
	}
	s.Outs = w.implementors(s.Gives)
	for _, t := range s.Outs {
		s.OutTypes = append(s.OutTypes, w.Types[t].Go)
		s.OutValues = s.OutValues || w.Types[t].Values != nil
	}
	if k := s.Gives.Kind(); k != reflect.Interface && k != reflect.Pointer {
		s.Only = s.Outs[0]
	}
	for _, t := range s.Awaits {
		w.Types[t].Awaited = true
	}
	for _, t := range s.External {
		w.Types[t].External = true
	}
	if s.Kind == RecoveryStep {
		return
	}
	for i, t := range s.Takes {
		ty := w.Types[t]
		switch {
		case s.Kind == JoinStep:
			ty.Joins = append(ty.Joins, s)
		case !slices.Contains(s.Takes[:i], t):
			ty.Takers = append(ty.Takers, s)
		}
	}
}

// mayOverlap reports whether an execution of the step can run beside another one, or can be ended
// by a clock or an event from outside.
func (s *Step) mayOverlap() bool {
	return s.Kind != SingleStep && s.Kind != RecoveryStep || s.Timeout > 0 || len(s.Sends) > 0 || len(s.Awaits) > 0
}

// implementors returns the known types that a value of the declared type t may have.
func (w *Workflow) implementors(t reflect.Type) (all []int) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Interface {
		return []int{w.byType[t]}
	}
	for i, ty := range w.Types {
		if ty.Go.Implements(t) || reflect.PointerTo(ty.Go).Implements(t) {
			all = append(all, i)
		}
	}
	return all
}

// resolveRecovery finds the recovery step of each step. One that names a step has precedence over
// one that covers all.
func (w *Workflow) resolveRecovery() {
	for _, r := range w.Steps {
		if r.Kind != RecoveryStep {
			continue
		}
		for _, s := range w.Steps {
			if s.Kind == RecoveryStep || s.Kind == CleanupStep {
				continue
			}
			if slices.Contains(r.Covers, s.Name) || len(r.Covers) == 0 && s.recoveredBy == nil {
				s.recoveredBy = r
			}
		}
	}
	for _, r := range w.Steps {
		for _, name := range r.Covers {
			if s := w.stepNamed(name); s != nil && s.Kind != RecoveryStep && s.Kind != CleanupStep {
				s.recoveredBy = r
			}
		}
	}
}

// Check returns the findings about a resolved workflow and those within it: nil, or an
// *InvalidError with all of them.
func (w *Workflow) Check() error {
	e := &InvalidError{Workflow: w.Name}
	all := w.Within()
	can := thatEnd(all)
	for _, d := range all {
		findings := slices.Clip(d.findings)
		if !can[d] && d.withinItself() {
			findings = append(findings, endless)
		}
		for _, f := range findings {
			if d != w {
				f.Where = fmt.Sprintf("workflow %q: %s", d.Name, f.Where)
			}
			e.Findings = append(e.Findings, f)
		}
	}
	if len(e.Findings) == 0 {
		return nil
	}
	return e
}
