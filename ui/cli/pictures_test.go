package cli

import (
	"context"
	"flag"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/llm"
	"weft/rag/llm/fakeopenai"
	"weft/rag/load"
	"weft/rag/retrieve"
	"weft/rag/workflows"
	"weft/ui/canvas"
	"weft/ui/graph"
	"weft/ui/run/runtest"
	"weft/ui/theme"
	"weft/ui/timeline"
)

var update = flag.Bool("update", false, "write the pictures of the manual instead of comparing")

// pictured lists the workflow runs that the manual shows: the question, the durations of the steps,
// and the model's replies, one per call; after the last reply it quotes its passages. The person
// takes 42 seconds.
var pictured = []struct {
	workflow, question, faults string
	says                       []string
}{
	{"rag", "How do I cancel a run?", "understand:delay=20ms,retrieve:delay=310ms,rerank:delay=240ms", nil},
	{"simple", "What is a workflow?", "understand:delay=20ms", nil},
	{"routing", "How do I cancel a run and where is the index kept?", "understand:delay=20ms,classify:delay=60ms,decompose:delay=180ms,search:delay=290ms", []string{"How do I cancel a run?\nWhere is the index kept?"}},
	{"parallel", "How do I cancel a run?", "understand:delay=20ms,vector:delay=420ms,keyword:delay=180ms,structure:delay=90ms,merge:delay=200ms", nil},
	{"streaming", "How do I cancel a run?", "understand:delay=20ms,work:delay=350ms", nil},
	{"fallback", "How do I cancel a run?", "understand:delay=20ms,retrieve:delay=240ms,risky:error=1,risky:delay=120ms,graceful:delay=90ms", nil},
	{"refine", "How do I cancel a run?", "understand:delay=20ms,begin:delay=20ms,draft:delay=200ms,judge:delay=60ms,rewrite:delay=60ms,conclude:delay=40ms",
		[]string{"Apples are red.", "UNSUPPORTED: the key is missing", "key that cancels a run", "Press ctrl+c while the run is going [1].", "SUPPORTED"}},
	{"approve", "How do I cancel a run?", "understand:delay=20ms,retrieve:delay=310ms,propose:delay=40ms", nil},
	{"research", "How do I cancel a run and where is the index kept?", "understand:delay=20ms,decompose:delay=150ms,accept:delay=20ms,retrieve:delay=260ms,rerank:delay=170ms",
		[]string{"How do I cancel a run?\nWhere is the index kept?"}},
	{"agent", "How do I cancel a run?", "understand:delay=20ms,begin:delay=20ms,tool:delay=160ms,gather:delay=20ms,check:delay=20ms", []string{
		`tools=[{"name":"search","arguments":{"query":"cancel a run"}},{"name":"grep","arguments":{"pattern":"ctrl.c"}}]`,
		`tools=[{"name":"read","arguments":{"path":"timeline.md"}}]`}},
}

// checkGraph checks that the graph of a workflow fits a terminal of 80 by 24 cells, from its start to
// its end, with the name of every step and every event.
func checkGraph(t *testing.T, th theme.Theme, g flow.Graph, records []flow.Record) {
	t.Helper()
	m := graph.New(th)
	m.SetGraph(g)
	m.Show(runtest.Fold(records).Now(), records[len(records)-1].Time)
	c := canvas.New(77, 20) // what the header, the footer and the border leave
	m.Draw(c, c.Bounds())
	text := c.Plain()
	missing := func(s string) {
		if !strings.Contains(text, s) {
			t.Errorf("%q is missing in the graph of %s:\n%s", s, g.Name, text)
		}
	}
	missing("●")
	missing("◉")
	for _, s := range g.Steps {
		missing(s.Name)
	}
	for _, e := range g.Edges {
		if e.Kind == "event" || e.Kind == "join" || e.Kind == "failure" {
			missing(e.Event)
		}
	}
}

// TestTheManualShowsTheTimelineOfEveryWorkflow checks that the ten timelines in the manual show
// real runs, with a model that streams.
func TestTheManualShowsTheTimelineOfEveryWorkflow(t *testing.T) {
	const file = "../../docs/workflows.md"
	x := index.New(embed.NewHashed(), index.Options{})
	l := load.New(load.Options{})
	t.Cleanup(func() { l.Close(); x.Close() })
	if _, err := x.Update(t.Context(), []string{"../../rag/workflows/testdata/manual"}, index.UpdateOptions{Loader: l}); err != nil {
		t.Fatal(err)
	}
	x.WaitVectors()
	search := func(context.Context, func(show.Progress)) (*retrieve.Retriever, error) {
		return retrieve.New(x, nil), nil
	}
	prompts, err := llm.LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	shown := runtest.Pictures(t, file)
	for _, p := range pictured {
		t.Run(p.workflow, func(t *testing.T) {
			faults, err := workflows.ParseFaults(p.faults)
			if err != nil {
				t.Fatal(err)
			}
			var records []flow.Record
			var drawing flow.Graph
			synctest.Test(t, func(t *testing.T) {
				text := "A run is cancelled with ctrl+c [1]: its steps stop, the text that had arrived stays, and the journal says who cancelled it and when. " +
					"On the command line the same key ends weft with the exit code 130 [1]."
				pace := "ttft=380ms&tps=45&jitter=0.6"
				if p.workflow == "research" {
					// Two calls run at once, and it is not determined which draws which random
					// number.
					pace = "ttft=380ms&tps=45"
				}
				server, transport, stop := fakeopenai.Pipe(t, pace+"&say="+url.QueryEscape(text), "tiny-chat")
				for _, s := range p.says {
					if calls, ok := strings.CutPrefix(s, "tools="); ok {
						server.Script("say=&tools=" + url.QueryEscape(calls))
						continue
					}
					server.Script("say=" + url.QueryEscape(s))
				}
				client, err := llm.New(llm.Config{BaseURL: "http://127.0.0.1/v1", Model: "tiny-chat", Retry: llm.Retry{Attempts: 1}}, transport)
				if err != nil {
					t.Fatal(err)
				}
				parts := workflows.Parts{Search: search, Model: &answer.Model{Client: client, Prompts: prompts}, Faults: faults}
				for _, w := range workflows.All(parts) {
					if w.Name() == p.workflow {
						drawing = w.Graph()
						records = steady(pictureJournal(t, w, p.question))
					}
				}
				client.Close()
				stop()
				synctest.Wait()
			})
			th, err := theme.Named("mono", true)
			if err != nil {
				t.Fatal(err)
			}
			picture := func(records []flow.Record) string {
				m := timeline.New(th)
				m.SetNow(records[len(records)-1].Time)
				m.SetRun(runtest.Fold(records), drawing)
				m.SetSize(96, 40)
				c := canvas.New(96, m.Rows())
				m.Draw(c, c.Bounds())
				return c.Plain()
			}
			if p.workflow != "agent" { // whose twelve steps have more rows than that, and scroll
				checkGraph(t, th, drawing, records)
			}
			drawn := picture(records)
			runtest.Pictured(t, file, p.workflow, drawn, *update)
			delete(shown, p.workflow)
			recorded := "../../testdata/runs/" + p.workflow + ".jsonl"
			if *update {
				runtest.Write(t, recorded, records)
			}
			if picture(runtest.Read(t, recorded)) != drawn {
				t.Errorf("%s is no longer what the workflow does (go test -update records it again)", recorded)
			}
		})
	}
	for name := range shown {
		t.Errorf("%s shows a picture %s that no test draws", file, name)
	}
}

// pictureJournal runs a workflow to its end, with a person who takes their time and keeps what is
// proposed.
func pictureJournal(t *testing.T, w *workflows.Workflow, question string) (records []flow.Record) {
	t.Helper()
	r, err := w.Start(t.Context(), workflows.ParseQuestion(question))
	if err != nil {
		t.Fatal(err)
	}
	for rec := range r.Records(t.Context(), 0) {
		rec.Run = w.Name() + strings.TrimPrefix(rec.Run, r.ID()) // run identifiers are random
		records = append(records, rec)
		if rec.Kind == flow.AwaitOpened {
			time.Sleep(42 * time.Second) // on a fake clock
			if err := r.Send(rec.Payload.(flow.Prompt).Prompt.(workflows.Proposal).Default); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return records
}

// steady removes the jitter from the pauses between attempts: they become 200 ms, doubled each
// time. The records must not contain other steps that run meanwhile.
func steady(records []flow.Record) []flow.Record {
	shift := time.Duration(0)
	for i := range records {
		r := &records[i]
		due := r.Due.Sub(r.Time)
		r.Time = r.Time.Add(shift)
		if r.Kind == flow.StepFailed && !r.Due.IsZero() {
			pause := 100 * time.Millisecond << r.Attempt
			shift += pause - due
			r.Due = r.Time.Add(pause)
		}
	}
	return records
}
