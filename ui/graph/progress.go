package graph

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// A state is how far a step is at the moment that is shown, in all workflows of its level together.
type state struct {
	count  run.Count
	symbol string
	style  theme.Style
	times  string // how often it was executed or, if once, tried; "" if once
	retry  bool   // times counts attempts
	took   string // how long it was at work
}

// details returns the count and the time of a step.
func (s *state) details() string {
	switch {
	case s.times == "":
		return s.took
	case s.took == "":
		return s.times
	}
	return s.times + " " + s.took
}

// workflows returns the running workflows that the innermost level shows: the run itself, or all
// sub-workflows of the step that was opened.
func (m *Model) workflows(v run.View) []*run.Workflow {
	root := v.Root()
	if root == nil || len(m.levels) == 1 && root.Name != m.levels[0].graph.Name {
		return nil
	}
	ws := []*run.Workflow{root}
	for i := range m.levels[:len(m.levels)-1] {
		var inner []*run.Workflow
		for _, s := range steps(v, ws, m.levels[i].selected) {
			inner = append(inner, v.Children(s)...)
		}
		ws = inner
	}
	return ws
}

// steps returns the steps with a name of several workflows.
func steps(v run.View, ws []*run.Workflow, name string) (ss []*run.Step) {
	for _, w := range ws {
		if s := v.Step(w, name); s != nil {
			ss = append(ss, s)
		}
	}
	return ss
}

func (m *Model) state(ws []*run.Workflow, name string) state {
	th, v := &m.theme, m.view
	st := state{symbol: status.NotStarted.Cell(), style: status.NotStarted.Style(th)}
	ss := steps(v, ws, name)
	if len(ss) == 0 {
		return st
	}
	for _, s := range ss {
		st.count = sum(st.count, s.Lane.Count(v))
	}
	is := status.OfCount(st.count)
	st.symbol, st.style = is.Cell(), is.Style(th)
	if is == status.Running && m.moves() && m.now.UnixNano()/int64(5*tick)%2 == 0 {
		st.symbol = "○"
	}
	switch c := st.count; {
	case c.Started > 1:
		st.times = times(int(c.Started))
	case c.Attempts > 1:
		st.times, st.retry = times(int(c.Attempts)), true
	}
	if st.count.Attempts > 0 {
		st.took = units.Duration(m.busy(ss))
	}
	return st
}

// times writes how often something happened, in at most five cells.
func times(n int) string {
	if n > 9999 {
		return fmt.Sprintf("×%dk", n/1000)
	}
	return fmt.Sprintf("×%d", n)
}

func sum(a, b run.Count) run.Count {
	for i := range a.In {
		a.In[i] += b.In[i]
	}
	a.Started += b.Started
	a.Attempts += b.Attempts
	a.Finished += b.Finished
	a.Failed += b.Failed
	a.Failures += b.Failures
	a.Cancelled += b.Cancelled
	return a
}

// busy returns how long at least one execution of the steps was running.
func (m *Model) busy(ss []*run.Step) (total time.Duration) {
	v := m.view
	until := v.Elapsed(time.Time{})
	if m.moves() {
		until = v.ActiveTime(m.now)
	}
	if len(ss) == 1 {
		if runs := v.Children(ss[0]); len(runs) == 1 {
			if since, waits := runs[0].WaitingSince(v); waits {
				until = since // its clock stops while it waits for a person
			}
		}
		return ss[0].Lane.Until(v, until).Busy
	}
	var all []run.Stretch
	for _, s := range ss {
		i, j := s.Lane.Window(v, 0, until+1)
		for sp := range s.Lane.Spans(v, i, j) {
			if sp.Phase != run.Running {
				continue
			}
			at := run.Stretch{From: v.Time(sp.From), To: until}
			if sp.To > 0 {
				at.To = v.Time(sp.To)
			}
			all = append(all, at)
		}
	}
	slices.SortFunc(all, func(a, b run.Stretch) int { return cmp.Compare(a.From, b.From) })
	end := time.Duration(0)
	for _, s := range all {
		if s.To > end {
			total += s.To - max(s.From, end)
			end = s.To
		}
	}
	return total
}

// walked returns how many events took an edge.
func (m *Model) walked(ws []*run.Workflow, e *edge) (n int) {
	v, g := m.view, &m.level().graph
	for _, w := range ws {
		if e.from == 0 {
			if e.to <= len(g.Steps) && v.Step(w, g.Steps[e.to-1].Name) != nil {
				n++
			}
			continue
		}
		from := v.Step(w, g.Steps[e.from-1].Name)
		if from == nil {
			continue
		}
		sent := 0
		for _, typ := range e.events {
			sent += from.SentOf(v, typ)
		}
		if e.failure {
			sent = int(from.Lane.Count(v).Failed)
		}
		if e.to <= len(g.Steps) {
			to := &g.Steps[e.to-1]
			if s := v.Step(w, to.Name); s == nil || !v.Connected(from, s) && to.Kind != "join" && !e.failure {
				sent = 0 // the events were sent, but no execution has taken them yet
			}
		}
		n += sent
	}
	return n
}

// name writes the events of edges with how many took them.
func name(es []edge, walked []int, numbers []int) (text string) {
	var names []string
	count := map[string]int{}
	for _, i := range numbers {
		if !slices.Contains(names, es[i].label) {
			names = append(names, es[i].label)
		}
		count[es[i].label] += walked[i]
	}
	for i, n := range names {
		if i > 0 {
			text += ", "
		}
		text += n
		if c := count[n]; c > 1 {
			text += " " + times(c)
		}
	}
	return text
}

// selfName writes what leads from a step to itself and what reaches it from outside.
func (m *Model) selfName(ws []*run.Workflow, s *flow.GraphStep) string {
	text := asides(&m.level().graph, s)
	for i := range m.drawn.edges {
		if e := &m.drawn.edges[i]; e.from == e.to && m.level().graph.Steps[e.from-1].Name == s.Name {
			if n := m.walked(ws, e); n > 1 {
				text += " " + times(n)
			}
		}
	}
	return canvas.Line(text)
}
