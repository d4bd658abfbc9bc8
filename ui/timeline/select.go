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

func (m *Model) relation(r row) relation {
	if r.key == m.selected {
		return self
	}
	sel := m.selected.step
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
	v := m.View()
	cause, effect := v.Connected(s, sel), v.Connected(sel, s)
	if m.picked != nil {
		k := m.relatives()
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
func (m *Model) relatives() *kin {
	if m.kin.exec == m.picked && m.kin.of == m.laid {
		return &m.kin
	}
	set := func(es []*run.Execution) map[relative]bool {
		s := map[relative]bool{}
		for _, e := range es {
			s[relative{e.Step, nil}], s[relative{e.Step, e}] = true, true
		}
		return s
	}
	v := m.View()
	m.kin = kin{m.laid, m.picked, set(m.picked.Causes(v)), set(m.picked.Effects(v))}
	return &m.kin
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

// Selected returns the selected step and execution. Of a step with many executions it is the one
// chosen with Cause and Effect, or the last that had begun at the moment that is shown. Both are
// nil if the run as a whole is selected.
func (m *Model) Selected() (*run.Step, *run.Execution) {
	s := m.selected.step
	if s == nil {
		return nil, nil
	}
	v := m.View()
	if m.picked != nil && v.Execution(m.picked.ID) != nil {
		return s, m.picked
	}
	if es := v.Executions(s); len(es) > 0 {
		return s, es[len(es)-1]
	}
	return s, nil
}

func (m *Model) choose(k key) {
	m.held = false
	if k != m.selected || m.picked != k.exec {
		m.selected, m.picked = k, k.exec
		if k.kind == executionRow || k.kind == attemptRow {
			m.folds[k.step] = false // keep the step unfolded when more executions begin
		}
		m.version++
	}
	m.reveal()
}

// Select selects an execution: its own row if it has one, otherwise that of its step. It unfolds
// the rows that hide it.
func (m *Model) Select(e *run.Execution) {
	if e == nil {
		return
	}
	for p := e.Step.Workflow.Parent; p != nil; p = p.Step.Workflow.Parent {
		m.folds[p.Step] = false
	}
	m.workers = false
	m.version++
	m.layout()
	k := key{kind: executionRow, step: e.Step, exec: e}
	if m.index(k) < 0 {
		k = key{kind: stepRow, step: e.Step}
	}
	m.choose(k)
	m.picked = e
	m.version++
}

// SelectPlanned selects the row of a step that has not started, and reports whether it has one.
func (m *Model) SelectPlanned(name string) bool {
	m.layout()
	k := key{kind: plannedRow, plan: name}
	found := m.index(k) >= 0
	if found {
		m.choose(k)
	}
	return found
}

// SelectRun selects the run as a whole, which dims no row.
func (m *Model) SelectRun() { m.choose(key{kind: workflowRow}) }

// Move selects the row n rows further down, or up if n is negative.
func (m *Model) Move(n int) {
	m.layout()
	total := m.count()
	if total == 0 {
		return
	}
	i := max(0, m.index(m.selected))
	dir := 1
	if n < 0 {
		n, dir = -n, -1
	}
	at := i
	for n > 0 {
		i += dir
		r, ok := m.row(i)
		if !ok {
			break
		}
		if !r.kind.detail() {
			at = i
			n--
		}
	}
	if r, ok := m.row(at); ok {
		m.choose(r.key)
	}
}

// First selects the first row.
func (m *Model) First() { m.SelectRun() }

// Last selects the last row.
func (m *Model) Last() { m.Move(1 << 30) }

// reveal scrolls so that the selected row and the detail row below it are visible.
func (m *Model) reveal() {
	m.layout()
	rows, _, _ := m.height()
	i := m.index(m.selected)
	if i < 0 || rows <= 0 {
		return
	}
	last := i
	if r, ok := m.row(i + 1); ok && r.kind.detail() && rows > 1 {
		last++ // include the detail row
	}
	m.top = max(min(m.top, i), last-rows+1, 0)
}

// Scroll moves the rows by n without changing the selection.
func (m *Model) Scroll(n int) {
	m.layout()
	rows, _, _ := m.height()
	if top := max(0, min(m.top+n, m.count()-rows)); top != m.top {
		m.top, m.held = top, true
		m.version++
	}
}

// Cause selects the execution whose event started the selected one, and reports whether there is
// one.
func (m *Model) Cause() bool {
	_, e := m.Selected()
	if e == nil {
		return false
	}
	if cs := e.Causes(m.View()); len(cs) > 0 {
		m.Select(cs[0])
		return true
	}
	if p := e.Step.Workflow.Parent; p != nil {
		m.Select(p)
		return true
	}
	return false
}

// Effect selects the first execution that an event of the selected one started, or that works under
// it, and reports whether there is one. From the run as a whole it moves to the execution that
// began first.
func (m *Model) Effect() bool {
	v := m.View()
	_, e := m.Selected()
	w := v.Root()
	if e != nil {
		if es := e.Effects(v); len(es) > 0 {
			m.Select(es[0])
			return true
		}
		if w = nil; len(v.SubWorkflows(e)) > 0 {
			w = v.SubWorkflows(e)[0]
		}
	}
	if steps := v.Steps(w); len(steps) > 0 {
		m.Select(v.Executions(steps[0])[0])
		return true
	}
	return false
}

// Failure selects the execution at the origin of the last failure, and reports whether anything
// failed. If a sub-workflow failed, it selects the step in it that failed; if no execution failed,
// as in a run that reached its timeout, the step that was at work.
func (m *Model) Failure() bool {
	v := m.View()
	if v.Run() == nil {
		return false
	}
	var origin *run.Execution
	fs := v.Failures()
	for i := len(fs) - 1; i >= 0; i-- {
		e := v.Execution(v.Record(fs[i]).Execution)
		if e != nil && (origin == nil || e.Step.Workflow.Parent == origin) {
			origin = e
		}
	}
	if es := v.Interrupted(); origin == nil && len(es) > 0 {
		origin = es[0]
	}
	m.Select(origin)
	return origin != nil
}

// Toggle folds or unfolds the selected step, and reports whether there is anything to fold.
func (m *Model) Toggle() bool {
	s := m.selected.step
	if s == nil || m.workers {
		return false
	}
	v := m.run.Now()
	if !foldable(v, s) {
		return false
	}
	m.folds[s] = m.unfolded(v, s)
	if m.selected.kind != stepRow {
		m.selected, m.picked = key{kind: stepRow, step: s}, nil
	}
	m.version++
	m.reveal()
	return true
}
