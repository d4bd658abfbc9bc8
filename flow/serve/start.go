package serve

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/trace"
)

// readWithin limits how long a client may take to send the body of a request.
const readWithin = 30 * time.Second

// idLetters is the length of the identifier that a run is given: 50 bits, few enough to be typed.
const idLetters = 10

// errUnknownRun is the error about a run that is not there, or is not served.
var errUnknownRun = fmt.Errorf("there is no such run: %w", fs.ErrNotExist)

// readBody reads the body of a request. On an error it answers the request, and ok is false.
func readBody(w http.ResponseWriter, r *http.Request) (raw []byte, ok bool) {
	body := http.NewResponseController(w)
	_ = body.SetReadDeadline(time.Now().Add(readWithin)) // not every writer has one
	raw, err := io.ReadAll(r.Body)
	_ = body.SetReadDeadline(time.Time{}) // the request may wait for its run
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", large.Limit))
		return nil, false
	case err != nil:
		fail(w, http.StatusBadRequest, "the body could not be read")
		return nil, false
	}
	return raw, true
}

// decode reads the JSON object in the body of a request into v. On an error it answers the request
// and returns false. An empty body leaves v unchanged.
func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	raw, ok := readBody(w, r)
	if !ok || len(raw) == 0 {
		return ok
	}
	if err := json.Unmarshal(raw, v); err != nil {
		fail(w, http.StatusBadRequest, "the body is not the JSON object that is expected"+misshape(err))
		return false
	}
	return true
}

// begin starts the run that a request asks for. On an error it answers the request, and ok is
// false.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) (id string, ok bool) {
	name := r.PathValue("name")
	if s.flows[name] == nil {
		fail(w, http.StatusNotFound, "there is no such workflow")
		return "", false
	}
	var body struct {
		Start   json.RawMessage `json:"start_event"`
		Handler string          `json:"handler_id"`
		Breaks  *breakpoints    `json:"breakpoints"`
	}
	if !decode(w, r, &body) {
		return "", false
	}
	start := startEvent(body.Start)
	if body.Handler == "" {
		body.Handler = strings.ToLower(rand.Text()[:idLetters])
	} else {
		if _, err := s.settings.Dir.Path(body.Handler); err != nil {
			fail(w, http.StatusBadRequest, "handler_id cannot be the name of a run: leave it out, or use letters, digits and hyphens")
			return "", false
		}
	}
	labels := map[string]string{}
	maps.Copy(labels, s.settings.Labels)
	labels[labelServed] = "yes"
	if parent := r.Header.Get(trace.LabelParent); trace.ValidParent(parent) {
		labels[trace.LabelParent] = parent // the spans of the run become part of the caller's trace
	}
	opts := []flow.RunOption{flow.Labels(labels)}
	if body.Breaks != nil {
		opts = append(opts, flow.Breakpoints(body.Breaks.stop))
	}
	id, err := s.host.StartJSON(name, body.Handler, start, opts...)
	switch {
	case err == nil:
		if body.Breaks != nil {
			s.setBreaks(id, body.Breaks)
		}
		return id, true
	case errors.Is(err, flow.ErrMalformed):
		reason := err.Error() // of a type that decodes itself
		if shape := misshape(err); shape != "" {
			reason = "start_event does not fit the start event of the workflow " + name + shape
		}
		fail(w, http.StatusBadRequest, reason)
	case errors.Is(err, journal.ErrExists), errors.Is(err, journal.ErrOwned):
		fail(w, http.StatusConflict, "there is a run with this handler_id")
	default:
		failed(w, err)
	}
	return "", false
}

// startEvent returns the JSON of a start event, which may be given as an object, as an envelope with
// a value, or as a string that holds either.
func startEvent(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) == nil && json.Valid([]byte(text)) {
		raw = json.RawMessage(text)
	}
	var wrapped map[string]json.RawMessage
	if json.Unmarshal(raw, &wrapped) == nil {
		_, qualified := wrapped["qualified_name"]
		if value, ok := wrapped["value"]; ok && (qualified || len(wrapped) == 2 && wrapped["type"] != nil) {
			return value
		}
	}
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

func (s *Server) runNowait(w http.ResponseWriter, r *http.Request) {
	id, ok := s.begin(w, r)
	if !ok {
		return
	}
	answer(w, http.StatusOK, s.begun(id, r.PathValue("name")))
}

// begun describes a run that has just been started, and whose first record may not be written yet.
func (s *Server) begun(id, workflow string) handlerInfo {
	if h, err := s.look(id); err == nil {
		return h
	}
	return handlerInfo{ID: id, Run: id, Workflow: workflow, Status: statusRunning, State: statusRunning}
}

func (s *Server) run(w http.ResponseWriter, r *http.Request) {
	id, ok := s.begin(w, r)
	if !ok {
		return
	}
	if _, err := s.host.Wait(r.Context(), id); err != nil && r.Context().Err() != nil {
		return // the client is gone, and the run continues
	}
	h, err := s.look(id)
	switch {
	case err != nil:
		failed(w, err)
	case h.Status == statusRunning:
		fail(w, http.StatusServiceUnavailable, "the server is shutting down; the run continues when it starts again, as handler "+id)
	default:
		answer(w, codeOf(h), h)
	}
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	h, ok := s.find(w, r)
	if !ok {
		return
	}
	var body struct {
		Event json.RawMessage `json:"event"`
		Step  string          `json:"step"`
		Await uint64          `json:"await"`
	}
	if !decode(w, r, &body) {
		return
	}
	ev, err := readEvent(body.Event)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if h.Status != statusRunning {
		fail(w, http.StatusConflict, "the handler has ended")
		return
	}
	if wf := s.flows[h.Workflow]; wf != nil {
		if reason := misfit(wf, ev, body.Step); reason != "" {
			fail(w, http.StatusBadRequest, reason)
			return
		}
	}
	await := body.Await
	if body.Step != "" && await == 0 {
		if await, err = s.awaitOf(h.ID, body.Step, ev.Type); err != nil {
			failed(w, err)
			return
		}
	}
	if await != 0 {
		err = s.host.Reply(h.ID, await, ev.Value)
	} else {
		err = s.host.SendJSON(h.ID, ev.Type, ev.Value)
	}
	switch shape := misshape(err); {
	case err == nil:
		answer(w, http.StatusOK, map[string]string{"status": "sent"})
	case shape != "":
		fail(w, http.StatusBadRequest, "the value does not fit the event "+ev.Type+shape)
	default:
		failed(w, err)
	}
}

// misshape says what is wrong with JSON that could not be decoded, as the end of a sentence, in the
// words of JSON and not of Go. It is "" for errors that are about something else.
func misshape(err error) string {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return ": it is not JSON: " + syntax.Error()
	case !errors.As(err, &typ):
		return ""
	case typ.Field == "":
		return fmt.Sprintf(": it is of the type %s, not %s", jsonWord(typ.Value), jsonType(typ.Type))
	}
	return fmt.Sprintf(": %s is of the type %s, not %s", typ.Field, jsonWord(typ.Value), jsonType(typ.Type))
}

// jsonWord returns JSON Schema's name for a kind of value, given the description of the value in an
// error of encoding/json, such as "bool" or "number 1.5".
func jsonWord(described string) string {
	kind, _, _ := strings.Cut(described, " ")
	if kind == "bool" {
		return "boolean"
	}
	return kind
}

// jsonType returns JSON Schema's name for the values from which a Go type is decoded.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonType(t.Elem())
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Float32, reflect.Float64:
		return "number"
	}
	return "integer"
}

// readEvent reads the event in a request: an object with type and value, or a string that holds one.
func readEvent(raw json.RawMessage) (envelope, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var ev envelope
	if err := json.Unmarshal(raw, &ev); err != nil {
		return ev, errors.New("event must be an object with the members type and value, or a string that holds one")
	}
	if ev.Type == "" {
		_, ev.Type = splitLast(ev.Qualified)
	}
	if ev.Type == "" {
		return ev, errors.New("event has no type")
	}
	if ev.Value == nil {
		ev.Value = json.RawMessage("{}")
	}
	return ev, nil
}
