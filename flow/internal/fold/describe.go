package fold

import (
	"encoding/json"

	"weft/flow/internal/schema"
)

// A description is the part of a workflow that its journals depend on. Comparing descriptions shows
// whether a workflow has changed since a journal was written.
type description struct {
	Steps  []stepDescription            `json:"steps"`
	Events map[string]map[string]string `json:"events"` // by stable name, of a sub-workflow after its name and "/"; see schema.Describe
}

type stepDescription struct {
	stepShape
	Gives []string `json:"gives,omitempty"`
}

// Shape returns the workflow's steps and event types as JSON, those of sub-workflows too. Equal
// workflows give equal JSON.
func (w *Workflow) Shape() json.RawMessage {
	b, err := json.Marshal(w.describe())
	if err != nil {
		return nil // cannot fail: there are only strings
	}
	return b
}

func (w *Workflow) describe() *description {
	d := &description{Events: map[string]map[string]string{}}
	for _, in := range w.Within() {
		for _, s := range in.Steps {
			d.Steps = append(d.Steps, stepDescription{
				stepShape{in.Name, s.Name, stepKindNames[s.Kind], in.names(s.Takes)}, in.names(s.Outs),
			})
		}
		for _, t := range in.Types {
			name := t.Name
			if in != w {
				name = in.Name + "/" + name
			}
			d.Events[name] = schema.Describe(t.Go)
		}
	}
	return d
}

// A stepShape is the part of a step that must not change between a snapshot and its resumption.
type stepShape struct {
	Workflow string   `json:"workflow"`
	Step     string   `json:"step"`
	Kind     string   `json:"kind"`
	Takes    []string `json:"takes"`
}
