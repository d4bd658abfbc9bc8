package run

import (
	"bytes"
	"cmp"
	"encoding/json"

	"weft/flow"
	"weft/flow/show"
)

// Result returns the payload of the stop event as JSON; nil before the end and if the run did not
// succeed.
func (v View) Result() json.RawMessage {
	if w := v.Root(); w != nil && w.last != 0 && w.last <= v.n && v.r.records.at(w.last-1).Kind == flow.RunFinished {
		return v.r.JSON(w.last)
	}
	return nil
}

// Answer returns the final answer and whether there is one: a stop event with a text or an
// abstention. The text may also be the field answer, or result as in LlamaIndex's stop events.
func (v View) Answer() (a show.Answer, ok bool) {
	res := v.Result()
	if res == nil || json.Unmarshal(res, &a) != nil {
		return a, false
	}
	if a.Text == "" {
		var other struct{ Answer, Result string }
		if json.Unmarshal(res, &other) == nil {
			a.Text = cmp.Or(other.Answer, other.Result)
		}
	}
	return a, a.Text != "" || a.Abstained
}

// Arrival reports whether the times of the run are those at which its events arrived here, because
// its server sends none, and what is known about events that are missing.
func (v View) Arrival() (a show.Arrival, ok bool) {
	if v.r == nil {
		return a, false
	}
	n := upTo(v.r.arrivals, v.n, position)
	return a, n > 0 && v.r.decode(v.r.arrivals[n-1], &a)
}

// Question returns the question that a workflow was started with: the first of the conventional
// text fields of its start event; "" if there is none.
func (w *Workflow) Question(v View) string {
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

// Label returns a text that distinguishes an execution from others of its step: the first string in
// the event that started it.
func (e *Execution) Label(v View) string {
	ev := v.Event(e.Cause)
	if ev == nil {
		return ""
	}
	b, err := v.r.records.at(ev.Position - 1).JSON()
	if err != nil {
		return ""
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for d.More() {
		if _, err := d.Token(); err != nil {
			return ""
		}
		var value any
		if d.Decode(&value) != nil {
			return ""
		}
		if s, ok := value.(string); ok && s != "" {
			return s
		}
	}
	return ""
}
