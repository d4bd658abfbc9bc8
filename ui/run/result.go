package run

import (
	"encoding/json"

	"weft/flow"
)

// Result returns the payload of the stop event as JSON; nil before the end.
func (v View) Result() json.RawMessage {
	if w := v.Root(); w != nil && w.last != 0 && w.last <= v.n && v.r.records.at(w.last-1).Kind == flow.RunFinished {
		return v.r.JSON(w.last)
	}
	return nil
}

// Answer returns the final answer, and whether there is one: a stop event with a text.
func (v View) Answer() (a Answer, ok bool) {
	res := v.Result()
	if res == nil || json.Unmarshal(res, &a) != nil {
		return a, false
	}
	if a.Text == "" {
		var other struct{ Answer string }
		if json.Unmarshal(res, &other) == nil {
			a.Text = other.Answer
		}
	}
	return a, a.Text != "" || a.Abstained
}

// Question returns what a workflow was asked: the field of its start event that says so.
func (v View) Question(w *Workflow) string {
	var q map[string]any
	if w == nil || w.first > v.n || !v.r.decode(w.first, &q) {
		return ""
	}
	for _, k := range []string{"question", "query", "text", "topic", "input"} {
		if s, ok := q[k].(string); ok && s != "" {
			return s
		}
	}
	return ""
}
