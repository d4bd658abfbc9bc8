package serve

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"weft/flow"
)

// An envelope is an event as clients see it.
type envelope struct {
	Value     json.RawMessage `json:"value"` // an object
	Type      string          `json:"type"`
	Types     []string        `json:"types"` // its bases: StartEvent, StopEvent, InputRequiredEvent, HumanResponseEvent, InternalDispatchEvent
	Qualified string          `json:"qualified_name,omitempty"`
}

// enclose returns the envelope of an event.
func enclose(workflow, name string, value json.RawMessage, types ...string) envelope {
	if types == nil {
		types = []string{}
	}
	switch trimmed := strings.TrimSpace(string(value)); {
	case trimmed == "" || trimmed == "null":
		value = json.RawMessage("{}")
	case trimmed[0] != '{': // clients expect an object
		value = json.RawMessage(`{"value":` + trimmed + `}`)
	}
	return envelope{Value: value, Type: name, Types: types, Qualified: workflow + "." + name}
}

// typeInternal is the base of the events that only clients which ask for internal events get.
// Clients hide events by it.
const typeInternal = "InternalDispatchEvent"

// ownEvent returns the envelope of an event of the protocol itself.
func ownEvent(name string, fields map[string]any, types ...string) envelope {
	raw, _ := json.Marshal(fields) // cannot fail: strings and numbers
	return enclose("workflows.events", name, raw, types...)
}

// codeTimeout is the code of the error of a run that timed out: see flow.TimeoutError.
const codeTimeout = "flow.timeout"

// A projector makes envelopes of the records of one run. It must be given all of them, from the
// first one on.
type projector struct {
	workflow string
	stop     string            // the type of the stop event; "": it is not known
	external []string          // the types of event that come from outside
	events   map[uint64]string // the type of each event
	inputs   map[uint64]string // the type of the event that an execution was called with
	outputs  map[uint64]string // the type of the event that an execution gave last
}

// newProjector returns a projector for a run of a workflow. wf is nil if the server does not have it.
func newProjector(workflow string, wf flow.Definition) *projector {
	p := &projector{workflow: workflow, events: map[uint64]string{}, inputs: map[uint64]string{}, outputs: map[uint64]string{}}
	if wf != nil {
		p.stop, p.external = wf.Graph().Stop, fromOutside(wf)
	}
	return p
}

// A shown is what clients see of a record.
type shown struct {
	envelope
	internal bool // only clients that ask for internal events see it
}

// next returns what clients see of the next record, and reports whether they see something. It is at
// most one event, so that the number of a record identifies the event.
func (p *projector) next(r flow.Record) (shown, bool) {
	inner := strings.Contains(r.Run, "/") // of a sub-workflow
	payload, err := r.JSON()
	if err != nil {
		payload = nil // it cannot be shown; the event itself is
	}
	switch r.Kind {
	case flow.RunStarted:
		p.events[r.Event] = r.Type
		if inner {
			return shown{}, false // its start event was shown when it was sent
		}
		return shown{envelope: enclose(p.workflow, r.Type, payload, "StartEvent")}, true
	case flow.EventSent:
		p.events[r.Event] = r.Type
		if r.Cause != 0 {
			p.outputs[r.Cause] = r.Type
		}
		if r.Type == p.stop && !inner {
			return shown{}, false // it is shown once, with the end of the run
		}
		e := enclose(p.workflow, r.Type, payload)
		if r.Cause == 0 || slices.Contains(p.external, r.Type) {
			e.Types = []string{"HumanResponseEvent"}
		}
		return shown{envelope: e}, true
	case flow.EventEmitted:
		return shown{envelope: enclose(p.workflow, r.Type, payload)}, true
	case flow.AwaitOpened:
		return shown{envelope: p.prompt(r, payload)}, true
	case flow.StepQueued:
		p.inputs[r.Execution] = p.events[r.Cause]
		return p.step(r, "preparing"), true
	case flow.StepStarted:
		if typ := p.events[r.Cause]; typ != "" {
			p.inputs[r.Execution] = typ
		}
		return p.step(r, "running"), true
	case flow.StepFinished, flow.StepFailed, flow.StepCancelled:
		return p.step(r, "not_running"), true
	case flow.RunSuspended:
		if r.Type == "waits" && !inner {
			return shown{envelope: ownEvent("WorkflowIdleEvent", map[string]any{}, typeInternal), internal: true}, true
		}
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		if !inner {
			return shown{envelope: p.ended(r, payload)}, true
		}
	}
	return shown{}, false
}

// prompt returns the event that asks a person. Its types say that it is an InputRequiredEvent, but
// it has a name of its own, because clients hide events with that name like internal ones. Its
// value is the prompt, with the step that waits, the type of the reply, and the number of the wait,
// which POST /events/{id} takes as "await".
func (p *projector) prompt(r flow.Record, payload json.RawMessage) envelope {
	var asked flow.Prompt
	_ = json.Unmarshal(payload, &asked) // a payload that cannot be read is shown without its prompt
	raw, _ := asked.Prompt.(json.RawMessage)
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		fields = map[string]json.RawMessage{"prompt": raw}
		if raw == nil {
			fields["prompt"] = json.RawMessage("null")
		}
	}
	for name, v := range map[string]any{"_await": r.Event, "_step": r.Step, "_reply": r.Type} {
		fields[name], _ = json.Marshal(v) // cannot fail: strings and numbers
	}
	value, err := json.Marshal(fields)
	if err != nil {
		value = nil
	}
	return enclose(p.workflow, r.Type+"Required", value, "InputRequiredEvent")
}

func (p *projector) step(r flow.Record, state string) shown {
	fields := map[string]any{
		"name": r.Step, "step_state": state, "worker_id": strconv.Itoa(r.Worker),
		"input_event_name": p.inputs[r.Execution], "output_event_name": nil,
	}
	if r.Kind == flow.StepFinished {
		if out := p.outputs[r.Execution]; out != "" {
			fields["output_event_name"] = out
		}
	}
	return shown{envelope: ownEvent("StepStateChanged", fields, typeInternal), internal: true}
}

// ended returns the event that ends the run.
func (p *projector) ended(r flow.Record, payload json.RawMessage) envelope {
	switch r.Kind {
	case flow.RunFinished:
		return enclose(p.workflow, r.Type, payload, "StopEvent")
	case flow.RunCancelled:
		return ownEvent("WorkflowCancelledEvent", map[string]any{"reason": r.Error}, "StopEvent")
	}
	if r.Step == "" && slices.ContainsFunc(r.Codes, func(c flow.ErrorCode) bool { return c.Code == codeTimeout }) {
		return ownEvent("WorkflowTimedOutEvent", map[string]any{"message": r.Error}, "StopEvent")
	}
	return ownEvent("WorkflowFailedEvent", map[string]any{"step_name": r.Step, "exception_message": r.Error}, "StopEvent")
}
