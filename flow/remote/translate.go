package remote

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// An envelope is an event as LlamaIndex's server sends it.
type envelope struct {
	Value json.RawMessage `json:"value"`
	Type  string          `json:"type"`
	Types []string        `json:"types"`
}

func (e envelope) is(want string) bool { return is(e.Type, e.Types, want) }

// A stepChange is the value of a StepStateChanged.
type stepChange struct {
	Name   string
	State  string `json:"step_state"` // preparing, running or not_running
	Worker any    `json:"worker_id"`  // a number, also as text; another text while it is preparing
	Input  string `json:"input_event_name"`
	Output string `json:"output_event_name"`
}

// worker returns the number of the worker, from 1; 0: there is none.
func (s stepChange) worker() int {
	switch id := s.Worker.(type) {
	case float64:
		return int(id) + 1
	case string:
		if n, err := strconv.Atoi(id); err == nil {
			return n + 1
		}
	}
	return 0
}

// typeName returns the name of an event's type, given the name itself or Python's description of
// the type, such as "<class 'app.flows.Found'>".
func typeName(described string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(described, "<class '"), "'>")
	if name == "NoneType" || name == "None" {
		return ""
	}
	return name[strings.LastIndex(name, ".")+1:]
}

// A translator makes the records of a run from the events that a foreign server sends. The records
// have the time at which the event arrived. Parts of a run that the server does not report, such as
// the values of events between steps, are left empty; the cause of an execution is the event of its
// type that was given last and not taken by its step, or the graph's only step that gives that type.
type translator struct {
	id    string
	graph flow.Graph
	human human
	now   func() time.Time

	at      time.Time // of the event that is translated
	out     []flow.Record
	seq     uint64
	next    uint64 // the last identifier that was given to an event or an execution
	open    []execution
	settled []execution // have ended without a result, and the run may have failed by them
	given   []given
	last    map[string]uint64 // the latest execution of each step
	asks    []asked
	stopper uint64 // the execution that gave the stop event; 0: it is not known
	over    bool
}

// An execution is one that is preparing or running.
type execution struct {
	id      uint64
	step    string
	worker  int // 0: it is preparing
	input   string
	running bool
	ended   time.Time
}

// A given is an event that a step has given.
type given struct {
	id    uint64
	typ   string
	taken map[string]bool // by step
}

// An asked is a prompt that a person has not replied to.
type asked struct{ await, execution uint64 }

func newTranslator(id string, graph flow.Graph, h human, now func() time.Time) *translator {
	return &translator{id: id, graph: graph, human: h, now: now, last: map[string]uint64{}}
}

// take returns the records that were made, and forgets them.
func (t *translator) take() []flow.Record {
	out := t.out
	t.out = nil
	return out
}

// add appends a record.
func (t *translator) add(r flow.Record) {
	t.seq++
	r.Seq, r.Time, r.Run = t.seq, t.at, t.id
	t.out = append(t.out, r)
}

func (t *translator) newID() uint64 { t.next++; return t.next }

// begin starts the run with its start event, which may not be known.
func (t *translator) begin(start json.RawMessage) {
	t.at = t.now()
	id := t.newID()
	r := flow.Record{Kind: flow.RunStarted, Step: t.graph.Name, Event: id, Type: t.graph.Start}
	if r.Type == "" {
		r.Type = typeStart
	}
	if len(start) > 0 {
		r.Payload = start
	}
	t.add(r)
	t.given = append(t.given, given{id, r.Type, map[string]bool{}})
	t.missed(0)
}

// missed says that the times are those of arrival, and how many events have not come so far.
func (t *translator) missed(events int) {
	t.add(flow.Record{Kind: flow.EventEmitted, Event: t.newID(), Type: show.TypeArrival, Payload: show.Arrival{Missed: events}})
}

// event translates the next event.
func (t *translator) event(e envelope) {
	t.at = t.now()
	var failed struct {
		Step    string `json:"step_name"`
		Error   string `json:"exception_message"`
		Message string
		Reason  string
	}
	if e.Type == typeFailed {
		_ = json.Unmarshal(e.Value, &failed) // what cannot be read is not shown
	}
	t.settle(failed.Step, failed.Error)
	switch {
	case e.Type == typeStep:
		var s stepChange
		if json.Unmarshal(e.Value, &s) == nil && s.Name != "" {
			t.step(s)
		}
	case e.Type == typeFailed:
		t.end(flow.Record{Kind: flow.RunFailed, Step: failed.Step, Error: failed.Error, Cause: t.last[failed.Step]})
	case e.Type == typeTimedOut:
		_ = json.Unmarshal(e.Value, &failed)
		if failed.Message == "" {
			failed.Message = "the run was out of time"
		}
		t.end(flow.Record{Kind: flow.RunFailed, Error: failed.Message})
	case e.Type == typeCancelled:
		_ = json.Unmarshal(e.Value, &failed)
		t.end(flow.Record{Kind: flow.RunCancelled, Error: failed.Reason})
	case e.is(typeStop):
		t.end(flow.Record{Kind: flow.RunFinished, Event: t.newID(), Type: e.Type, Payload: e.Value, Cause: t.stopper})
	case e.is(typeStart):
		// It began the run.
	case e.is(typeAsks):
		t.prompt(e)
	case e.is(typeReply):
		t.answered()
		t.send(0, e.Type, e.Value)
	default:
		t.emit(e)
	}
}

// emit adds an event that a step wrote for readers. The server does not say which step, so the step
// is known only while a single one runs: then streamed text is appended to its text.
func (t *translator) emit(e envelope) {
	r := flow.Record{Kind: flow.EventEmitted, Event: t.newID(), Type: e.Type, Payload: e.Value}
	var running []execution
	for _, x := range t.open {
		if x.running {
			running = append(running, x)
		}
	}
	if len(running) == 1 {
		r.Execution, r.Step, r.Attempt = running[0].id, running[0].step, 1
		if d, ok := delta(e); ok {
			r.Type, r.Payload = show.TypeDelta, d
		}
	}
	t.add(r)
}

// delta returns the text of an event that is a piece of a stream, such as LlamaIndex's AgentStream:
// its field delta or thinking_delta is a non-empty string.
func delta(e envelope) (show.Delta, bool) {
	var piece struct {
		Delta    string
		Thinking string `json:"thinking_delta"`
	}
	if json.Unmarshal(e.Value, &piece) != nil {
		return show.Delta{}, false
	}
	return show.Delta{Text: piece.Delta, Reasoning: piece.Thinking}, piece.Delta != "" || piece.Thinking != ""
}

// send adds an event that an execution has given; 0: it came from outside.
func (t *translator) send(by uint64, typ string, value json.RawMessage) uint64 {
	r := flow.Record{Kind: flow.EventSent, Event: t.newID(), Type: typ, Cause: by}
	if len(value) > 0 {
		r.Payload = value
	}
	t.add(r)
	t.given = append(t.given, given{r.Event, typ, map[string]bool{}})
	if len(t.given) > maxGiven {
		t.given = t.given[1:]
	}
	return r.Event
}

// maxGiven limits how many events are looked through for the cause of an execution.
const maxGiven = 1000

// step translates a change of a step.
func (t *translator) step(s stepChange) {
	input, output, worker := typeName(s.Input), typeName(s.Output), s.worker()
	switch s.State {
	case "preparing":
		t.start(flow.StepQueued, execution{step: s.Name, input: input})
	case "running":
		if len(t.asks) > 0 && (t.isReply(input) || len(t.open) == 0) {
			t.answered()
		}
		t.start(flow.StepStarted, execution{step: s.Name, input: input, worker: max(worker, 1), running: true})
	case "not_running":
		i := t.find(func(x execution) bool { return x.running && x.step == s.Name && (worker == 0 || x.worker == worker) })
		if i < 0 { // its start was not sent
			t.start(flow.StepStarted, execution{step: s.Name, input: input, worker: max(worker, 1), running: true})
			i = len(t.open) - 1
		}
		x := t.open[i]
		t.open = append(t.open[:i], t.open[i+1:]...)
		x.ended = t.at
		if output == "" {
			t.settled = append(t.settled, x) // it has no result, or has failed: the next event says which
			return
		}
		if output == t.graph.Stop || output == typeStop {
			t.stopper = x.id // the event comes with the end of the run
		} else {
			t.send(x.id, output, nil)
		}
		t.add(flow.Record{Kind: flow.StepFinished, Step: x.step, Execution: x.id, Worker: x.worker, Attempt: 1})
	}
}

// settle ends the executions whose outcome the next event shows: that of a step by which the run has
// failed has failed.
func (t *translator) settle(failedStep, message string) {
	now := t.at
	for _, x := range t.settled {
		r := flow.Record{Kind: flow.StepFinished, Step: x.step, Execution: x.id, Worker: x.worker, Attempt: 1}
		if x.step == failedStep && x.id == t.last[x.step] {
			r.Kind, r.Error = flow.StepFailed, message
		}
		t.at = x.ended
		t.add(r)
	}
	t.settled, t.at = nil, now
}

// start begins an execution, or lets one run that was preparing.
func (t *translator) start(kind flow.Kind, x execution) {
	i := t.find(func(o execution) bool { return !o.running && o.step == x.step && o.input == x.input })
	if kind == flow.StepStarted && i >= 0 {
		x.id = t.open[i].id
		t.open[i] = x
		t.add(flow.Record{Kind: kind, Step: x.step, Execution: x.id, Worker: x.worker, Attempt: 1})
		return
	}
	cause := t.cause(x.step, x.input)
	x.id = t.newID()
	t.open = append(t.open, x)
	t.last[x.step] = x.id
	r := flow.Record{Kind: kind, Step: x.step, Execution: x.id, Cause: cause}
	if kind == flow.StepStarted {
		r.Worker, r.Attempt = x.worker, 1
	}
	t.add(r)
}

func (t *translator) find(f func(execution) bool) int {
	for i, x := range t.open {
		if f(x) {
			return i
		}
	}
	return -1
}

// cause returns the event that a step was called with. The server names its type only.
func (t *translator) cause(step, typ string) uint64 {
	if typ == "" {
		return 0
	}
	for _, g := range t.given {
		if g.typ == typ && !g.taken[step] {
			g.taken[step] = true
			return g.id
		}
	}
	var by []uint64 // of the steps that may have sent it
	for _, s := range t.graph.Steps {
		for _, gives := range s.Gives {
			if gives == typ && t.last[s.Name] != 0 {
				by = append(by, t.last[s.Name])
			}
		}
	}
	if len(by) != 1 {
		by = []uint64{0}
	}
	id := t.send(by[0], typ, nil)
	t.given[len(t.given)-1].taken[step] = true
	return id
}

// prompt translates an event that asks a person.
func (t *translator) prompt(e envelope) {
	typ, form := t.human.reply()
	ask := show.Asking{Text: promptText(e), Schema: form}
	a := asked{t.newID(), t.newID()}
	t.asks = append(t.asks, a)
	t.add(flow.Record{Kind: flow.StepStarted, Step: outsideStep, Execution: a.execution, Worker: 1, Attempt: 1, Cause: t.cause(outsideStep, e.Type)})
	t.add(flow.Record{Kind: flow.AwaitOpened, Step: outsideStep, Execution: a.execution, Event: a.await, Type: typ,
		Payload: flow.Prompt{Key: e.Type, Prompt: ask}})
	t.last[outsideStep] = a.execution
}

// promptText returns what a prompt says: the first of the fields that usually hold it, or all.
func promptText(e envelope) string {
	var fields map[string]any
	_ = json.Unmarshal(e.Value, &fields) // it is then shown as it is
	for _, name := range []string{"prefix", "prompt", "question", "text", "message", "msg"} {
		if text, ok := fields[name].(string); ok && text != "" {
			return text
		}
	}
	return e.Type + " " + string(e.Value)
}

// isReply reports whether events of a type come from a person.
func (t *translator) isReply(typ string) bool {
	for _, reply := range t.human.types {
		if typ == reply {
			return true
		}
	}
	return typ == typeReply
}

// answered ends the oldest prompt.
func (t *translator) answered() {
	if len(t.asks) == 0 {
		return
	}
	a := t.asks[0]
	t.asks = t.asks[1:]
	t.add(flow.Record{Kind: flow.AwaitResolved, Step: outsideStep, Execution: a.execution, Event: a.await})
	t.add(flow.Record{Kind: flow.StepFinished, Step: outsideStep, Execution: a.execution, Worker: 1, Attempt: 1})
}

// end ends the run, once.
func (t *translator) end(r flow.Record) {
	if t.over {
		return
	}
	t.over = true
	if r.Kind == flow.RunFailed && r.Step != "" {
		if i := t.find(func(x execution) bool { return x.step == r.Step }); i >= 0 {
			x := t.open[i]
			t.add(flow.Record{Kind: flow.StepFailed, Step: x.step, Execution: x.id, Worker: x.worker, Attempt: 1, Error: r.Error})
		}
	}
	t.add(r)
}
