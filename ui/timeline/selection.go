package timeline

import (
	"weft/ui/run"
)

// A relation is how a row relates to the selected one.
type relation uint8

const (
	plain     relation = iota // nothing is selected, or the row contains the selection
	self                      // the row is selected
	causing                   // events of the row started the selection
	effected                  // events of the selection started the row
	both                      // both, in a loop
	unrelated                 // the row is dimmed
)

// A selection is the selected row, and the execution chosen within it.
type selection struct {
	key    key
	picked *run.Execution // nil: none was chosen
	kin    kin
}

// set selects a row, and an execution within it unless that is nil.
func (l *selection) set(k key, picked *run.Execution) { l.key, l.picked = k, picked }

// execution returns the execution that was picked, or the last of the selected step that had begun
// at a moment; nil if there is none.
func (l *selection) execution(v run.View) *run.Execution {
	if l.picked != nil && v.Execution(l.picked.ID) != nil {
		return l.picked
	}
	if es := v.Executions(l.key.step); len(es) > 0 {
		return es[len(es)-1]
	}
	return nil
}

// relation returns how a row relates to the selection at a moment. laid is the state of the rows.
func (l *selection) relation(v run.View, laid layoutOf, r row) relation {
	if r.key == l.key {
		return self
	}
	sel := l.key.step
	if sel == nil || r.kind == workflowRow || r.kind.detail() {
		return plain
	}
	s := r.step
	if s == nil {
		return unrelated
	}
	if s == sel || within(sel, s) || within(s, sel) {
		return plain
	}
	cause, effect := v.Connected(s, sel), v.Connected(sel, s)
	if l.picked != nil {
		k := l.relatives(v, laid)
		cause, effect = k.causes[relative{s, r.exec}], k.effects[relative{s, r.exec}]
	}
	switch {
	case cause && effect:
		return both
	case cause:
		return causing
	case effect:
		return effected
	}
	return unrelated
}

// A relative is an execution, or its step where exec is nil.
type relative struct {
	step *run.Step
	exec *run.Execution
}

// A kin holds the causes and effects of the execution that was picked.
type kin struct {
	of              layoutOf
	exec            *run.Execution
	causes, effects map[relative]bool
}

// relatives returns the causes and effects of the selection. It computes them once per layout,
// because an execution may have thousands.
func (l *selection) relatives(v run.View, laid layoutOf) *kin {
	if l.kin.exec == l.picked && l.kin.of == laid {
		return &l.kin
	}
	set := func(es []*run.Execution) map[relative]bool {
		s := map[relative]bool{}
		for _, e := range es {
			s[relative{e.Step, nil}], s[relative{e.Step, e}] = true, true
		}
		return s
	}
	l.kin = kin{laid, l.picked, set(l.picked.Causes(v)), set(l.picked.Effects(v))}
	return &l.kin
}

// within reports whether a step belongs to a sub-workflow under outer.
func within(s, outer *run.Step) bool {
	for p := s.Workflow.Parent; p != nil; p = p.Step.Workflow.Parent {
		if p.Step == outer {
			return true
		}
	}
	return false
}
