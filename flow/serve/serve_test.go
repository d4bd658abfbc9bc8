package serve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/host"
	"weft/flow/journal"
	"weft/flow/serve"
)

type (
	Question struct {
		Text string `json:"text"`
	}
	Found struct {
		Count int `json:"count"`
	}
	Progress struct {
		Done int `json:"done"`
	}
	Ask struct {
		Text string `json:"text"`
	}
	Approval struct {
		Yes bool `json:"yes"`
	}
	Answer struct {
		Text string `json:"text"`
	}
)

// quick emits and ends at once.
func quick() flow.Definition {
	wf := flow.New[Question, Answer]("quick", flow.Describe("answers at once"))
	flow.Step(wf, "find", func(c *flow.Context, q Question) (Found, error) {
		if q.Text == "fail" {
			return Found{}, fmt.Errorf("nothing is found")
		}
		c.Emit(Progress{50})
		return Found{len(q.Text)}, nil
	}, flow.Describe("find what was asked for"))
	flow.Step(wf, "answer", func(_ *flow.Context, f Found) (Answer, error) {
		return Answer{fmt.Sprint(f.Count)}, nil
	})
	return wf
}

// asking waits for a reply.
func asking() flow.Definition {
	wf := flow.New[Question, Answer]("asking")
	flow.Step(wf, "ask", func(c *flow.Context, q Question) (Answer, error) {
		reply, err := flow.Await[Approval](c, "k", Ask(q))
		return Answer{fmt.Sprint(reply.Yes)}, err
	}, flow.Awaits[Approval]())
	return wf
}

// slow is out of time.
func slow() flow.Definition {
	wf := flow.New[Question, Answer]("slow", flow.Timeout(time.Millisecond))
	flow.Step(wf, "think", func(c *flow.Context, _ Question) (Answer, error) {
		<-c.Done()
		return Answer{}, c.Err()
	})
	return wf
}

// A site is a server on a folder, which can be started again.
type site struct {
	t      *testing.T
	path   string
	server *serve.Server
	http   *httptest.Server
	change func(*serve.Settings)
}

func open(t *testing.T, change func(*serve.Settings)) *site {
	s := &site{t: t, path: t.TempDir(), change: change}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *site) start() {
	dir, err := journal.Open(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	settings := serve.Settings{Dir: dir, Host: host.Settings{ReleaseAfter: time.Millisecond}}
	if s.change != nil {
		s.change(&settings)
	}
	if s.server, err = serve.New(settings, quick(), asking(), slow()); err != nil {
		s.t.Fatal(err)
	}
	s.listen()
}

func (s *site) listen() { s.http = httptest.NewServer(s.server) }

func (s *site) stop() {
	s.server.Close()
	s.http.Close()
}

// do sends a request and returns the status and the body.
func (s *site) do(method, path, body string, headers ...string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.http.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

func (s *site) want(status int, method, path, body string, parts ...string) string {
	s.t.Helper()
	got, text := s.do(method, path, body)
	if got != status {
		s.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, got, text, status)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			s.t.Errorf("%s %s: %s lacks %s", method, path, text, part)
		}
	}
	return text
}

// until repeats a request until the answer has a part.
func (s *site) until(path, part string, headers ...string) string {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(2 * time.Millisecond) {
		_, text := s.do("GET", path, "", headers...)
		if strings.Contains(text, part) {
			return text
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s never had %s: %s", path, part, text)
		}
	}
}

// ids returns the numbers of the events in a stream, and their types.
func ids(stream string) (ids, types []string) {
	for line := range strings.Lines(stream) {
		line = strings.TrimSpace(line)
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			ids = append(ids, id)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			var ev struct{ Type string }
			if err := json.Unmarshal([]byte(data), &ev); err != nil {
				panic(err)
			}
			types = append(types, ev.Type)
		}
	}
	return ids, types
}

func TestARunIsStartedAndItsResultRead(t *testing.T) {
	s := open(t, nil)
	s.want(200, "GET", "/health", "", `{"status":"healthy"}`)
	s.want(200, "GET", "/workflows", "", `{"workflows":["quick","asking","slow"]}`)
	s.want(200, "GET", "/workflows/quick/schema", "", `"title":"Question"`, `"title":"Answer"`, `"text":{"type":"string"}`)
	s.want(200, "GET", "/workflows/asking/events", "", `{"events":[{"title":"Approval"`)
	s.want(200, "GET", "/workflows/quick/representation", "", `"node_type":"step"`, `"event_types":["StartEvent"]`,
		`"event_types":["StopEvent"]`, `{"source":"Found","target":"answer","label":""}`)
	s.want(200, "POST", "/workflows/quick/run", `{"start_event":{"text":"four"},"handler_id":"one"}`,
		`"handler_id":"one"`, `"status":"completed"`, `"result":{"value":{"text":"4"},"type":"Answer","types":["StopEvent"]`)
	s.want(200, "GET", "/handlers/one", "", `"status":"completed"`)
	s.want(200, "GET", "/results/one", "", `"status":"completed"`)
	s.want(500, "POST", "/workflows/quick/run", `{"start_event":{"text":"fail"}}`, `"status":"failed"`, "nothing is found")
	s.want(200, "GET", "/handlers?status=failed", "", `"status":"failed"`)
	if text := s.want(200, "GET", "/handlers?status=completed&workflow_name=quick", ""); strings.Count(text, "handler_id") != 1 {
		t.Error(text)
	}
	s.want(200, "POST", "/workflows/quick/run", ``, `"status":"completed"`) // fields that are left out are zero
}

func TestAllEventsOfAShortRunAreStreamedAndStreamedAgain(t *testing.T) {
	s := open(t, nil)
	s.want(200, "POST", "/workflows/quick/run", `{"start_event":{"text":"four"},"handler_id":"one"}`)
	for range 2 {
		got, types := ids(s.want(200, "GET", "/events/one", ""))
		if want := []string{"Question", "Progress", "Found", "Answer"}; !slices.Equal(types, want) {
			t.Errorf("%v, want %v", types, want)
		}
		all, types := ids(s.want(200, "GET", "/events/one?include_internal=true", ""))
		if n := strings.Count(strings.Join(types, " "), "StepStateChanged"); n != 4 || len(all) != len(got)+4 {
			t.Error(types)
		}
	}
	if text := s.want(200, "GET", "/events/one?after_sequence=now", ""); text != "" {
		t.Error(text)
	}
	text := s.want(200, "GET", "/events/one?sse=false&include_qualified_name=false", "")
	if strings.Count(text, "\n") != 4 || strings.Contains(text, "qualified_name") {
		t.Error(text)
	}
	s.want(200, "GET", "/runs/one/records?after=1", "", `"seq":2,`, `"kind":"run.finished"`)
}

func TestAStreamContinuesAfterAnyEventWithoutGapOrDouble(t *testing.T) {
	s := open(t, nil)
	s.want(200, "POST", "/workflows/quick/run", `{"start_event":{"text":"four"},"handler_id":"one"}`)
	all, _ := ids(s.want(200, "GET", "/events/one?include_internal=true", ""))
	for i, id := range all {
		_, text := s.do("GET", "/events/one?include_internal=true&after_sequence=-1", "", "Last-Event-ID", id)
		if rest, _ := ids(text); !slices.Equal(rest, all[i+1:]) {
			t.Errorf("after %s: %v, want %v", id, rest, all[i+1:])
		}
	}
}

func TestAWaitIsAnsweredAfterARestart(t *testing.T) {
	s := open(t, nil)
	s.want(200, "POST", "/workflows/asking/run-nowait", `{"start_event":{"text":"may I?"},"handler_id":"w"}`, `"status":"running"`)
	s.until("/handlers/w", `"state":"waiting"`)
	before := s.first("/events/w", "ApprovalRequired")
	s.want(409, "POST", "/workflows/asking/run-nowait", `{"handler_id":"w"}`)
	for range 2 {
		s.stop()
		s.start()
		s.want(202, "GET", "/handlers/w", "", `"status":"running"`, `"state":"waiting"`)
	}
	s.want(400, "POST", "/events/w", `{"event":{"type":"Nothing","value":{}}}`)
	s.want(400, "POST", "/events/w", `{"event":{"type":"Approval","value":{"yes":1}}}`)
	s.want(400, "POST", "/events/w", `{"event":{"type":"Approval"},"step":"other"}`)
	s.want(200, "POST", "/events/w", `{"event":"{\"type\":\"Approval\",\"value\":{\"yes\":true}}","step":"ask"}`, `{"status":"sent"}`)
	s.until("/handlers/w", `"result":{"value":{"text":"true"}`)
	s.want(409, "POST", "/events/w", `{"event":{"type":"Approval","value":{}}}`)
	after, types := ids(s.want(200, "GET", "/events/w", ""))
	if !slices.Equal(after[:len(before)], before) || types[len(types)-1] != "Answer" || !slices.Contains(types, "Approval") {
		t.Errorf("before %v, after %v %v", before, after, types)
	}
}

// first reads a stream up to the first event of a type, and returns the numbers of the events.
func (s *site) first(path, typ string) []string {
	s.t.Helper()
	res, err := http.Get(s.http.URL + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var read strings.Builder
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		read.WriteString(lines.Text() + "\n")
		if got, types := ids(read.String()); slices.Contains(types, typ) {
			return got
		}
	}
	s.t.Fatalf("%s ended without %s", path, typ)
	return nil
}

func TestCancelAndPurge(t *testing.T) {
	s := open(t, nil)
	s.want(200, "POST", "/workflows/asking/run-nowait", `{"handler_id":"w"}`)
	s.want(200, "POST", "/handlers/w/cancel", "", `{"status":"cancelled"}`)
	s.want(200, "GET", "/handlers/w", "", `"status":"cancelled"`)
	if _, types := ids(s.want(200, "GET", "/events/w", "")); types[len(types)-1] != "WorkflowCancelledEvent" {
		t.Error(types)
	}
	s.want(404, "POST", "/handlers/w/cancel", "")
	s.want(200, "POST", "/handlers/w/cancel?purge=true", "", `{"status":"deleted"}`)
	s.want(404, "GET", "/handlers/w", "")
	s.want(404, "POST", "/handlers/w/cancel?purge=true", "")
}

func TestAStreamWithoutEventsShowsThatItIsAlive(t *testing.T) {
	s := open(t, func(s *serve.Settings) { s.Heartbeat = time.Millisecond })
	s.want(200, "POST", "/workflows/asking/run-nowait", `{"handler_id":"w"}`)
	res, err := http.Get(s.http.URL + "/events/w?after_sequence=now")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for line := ""; !strings.HasPrefix(line, ":"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWrongRequestsAreRefused(t *testing.T) {
	s := open(t, func(s *serve.Settings) { s.MaxBody, s.MaxStream = 200, 1 })
	s.want(200, "POST", "/workflows/quick/run", `{"handler_id":"one"}`)
	for _, tc := range []struct {
		status             int
		method, path, body string
	}{
		{404, "GET", "/workflows/none/schema", ""},
		{404, "GET", "/workflows/none/events", ""},
		{404, "GET", "/workflows/none/representation", ""},
		{404, "POST", "/workflows/none/run", ""},
		{404, "GET", "/handlers/none", ""},
		{404, "GET", "/events/none", ""},
		{404, "POST", "/events/none", ""},
		{404, "GET", "/runs/none/records", ""},
		{404, "GET", "/handlers/..%2f..%2fetc%2fpasswd", ""},
		{404, "GET", "/handlers/%00", ""},
		{404, "GET", "/handlers/.weft", ""},
		{404, "GET", "/nothing", ""},
		{404, "GET", "/", ""},
		{405, "POST", "/workflows", ""},
		{405, "GET", "/workflows/quick/run", ""},
		{405, "DELETE", "/handlers/one", ""},
		{400, "POST", "/workflows/quick/run", "{"},
		{400, "POST", "/workflows/quick/run", "[]"},
		{400, "POST", "/workflows/quick/run", `{"start_event":{"text":1}}`},
		{400, "POST", "/workflows/quick/run", `{"start_event":7}`},
		{400, "POST", "/workflows/quick/run", `{"handler_id":"../x"}`},
		{400, "POST", "/workflows/quick/run", `{"handler_id":7}`},
		{409, "POST", "/workflows/quick/run", `{"handler_id":"one"}`},
		{413, "POST", "/workflows/quick/run", `{"start_event":{"text":"` + strings.Repeat("x", 300) + `"}}`},
		{400, "POST", "/events/one", `{}`},
		{400, "POST", "/events/one", `{"event":"x"}`},
		{400, "POST", "/events/one", `{"event":{"value":{}}}`},
		{409, "POST", "/events/one", `{"event":{"type":"Found"}}`},
		{400, "GET", "/events/one?after_sequence=x", ""},
		{400, "GET", "/events/one?after_sequence=-2", ""},
		{400, "GET", "/events/one?sse=maybe", ""},
		{400, "GET", "/handlers?status=lost", ""},
		{400, "POST", "/handlers/one/cancel?purge=maybe", ""},
	} {
		s.want(tc.status, tc.method, tc.path, tc.body, `"detail":"`)
	}
}

func FuzzRoutes(f *testing.F) {
	dir, err := journal.Open(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	server, err := serve.New(serve.Settings{Dir: dir, MaxBody: 1 << 10}, quick(), asking())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(server.Close)
	for i, r := range serve.Routes() {
		f.Add(i, "quick", "status=running", `{"start_event":{"text":"x"},"event":{"type":"Found","value":{}}}`)
		f.Add(i, "asking", "sse=0", `{"handler_id":"asking"}`)
		f.Add(i, "../x", "purge=true&sse=0&after_sequence=9", r.Path)
		f.Add(i, strings.Repeat("x", 256), "", `{"handler_id":"`+strings.Repeat("x", 256)+`"}`)
		f.Add(i, "\xff", "", `{"handler_id":"\xff"}`)
	}
	f.Fuzz(func(t *testing.T, route int, name, query, body string) {
		all := serve.Routes()
		route = max(0, route) % len(all)
		// Requests that wait for a run, or stream one, end when their client is gone.
		ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer stop()
		req := httptest.NewRequestWithContext(ctx, all[route].Method, "http://localhost/", strings.NewReader(body))
		req.URL.Path = strings.NewReplacer("{name}", name, "{id}", name).Replace(all[route].Path)
		req.URL.RawQuery = query
		w := httptest.NewRecorder()
		done := make(chan struct{})
		go func() { defer close(done); server.ServeHTTP(w, req) }()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("the server does not answer")
		}
		if w.Code >= 500 && !strings.Contains(w.Body.String(), `"handler_id"`) {
			t.Errorf("%s %s?%s %q: %d %s", req.Method, req.URL.Path, query, body, w.Code, w.Body)
		}
	})
}
