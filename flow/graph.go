package flow

import (
	"fmt"
	"slices"
	"strings"
)

// A Graph is a workflow as data, told by the types of its steps, or one run of it, with counts.
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
	Covers      []string `json:"covers,omitempty"` // for recover: the steps whose failures it takes
	Graph       *Graph   `json:"graph,omitempty"`  // for workflow: the graph of it, unless this stands within it
	Count       int      `json:"count,omitempty"`  // in the graph of a run: the executions that started
}

// An Edge says that the step From may give an Event that To takes. From is "" for the start and for replies from outside, To
// is "" for the end.
type Edge struct {
	From  string `json:"from"`
	Event string `json:"event"`
	To    string `json:"to"`
	Kind  string `json:"kind"`            // event; join: gathered first; reply: from outside, awaited; failure: taken by a recovery step
	Count int    `json:"count,omitempty"` // in the graph of a run: the events that went this way
}

var kindWords = [...]string{single: "step", fanOut: "each", join: "join", collect: "collect", recovery: "recover", nested: "workflow"}

// Graph returns the workflow's graph.
func (w *Workflow[In, Out]) Graph() Graph { return w.c.graph(nil) }

// graph tells a workflow that is within others.
func (c *core) graph(within []*core) Graph {
	c.resolve()
	within = append(within[:len(within):len(within)], c)
	g := Graph{Name: c.name, Description: c.cfg.Description, Start: c.types[c.in].name, Stop: c.types[c.out].name}
	g.Edges = append(g.Edges, c.edges("", c.in)...)
	for _, s := range c.steps {
		n := GraphStep{Name: s.name, Description: s.doc, Kind: kindWords[s.kind], Workers: s.workers,
			Takes: c.names(s.takes), Gives: c.names(s.outs), Sends: c.names(s.sends), Awaits: c.names(s.awaits)}
		if s.kind == nested && !slices.Contains(within, s.sub) {
			sub := s.sub.graph(within)
			n.Graph = &sub
		}
		for _, t := range append(s.outs[:len(s.outs):len(s.outs)], s.sends...) {
			g.Edges = append(g.Edges, c.edges(s.name, t)...)
		}
		for _, t := range s.awaits {
			g.Edges = append(g.Edges, Edge{Event: c.types[t].name, To: s.name, Kind: "reply"})
		}
		if s.recovers != nil {
			g.Edges = append(g.Edges, Edge{From: s.name, Event: c.types[s.recovers.takes[0]].name, To: s.recovers.name, Kind: "failure"})
		}
		if s.kind == recovery {
			for _, t := range c.steps {
				if t.recovers == s {
					n.Covers = append(n.Covers, t.name)
				}
			}
		}
		g.Steps = append(g.Steps, n)
	}
	return g
}

func (c *core) edges(from string, t int) (all []Edge) {
	ty := c.types[t]
	for _, s := range ty.takers {
		all = append(all, Edge{From: from, Event: ty.name, To: s.name, Kind: "event"})
	}
	for _, s := range ty.joins {
		all = append(all, Edge{From: from, Event: ty.name, To: s.name, Kind: "join"})
	}
	if t == c.out {
		all = append(all, Edge{From: from, Event: ty.name, Kind: "event"})
	}
	return all
}

func (c *core) names(types []int) []string {
	out := []string{}
	for _, t := range types {
		out = append(out, c.types[t].name)
	}
	return out
}

// Mermaid returns the graph as a Mermaid flowchart.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	ids := map[string]string{}
	fmt.Fprintf(&b, "  start((start))\n")
	for i, s := range g.Steps {
		ids[s.Name] = fmt.Sprintf("s%d", i+1)
		open, shut := "[", "]"
		switch s.Kind {
		case "each":
			open, shut = "[/", "\\]"
		case "join", "collect":
			open, shut = "[\\", "/]"
		case "recover":
			open, shut = "{{", "}}"
		case "workflow":
			open, shut = "[[", "]]"
		}
		label := s.Name
		if s.Count > 0 {
			label = fmt.Sprintf("%s ×%d", label, s.Count)
		}
		fmt.Fprintf(&b, "  %s%s%s%s\n", ids[s.Name], open, quote(label), shut)
	}
	fmt.Fprintf(&b, "  stop((stop))\n")
	world := false
	for _, e := range g.Edges {
		from, to, arrow := ids[e.From], ids[e.To], "-->"
		if e.From == "" {
			from = "start"
		}
		if e.To == "" {
			to = "stop"
		}
		switch e.Kind {
		case "reply":
			from, arrow = "world", "-.->"
			if !world {
				world = true
				b.WriteString("  world([outside])\n")
			}
		case "failure":
			arrow = "-.->"
		case "join":
			arrow = "==>"
		}
		label := e.Event
		if e.Count > 0 {
			label = fmt.Sprintf("%s ×%d", label, e.Count)
		}
		fmt.Fprintf(&b, "  %s %s|%s| %s\n", from, arrow, quote(label), to)
	}
	return b.String()
}

// quote makes a text safe within Mermaid.
func quote(s string) string {
	return `"` + strings.NewReplacer(`"`, "#quot;", "\n", " ", "<", "&lt;", ">", "&gt;").Replace(s) + `"`
}
