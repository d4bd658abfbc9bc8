package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"weft/flow"
)

func (s *Server) workflows(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"workflows": append([]string{}, s.names...)})
}

// workflow returns the workflow that a request names. Without such a workflow it answers the
// request and returns nil.
func (s *Server) workflow(w http.ResponseWriter, r *http.Request) flow.Definition {
	wf := s.flows[r.PathValue("name")]
	if wf == nil {
		fail(w, http.StatusNotFound, "there is no such workflow")
	}
	return wf
}

// titled returns a schema with the name of its type as title.
func titled(t flow.EventType) json.RawMessage {
	title, _ := json.Marshal(t.Name) // cannot fail for a string
	rest := strings.TrimPrefix(string(t.Schema), "{")
	if rest != "}" {
		rest = "," + rest
	}
	return json.RawMessage(`{"title":` + string(title) + rest)
}

func (s *Server) schema(w http.ResponseWriter, r *http.Request) {
	if wf := s.workflow(w, r); wf != nil {
		types := flow.EventTypes(wf)
		start := types[0]
		stop := start // of a workflow whose start event is also its stop event
		if i := slices.IndexFunc(types, func(t flow.EventType) bool { return t.Name == wf.Graph().Stop }); i >= 0 {
			stop = types[i]
		}
		answer(w, http.StatusOK, map[string]any{"start": titled(start), "stop": titled(stop)})
	}
}

// eventTypes lists the events that may be sent first: clients offer the first one.
func (s *Server) eventTypes(w http.ResponseWriter, r *http.Request) {
	wf := s.workflow(w, r)
	if wf == nil {
		return
	}
	waiting, err := s.host.Waiting()
	if err != nil {
		failed(w, err)
		return
	}
	var now []string // what runs await now
	for _, run := range waiting {
		for _, a := range run.Awaits {
			if run.Workflow == wf.Name() {
				now = append(now, a.Type)
			}
		}
	}
	outside := fromOutside(wf)
	rank := func(t flow.EventType) int {
		switch {
		case slices.Contains(now, t.Name):
			return 0
		case slices.Contains(outside, t.Name):
			return 1
		}
		return 2
	}
	types := flow.EventTypes(wf)
	slices.SortStableFunc(types, func(a, b flow.EventType) int { return rank(a) - rank(b) })
	out := []json.RawMessage{}
	for _, t := range types {
		out = append(out, titled(t))
	}
	answer(w, http.StatusOK, map[string]any{"events": out})
}

// fromOutside returns the types of event that a workflow awaits or takes from outside.
func fromOutside(wf flow.Definition) (all []string) {
	for _, step := range wf.Graph().Steps {
		all = append(append(all, step.Awaits...), step.External...)
	}
	return all
}

// misfit returns why an event cannot be sent to a workflow, or to one step of it; "" if it can.
func misfit(wf flow.Definition, ev envelope, step string) string {
	if !slices.ContainsFunc(flow.EventTypes(wf), func(t flow.EventType) bool { return t.Name == ev.Type }) &&
		!hasSub(wf.Graph()) {
		return fmt.Sprintf("the workflow %s has no event %s", wf.Name(), ev.Type)
	}
	takers, known := 0, step == ""
	for _, st := range wf.Graph().Steps {
		takes := slices.Contains(st.Takes, ev.Type)
		if takes {
			takers++
		}
		if st.Name != step {
			continue
		}
		if known = true; !takes && !slices.Contains(st.Awaits, ev.Type) && st.Graph == nil {
			return fmt.Sprintf("the step %s neither takes nor awaits %s", step, ev.Type)
		}
	}
	switch {
	case !known:
		return fmt.Sprintf("the workflow %s has no step %s", wf.Name(), step)
	case step != "" && takers > 1:
		return fmt.Sprintf("several steps take %s: leave out step, and all of them get it", ev.Type)
	}
	return ""
}

// hasSub reports whether a step is a workflow, whose awaits take events that the outer workflow does
// not know.
func hasSub(g flow.Graph) bool {
	return slices.ContainsFunc(g.Steps, func(s flow.GraphStep) bool { return s.Graph != nil })
}

// awaitOf returns the number of the open await of a step for a type of event; 0: there is none.
func (s *Server) awaitOf(id, step, typ string) (uint64, error) {
	waiting, err := s.host.Waiting()
	for _, run := range waiting {
		for _, a := range run.Awaits {
			if run.ID == id && a.Step == step && a.Type == typ {
				return a.ID, nil
			}
		}
	}
	return 0, err
}

// A graphNode and a graphEdge are parts of a workflow's graph as clients draw it.
type (
	graphNode struct {
		ID     string          `json:"id"`
		Label  string          `json:"label"`
		Title  string          `json:"title,omitempty"`
		Kind   string          `json:"node_type"` // step, event or external
		Type   string          `json:"event_type,omitempty"`
		Types  []string        `json:"event_types,omitempty"`
		Schema json.RawMessage `json:"event_schema,omitempty"`
	}
	graphEdge struct {
		Source string `json:"source"`
		Target string `json:"target"`
		Label  string `json:"label"`
	}
)

const nodeExternal = "external_step"

func (s *Server) representation(w http.ResponseWriter, r *http.Request) {
	wf := s.workflow(w, r)
	if wf == nil {
		return
	}
	graph := wf.Graph()
	nodes, edges := []graphNode{}, []graphEdge{}
	outside := fromOutside(wf)
	for _, t := range flow.EventTypes(wf) {
		node := graphNode{ID: t.Name, Label: t.Name, Kind: "event", Type: t.Name, Types: []string{}, Schema: titled(t)}
		switch {
		case t.Name == graph.Start:
			node.Types = []string{"StartEvent"}
		case t.Name == graph.Stop:
			node.Types = []string{"StopEvent"}
		case slices.Contains(outside, t.Name):
			node.Types = []string{"HumanResponseEvent"}
			edges = append(edges, graphEdge{nodeExternal, t.Name, ""})
		}
		nodes = append(nodes, node)
	}
	if len(edges) > 0 {
		nodes = append(nodes, graphNode{ID: nodeExternal, Label: "outside", Title: "a person, or another program", Kind: "external"})
	}
	ids := stepIDs(graph)
	for _, step := range graph.Steps {
		id := ids[step.Name]
		nodes = append(nodes, graphNode{ID: id, Label: step.Name, Title: step.Description, Kind: "step"})
		for _, in := range [][]string{step.Takes, step.Awaits} {
			for _, t := range in {
				edges = append(edges, graphEdge{t, id, ""})
			}
		}
		for _, out := range [][]string{step.Gives, step.Sends} {
			for _, t := range out {
				edges = append(edges, graphEdge{id, t, ""})
			}
		}
		for _, covered := range step.Covers {
			edges = append(edges, graphEdge{ids[covered], id, "failure"})
		}
	}
	known := map[string]bool{}
	for _, n := range nodes {
		known[n.ID] = true
	}
	edges = slices.DeleteFunc(edges, func(e graphEdge) bool { return !known[e.Source] || !known[e.Target] })
	answer(w, http.StatusOK, map[string]any{"graph": map[string]any{
		"name": graph.Name, "description": graph.Description, "nodes": nodes, "edges": edges,
		"flow": graph, // of our own, for package flow/remote
	}})
}

// stepIDs returns the identifier of each step's node: its name, unless an event has that name.
func stepIDs(g flow.Graph) map[string]string {
	events := map[string]bool{g.Start: true, g.Stop: true, nodeExternal: true}
	for _, s := range g.Steps {
		for _, names := range [][]string{s.Takes, s.Gives, s.Sends, s.Awaits, s.External} {
			for _, name := range names {
				events[name] = true
			}
		}
	}
	ids := map[string]string{}
	for _, s := range g.Steps {
		if ids[s.Name] = s.Name; events[s.Name] {
			ids[s.Name] = "step " + s.Name
		}
	}
	return ids
}

// splitLast splits a qualified name before its last part.
func splitLast(name string) (before, last string) {
	i := strings.LastIndex(name, ".")
	return name[:max(i, 0)], name[i+1:]
}
