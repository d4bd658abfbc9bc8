package remote

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/remote/standin"
	"weft/flow/show"
)

// reportGraph is drawn as LlamaIndex's server draws a workflow that asks a person.
const reportGraph = `{"name":"report","description":"write a report","nodes":[
	{"id":"StartEvent","label":"AskEvent","node_type":"event","event_type":"AskEvent","event_types":["StartEvent"]},
	{"id":"plan","label":"plan","node_type":"step"},
	{"id":"SearchEvent","label":"SearchEvent","node_type":"event","event_type":"SearchEvent","event_types":[]},
	{"id":"search","label":"search","node_type":"step"},
	{"id":"FoundEvent","label":"FoundEvent","node_type":"event","event_type":"FoundEvent","event_types":[]},
	{"id":"write","label":"write","node_type":"step"},
	{"id":"ApproveEvent","label":"ApproveEvent","node_type":"event","event_type":"ApproveEvent","event_types":["InputRequiredEvent"]},
	{"id":"external_step","label":"External","node_type":"external"},
	{"id":"ApprovalEvent","label":"ApprovalEvent","node_type":"event","event_type":"ApprovalEvent","event_types":["HumanResponseEvent"]},
	{"id":"publish","label":"publish","node_type":"step"},
	{"id":"StopEvent","label":"ReportEvent","node_type":"event","event_type":"ReportEvent","event_types":["StopEvent"]}],
	"edges":[{"source":"StartEvent","target":"plan"},{"source":"plan","target":"SearchEvent"},{"source":"SearchEvent","target":"search"},
	{"source":"search","target":"FoundEvent"},{"source":"FoundEvent","target":"write"},{"source":"write","target":"ApproveEvent"},
	{"source":"ApproveEvent","target":"external_step"},{"source":"external_step","target":"ApprovalEvent"},
	{"source":"ApprovalEvent","target":"publish"},{"source":"publish","target":"StopEvent"}]}`

// report is a workflow of LlamaIndex's: it sends two searches to one worker, collects their results and
// asks a person before it ends.
func report() standin.Workflow {
	return standin.Workflow{
		Name: "report", Graph: reportGraph,
		Start:  `{"title":"AskEvent","type":"object","properties":{"topic":{"type":"string"},"depth":{"type":"integer","default":2}},"required":["topic"]}`,
		Events: []string{`{"title":"ApprovalEvent","type":"object","properties":{"approved":{"type":"boolean"}},"required":["approved"]}`},
		Do: func(r *standin.Run) {
			r.Running("plan", 0, "AskEvent")
			r.NotRunning("plan", 0, "AskEvent", "") // it has sent its events by itself
			r.Running("search", 0, "SearchEvent")
			r.Preparing("search", "SearchEvent")
			r.Emit("ProgressEvent", `{"message":"the first page"}`)
			r.Emit("AgentStream", `{"delta":"a ferry","response":"a ferry","tool_calls":[]}`)
			r.Emit("AgentStream", `{"delta":"","thinking_delta":"which?"}`)
			r.Emit("AgentStream", `{"delta":""}`)
			r.NotRunning("search", 0, "SearchEvent", "FoundEvent")
			r.Running("search", 0, "SearchEvent")
			r.Running("write", 3, "FoundEvent")
			r.NotRunning("write", 3, "FoundEvent", "")
			r.NotRunning("search", 0, "SearchEvent", "FoundEvent")
			r.Running("write", 3, "FoundEvent")
			r.NotRunning("write", 3, "FoundEvent", "ApproveEvent")
			r.Emit("ApproveEvent", `{"prefix":"publish it?"}`, "InputRequiredEvent")
			r.Internal("WorkflowIdleEvent", `{}`)
			reply := r.Reply()
			if reply == nil {
				return
			}
			r.Running("publish", 0, "ApprovalEvent")
			if strings.Contains(string(reply), "false") {
				r.NotRunning("publish", 0, "ApprovalEvent", "")
				r.Fail("publish", "it was not approved")
				return
			}
			r.NotRunning("publish", 0, "ApprovalEvent", "ReportEvent")
			r.Complete("ReportEvent", `{"text":"about `+strings.ReplaceAll(string(r.Start), `"`, "")+`"}`)
		},
	}
}

// told returns records in short lines: kind, step, worker, type, the type of the cause, and errors.
func told(records []flow.Record) string {
	types := map[uint64]string{}
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%v %s", r.Kind, r.Step)
		if r.Worker > 0 {
			fmt.Fprintf(&b, "/%d", r.Worker)
		}
		if r.Type != "" {
			fmt.Fprintf(&b, " %s", r.Type)
		}
		if r.Cause > 0 {
			fmt.Fprintf(&b, " of %s", types[r.Cause])
		}
		if r.Error != "" {
			fmt.Fprintf(&b, ": %s", r.Error)
		}
		switch r.Kind {
		case flow.RunStarted, flow.EventSent:
			types[r.Event] = r.Type
		case flow.StepStarted, flow.StepQueued:
			types[r.Execution] = r.Step
		}
		b.WriteString("\n")
	}
	return b.String()
}

const reportBegins = `run.started report AskEvent
event.emitted  Arrival
step.started plan/1 of AskEvent
step.finished plan/1
event.sent  SearchEvent of plan
step.started search/1 of SearchEvent
event.sent  SearchEvent of plan
step.queued search of SearchEvent
event.emitted search ProgressEvent
event.emitted search Delta
event.emitted search Delta
event.emitted search AgentStream
event.sent  FoundEvent of search
step.finished search/1
step.started search/1
step.started write/4 of FoundEvent
step.finished write/4
event.sent  FoundEvent of search
step.finished search/1
step.started write/4 of FoundEvent
event.sent  ApproveEvent of write
step.finished write/4
step.started outside/1 of ApproveEvent
await.opened outside ApprovalEvent
event.emitted  WorkflowIdleEvent
await.resolved outside
step.finished outside/1
`

// TestARunOfAForeignServerIsMadeOfItsEvents starts runs on the stand-in for LlamaIndex's server, and
// approves of one, not of the next, and cancels the last.
func TestARunOfAForeignServerIsMadeOfItsEvents(t *testing.T) {
	server := httptest.NewServer(standin.New(report()))
	defer server.Close()
	c := client(t, server.URL, "")
	graphs, err := c.Workflows(t.Context())
	if err != nil || !c.Foreign() || len(graphs) != 1 {
		t.Fatalf("%+v %v", graphs, err)
	}
	var edges []string
	for _, e := range graphs[0].Edges {
		edges = append(edges, e.From+"-"+e.Event+"-"+e.To)
	}
	if got, want := strings.Join(edges, " "), "-AskEvent-plan plan-SearchEvent-search search-FoundEvent-write write-ApproveEvent-outside "+
		"outside-ApprovalEvent-publish publish-ReportEvent-"; got != want || graphs[0].Start != "AskEvent" || graphs[0].Stop != "ReportEvent" {
		t.Errorf("the edges are %s of %+v", got, graphs[0])
	}
	for _, tc := range []struct {
		name, reply, want string
	}{
		{"approved", `{"approved":true}`, "event.sent  ApprovalEvent of outside\nstep.started publish/1 of ApprovalEvent\nstep.finished publish/1\nrun.finished  ReportEvent of publish\n"},
		{"not approved", `{"approved":false}`, "event.sent  ApprovalEvent of outside\nstep.started publish/1 of ApprovalEvent\nstep.failed publish/1: it was not approved\nrun.failed publish of publish: it was not approved\n"},
		{"cancelled", "", "run.cancelled : the client has cancelled\n"},
	} {
		began := time.Now()
		run, err := c.Ask(t.Context(), "report", "ferries")
		if err != nil {
			t.Fatal(err)
		}
		var got []flow.Record
		for r, err := range run.Follow(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Seq != uint64(len(got)+1) || len(got) > 0 && r.Time.Before(got[len(got)-1].Time) || r.Time.Before(began) {
				t.Errorf("%s: record %d at %v comes after %+v", tc.name, r.Seq, r.Time, got)
			}
			got = append(got, r)
			switch {
			case r.Type == "WorkflowIdleEvent" && tc.reply == "":
				err = run.Cancel(t.Context())
			case r.Type == "WorkflowIdleEvent":
				err = run.Reply(t.Context(), 0, "ApprovalEvent", json.RawMessage(tc.reply))
			case r.Type == show.TypeDelta:
				if piece, _ := r.JSON(); string(piece) != `{"text":"a ferry"}` && string(piece) != `{"reasoning":"which?"}` {
					t.Errorf("%s: a piece of the stream is %s", tc.name, piece)
				}
			case r.Kind == flow.AwaitOpened:
				asked, _ := r.JSON()
				if !strings.Contains(string(asked), `"text":"publish it?"`) || !strings.Contains(string(asked), `"approved":{"type":"boolean"}`) {
					t.Errorf("%s: asked %s", tc.name, asked)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		want := reportBegins + tc.want
		if tc.reply == "" {
			want = strings.TrimSuffix(reportBegins, "await.resolved outside\nstep.finished outside/1\n") + tc.want
		}
		if told(got) != want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, told(got), want)
		}
		if raw, _ := got[0].JSON(); string(raw) != `{"topic":"ferries"}` {
			t.Errorf("%s: the start event is %s", tc.name, raw)
		}
		if raw, _ := got[len(got)-1].JSON(); tc.name == "approved" && string(raw) != `{"text":"about {topic:ferries}"}` {
			t.Errorf("the result is %s", raw)
		}
	}
}

// TestEventsThatAForeignServerHasLostAreReported follows runs of a server that sends only what
// happens after a client has connected, and one that was read before.
func TestEventsThatAForeignServerHasLostAreReported(t *testing.T) {
	begun := make(chan struct{})
	wf := standin.Workflow{Name: "late", Start: `{}`, Do: func(r *standin.Run) {
		for range 3 {
			r.Running("first", 0, "StartEvent")
			r.NotRunning("first", 0, "StartEvent", "NextEvent")
		}
		r.Running("second", 0, "NextEvent")
		close(begun)
		<-r.Watched
		r.NotRunning("second", 0, "NextEvent", "StopEvent")
		r.Complete("StopEvent", `{"result":"done"}`)
	}}
	forgetful := standin.New(wf)
	forgetful.Forgetful = true
	server := httptest.NewServer(forgetful)
	defer server.Close()
	c := client(t, server.URL, "")
	if _, err := c.Workflows(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Ask(t.Context(), "late", "x"); err == nil || !strings.Contains(err.Error(), "does not say which field takes a question") {
		t.Errorf("%v", err)
	}
	run, err := c.Ask(t.Context(), "late", `{"query":"x"}`)
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	follow := func(id string) (records []flow.Record) {
		for r, err := range c.Open(id).Follow(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			records = append(records, r)
		}
		return records
	}
	got := follow(run.ID())
	want := "run.started late StartEvent\nevent.emitted  Arrival\n"
	if all := told(got); all != want+"event.emitted  Arrival\nevent.sent  NextEvent\nstep.started second/1 of NextEvent\n"+
		"step.finished second/1\nrun.finished  StopEvent of second\n" {
		t.Errorf("%s", all)
	}
	if got[2].Payload != (show.Arrival{Missed: 7}) {
		t.Errorf("%+v are missing", got[2].Payload)
	}
	got = follow(run.ID()) // it has ended: its events are gone
	if all := told(got); all != want+"run.finished  StopEvent\n" {
		t.Errorf("%s", all)
	}
	if raw, _ := got[len(got)-1].JSON(); string(raw) != `{"result":"done"}` {
		t.Errorf("the result is %s", raw)
	}
	for _, err := range c.Open("none").Follow(t.Context(), 0) {
		if err == nil || !strings.Contains(err.Error(), "Handler not found") {
			t.Errorf("%v", err)
		}
	}
}

// cuttingProxy cuts streams of events after a random number of bytes, for a number of connections.
type cuttingProxy struct {
	to   string
	seed uint64
	cuts atomic.Int64
}

func (p *cuttingProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pass := &badProxy{to: p.to}
	left := 1 << 30
	if strings.HasPrefix(r.URL.Path, "/events/") {
		if n := p.cuts.Add(-1); n >= 0 {
			left = rand.New(rand.NewPCG(p.seed, uint64(n))).IntN(1500)
		}
	}
	pass.pass(w, r, func(out func(string), line string) {
		if left -= len(line); left <= 0 {
			out(line[:len(line)+left])
			panic(http.ErrAbortHandler)
		}
		out(line)
	})
}

// TestEventsOfAForeignServerComeOnceWhateverTheConnectionDoes cuts the connections of each run.
func TestEventsOfAForeignServerComeOnceWhateverTheConnectionDoes(t *testing.T) {
	wf := standin.Workflow{Name: "long", Start: `{}`, Do: func(r *standin.Run) {
		for i := range 20 {
			r.Running("work", 0, "StartEvent")
			r.Emit("Counted", fmt.Sprintf(`{"n":%d}`, i))
			r.NotRunning("work", 0, "StartEvent", "StartEvent")
		}
		r.Complete("StopEvent", `{}`)
	}}
	server := httptest.NewServer(standin.New(wf))
	defer server.Close()
	for seed := range uint64(40) {
		proxy := &cuttingProxy{to: server.URL, seed: seed}
		proxy.cuts.Store(int64(seed % 8))
		front := httptest.NewServer(proxy)
		c := client(t, front.URL, "")
		if _, err := c.Workflows(t.Context()); err != nil {
			t.Fatal(err)
		}
		run, err := client(t, server.URL, "").Start(t.Context(), "long", json.RawMessage(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		var counted []string
		var last flow.Record
		for last = range c.Open(run.ID()).Records(t.Context(), 0) {
			if last.Type == "Counted" {
				raw, _ := last.JSON()
				counted = append(counted, string(raw))
			}
		}
		if !slices.IsSortedFunc(counted, func(a, b string) int { return len(a) - len(b) }) || len(counted) != 20 || last.Kind != flow.RunFinished {
			t.Errorf("seed %d: %d of 20 events came, the last is %v", seed, len(counted), last.Kind)
		}
		front.Close()
	}
}

// TestAQuestionIsTheTextOfTheStartEvent has schemas of start events.
func TestAQuestionIsTheTextOfTheStartEvent(t *testing.T) {
	for given, want := range map[string]string{
		`{"properties":{"topic":{"type":"string"},"depth":{"type":"integer"}}}`:                            "topic",
		`{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"]}`:                    "b",
		`{"properties":{"style":{"type":"string"},"query":{"anyOf":[{"type":"string"},{"type":"null"}]}}}`: "query",
		`{"properties":{"a":{"type":"string"},"b":{"type":"string"}}}`:                                     "",
		`{"properties":{"n":{"type":"integer"}}}`:                                                          "",
		`{"type":"object","additionalProperties":true}`:                                                    "",
	} {
		var s schema
		if err := json.Unmarshal([]byte(given), &s); err != nil {
			t.Fatal(err)
		}
		if got, err := s.textField(); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v, want %q", given, got, err, want)
		}
	}
}

// TestAPersonChoosesAmongReplies sends one of two types of reply.
func TestAPersonChoosesAmongReplies(t *testing.T) {
	h := human{types: []string{"Yes", "No"}}
	typ, form := h.reply()
	if typ != typeReply || !strings.Contains(string(form), `["Yes","No"]`) {
		t.Errorf("%s %s", typ, form)
	}
	if ev, err := chosen(typ, json.RawMessage(`{"event":"No","value":"{\"why\":1}"}`)); err != nil || ev.Type != "No" || string(ev.Value) != `{"why":1}` {
		t.Errorf("%+v %v", ev, err)
	}
	if _, err := chosen(typ, json.RawMessage(`{"event":"No","value":"why"}`)); err == nil {
		t.Error("a value that is no object is sent")
	}
	if ev, err := chosen("Yes", json.RawMessage(`{"event":"x"}`)); err != nil || ev.Type != "Yes" {
		t.Errorf("%+v %v", ev, err)
	}
}
