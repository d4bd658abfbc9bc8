package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"weft/flow"
)

// Names of the events of LlamaIndex's workflows. Events are recognised by their own type and by the
// types of their ancestors.
const (
	typeStart     = "StartEvent"
	typeStop      = "StopEvent"
	typeAsks      = "InputRequiredEvent"
	typeReply     = "HumanResponseEvent"
	typeStep      = "StepStateChanged"
	typeTimedOut  = "WorkflowTimedOutEvent"
	typeCancelled = "WorkflowCancelledEvent"
	typeFailed    = "WorkflowFailedEvent"
)

// outsideStep is the name of the step that the timeline and the graph show for a person or another
// program. Its executions are the prompts of a run, and end with the replies.
const outsideStep = "outside"

// A drawing is the graph of a workflow as LlamaIndex's server describes it.
type drawing struct {
	Description string
	Flow        *flow.Graph // of weft's server
	Nodes       []struct {
		ID    string   `json:"id"`
		Label string   `json:"label"`
		Kind  string   `json:"node_type"` // step, event, external or another one
		Type  string   `json:"event_type"`
		Types []string `json:"event_types"`
	}
	Edges []struct{ Source, Target string }
}

// graph returns the steps of a drawing with the events that they take and give.
func (d *drawing) graph(name string) flow.Graph {
	g := flow.Graph{Name: name, Description: d.Description}
	events, steps := map[string]string{}, map[string]int{}
	for _, n := range d.Nodes {
		switch n.Kind {
		case "step":
			steps[n.ID] = len(g.Steps)
			g.Steps = append(g.Steps, flow.GraphStep{Name: n.Label, Kind: "step"})
		case "external":
			steps[n.ID] = len(g.Steps)
			g.Steps = append(g.Steps, flow.GraphStep{Name: outsideStep, Kind: "step", Description: "a person, or another program"})
		case "event":
			typ := n.Type
			if typ == "" {
				typ = n.Label
			}
			events[n.ID] = typ
			if is(typ, n.Types, typeStart) && g.Start == "" {
				g.Start = typ
			}
			if is(typ, n.Types, typeStop) && g.Stop == "" {
				g.Stop = typ
			}
		}
	}
	for _, e := range d.Edges {
		if typ, ok := events[e.Source]; ok {
			if i, ok := steps[e.Target]; ok && !slices.Contains(g.Steps[i].Takes, typ) {
				g.Steps[i].Takes = append(g.Steps[i].Takes, typ)
			}
		}
		if i, ok := steps[e.Source]; ok {
			if typ, ok := events[e.Target]; ok && !slices.Contains(g.Steps[i].Gives, typ) {
				g.Steps[i].Gives = append(g.Steps[i].Gives, typ)
			}
		}
	}
	for _, to := range g.Steps {
		if slices.Contains(to.Takes, g.Start) {
			g.Edges = append(g.Edges, flow.Edge{Event: g.Start, To: to.Name, Kind: "event"})
		}
	}
	for _, from := range g.Steps {
		for _, typ := range from.Gives {
			for _, to := range g.Steps {
				if slices.Contains(to.Takes, typ) {
					g.Edges = append(g.Edges, flow.Edge{From: from.Name, Event: typ, To: to.Name, Kind: "event"})
				}
			}
			if typ == g.Stop {
				g.Edges = append(g.Edges, flow.Edge{From: from.Name, Event: typ, Kind: "event"})
			}
		}
	}
	return g
}

// replies returns the types of event that a drawing has for the replies of a person.
func (d *drawing) replies() (all []string) {
	for _, n := range d.Nodes {
		if n.Kind != "event" || slices.Contains(all, n.Type) {
			continue
		}
		if is(n.Type, n.Types, typeReply) {
			all = append(all, n.Type)
		}
	}
	return all
}

// is reports whether an event with a type and these ancestors is of the type want.
func is(typ string, types []string, want string) bool {
	return typ == want || slices.Contains(types, want)
}

// Foreign reports whether the server is another program's, such as LlamaIndex's, as Workflows has
// found. The records of its runs are made from the events that it sends: see [Run.Follow].
func (c *Client) Foreign() bool { return c.foreign.Load() }

// Ask starts a run of a workflow with a text, which becomes the value of the field of the start event
// that its schema has for it. A text that is a JSON object is the start event itself.
func (c *Client) Ask(ctx context.Context, workflow, text string) (*Run, error) {
	var start json.RawMessage
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") && json.Valid([]byte(trimmed)) {
		start = json.RawMessage(trimmed)
	} else {
		var shown struct{ Start schema }
		if err := c.ask(ctx, http.MethodGet, "/workflows/"+url.PathEscape(workflow)+"/schema", nil, nil, &shown); err != nil {
			return nil, fmt.Errorf("the start event of %s: %w", workflow, err)
		}
		field, err := shown.Start.textField()
		if err != nil {
			return nil, fmt.Errorf("the start event of %s %w", workflow, err)
		}
		if start, err = json.Marshal(map[string]string{field: text}); err != nil {
			return nil, err
		}
	}
	return c.Start(ctx, workflow, start)
}

// A schema is the part of a JSON Schema that says which fields an object has.
type schema struct {
	Properties map[string]struct {
		Type  any
		AnyOf []struct{ Type any }
	}
	Required []string
}

// conventional are the names that fields for a question usually have.
var conventional = []string{"question", "query", "text", "input", "message", "prompt", "topic", "user_msg"}

// textField returns the field that takes a question: the only text, the only one that is required, or
// the one with a usual name.
func (s schema) textField() (string, error) {
	var texts, required []string
	for name, p := range s.Properties {
		text := p.Type == "string"
		for _, alternative := range p.AnyOf {
			text = text || alternative.Type == "string"
		}
		if !text {
			continue
		}
		texts = append(texts, name)
		if slices.Contains(s.Required, name) {
			required = append(required, name)
		}
	}
	for _, names := range [][]string{required, texts} {
		if len(names) == 1 {
			return names[0], nil
		}
		for _, name := range conventional {
			if slices.Contains(names, name) {
				return name, nil
			}
		}
	}
	return "", errors.New(`does not say which field takes a question: type the event as JSON, such as {"query": "…"}`)
}

// A foreignFlow is a workflow of a foreign server.
type foreignFlow struct {
	graph flow.Graph
	human human
}

// workflow returns what [Client.Workflows] has found out about a workflow of a foreign server.
func (c *Client) workflow(name string) foreignFlow {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.flows[name]; ok {
		return f
	}
	return foreignFlow{graph: flow.Graph{Name: name}}
}

// A human is what is known about the replies that a workflow takes from a person.
type human struct {
	types   []string // of the replies; none: not known
	schemas map[string]json.RawMessage
}

// plainReply is the schema of a reply without fields of its own.
const plainReply = `{"type":"object","properties":{"response":{"type":"string"}},"required":["response"]}`

// person returns what the server says about the replies of a workflow with a drawing.
func (c *Client) person(ctx context.Context, workflow string, d *drawing) (human, error) {
	h := human{types: d.replies(), schemas: map[string]json.RawMessage{}}
	var listed struct{ Events []json.RawMessage }
	err := c.ask(ctx, http.MethodGet, "/workflows/"+url.PathEscape(workflow)+"/events", nil, nil, &listed)
	if err != nil && !missing(err) && !errors.Is(err, errUnreadable) {
		return h, err
	}
	for _, raw := range listed.Events {
		var titled struct{ Title string }
		if json.Unmarshal(raw, &titled) == nil && titled.Title != "" {
			h.schemas[titled.Title] = raw
		}
	}
	return h, nil
}

// reply returns the type of the reply to a prompt and its schema. If there are several types, the
// schema lets a person choose, and the type is that of all replies.
func (h human) reply() (typ string, form json.RawMessage) {
	switch len(h.types) {
	case 0:
		typ = typeReply
	case 1:
		typ = h.types[0]
	default:
		choice, _ := json.Marshal(map[string]any{ // cannot fail for texts
			"type": "object", "required": []string{"event", "value"},
			"properties": map[string]any{
				"event": map[string]any{"type": "string", "enum": h.types},
				"value": map[string]any{"type": "string", "description": "the event as a JSON object", "default": "{}"},
			},
		})
		return typeReply, choice
	}
	var known schema
	if json.Unmarshal(h.schemas[typ], &known) != nil || len(known.Properties) == 0 {
		return typ, json.RawMessage(plainReply)
	}
	return typ, h.schemas[typ]
}

// chosen returns the event that a person has sent by the form for several types of reply, or the
// event itself.
func chosen(typ string, reply json.RawMessage) (event, error) {
	var choice struct{ Event, Value string }
	if typ != typeReply || json.Unmarshal(reply, &choice) != nil || choice.Event == "" {
		return event{typ, reply}, nil
	}
	if value := bytes.TrimSpace([]byte(choice.Value)); len(value) == 0 || value[0] != '{' || !json.Valid(value) {
		return event{}, errors.New("value must be a JSON object, such as {}")
	}
	return event{choice.Event, json.RawMessage(choice.Value)}, nil
}
