package flow

import "slices"

// Graph returns the workflow's graph with the counts of this run so far: executions that started, and events that went
// along each edge.
func (r *Run[Out]) Graph() Graph {
	g := r.r.c.graph(nil)
	return g.Count(r.r.id, r.r.sofar())
}

// sofar returns the records that there are now.
func (r *run) sofar() []Record {
	var all []Record
	n := r.log.published.Load()
	var c *chunk
	for i := range n {
		c = r.log.find(c, i)
		all = append(all, r.record(c.at(i), r.log.first+i+1))
	}
	return all
}

// Count returns the graph with the counts of one run, by its records. Those of other runs, such as its sub-workflows, do not
// count.
func (g Graph) Count(run string, records []Record) Graph {
	g.Steps, g.Edges = slices.Clone(g.Steps), slices.Clone(g.Edges)
	type event struct{ typ, from string }
	type pair struct{ from, typ, to string }
	steps, edges := map[string]int{}, map[pair]int{}
	events := map[uint64]event{}
	by := map[uint64]string{} // executions
	for _, r := range records {
		if r.Run != run {
			continue
		}
		switch r.Kind {
		case RunStarted:
			events[r.Event] = event{r.Type, ""}
		case EventSent:
			events[r.Event] = event{r.Type, by[r.Cause]}
		case StepStarted:
			if _, again := by[r.Execution]; again {
				continue
			}
			by[r.Execution] = r.Step
			steps[r.Step]++
			if e, ok := events[r.Cause]; ok {
				edges[pair{e.from, e.typ, r.Step}]++
			}
		case RunFinished:
			edges[pair{by[r.Cause], r.Type, ""}]++
		}
	}
	joined := func(e Edge) int { // what went into a join is told by what was sent, not by what started
		n := 0
		for _, ev := range events {
			if ev.typ == e.Event && ev.from == e.From {
				n++
			}
		}
		return n
	}
	for i := range g.Steps {
		g.Steps[i].Count = steps[g.Steps[i].Name]
	}
	for i, e := range g.Edges {
		if g.Edges[i].Count = edges[pair{e.From, e.Event, e.To}]; e.Kind == "join" {
			g.Edges[i].Count = joined(e)
		}
	}
	return g
}
