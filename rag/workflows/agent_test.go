package workflows

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/chunk"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// callsOf returns the script of a reply that calls tools. Each call is a name, a space, and the
// arguments as JSON; arguments that are no JSON are sent as they are.
func callsOf(calls ...string) string {
	var list []map[string]any
	for _, c := range calls {
		name, arguments, _ := strings.Cut(c, " ")
		call := map[string]any{"name": name, "arguments": arguments}
		if json.Valid([]byte(arguments)) {
			call["arguments"] = json.RawMessage(arguments)
		}
		list = append(list, call)
	}
	data, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return "tools=" + url.QueryEscape(string(data))
}

const cancelQuestion = "How can I cancel a run?"

var (
	searchCancel = callsOf(`search {"query":"cancel a run"}`)
	pressAnswer  = "Press ctrl+c while the run is going [1]."
)

// agentCase is a script of a model and what must come of it.
type agentCase struct {
	says      []string
	text      string // in the answer
	degraded  string // in its Degraded; "": it is empty
	by        string // "": the model
	errors    string // in the results of the tools
	turns     int    // model calls with the agent's prompt; 0: not checked
	abstained bool
	limits    Limits
}

func TestAgentHandlesWhateverAModelDoes(t *testing.T) {
	for name, c := range map[string]agentCase{
		"well-formed":         {says: []string{searchCancel, callsOf(`read {"path":"timeline.md","line":1,"lines":20}`), pressAnswer}, text: "Press ctrl+c", turns: 3},
		"parallel":            {says: []string{callsOf(`search {"query":"cancel a run"}`, `grep {"pattern":"ctrl\\+c"}`, `list {}`), pressAnswer}, text: "Press ctrl+c", turns: 2},
		"lenient arguments":   {says: []string{callsOf(`search {"query":"cancel a run","limit":"3","under":null}`), pressAnswer}, text: "Press ctrl+c", turns: 2},
		"malformed arguments": {says: []string{callsOf(`search {"query": cancel`), searchCancel, pressAnswer}, text: "Press ctrl+c", errors: "no JSON object", turns: 3},
		"wrong arguments":     {says: []string{callsOf(`search {"q":"cancel"}`), searchCancel, pressAnswer}, text: "Press ctrl+c", errors: `no argument "q"`, turns: 3},
		"unknown tool":        {says: []string{callsOf(`browse {"url":"x"}`), searchCancel, pressAnswer}, text: "Press ctrl+c", errors: "no such tool", turns: 3},
		"another name":        {says: []string{callsOf(`functions.Search_documents {"query":"cancel a run"}`), pressAnswer}, text: "Press ctrl+c", turns: 2},
		"a wrong path":        {says: []string{callsOf(`read {"path":"timelin.md"}`), callsOf(`read {"path":"timeline.md"}`), pressAnswer}, text: "Press ctrl+c", errors: "did you mean timeline.md", turns: 3},
		"a path outside":      {says: []string{callsOf(`read {"path":"../../agent.go"}`), searchCancel, pressAnswer}, text: "Press ctrl+c", errors: "out of the corpus", turns: 3},
		"duplicates at once":  {says: []string{callsOf(`search {"query":"cancel a run"}`, `search {"query":"cancel a run"}`), pressAnswer}, text: "Press ctrl+c", turns: 2},
		"a repeated call":     {says: []string{searchCancel, searchCancel, pressAnswer}, text: "Press ctrl+c", degraded: "the same again", turns: 3},
		"text before a call":  {says: []string{searchCancel + "&say=Let+me+look.", pressAnswer}, text: "Press ctrl+c", turns: 2},
		"a call in text":      {says: []string{"I look.\n<tool_call>{\"name\":\"search\",\"arguments\":{\"query\":\"cancel a run\"}}</tool_call>", pressAnswer}, text: "Press ctrl+c", turns: 2},
		"an unreadable call":  {says: []string{"<tool_call>{\"name\": search}</tool_call>", searchCancel, pressAnswer}, text: "Press ctrl+c", errors: "no such tool", turns: 3},
		"no call, reminded":   {says: []string{"It is ctrl+x.", searchCancel, pressAnswer}, text: "Press ctrl+c", turns: 3},
		"no calls at all":     {says: []string{"It is ctrl+x.", "Surely ctrl+x.", "How can I cancel a run?", pressAnswer, pressAnswer}, text: "Press ctrl+c", degraded: "called no tools: it was answered as research does"},
		"nothing is found":    {says: []string{callsOf(`grep {"pattern":"zebra"}`), "Zebras are striped [1]."}, text: "Nothing in the indexed documents", abstained: true, turns: 2},
		"it declines":         {says: []string{searchCancel, "The passages do not say."}, text: "do not say", abstained: true, turns: 2},
		"a false citation":    {says: []string{searchCancel, "Press ctrl+c [1]. Or ctrl+x [77]."}, text: "Or ctrl+x.", turns: 2},
		"rounds are used up":  {says: []string{callsOf(`search {"query":"one"}`), callsOf(`search {"query":"cancel a run"}`), pressAnswer}, text: "Press ctrl+c", degraded: "the budget of 2 rounds", turns: 3, limits: Limits{Rounds: 2}},
		"calls are used up":   {says: []string{callsOf(`search {"query":"cancel a run"}`, `search {"query":"two"}`, `search {"query":"three"}`), pressAnswer}, text: "Press ctrl+c", degraded: "the budget of 2 calls", turns: 2, limits: Limits{Calls: 2}},
		"tokens are used up":  {says: []string{searchCancel, pressAnswer}, text: "Press ctrl+c", degraded: "the budget of 10 tokens", turns: 2, limits: Limits{Tokens: 10}},
		"it never replies":    {says: []string{"hang=1"}, text: cancelKey, degraded: "the budget of 50ms", by: "extractive", turns: 1, limits: Limits{Time: 50 * time.Millisecond}},
		"it stops in a reply": {says: []string{"hang_after=2"}, text: cancelKey, degraded: "the budget of 300ms", by: "extractive", turns: 1, limits: Limits{Time: 300 * time.Millisecond}},
		"endless calls":       {says: []string{searchCancel, callsOf(`search {"query":"b"}`), callsOf(`search {"query":"c"}`)}, text: cancelKey, degraded: "the budget of 2 rounds", by: "extractive", limits: Limits{Rounds: 2}},
		"it fails at once":    {says: []string{"status=500"}, text: "", degraded: "it was answered as research does"},
		"it fails later":      {says: []string{searchCancel, "status=400"}, text: cancelKey, degraded: "gave no answer", by: "extractive"},
		"it is cut off":       {says: []string{searchCancel, "end_after=6&say=" + url.QueryEscape(pressAnswer)}, text: "Press ctrl+c"},
	} {
		t.Run(name, func(t *testing.T) {
			p, server := scripted(t, c.says...)
			p.Limits = c.limits
			if name == "endless calls" {
				server.Configure(searchCancel)
			}
			a, records, err := run(t, Agent(p), Question{Text: cancelQuestion})
			if err != nil {
				t.Fatal(err)
			}
			if c.by == "" && c.degraded == "" && a.By != "tiny-chat" || c.by != "" && a.By != c.by || !strings.Contains(a.Text, c.text) ||
				!strings.Contains(a.Degraded, c.degraded) || (c.degraded == "") != (a.Degraded == "") || a.Abstained != c.abstained {
				t.Errorf("by %s, degraded %q, abstained %v:\n%s", a.By, a.Degraded, a.Abstained, a.Text)
			}
			var failures []string
			for _, r := range of[Returned](records) {
				failures = append(failures, r.Error)
				if (r.Error == "") == (r.Summary == "") {
					t.Errorf("%s: summary %q, error %q", r.Label, r.Summary, r.Error)
				}
			}
			if !strings.Contains(strings.Join(failures, "\n"), c.errors) || c.errors == "" && strings.Join(failures, "") != "" {
				t.Errorf("the errors of the tools are %q, want %q", failures, c.errors)
			}
			if n := started(records, "turn"); c.turns > 0 && n != c.turns {
				t.Errorf("%d turns, want %d", n, c.turns)
			}
			onlyReadIsCited(t, a, records)
		})
	}
}

type fataler interface {
	Errorf(string, ...any)
}

// onlyReadIsCited checks that every source of an answer is a passage that a tool returned in this
// run, or that the fallback found.
func onlyReadIsCited(t fataler, a show.Answer, records []flow.Record) {
	read := map[string]bool{}
	for _, r := range of[Returned](records) {
		for _, p := range r.Passages {
			read[fmt.Sprint(p.Path, p.Line, p.WithHeader().Text)] = true
		}
	}
	for _, d := range of[Drafted](records) {
		for _, p := range d.Found {
			read[fmt.Sprint(p.Path, p.Line, p.WithHeader().Text)] = true
		}
	}
	for _, r := range of[Reranked](records) {
		for _, p := range r.Passages {
			read[fmt.Sprint(p.Path, p.Line, p.WithHeader().Text)] = true
		}
	}
	for _, s := range a.Sources {
		if !read[fmt.Sprint(s.Path, s.Line, s.Text)] {
			t.Errorf("source %d, %s:%d, was not read", s.N, s.Path, s.Line)
		}
	}
	var given []llm.Passage
	for _, s := range a.Sources {
		given = append(given, llm.Passage{Source: s.Path, Text: s.Text})
	}
	cites := llm.Cite(a.Text, given)
	for _, n := range cites.Cited {
		if !a.Sources[n-1].Cited {
			t.Errorf("source %d is cited and not marked:\n%s", n, a.Text)
		}
	}
	if len(cites.Removed) > 0 {
		t.Errorf("%v lead to no source:\n%s", cites.Removed, a.Text)
	}
}

// TestAgentCitesOnlyWhatItRead checks it for models that do anything in any order.
func TestAgentCitesOnlyWhatItRead(t *testing.T) {
	t.Parallel()
	p, server := scripted(t)
	p.Limits = Limits{Rounds: 4, Calls: 7}
	replies := []string{searchCancel, callsOf(`search {"query":"index"}`, `read {"path":"timeline.md"}`), callsOf(`grep {"pattern":"run"}`),
		callsOf(`list {}`), callsOf(`read {"path":"nowhere.md"}`), callsOf(`search {"query":7}`), callsOf(`dig {}`), callsOf(`search {`),
		"say=" + url.QueryEscape(`<tool_call>{"name":"search","arguments":{"query":"pause a run"}}</tool_call>`),
		"say=" + url.QueryEscape("Press ctrl+c [1], [3] and [12][99]."), "say=" + url.QueryEscape("See [timeline.md:3] and [2]."),
		"say=Nothing+cited.", "mode=empty", "status=500", "end_after=3&say=Cut+off+here+it+is+[1]", "reasoning=9&say=So+be+it+[2]."}
	wf := Agent(p)
	rapid.Check(t, func(rt *rapid.T) {
		script := rapid.SliceOfN(rapid.SampledFrom(replies), 1, 8).Draw(rt, "script")
		server.Clear()
		server.Script(script...)
		learned := p.Model.Client.Dialect("tiny-chat")
		for _, trait := range learned.Traits() {
			learned.Forget(trait)
		}
		a, records, err := run(t, wf, Question{Text: cancelQuestion})
		if err != nil {
			rt.Fatalf("%v", err)
		}
		if a.Text == "" {
			rt.Errorf("the answer is empty: %+v", a)
		}
		onlyReadIsCited(rt, a, records)
	})
}

func TestAgentWithoutToolsInTheProtocol(t *testing.T) {
	p, server := scripted(t, `<tool_call>{"name":"search","arguments":{"query":"cancel a run"}}</tool_call>`)
	server.Clear()
	server.Configure("no_tools=1")
	server.Script("", "say="+url.QueryEscape(`<tool_call>{"name":"search","arguments":{"query":"cancel a run"}}</tool_call>`), "say="+url.QueryEscape(pressAnswer))
	a, records, err := run(t, Agent(p), Question{Text: cancelQuestion})
	if err != nil || a.Degraded != "" {
		t.Fatalf("%v %+v", err, a)
	}
	cites(t, a, records, "timeline.md")
}

// TestAgentToldOfResultsAndErrors looks at the conversation that the model gets.
func TestAgentToldOfResultsAndErrors(t *testing.T) {
	p, server := scripted(t, callsOf(`search {"query":"cancel a run"}`, `read {"path":"nope.md"}`, `search {"query":"cancel a run"}`), pressAnswer)
	if _, _, err := run(t, Agent(p), Question{Text: cancelQuestion, Scope: []string{"timeline.md"}}); err != nil {
		t.Fatal(err)
	}
	requests := server.Requests()
	var sent struct {
		Messages []struct {
			Role, Content string
			ToolCallID    string `json:"tool_call_id"`
		}
	}
	if err := json.Unmarshal(requests[len(requests)-1].Body, &sent); err != nil {
		t.Fatal(err)
	}
	results := map[string]string{}
	for _, m := range sent.Messages {
		if m.Role == "tool" {
			results[m.ToolCallID] = m.Content
		}
	}
	if len(results) != 3 || !strings.Contains(results["call01001"], "[1] timeline.md:") || !strings.Contains(results["call01001"], "~~~~") || strings.Contains(results["call01001"], "index.md") ||
		!strings.Contains(results["call01002"], "Error: there is no indexed document nope.md") || !strings.Contains(results["call01003"], "not made") {
		t.Errorf("%q", results)
	}
}

// TestOldResultsAreLeftOutFirst checks how a long conversation is fitted into the context.
func TestOldResultsAreLeftOutFirst(t *testing.T) {
	l := ledger{}
	for i := range 4 {
		text := strings.Repeat(fmt.Sprintf("passage %d has words. ", i), 100)
		l.Rounds = append(l.Rounds, round{Before: len(l.Read), Calls: []show.ToolCall{{ID: fmt.Sprint(i), Name: "read", Arguments: "{}"}}})
		l.add([]Returned{{Round: i + 1, Summary: "one document", Passages: []retrieve.Hit{{Chunk: chunk.Chunk{Path: fmt.Sprintf("%d.md", i), Line: 1, EndLine: 9, Text: text}}}}})
	}
	all := fmt.Sprint(l.messages(1<<20, llm.Tokens, ""))
	if strings.Contains(all, "left out") || strings.Count(all, "[4] 3.md") != 1 {
		t.Errorf("with room for all: %s", all)
	}
	for _, tokens := range []int{2500, 1500, 900, 400} {
		got := l.messages(tokens, llm.Tokens, "the time is up")
		if !fits(got, tokens, llm.Tokens) {
			t.Errorf("%d tokens: it has more", tokens)
		}
		text := fmt.Sprint(got)
		if strings.Contains(text, "passage 0 has") || !strings.Contains(text, "[1] 0.md:1-9") || !strings.Contains(text, "passage 3 has") || !strings.Contains(text, "Answer now") {
			t.Errorf("%d tokens: %s", tokens, text)
		}
	}
}

// TestAgentResumesFromEveryRecord cuts the journal after each record: what was answered is not
// asked again.
func TestAgentResumesFromEveryRecord(t *testing.T) {
	t.Parallel()
	p, server := scripted(t)
	replies := map[int]string{0: searchCancel, 1: callsOf(`read {"path":"timeline.md"}`, `grep {"pattern":"index"}`), 2: "say=" + url.QueryEscape(pressAnswer)}
	var mu sync.Mutex
	requests := 0
	server.Decide(func(body json.RawMessage) string {
		mu.Lock()
		defer mu.Unlock()
		requests++
		var sent struct{ Messages []struct{ Role string } }
		if err := json.Unmarshal(body, &sent); err != nil {
			return "status=400"
		}
		answered := 0
		for _, m := range sent.Messages {
			if m.Role == show.RoleAssistant {
				answered++
			}
		}
		return replies[answered]
	})
	wf := Agent(p)
	want, records, err := run(t, wf, Question{Text: cancelQuestion})
	if err != nil || requests != 3 {
		t.Fatalf("%v, %d requests", err, requests)
	}
	for n := 1; n < len(records); n++ {
		past := stored(t, records[:n])
		mu.Lock()
		requests = 0
		mu.Unlock()
		again, err := wf.Resume(t.Context(), slices.Values(past))
		if err != nil {
			t.Fatalf("after record %d: %v", n, err)
		}
		finished := 0
		var all []flow.Record
		for r := range again.Records(t.Context(), 0) {
			all = append(all, r)
		}
		got, err := again.Wait(t.Context())
		if err != nil || got.Text != want.Text || len(got.Sources) != len(want.Sources) || got.Degraded != want.Degraded {
			t.Fatalf("after record %d, %v %s: %v\n%+v\nwant\n%+v", n, records[n-1].Kind, records[n-1].Step, err, got, want)
		}
		for _, r := range past {
			if r.Kind == flow.StepFinished && r.Step == "turn" {
				finished++
			}
		}
		if requests > 3-finished {
			t.Errorf("after record %d: %d requests, and %d turns had been answered", n, requests, finished)
		}
		calls := map[string]int{}
		for _, r := range of[Returned](all) {
			calls[r.Label]++
		}
		for label, times := range calls {
			sent := records[n-1].Kind == flow.EventSent // and the end of its step is not in the journal
			if times != 1 && !sent {
				t.Errorf("after record %d: %s has %d results", n, label, times)
			}
		}
	}
}

func TestAgentAsksBeforeItSendsDocuments(t *testing.T) {
	allowed := false
	p, _ := scripted(t, searchCancel, pressAnswer)
	p.Model.Gate = &answer.Gate{Allowed: func(string) bool { return allowed }, Allow: func(string) error { allowed = true; return nil }}
	a, _, err := run(t, Agent(p), Question{Text: cancelQuestion}, answer.Consent{Allow: true})
	if err != nil || a.By != "tiny-chat" || !allowed {
		t.Errorf("%v %+v", err, a)
	}
	declined, server := scripted(t, searchCancel, pressAnswer)
	declined.Model.Gate = &answer.Gate{Allowed: func(string) bool { return false }}
	if _, _, err := run(t, Agent(declined), Question{Text: cancelQuestion}, answer.Consent{}); err == nil || !strings.Contains(err.Error(), "declined") {
		t.Errorf("%v", err)
	}
	if n := len(server.Requests()); n != 1 {
		t.Errorf("%d requests: documents were sent", n)
	}
}

func TestAgentRetriesAndDoesWithoutAToolThatFails(t *testing.T) {
	t.Parallel()
	p, _ := scripted(t, searchCancel, callsOf(`search {"query":"b"}`), pressAnswer)
	p.Faults = Faults{"tool": {Error: 1}}
	a, records, err := run(t, Agent(p), Question{Text: cancelQuestion})
	if err != nil || !a.Abstained {
		t.Fatalf("%v %+v", err, a)
	}
	for _, r := range of[Returned](records) {
		if !strings.Contains(r.Error, "injected") {
			t.Errorf("%+v", r)
		}
	}
	if n := started(records, "tool"); n != 6 {
		t.Errorf("%d attempts of 2 calls", n)
	}
}
