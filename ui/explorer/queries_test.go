package explorer

import (
	"fmt"
	"testing"
)

// selected describes the focus, what is open and what is selected: the state that only keys, the
// mouse and the layout may change.
func (m *explorer) selected() string {
	row, rows, _ := m.timeline.chart.Place()
	step, execution := m.timeline.chart.Selected()
	_, line := m.inspector.details.Lines()
	node := ""
	if g := m.graph.graph.Selected(); g != nil {
		node = g.Name
	}
	var opened []string
	for _, p := range m.shell.opened {
		opened = append(opened, fmt.Sprintf("%p", p))
	}
	return fmt.Sprintf("focus %v alone %v opened %v overlay %p · row %d of %d, %p %p, instant %d · line %d · node %q · %q · form %p",
		m.shell.focus, m.shell.alone, opened, m.shell.overlay, row, rows, step, execution, m.timeline.instant(), line, node,
		m.question.line.Value(), m.form.front)
}

// query draws, speaks and asks for hints, and checks that this has changed nothing.
func (l *loop) query(t *testing.T) {
	t.Helper()
	m := l.m
	before := m.selected()
	m.shell.frames.dirty = true
	_ = m.View()
	p := m.shell.top()
	_, _ = p.Hints(), p.Prompt()
	_, _, _ = m.title(), m.status(), m.progressBar()
	_, _, _ = m.backLabel(), m.focusLabel(), m.followLabel()
	for i := range m.shell.commands {
		_ = m.shell.commands[i].blocked()
	}
	if m.runs.shown != nil {
		p.Speak(arrival{say: func(...string) {}, new: true, from: spot{pane: m.question, part: linePart}})
	}
	if after := m.selected(); after != before {
		t.Fatalf("drawing and speaking have changed the focus or the selection:\n%s\n%s", before, after)
	}
}
