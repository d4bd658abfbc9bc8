package serve_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"weft/flow/journal"
	"weft/flow/serve"
)

// examplesOf are requests about what the server has and about runs that are over, in the order of
// [serve.Routes]: of each route the successes first, then what it refuses.
var examplesOf = [][]example{{
	{"the server works", "GET", "/health", "", []string{"Authorization", ""}},
	{"the routes", "GET", "/openapi.json", "", nil},
	{"the names of the workflows", "GET", "/workflows", "", nil},
	{"a method that the address does not have", "POST", "/workflows", "", nil},
	{"the schemas of a workflow", "GET", "/workflows/quick/schema", "", nil},
	{"of no workflow", "GET", "/workflows/none/schema", "", nil},
	{"the graph of a workflow", "GET", "/workflows/asking/representation", "", nil},
	{"of no workflow", "GET", "/workflows/none/representation", "", nil},
	{"the events of a workflow", "GET", "/workflows/quick/events", "", nil},
	{"of no workflow", "GET", "/workflows/none/events", "", nil},
}, {
	{"a run", "POST", "/workflows/quick/run", `{"start_event":{"text":"four"},"handler_id":"one"}`, nil},
	{"a run that fails", "POST", "/workflows/quick/run", `{"start_event":{"text":"fail"},"handler_id":"bad"}`, nil},
	{"a run that is out of time", "POST", "/workflows/slow/run", `{"handler_id":"late"}`, nil},
	{"of no workflow", "POST", "/workflows/none/run", "", nil},
	{"another method", "GET", "/workflows/quick/run", "", nil},
	{"a body that is not JSON", "POST", "/workflows/quick/run", "{", nil},
	{"a body that is no object", "POST", "/workflows/quick/run", "[]", nil},
	{"a start event of another shape", "POST", "/workflows/quick/run", `{"start_event":{"text":1}}`, nil},
	{"a start event that is no object", "POST", "/workflows/quick/run", `{"start_event":7}`, nil},
	{"an identifier that leads elsewhere", "POST", "/workflows/quick/run", `{"handler_id":"../x"}`, nil},
	{"an identifier that is taken", "POST", "/workflows/quick/run", `{"handler_id":"one"}`, nil},
	{"a large body", "POST", "/workflows/quick/run", `"` + strings.Repeat("x", 150) + `"`, nil},
}, {
	{"a run that is under way", "POST", "/workflows/endless/run-nowait", `{"handler_id":"endless"}`, nil},
	{"a run whose identifier is chosen", "POST", "/workflows/endless/run-nowait", "", nil},
	{"of no workflow", "POST", "/workflows/none/run-nowait", "", nil},
	{"a body of another shape", "POST", "/workflows/endless/run-nowait", `{"handler_id":7}`, nil},
	{"an identifier that is taken", "POST", "/workflows/endless/run-nowait", `{"handler_id":"endless"}`, nil},
}, {
	{"the runs of a workflow", "GET", "/handlers?workflow_name=slow", "", nil},
	{"the runs of a status", "GET", "/handlers?status=failed&status=completed", "", nil},
	{"no runs", "GET", "/handlers?workflow_name=none", "", nil},
	{"an unknown status", "GET", "/handlers?status=lost", "", nil},
	{"a completed run", "GET", "/handlers/one", "", nil},
	{"a run that is under way", "GET", "/handlers/endless", "", nil},
	{"a failed run", "GET", "/handlers/bad", "", nil},
	{"no run", "GET", "/handlers/none", "", nil},
	{"an identifier that leads elsewhere", "GET", "/handlers/..%2f..%2fetc%2fpasswd", "", nil},
	{"another method", "DELETE", "/handlers/one", "", nil},
	{"a completed run, at its other address", "GET", "/results/one", "", nil},
	{"a run that is under way, there", "GET", "/results/endless", "", nil},
	{"a failed run, there", "GET", "/results/bad", "", nil},
	{"no run, there", "GET", "/results/none", "", nil},
}, {
	{"events", "GET", "/events/one", "", nil},
	{"all events, as lines", "GET", "/events/one?sse=false&include_internal=true&include_qualified_name=false", "", nil},
	{"the events after one", "GET", "/events/one?after_sequence=-1", "", []string{"Last-Event-ID", "6"}},
	{"from now on", "GET", "/events/one?after_sequence=now", "", nil},
	{"of a failed run", "GET", "/events/bad", "", nil},
	{"of a run that was out of time", "GET", "/events/late", "", nil},
	{"of no run", "GET", "/events/none", "", nil},
	{"a position that is no number", "GET", "/events/one?after_sequence=x", "", nil},
	{"a choice that is none", "GET", "/events/one?sse=maybe", "", nil},
	{"the journal of a run", "GET", "/runs/one/records", "", nil},
	{"the journal after a record", "GET", "/runs/one/records?after=9", "", nil},
	{"the journal of no run", "GET", "/runs/none/records", "", nil},
	{"a position that is no number", "GET", "/runs/one/records?after=x", "", nil},
}}

// aboutAWait are requests about the run "w", which waits for a reply.
var aboutAWait = []example{
	{"a run that waits", "GET", "/handlers/w", "", nil},
	{"the events of a workflow of which a run waits", "GET", "/workflows/asking/events", "", nil},
	{"an event that the workflow does not have", "POST", "/events/w", `{"event":{"type":"Nothing","value":{}}}`, nil},
	{"an event of another shape", "POST", "/events/w", `{"event":{"type":"Approval","value":{"yes":1}}}`, nil},
	{"a step that the workflow does not have", "POST", "/events/w", `{"event":{"type":"Approval"},"step":"other"}`, nil},
	{"a step that does not take the event", "POST", "/events/w", `{"event":{"type":"Answer"},"step":"ask"}`, nil},
	{"a wait that is not open", "POST", "/events/w", `{"event":{"type":"Approval"},"await":99}`, nil},
	{"an event without a type", "POST", "/events/w", `{"event":{"value":{}}}`, nil},
	{"an event that is none", "POST", "/events/w", `{"event":"x"}`, nil},
	{"no run", "POST", "/events/none", `{"event":{"type":"Approval"}}`, nil},
	{"a pause, and breakpoints", "POST", "/runs/w/debug", `{"action":"pause","breakpoints":{"steps":["ask"]}}`, nil},
	{"the end of a pause", "POST", "/runs/w/debug", `{"action":"continue"}`, nil},
	{"an action that is none", "POST", "/runs/w/debug", `{"action":"stop"}`, nil},
	{"breakpoints that are none", "POST", "/runs/w/debug", `{"breakpoints":{"steps":1}}`, nil},
	{"a pause of no run", "POST", "/runs/none/debug", `{"action":"pause"}`, nil},
	{"a reply", "POST", "/events/w", `{"event":{"type":"Approval","value":{"yes":true}},"step":"ask"}`, nil},
}

// afterTheWait are requests about that run when it is over, about one that is cancelled, and about
// one whose journal cannot be read.
var afterTheWait = []example{
	{"an event for a run that is over", "POST", "/events/w", `{"event":{"type":"Approval","value":{}}}`, nil},
	{"a pause of a run that is over", "POST", "/runs/w/debug", `{"action":"pause"}`, nil},
	{"the events of a run that has waited", "GET", "/events/w", "", nil},
	{"cancelling a run", "POST", "/handlers/endless/cancel", "", nil},
	{"a cancelled run", "GET", "/handlers/endless", "", nil},
	{"the events of a cancelled run", "GET", "/events/endless", "", nil},
	{"cancelling it again", "POST", "/handlers/endless/cancel", "", nil},
	{"a choice that is none", "POST", "/handlers/endless/cancel?purge=maybe", "", nil},
	{"deleting a run", "POST", "/handlers/endless/cancel?purge=true", "", nil},
	{"deleting it again", "POST", "/handlers/endless/cancel?purge=true", "", nil},
	{"a run whose journal is damaged", "GET", "/handlers/damaged", "", nil},
}

// outside are requests that no route takes.
var outside = []example{
	{"the page of the debugger", "GET", "/", "", nil},
	{"its program", "GET", "/app.js", "", nil},
	{"an address that is not there", "GET", "/nothing", "", nil},
	{"an address with empty parts", "GET", "//handlers", "", nil},
	{"another host", "GET", "/workflows", "", []string{"Host", "evil.example"}},
	{"another origin", "GET", "/workflows", "", []string{"Origin", "http://evil.example"}},
	{"no token", "GET", "/workflows", "", []string{"Authorization", ""}},
	{"the link with the token", "GET", "/?token=correct+horse", "", []string{"Authorization", ""}},
	{"a link with another token", "GET", "/?token=x", "", []string{"Authorization", ""}},
}

// TestEveryAnswerIsAsInTheGoldenFile compares status, headers and body of what each route answers,
// and of each kind of refusal, with testdata/answers.txt. It also holds the OpenAPI document against
// the codes: a code that the document has for a route must have been answered, and a success that was
// answered must be in the document.
func TestEveryAnswerIsAsInTheGoldenFile(t *testing.T) {
	g := newGoldenSite(t)
	for _, group := range examplesOf {
		g.show(group...)
	}
	g.send(example{"", "POST", "/workflows/asking/run-nowait", `{"start_event":{"text":"may I?"},"handler_id":"w"}`, nil}).Body.Close()
	g.until("w", `"state":"waiting"`)
	g.show(aboutAWait...)
	g.until("w", `"status":"completed"`)
	if err := os.WriteFile(filepath.Join(g.path, "damaged"+journal.Suffix), []byte("not a journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.show(afterTheWait...)
	g.show(outside...)
	g.showShutdown()
	compareGolden(t, "testdata/answers.txt", g.out.String())
	g.checkCodes()
}

// until repeats a request for a run until the answer has a part.
func (g *goldenSite) until(run, part string) {
	g.t.Helper()
	g.site.until("/handlers/"+run, part, "Authorization", "Bearer "+goldenToken)
}

// showShutdown has a stream more than may be open, and shuts the server down while a request waits.
func (g *goldenSite) showShutdown() {
	g.send(example{"", "POST", "/workflows/endless/run-nowait", `{"handler_id":"last"}`, nil}).Body.Close()
	stream := g.send(example{"", "GET", "/events/last", "", nil})
	defer stream.Body.Close()
	g.show(example{"a stream too many", "GET", "/events/one", "", nil})
	waits := example{"a run that the server does not end", "POST", "/workflows/endless/run", `{"handler_id":"waits"}`, nil}
	var answered *http.Response
	var err error
	var asking sync.WaitGroup
	asking.Go(func() { answered, err = g.ask(waits) })
	g.until("waits", `"status":"running"`)
	g.server.Close()
	if asking.Wait(); err != nil {
		g.t.Fatal(err)
	}
	g.write(waits, answered)
	g.show(
		example{"a run that begins too late", "POST", "/workflows/quick/run", "", nil},
		example{"the server shuts down", "GET", "/health", "", nil},
	)
}

// checkCodes compares the codes that were answered with those of the OpenAPI document.
func (g *goldenSite) checkCodes() {
	raw, err := json.Marshal(serve.OpenAPI())
	if err != nil {
		g.t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct{ Responses map[string]any }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		g.t.Fatal(err)
	}
	for _, route := range serve.Routes() {
		name := route.Method + " " + route.Path
		documented := doc.Paths[route.Path][strings.ToLower(route.Method)].Responses
		for code := range documented {
			if n, err := strconv.Atoi(code); err == nil && !slices.Contains(g.codes[name], n) {
				g.t.Errorf("%s: no example is answered with %s", name, code)
			}
		}
		refused := false
		for _, code := range g.codes[name] {
			refused = refused || code >= 400
			if code < 300 && documented[strconv.Itoa(code)] == nil {
				g.t.Errorf("%s: the answer %d is not documented", name, code)
			}
		}
		if mayRefuse := route.Body || len(route.Query) > 0 || strings.Contains(route.Path, "{"); mayRefuse && !refused {
			g.t.Errorf("%s: no example is refused", name)
		}
	}
}
