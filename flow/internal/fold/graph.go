package fold

import (
	"slices"
)

// A Graph is a workflow as data, derived from the types of its steps. The Graph of a run also has
// counts.
type Graph struct {
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Start       string      `json:"start"` // the stable name of the start event
	Stop        string      `json:"stop"`  // and of the stop event
	Steps       []GraphStep `json:"steps"`
	Edges       []Edge      `json:"edges"`
}

// A GraphStep is a node of the graph.
type GraphStep struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Kind        string   `json:"kind"` // step, each, join, collect, recover or workflow
	Workers     int      `json:"workers"`
	Takes       []string `json:"takes"`            // event types, by their stable names
	Gives       []string `json:"gives"`            // what it may return
	Sends       []string `json:"sends,omitempty"`  // what it may send
	Awaits      []string `json:"awaits,omitempty"` // the replies that it may wait for

	External []string `json:"external,omitempty"` // what it takes from outside
	Covers   []string `json:"covers,omitempty"`   // for recover: the steps whose failures it takes
	Graph    *Graph   `json:"graph,omitempty"`    // for workflow: its graph, unless this one is within it
	Count    int      `json:"count,omitempty"`    // in the graph of a run: the executions that started
}

// An Edge says that the step From may give an Event that To takes. From is "" for the start and for
// events from outside, To is "" for the end. Its Kind is "event"; "join": gathered first; "reply":
// from outside, awaited; "external": from outside, taken by a step; or "failure": taken by a
// recovery step.
type Edge struct {
	From  string `json:"from"`
	Event string `json:"event"`
	To    string `json:"to"`
	Kind  string `json:"kind"`
	Count int    `json:"count,omitempty"` // in the graph of a run: the events that went this way
}

// Graph returns the graph of a resolved workflow.
func (w *Workflow) Graph() Graph { return w.graph(nil) }

// graph returns the graph of a workflow that is within others.
func (w *Workflow) graph(within []*Workflow) Graph {
	within = append(within[:len(within):len(within)], w)
	g := Graph{Name: w.Name, Description: w.Description, Start: w.Types[w.In].Name, Stop: w.Types[w.Out].Name}
	g.Edges = append(g.Edges, w.edges("", w.In)...)
	for _, s := range w.Steps {
		n := GraphStep{
			Name: s.Name, Description: s.Doc, Kind: stepKindNames[s.Kind], Workers: s.Workers,
			Takes: w.names(s.Takes), Gives: w.names(s.Outs), Sends: w.names(s.Sends), Awaits: w.names(s.Awaits),
		}
		if len(s.External) > 0 {
			n.External = w.names(s.External)
		}
		if s.Kind == NestedStep && !slices.Contains(within, s.Sub) {
			sub := s.Sub.graph(within)
			n.Graph = &sub
		}
		for _, t := range append(s.Outs[:len(s.Outs):len(s.Outs)], s.Sends...) {
			g.Edges = append(g.Edges, w.edges(s.Name, t)...)
		}
		for _, t := range s.Awaits {
			g.Edges = append(g.Edges, Edge{Event: w.Types[t].Name, To: s.Name, Kind: "reply"})
		}
		for _, t := range s.External {
			g.Edges = append(g.Edges, Edge{Event: w.Types[t].Name, To: s.Name, Kind: "external"})
		}
		if s.recoveredBy != nil {
			g.Edges = append(g.Edges, Edge{From: s.Name, Event: w.Types[s.recoveredBy.Takes[0]].Name, To: s.recoveredBy.Name, Kind: "failure"})
		}
		if s.Kind == RecoveryStep {
			for _, t := range w.Steps {
				if t.recoveredBy == s {
					n.Covers = append(n.Covers, t.Name)
				}
			}
		}
		g.Steps = append(g.Steps, n)
	}
	return g
}

func (w *Workflow) edges(from string, t int) (all []Edge) {
	ty := w.Types[t]
	for _, s := range ty.Takers {
		all = append(all, Edge{From: from, Event: ty.Name, To: s.Name, Kind: "event"})
	}
	for _, s := range ty.Joins {
		all = append(all, Edge{From: from, Event: ty.Name, To: s.Name, Kind: "join"})
	}
	if t == w.Out {
		all = append(all, Edge{From: from, Event: ty.Name, Kind: "event"})
	}
	return all
}

// Count returns the graph with the counts of one run, by its records. Records of other runs, such
// as its sub-workflows, do not count.
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
	joined := func(e Edge) int { // the events of a join are counted where they are sent, not where the join starts
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
