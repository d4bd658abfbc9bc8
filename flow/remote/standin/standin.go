// Package standin answers as LlamaIndex's workflow server does, for tests only. That server cannot be
// run without Python; this one follows the description of its protocol to the letter:
//
//   - an event stream without after_sequence begins with the next event, and what came before is lost;
//   - events are numbered from 0 and have no time;
//   - a stream after the last event of a run that has ended is answered with 204.
//
// A workflow is a function that writes the events which LlamaIndex's would.
package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

// A Workflow is one that the server has.
type Workflow struct {
	Name   string
	Graph  string   // JSON: nodes and edges
	Start  string   // JSON Schema of the start event
	Events []string // JSON Schemas of the events
	Do     func(*Run)
}

// A Server is an http.Handler. Forgetful servers do not know after_sequence: each stream begins with
// the next event, as in early versions.
type Server struct {
	Forgetful bool

	mux   *http.ServeMux
	flows []Workflow
	mu    sync.Mutex
	runs  map[string]*Run
}

// New returns a server of workflows.
func New(flows ...Workflow) *Server {
	s := &Server{mux: http.NewServeMux(), flows: flows, runs: map[string]*Run{}}
	for pattern, f := range map[string]http.HandlerFunc{
		"GET /workflows": s.list, "GET /workflows/{name}/{what}": s.describe, "POST /workflows/{name}/run-nowait": s.start,
		"GET /handlers/{id}": s.handler, "POST /handlers/{id}/cancel": s.cancel,
		"GET /events/{id}": s.stream, "POST /events/{id}": s.send,
	} {
		s.mux.HandleFunc(pattern, f)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// A Run is one run of a workflow.
type Run struct {
	id, workflow string
	Start        json.RawMessage // the start event
	Cancelled    chan struct{}   // closed when a client cancels the run
	Watched      chan struct{}   // closed when a client follows its events
	once         sync.Once
	replies      chan json.RawMessage

	mu      sync.Mutex
	more    *sync.Cond
	events  []event
	status  string
	failure any // nil, or the text of the error
	result  json.RawMessage
}

type event struct {
	internal bool
	envelope json.RawMessage
}

// Emit writes an event.
func (r *Run) Emit(typ, value string, types ...string) { r.write(false, typ, value, types) }

// Internal writes an event that only clients get who ask for internal events.
func (r *Run) Internal(typ, value string) {
	r.write(true, typ, value, []string{"InternalDispatchEvent"})
}

func (r *Run) write(internal bool, typ, value string, types []string) {
	raw, err := json.Marshal(map[string]any{"value": json.RawMessage(value), "type": typ, "types": types, "qualified_name": "app." + typ})
	if err != nil {
		panic(fmt.Sprintf("the value of %s is not JSON: %s", typ, value))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event{internal, raw})
	r.more.Broadcast()
}

// Running says that a worker of a step, counted from 0, has begun with an event.
func (r *Run) Running(step string, worker int, input string) {
	r.Internal("StepStateChanged", fmt.Sprintf(`{"name":%q,"step_state":"running","worker_id":"%d","input_event_name":%q,"output_event_name":null}`, step, worker, input))
}

// Preparing says that a step has an event and no worker for it.
func (r *Run) Preparing(step, input string) {
	r.Internal("StepStateChanged", fmt.Sprintf(`{"name":%q,"step_state":"preparing","worker_id":"<enqueued>","input_event_name":%q,"output_event_name":null}`, step, input))
}

// NotRunning says that a worker of a step has ended with an event; "": with none.
func (r *Run) NotRunning(step string, worker int, input, output string) {
	given := "null"
	if output != "" {
		given = fmt.Sprintf(`"<class 'app.%s'>"`, output)
	}
	r.Internal("StepStateChanged", fmt.Sprintf(`{"name":%q,"step_state":"not_running","worker_id":"%d","input_event_name":"<class 'app.%s'>","output_event_name":%s}`, step, worker, input, given))
}

// Reply waits for an event that a client sends, and returns it.
func (r *Run) Reply() json.RawMessage {
	select {
	case ev := <-r.replies:
		return ev
	case <-r.Cancelled:
		return nil
	}
}

// Complete ends the run with a stop event.
func (r *Run) Complete(typ, value string) {
	types := []string{"StopEvent"}
	if typ == "StopEvent" {
		types = []string{}
	}
	r.Emit(typ, value, types...)
	raw, _ := json.Marshal(map[string]any{"value": json.RawMessage(value), "type": typ, "types": types}) // Emit has marshalled it
	r.end("completed", raw, nil)
}

// Fail ends the run with the failure of a step.
func (r *Run) Fail(step, message string) {
	r.Emit("WorkflowFailedEvent", fmt.Sprintf(`{"step_name":%q,"exception_type":"ValueError","exception_message":%q,"attempts":1}`, step, message), "StopEvent")
	r.end("failed", nil, message)
}

func (r *Run) end(status string, result json.RawMessage, failure any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.result, r.failure = status, result, failure
	r.more.Broadcast()
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, map[string]string{"detail": why})
}

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	names := []string{}
	for _, f := range s.flows {
		names = append(names, f.Name)
	}
	answer(w, http.StatusOK, map[string]any{"workflows": names})
}

func (s *Server) flow(name string) *Workflow {
	for i := range s.flows {
		if s.flows[i].Name == name {
			return &s.flows[i]
		}
	}
	return nil
}

func (s *Server) describe(w http.ResponseWriter, r *http.Request) {
	f := s.flow(r.PathValue("name"))
	if f == nil {
		refuse(w, http.StatusNotFound, "Workflow not found")
		return
	}
	switch r.PathValue("what") {
	case "schema":
		answer(w, http.StatusOK, map[string]any{"start": json.RawMessage(f.Start), "stop": map[string]any{}})
	case "events":
		schemas := []json.RawMessage{}
		for _, e := range f.Events {
			schemas = append(schemas, json.RawMessage(e))
		}
		answer(w, http.StatusOK, map[string]any{"events": schemas})
	case "representation":
		if f.Graph != "" {
			answer(w, http.StatusOK, map[string]any{"graph": json.RawMessage(f.Graph)})
			return
		}
		fallthrough
	default:
		refuse(w, http.StatusNotFound, "Not Found")
	}
}

func (s *Server) start(w http.ResponseWriter, r *http.Request) {
	f := s.flow(r.PathValue("name"))
	var body struct {
		Start json.RawMessage `json:"start_event"`
	}
	if f == nil || json.NewDecoder(r.Body).Decode(&body) != nil {
		refuse(w, http.StatusBadRequest, "the start event is missing")
		return
	}
	run := &Run{workflow: f.Name, Start: body.Start, status: "running", Cancelled: make(chan struct{}), Watched: make(chan struct{}), replies: make(chan json.RawMessage, 8)}
	run.more = sync.NewCond(&run.mu)
	s.mu.Lock()
	run.id = fmt.Sprintf("handler-%d", len(s.runs)+1)
	s.runs[run.id] = run
	s.mu.Unlock()
	go f.Do(run)
	answer(w, http.StatusOK, run.info())
}

func (r *Run) info() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := map[string]any{"handler_id": r.id, "workflow_name": r.workflow, "run_id": r.id, "status": r.status, "error": r.failure, "result": nil}
	if r.result != nil {
		info["result"] = r.result
	}
	return info
}

// run returns the run that a request names, or answers it.
func (s *Server) run(w http.ResponseWriter, r *http.Request) *Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := s.runs[r.PathValue("id")]
	if run == nil {
		refuse(w, http.StatusNotFound, "Handler not found")
	}
	return run
}

func (s *Server) handler(w http.ResponseWriter, r *http.Request) {
	run := s.run(w, r)
	if run == nil {
		return
	}
	info := run.info()
	status := map[any]int{"running": http.StatusAccepted, "failed": http.StatusInternalServerError}[info["status"]]
	if status == 0 {
		status = http.StatusOK
	}
	answer(w, status, info)
}

func (s *Server) cancel(w http.ResponseWriter, r *http.Request) {
	if run := s.run(w, r); run != nil {
		close(run.Cancelled)
		run.Emit("WorkflowCancelledEvent", `{"reason":"the client has cancelled"}`, "StopEvent")
		run.end("cancelled", nil, nil)
		answer(w, http.StatusOK, map[string]string{"status": "cancelled"})
	}
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	run := s.run(w, r)
	if run == nil {
		return
	}
	var body struct{ Event json.RawMessage }
	if json.NewDecoder(r.Body).Decode(&body) != nil || len(body.Event) == 0 {
		refuse(w, http.StatusBadRequest, "the event is missing")
		return
	}
	run.replies <- body.Event
	answer(w, http.StatusOK, map[string]string{"status": "sent"})
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	run := s.run(w, r)
	if run == nil {
		return
	}
	run.mu.Lock()
	next := len(run.events)
	run.mu.Unlock()
	from := r.Header.Get("Last-Event-ID")
	if from == "" {
		from = r.URL.Query().Get("after_sequence")
	}
	if from != "" && from != "now" && !s.Forgetful {
		n, err := strconv.Atoi(from)
		if err != nil {
			refuse(w, http.StatusBadRequest, "after_sequence is not a number")
			return
		}
		next = n + 1
	}
	run.mu.Lock()
	gone := run.status != "running" && next >= len(run.events)
	run.mu.Unlock()
	if gone {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	run.once.Do(func() { close(run.Watched) })
	internal := r.URL.Query().Get("include_internal") == "true"
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	_ = out.Flush()
	stop := make(chan struct{})
	defer close(stop)
	go func() { // wake the reader up when the client is gone
		select {
		case <-r.Context().Done():
			run.mu.Lock()
			run.more.Broadcast()
			run.mu.Unlock()
		case <-stop:
		}
	}()
	for {
		run.mu.Lock()
		for next >= len(run.events) && run.status == "running" && r.Context().Err() == nil {
			run.more.Wait()
		}
		if r.Context().Err() != nil || next >= len(run.events) {
			run.mu.Unlock()
			return
		}
		ev := run.events[next]
		run.mu.Unlock()
		if !ev.internal || internal {
			if _, err := fmt.Fprintf(w, "id: %d\nevent: message\ndata: %s\n\n", next, ev.envelope); err != nil {
				return
			}
			_ = out.Flush()
		}
		next++
	}
}
