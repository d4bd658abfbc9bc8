package workflows

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/llm"
	"weft/rag/llm/fakeopenai"
	"weft/rag/load"
	"weft/rag/retrieve"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the garbage collector would take a tenth of the processor time
	goleak.VerifyTestMain(m)
}

// corpus indexes a directory and returns a search over it.
func corpus(t testing.TB, dir string) Search {
	t.Helper()
	x := index.New(embed.NewHashed(), index.Options{})
	l := load.New(load.Options{})
	t.Cleanup(func() { l.Close(); x.Close() })
	if _, err := x.Update(t.Context(), []string{dir}, index.UpdateOptions{Loader: l}); err != nil {
		t.Fatal(err)
	}
	x.WaitVectors()
	return func(context.Context, func(show.Progress)) (*retrieve.Retriever, error) {
		return retrieve.New(x, nil), nil
	}
}

func offline(t testing.TB) Parts { return Parts{Search: corpus(t, "testdata/manual")} }

// scripted returns parts with a model that replies with these texts, one per call. After the last
// text, and for an empty one, the model quotes its passages.
func scripted(t *testing.T, says ...string) (Parts, *fakeopenai.Server) {
	t.Helper()
	server, base := fakeopenai.Start(t, "", "tiny-chat")
	for _, s := range says {
		if s != "" && !strings.HasPrefix(s, "tools=") && !strings.Contains(s, "=") {
			s = "say=" + url.QueryEscape(s)
		}
		server.Script(s)
	}
	client, err := llm.New(llm.Config{BaseURL: base, Model: "tiny-chat", Retry: llm.Retry{Attempts: 1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	prompts, err := llm.LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	p := offline(t)
	p.Model = &answer.Model{Client: client, Prompts: prompts}
	return p, server
}

// asProposed is a reply that accepts the proposal unchanged.
type asProposed struct{}

// run runs a workflow to its end and returns the answer, the error and the journal. Each wait takes
// one reply.
func run(t *testing.T, wf *Workflow, q Question, replies ...any) (show.Answer, []flow.Record, error) {
	t.Helper()
	r, err := wf.Start(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var records []flow.Record
	for rec := range r.Records(t.Context(), 0) {
		records = append(records, rec)
		if rec.Kind == flow.AwaitOpened {
			if len(replies) == 0 {
				t.Fatalf("step %s waits for a %s, and the test has none", rec.Step, rec.Type)
			}
			reply := replies[0]
			if _, ok := reply.(asProposed); ok {
				reply = rec.Payload.(flow.Prompt).Prompt.(Proposal).Default
			} else {
				replies = replies[1:]
			}
			if err := r.Send(reply); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, err := r.Wait(t.Context())
	return a, records, err
}

var mark = regexp.MustCompile(`\[(\d+)\]`)

// cites checks that an answer cites the expected paths, that every number refers to a source, and
// that the streamed text is the answer.
func cites(t *testing.T, a show.Answer, records []flow.Record, paths ...string) {
	t.Helper()
	for _, want := range paths {
		if !slices.ContainsFunc(a.Sources, func(s show.Source) bool { return s.Cited && s.Path == want }) {
			t.Errorf("the answer does not cite %s:\n%s\n%+v", want, a.Text, a.Sources)
		}
	}
	for _, m := range mark.FindAllStringSubmatch(a.Text, -1) {
		if !slices.ContainsFunc(a.Sources, func(s show.Source) bool { return m[1] == string(rune('0'+s.N)) && s.Cited }) {
			t.Errorf("%s leads to no source that is marked as cited:\n%s", m[0], a.Text)
		}
	}
	for i, s := range a.Sources {
		if s.N != i+1 || s.Path == "" || s.Line < 1 || s.EndLine < s.Line {
			t.Errorf("source %d is %+v", i+1, s)
		}
	}
	streams := map[string]string{}
	for _, r := range records {
		if d, ok := r.Payload.(show.Delta); ok && r.Run == records[0].Run {
			if d.Restart {
				streams[r.Step] = ""
			}
			streams[r.Step] += d.Text
		}
	}
	for _, s := range streams {
		if s == a.Text {
			return
		}
	}
	t.Errorf("nothing streamed is the answer %q: %q", a.Text, streams)
}

const cancelKey = "Press `ctrl+c` while a run is going."

func TestEveryWorkflowIsSound(t *testing.T) {
	names := []string{}
	for _, w := range All(Parts{}) {
		if err := w.Check(); err != nil {
			t.Error(err)
		}
		if d := w.Description(); d == "" || len(d) > 80 || strings.Contains(d, "\n") {
			t.Errorf("%s is described as %q: one line for the picker", w.Name(), d)
		}
		names = append(names, w.Name())
	}
	if want := []string{"rag", "simple", "routing", "parallel", "streaming", "fallback", "refine",
		"approve", "research", "agent"}; !slices.Equal(names, want) {
		t.Errorf("there are %v, want %v", names, want)
	}
}

func TestEveryWorkflowFileIsShort(t *testing.T) {
	for _, w := range All(Parts{}) {
		text, err := os.ReadFile(w.Name() + ".go")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n >= 150 {
			t.Errorf("%s.go has %d lines", w.Name(), n)
		}
	}
}

// TestManualDrawsEveryWorkflow compares the graphs in the manual with those of the workflows.
func TestManualDrawsEveryWorkflow(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "workflows.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	manual := string(data)
	for _, w := range All(Parts{}) {
		_, section, found := strings.Cut(manual, "\n## The "+w.Name()+" workflow")
		_, graph, drawn := strings.Cut(section, "```mermaid\n")
		graph, _, _ = strings.Cut(graph, "```")
		want := w.Graph().Mermaid()
		switch {
		case !found || !drawn:
			t.Errorf("docs/workflows.md has no section with a graph for %s", w.Name())
		case graph != want && *update:
			manual = strings.Replace(manual, graph, want, 1)
		case graph != want:
			t.Errorf("docs/workflows.md draws %s otherwise; run the test with -update. It is:\n%s", w.Name(), want)
		}
	}
	if manual != string(data) {
		if err := os.WriteFile(file, []byte(manual), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOfflineEveryWorkflowAnswersAndCites(t *testing.T) {
	p := offline(t)
	for _, w := range All(p) {
		t.Run(w.Name(), func(t *testing.T) {
			a, records, err := run(t, w, Question{Text: "How do I cancel a run?"}, Approval{Keep: []int{1, 2}})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(a.Text, cancelKey) ||
				!strings.Contains(a.Text, "No model wrote this") || a.By != "extractive" || a.Degraded != "" {
				t.Errorf("answer by %s (degraded %q):\n%s", a.By, a.Degraded, a.Text)
			}
			cites(t, a, records, "timeline.md")
			golden(t, w.Name()+"_offline", records)
		})
	}
}

func TestEveryWorkflowAbstainsWithoutRelevantPassages(t *testing.T) {
	p := offline(t)
	for _, w := range All(p) {
		a, _, err := run(t, w, Question{Text: "What is the capital city of Mongolia?"}, Approval{})
		if err != nil || !a.Abstained {
			t.Errorf("%s: %v\n%s", w.Name(), err, a.Text)
		}
	}
}

func TestWithAModelEveryWorkflowAnswersAndCites(t *testing.T) {
	supported := "SUPPORTED"
	for name, says := range map[string][]string{
		"rag": nil, "simple": {"A run is cancelled by a key."},
		"routing":  {"- How do I cancel a run?\n- How do I pause a run?", "Press ctrl+c. [1]"},
		"parallel": nil, "streaming": nil, "fallback": nil,
		"refine": {"", supported}, "approve": nil,
		"research": {"How do I cancel a run?\nHow do I pause a run?", "", "", "Press ctrl+c. [1]"},
		"agent":    {callsOf(`search {"query":"cancel a run"}`, `list {}`), callsOf(`read {"path":"timeline.md"}`), "Press ctrl+c. [1]"},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := scripted(t, says...)
			w := named(t, p, name)
			a, records, err := run(t, w, Question{Text: "How can I cancel a run?"}, Approval{Keep: []int{1, 2}})
			if err != nil {
				t.Fatal(err)
			}
			if a.By != "tiny-chat" || a.Degraded != "" {
				t.Errorf("answer by %s (degraded %q):\n%s", a.By, a.Degraded, a.Text)
			}
			if name == "simple" {
				cites(t, a, records)
			} else {
				cites(t, a, records, "timeline.md")
			}
			golden(t, name+"_model", records)
		})
	}
}

func named(t *testing.T, p Parts, name string) *Workflow {
	t.Helper()
	for _, w := range All(p) {
		if w.Name() == name {
			return w
		}
	}
	t.Fatalf("there is no workflow %s", name)
	return nil
}
