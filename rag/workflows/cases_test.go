package workflows

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
)

// of returns the payloads of type E in a journal.
func of[E any](records []flow.Record) (all []E) {
	for _, r := range records {
		if e, ok := r.Payload.(E); ok && (r.Kind == flow.EventSent || r.Kind == flow.EventEmitted) {
			all = append(all, e)
		}
	}
	return all
}

// started counts the attempts of a step.
func started(records []flow.Record, step string) (n int) {
	for _, r := range records {
		if r.Kind == flow.StepStarted && r.Step == step {
			n++
		}
	}
	return n
}

func TestSimpleSendsOnlyTheQuestion(t *testing.T) {
	p, server := scripted(t, "Forty-two.")
	a, _, err := run(t, Simple(p), Question{Text: "What is the answer?"})
	if err != nil || a.Text != "Forty-two." || len(a.Sources) != 0 {
		t.Errorf("%v %+v", err, a)
	}
	if sent := string(server.Requests()[0].Body); strings.Contains(sent, "Cancelling") {
		t.Errorf("documents were sent: %s", sent)
	}
}

func TestSimpleOfflineQuotesOnePassageAndSaysSo(t *testing.T) {
	a, _, err := run(t, Simple(offline(t)), Question{Text: "Where is the index kept?"})
	if err != nil || len(a.Sources) != 1 || !strings.Contains(a.Text, "the one passage that fits best") {
		t.Errorf("%v %+v", err, a)
	}
}

func TestRoutingSaysWhichPathItTook(t *testing.T) {
	p := offline(t)
	for question, want := range map[string]string{
		"Pausing a run": "Simple path: fewer than five words.",
		"How do I cancel a run and where is the index kept?": "Complex path: five words or more; 3 searches.",
	} {
		a, _, err := run(t, Routing(p), Question{Text: question})
		if err != nil || !strings.Contains(a.Text, want) {
			t.Errorf("%q: %v\n%s", question, err, a.Text)
		}
	}
}

func TestRoutingFindsBothPartsOfAQuestion(t *testing.T) {
	a, records, err := run(t, Routing(offline(t)),
		Question{Text: "How do I cancel a run and where is the index kept?"})
	if err != nil {
		t.Fatal(err)
	}
	cites(t, a, records, "timeline.md", "index.md")
}

func TestRoutingCanLetTheModelClassify(t *testing.T) {
	for reply, want := range map[string]string{
		"SIMPLE":  "Simple path: the model's judgement.",
		"COMPLEX": "Complex path: the model's judgement", "I cannot tell": "Complex path: five words or more",
	} {
		p, _ := scripted(t, reply)
		p.Classify = true
		a, _, err := run(t, Routing(p), Question{Text: "How do I cancel a run here?"})
		if err != nil || !strings.Contains(a.Text, want) {
			t.Errorf("%s: %v\n%s", reply, err, a.Text)
		}
	}
}

func TestParallelSearchesAtOnceWithThreeWorkers(t *testing.T) {
	p := offline(t)
	p.Faults = Faults{"search": {Delay: 20 * time.Millisecond}}
	_, records, err := run(t, Parallel(p), Question{Text: "How do I cancel a run?"})
	if err != nil {
		t.Fatal(err)
	}
	workers, active, most := []int{}, 0, 0
	for _, r := range records {
		switch {
		case r.Step != "search":
		case r.Kind == flow.StepStarted:
			workers = append(workers, r.Worker)
			active++
			most = max(most, active)
		case r.Kind == flow.StepFinished:
			active--
		}
	}
	if slices.Sort(workers); !slices.Equal(workers, []int{1, 2, 3}) || most != 3 {
		t.Errorf("workers %v, %d at once", workers, most)
	}
	seen := map[string]bool{}
	for _, s := range of[Searched](records) {
		seen[s.Source] = true
		if len(s.Passages) == 0 || s.TookMS <= 0 {
			t.Errorf("%s: %d passages in %v ms", s.Source, len(s.Passages), s.TookMS)
		}
	}
	if len(seen) != 3 {
		t.Errorf("sources: %v", seen)
	}
	merged := of[Reranked](records)[0].Passages
	ids := map[string]bool{}
	for _, h := range merged {
		if ids[h.ID] {
			t.Errorf("%s:%d is there twice", h.Path, h.Line)
		}
		ids[h.ID] = true
	}
}

func TestParallelAnswersWithoutAFailedSource(t *testing.T) {
	for _, source := range sources {
		p := offline(t)
		p.Faults = Faults{source: {Error: 1}}
		a, records, err := run(t, Parallel(p), Question{Text: "How do I cancel a run?"})
		if err != nil || !strings.Contains(a.Text, cancelKey) ||
			!strings.Contains(a.Degraded, "the "+source+" search failed") {
			t.Errorf("%s: %v, degraded %q\n%s", source, err, a.Degraded, a.Text)
		}
		cites(t, a, records, "timeline.md")
		golden(t, "parallel_without_"+source, records)
	}
}

func TestParallelFailsWhenEverySourceDoes(t *testing.T) {
	p := offline(t)
	p.Faults = Faults{"vector": {Error: 1}, "keyword": {Error: 1}, "structure": {Error: 1}}
	_, _, err := run(t, Parallel(p), Question{Text: "How do I cancel a run?"})
	if err == nil || !strings.Contains(err.Error(), "every search failed") {
		t.Errorf("got %v", err)
	}
}

func TestStreamingReportsEveryStageBeforeTheStepEnds(t *testing.T) {
	_, records, err := run(t, Streaming(offline(t)), Question{Text: "How do I cancel a run?"})
	if err != nil {
		t.Fatal(err)
	}
	var done []int
	for _, r := range records {
		if p, ok := r.Payload.(show.Progress); ok {
			done = append(done, p.Done)
		}
		if r.Kind == flow.StepFinished && r.Step == "work" && len(done) != stages+1 {
			t.Errorf("the step has ended after %v", done)
		}
	}
	if !slices.Equal(done, []int{0, 1, 2, 3}) {
		t.Errorf("progress %v", done)
	}
}

func TestFallbackShowsBothWays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault Faults
		want  string // expected in the reason
		steps map[string]int
	}{
		{"caught", Faults{Writer: {Error: 1}}, "injected error",
			map[string]int{"risky": 1, "recover": 0, "graceful": 1, "deliver": 0}},
		{"recovered", Faults{"risky": {Error: 1}}, "step risky failed",
			map[string]int{"risky": 3, "recover": 1, "graceful": 1}},
		{"before", Faults{"retrieve": {Error: 1}}, "step retrieve failed",
			map[string]int{"retrieve": 3, "risky": 0, "recover": 1, "graceful": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := offline(t)
			p.Faults = c.fault
			a, records, err := run(t, Fallback(p), Question{Text: "How do I cancel a run?"})
			if err != nil || !strings.Contains(a.Degraded, c.want) ||
				!strings.Contains(a.Text, cancelKey) || a.Abstained {
				t.Fatalf("%v, degraded %q\n%s", err, a.Degraded, a.Text)
			}
			for step, n := range c.steps {
				if got := started(records, step); got != n {
					t.Errorf("%s began %d times, want %d", step, got, n)
				}
			}
			cites(t, a, records, "timeline.md")
			golden(t, "fallback_"+c.name, records)
		})
	}
}

func TestFallbackAnswersWhenTheProviderReallyFails(t *testing.T) {
	for _, how := range []string{"status=500", "status=401", "refuse=1", "status=500&html=1"} {
		p, server := scripted(t)
		server.Configure(how)
		a, records, err := run(t, Fallback(p), Question{Text: "How do I cancel a run?"})
		if err != nil || a.Degraded == "" || a.By != "extractive" || !strings.Contains(a.Text, cancelKey) {
			t.Errorf("%s: %v, degraded %q\n%s", how, err, a.Degraded, a.Text)
		}
		cites(t, a, records, "timeline.md")
	}
}

func TestRefineAcceptsASupportedDraftAtOnce(t *testing.T) {
	_, records, err := run(t, Refine(offline(t)), Question{Text: "How do I cancel a run?"})
	if err != nil || started(records, "draft") != 1 {
		t.Errorf("%v, %d rounds", err, started(records, "draft"))
	}
}

func TestRefineSearchesAgainUntilTheLastRound(t *testing.T) {
	p, _ := scripted(t, "Bananas are yellow.", "UNSUPPORTED: the key is missing", "key that cancels a run",
		"Apples are red.", "UNSUPPORTED: the key is missing", "ctrl+c cancelled run",
		"Press ctrl+c [1].", "SUPPORTED")
	a, records, err := run(t, Refine(p), Question{Text: "How do I cancel a run?"})
	if err != nil || a.Text != "Press ctrl+c [1]." {
		t.Fatalf("%v\n%s", err, a.Text)
	}
	var queries []string
	for i, r := range of[Round](records) {
		queries = append(queries, r.Query)
		if r.N != i+1 {
			t.Errorf("round %d is called %d", i+1, r.N)
		}
	}
	if want := []string{"How do I cancel a run?", "key that cancels a run",
		"ctrl+c cancelled run"}; !slices.Equal(queries, want) {
		t.Errorf("queries %q, want %q", queries, want)
	}
	golden(t, "refine_rounds", records)
}

func TestRefineSaysThatTheFinalAnswerIsUnsupported(t *testing.T) {
	p, _ := scripted(t, "One.", "UNSUPPORTED: no key", "cancel key one", "Two.",
		"UNSUPPORTED: no key", "cancel key two", "Three.", "UNSUPPORTED: no key")
	a, records, err := run(t, Refine(p), Question{Text: "How do I cancel a run?"})
	if err != nil || started(records, "draft") != 3 ||
		!strings.Contains(a.Text, "After 3 rounds this is not fully supported: no key") {
		t.Errorf("%v, %d rounds\n%s", err, started(records, "draft"), a.Text)
	}
}

func TestRefineOfflineDropsWordsThatNoDocumentHas(t *testing.T) {
	a, records, err := run(t, Refine(offline(t)),
		Question{Text: "Which quokka marsupial wombat servers are found by themselves?"})
	if err != nil || started(records, "draft") < 2 {
		t.Fatalf("%v, %d rounds\n%s", err, started(records, "draft"), a.Text)
	}
}

func TestApproveFollowsTheDecision(t *testing.T) {
	p := offline(t)
	for name, c := range map[string]struct {
		replies []any
		check   func(a show.Answer, records []flow.Record) bool
	}{
		"keep one": {[]any{Approval{Keep: []int{1}}},
			func(a show.Answer, _ []flow.Record) bool { return len(a.Sources) == 1 && !a.Abstained }},
		"drop all": {[]any{Approval{Keep: []int{}}},
			func(a show.Answer, _ []flow.Record) bool { return a.Abstained && len(a.Sources) == 0 }},
		"decline": {[]any{Approval{Keep: []int{1, 2}, Decline: true}},
			func(a show.Answer, _ []flow.Record) bool { return a.Abstained }},
		"edit": {[]any{Approval{Query: "Where is the index kept?"}, Approval{Keep: []int{1}}},
			func(a show.Answer, records []flow.Record) bool {
				return len(a.Sources) == 1 && a.Sources[0].Path == "index.md" &&
					started(records, "retrieve") == 2 && strings.Contains(a.Text, "cache directory")
			}},
	} {
		a, records, err := run(t, Approve(p), Question{Text: "How do I cancel a run?"}, c.replies...)
		if err != nil || !c.check(a, records) {
			t.Errorf("%s: %v\n%+v", name, err, a)
		}
	}
}

func TestApproveShowsThePassagesItWillAnswerFrom(t *testing.T) {
	r, err := Approve(offline(t)).Start(t.Context(), Question{Text: "How do I cancel a run?"})
	if err != nil {
		t.Fatal(err)
	}
	for rec := range r.Records(t.Context(), 0) {
		if rec.Kind != flow.AwaitOpened {
			continue
		}
		p := rec.Payload.(flow.Prompt).Prompt.(Proposal)
		if len(p.Passages) != 3 || !slices.Equal(p.Default.Keep, []int{1}) ||
			!strings.Contains(string(p.Schema), "timeline.md:1") {
			t.Errorf("%d passages, %+v is kept to begin with, the schema is %s", len(p.Passages),
				p.Default, p.Schema)
		}
		if err := r.SendJSON("Approval", []byte(`{"keep":[1],"query":"How do I cancel a run?","decline":false}`)); err != nil {
			t.Error(err)
		}
	}
	if a, err := r.Wait(t.Context()); err != nil || len(a.Sources) != 1 {
		t.Errorf("%v %+v", err, a)
	}
}

func TestResearchWritesOneReportWithOneListOfSources(t *testing.T) {
	a, records, err := run(t, Research(offline(t)),
		Question{Text: "How do I cancel a run, how do I pause it and where is the index kept?"})
	if err != nil {
		t.Fatal(err)
	}
	cites(t, a, records, "timeline.md", "index.md")
	for _, part := range []string{"**How do I cancel a run?**", "**how do I pause the run?**",
		"**where is the index kept?**"} {
		if !strings.Contains(a.Text, part) {
			t.Errorf("the report has no part %s:\n%s", part, a.Text)
		}
	}
	if strings.Count(a.Text, "No model wrote this") != 1 {
		t.Errorf("the writer of the answer must be named once:\n%s", a.Text)
	}
	golden(t, "research_parts", records)
}

func TestUnrelatedPartsAreDropped(t *testing.T) {
	p, _ := scripted(t, "What is the moon?\nWho was Napoleon?")
	a, records, err := run(t, Research(p), Question{Text: "How do I cancel a run?"})
	if parts := of[Part](records); err != nil || a.Abstained || len(parts) != 1 ||
		parts[0].Question != "How do I cancel a run?" {
		t.Errorf("%v, parts %v\n%s", err, parts, a.Text)
	}
}

// once returns a search that fails once: at the first call by a step other than understand.
func once(search Search) Search {
	var gone atomic.Bool
	return func(ctx context.Context, tell func(show.Progress)) (*retrieve.Retriever, error) {
		if c, ok := ctx.(*flow.Context); ok && c.StepName() == "retrieve" && !gone.Swap(true) {
			return nil, errors.New("the index is gone")
		}
		return search(ctx, tell)
	}
}

func TestResearchReportsFailedParts(t *testing.T) {
	t.Parallel()
	p := offline(t)
	p.Search = once(p.Search)
	a, _, err := run(t, Research(p), Question{Text: "How do I cancel a run and how do I pause a run?"})
	if err != nil || a.Abstained || !strings.Contains(a.Text, "This part could not be answered") ||
		strings.Contains(a.Text, "Nothing in the indexed") ||
		!strings.Contains(a.Degraded, "the index is gone") || len(a.Sources) == 0 {
		t.Errorf("%v, degraded %q\n%s", err, a.Degraded, a.Text)
	}
	p = offline(t)
	p.Faults = Faults{"rerank": {Error: 1}}
	if _, _, err := run(t, Research(p), Question{Text: "How do I cancel a run?"}); err == nil ||
		!strings.Contains(err.Error(), "injected error") {
		t.Errorf("every part has failed, and the run has not: %v", err)
	}
}

func TestAFollowUpIsUnderstoodInEveryWorkflow(t *testing.T) {
	p := offline(t)
	talk := []rephrase.Turn{{Question: "How do I cancel a run?", Answer: "Press ctrl+c."}}
	for _, w := range All(p) {
		a, records, err := run(t, w, Question{Text: "And how do I pause it?", Conversation: talk},
			Approval{Keep: []int{1}})
		if err != nil || a.Question != "how do I pause the run?" || !strings.Contains(a.Text, "Press `P` to pause a run") {
			t.Errorf("%s: %v, understood as %q\n%s", w.Name(), err, a.Question, a.Text)
		}
		if asked := of[Asked](records); asked[0].Typed != "And how do I pause it?" {
			t.Errorf("%s: the step shows %+v", w.Name(), asked[0])
		}
	}
}

func TestEveryWorkflowCorrectsTypingErrors(t *testing.T) {
	p := offline(t)
	for _, w := range All(p) {
		a, records, err := run(t, w, Question{Text: "How do I cancle a run?"}, Approval{Keep: []int{1}})
		if err != nil || a.Question != "How do I cancel a run?" ||
			a.Typed != "How do I cancle a run?" || !strings.Contains(a.Text, "ctrl+c") {
			t.Errorf("%s: %v, typed %q, understood as %q\n%s", w.Name(), err, a.Typed, a.Question, a.Text)
		}
		if asked := of[Asked](records); asked[0].Typed != "How do I cancle a run?" {
			t.Errorf("%s: the step shows %+v", w.Name(), asked[0])
		}
	}
}

func TestTheModelAloneDoesNotWaitForTheIndex(t *testing.T) {
	p, _ := scripted(t, "An answer.")
	p.Search = func(context.Context, func(show.Progress)) (*retrieve.Retriever, error) {
		t.Error("the index is asked for")
		return nil, errors.New("it is not there")
	}
	if _, _, err := run(t, Simple(p), Question{Text: "How do I cancle a run?"}); err != nil {
		t.Error(err)
	}
}

func TestAModelCondensesTheConversation(t *testing.T) {
	p, server := scripted(t, "How do I pause a run?")
	a, _, err := run(t, RAG(p), Question{Text: "And the other one?",
		Conversation: []rephrase.Turn{{Question: "How do I cancel a run?", Answer: "Press ctrl+c."}}})
	if err != nil || a.Question != "How do I pause a run?" {
		t.Errorf("%v, understood as %q", err, a.Question)
	}
	if sent := string(server.Requests()[0].Body); !strings.Contains(sent, "Press ctrl+c.") ||
		!strings.Contains(sent, "And the other one?") {
		t.Errorf("the conversation was not sent: %s", sent)
	}
}

func TestEveryWorkflowKeepsToItsTimeout(t *testing.T) {
	p := offline(t)
	p.Timeout = 30 * time.Millisecond
	for _, w := range All(p) {
		first := w.Graph().Steps[0].Name
		p := p
		p.Faults = Faults{first: {Hang: 1}}
		_, _, err := run(t, named(t, p, w.Name()), Question{Text: "How do I cancel a run?"})
		var late *flow.TimeoutError
		if !errors.As(err, &late) || late.Step != "" || !slices.Contains(late.Active, first) ||
			!errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", w.Name(), err)
		}
	}
}

func TestFaultsAreRetried(t *testing.T) {
	t.Parallel()
	p := offline(t)
	p.Faults = Faults{"rerank": {Error: 1, Delay: time.Millisecond}}
	_, records, err := run(t, RAG(p), Question{Text: "How do I cancel a run?"})
	var injected *InjectedError
	if !errors.As(err, &injected) || injected.Fault != "rerank" || started(records, "rerank") != 3 ||
		len(of[Injected](records)) != 6 {
		t.Errorf("%v, %d attempts, %d injected", err, started(records, "rerank"), len(of[Injected](records)))
	}
}

func TestParseFaults(t *testing.T) {
	got, err := ParseFaults("rerank:error=0.5,delay=300ms synthesize:hang,writer:error")
	want := Faults{"rerank": {Error: 0.5, Delay: 300 * time.Millisecond}, "synthesize": {Hang: 1},
		"writer": {Error: 1}}
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v %v", got, err)
	}
	for name, in := range want {
		if got[name] != in {
			t.Errorf("%s: %+v, want %+v", name, got[name], in)
		}
	}
	for _, bad := range []string{"error", "rerank:", "rerank:error=2", "rerank:error=x",
		"rerank:error=NaN", "rerank:delay=-1s", "rerank:delay=soon", "rerank:explode"} {
		if got, err := ParseFaults(bad); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
	var graphs []flow.Graph
	for _, w := range All(Parts{}) {
		graphs = append(graphs, w.Graph())
	}
	if err := want.Check(graphs...); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]string{"retrieve:error": "fault retrieve: there is no such step in parallel; there are ", "vector:error": "", "writer:error": ""} {
		faults, err := ParseFaults(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := faults.Check(Parallel(Parts{}).Graph()); want == "" && err != nil || want != "" &&
			(err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := ParseFaults("rerank"); err == nil ||
		!strings.Contains(err.Error(), "it does not say what goes wrong, as rerank:error=0.5") {
		t.Errorf("%v", err)
	}
	if err := (Faults{"reranks": {}}).Check(graphs...); err == nil || !strings.Contains(err.Error(), "rerank,") {
		t.Errorf("an unknown step: %v", err)
	}
}

func TestDeltasOfAModelArriveBeforeTheEnd(t *testing.T) {
	p, _ := scripted(t)
	for _, name := range []string{"rag", "routing", "parallel", "streaming", "fallback", "refine"} {
		_, records, err := run(t, named(t, p, name), Question{Text: "cancel a run"})
		if err != nil {
			t.Fatal(name, err)
		}
		if n := len(of[show.Delta](records)); n < 3 {
			t.Errorf("%s: %d pieces", name, n)
		}
	}
}
