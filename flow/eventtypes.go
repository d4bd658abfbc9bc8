package flow

import (
	"encoding/json"

	"weft/flow/internal/schema"
)

// An EventType is a type of event that a workflow knows.
type EventType struct {
	Name   string          // its stable name
	Schema json.RawMessage // JSON Schema of its values
}

// EventTypes returns the types of the events that the steps of a workflow take, give, send and
// await, the start event first and the stop event second. Those that steps only emit are not known.
func EventTypes(wf Definition) []EventType {
	c := wf.core()
	c.resolve()
	graph := c.Graph()
	names := []string{graph.Start, graph.Stop}
	for _, s := range graph.Steps {
		for _, more := range [][]string{s.Takes, s.Gives, s.Sends, s.Awaits, s.External} {
			names = append(names, more...)
		}
	}
	var all []EventType
	seen := map[string]bool{}
	for _, name := range names {
		if i := c.TypeNamed(name); i >= 0 && !seen[name] {
			seen[name] = true
			all = append(all, EventType{name, schema.JSONSchema(c.Types[i].Go)})
		}
	}
	return all
}
