package timeline

import (
	"fmt"
	"math"
	"time"

	"weft/ui/run"
)

// Planned returns the name of the selected step if it has not started; otherwise "".
func (m *Model) Planned() string {
	if m.selection.key.kind == plannedRow {
		return m.selection.key.plan
	}
	return ""
}

// Place describes the selection: its row, the number of rows, and a text for rows that are neither
// a step nor an execution (a step that has not started, an attempt, or a worker).
func (m *Model) Place() (row, rows int, what string) {
	m.layout()
	k := m.selection.key
	switch k.kind {
	case plannedRow:
		what = k.plan + ": not started"
	case attemptRow:
		what = fmt.Sprintf("attempt %d of %s", k.sub.Attempt, k.step.Name)
	case workerRow:
		what = fmt.Sprintf("worker %d", k.work.Number)
		if p := k.step.Workflow.Parent; p != nil && len(m.View().Executions(p.Step)) > 1 {
			what += fmt.Sprintf(" in %s %d", p.Step.Name, p.Number)
		}
	}
	return m.tree.index(k) + 1, m.tree.count(), what
}

// CriticalShare returns which part of the run an execution took on the critical path, from 0 to 1;
// false if it is not on it.
func (m *Model) CriticalShare(e *run.Execution) (float64, bool) {
	if m.cursor.run == nil || e == nil || !m.critical.update(m.View()).has(e) {
		return 0, false
	}
	v := m.View()
	until := m.cursor.elapsed()
	var took time.Duration
	for s := range e.Spans(v) {
		to := until
		if s.To != 0 {
			to = v.Time(s.To)
		}
		took += to - v.Time(s.From)
	}
	return float64(took) / math.Max(float64(until), 1), true
}
