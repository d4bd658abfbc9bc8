package timeline

import (
	"weft/ui/run"
)

// Selected returns the selected step and execution. Of a step with many executions it is the one
// chosen with Cause and Effect, or the last that had begun at the moment that is shown. Both are
// nil if the run as a whole is selected.
func (m *Model) Selected() (*run.Step, *run.Execution) {
	s := m.selection.key.step
	if s == nil {
		return nil, nil
	}
	return s, m.selection.execution(m.View())
}

// choose selects a row and scrolls to it.
func (m *Model) choose(k key) {
	m.held = false
	if k != m.selection.key || m.selection.picked != k.exec {
		m.selection.set(k, k.exec)
		if k.kind == executionRow || k.kind == attemptRow {
			m.tree.folds[k.step] = false // keep the step unfolded when more executions begin
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
		m.tree.folds[p.Step] = false
	}
	m.tree.workers = false
	m.version++
	m.layout()
	k := key{kind: executionRow, step: e.Step, exec: e}
	if m.tree.index(k) < 0 {
		k = key{kind: stepRow, step: e.Step}
	}
	m.choose(k)
	m.selection.picked = e
	m.version++
}

// SelectPlanned selects the row of a step that has not started, and reports whether it has one.
func (m *Model) SelectPlanned(name string) bool {
	m.layout()
	k := key{kind: plannedRow, plan: name}
	found := m.tree.index(k) >= 0
	if found {
		m.choose(k)
	}
	return found
}

// SelectRun selects the first row: the run as a whole, which dims no row.
func (m *Model) SelectRun() { m.choose(key{kind: workflowRow}) }

// Move selects the row n rows further down, or up if n is negative.
func (m *Model) Move(n int) {
	m.layout()
	total := m.tree.count()
	if total == 0 {
		return
	}
	i := max(0, m.tree.index(m.selection.key))
	dir := 1
	if n < 0 {
		n, dir = -n, -1
	}
	at := i
	for n > 0 {
		i += dir
		r, ok := m.tree.row(i)
		if !ok {
			break
		}
		if !r.kind.detail() {
			at = i
			n--
		}
	}
	if r, ok := m.tree.row(at); ok {
		m.choose(r.key)
	}
}

// Last selects the last row.
func (m *Model) Last() { m.Move(1 << 30) }

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
