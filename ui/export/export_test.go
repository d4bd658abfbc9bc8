package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/show"
	"weft/flow/trace"
	"weft/ui/export"
	"weft/ui/history"
	"weft/ui/run/runtest"
)

type question struct {
	Text string `json:"text"`
}

const hostile = "a *bold* <b>`question`</b>\x1b[31m # [x](y)"

// kept returns a run of a model, whose texts have what means something in the formats.
func kept(t *testing.T) export.Kept {
	t.Helper()
	wf := flow.New[question, show.Answer]("rag")
	flow.Step(wf, "synthe:size; #1", func(ctx *flow.Context, q question) (show.Answer, error) {
		call := show.ModelCall{Operation: "chat", Model: "tiny", Endpoint: "http://127.0.0.1:8080/v1", State: show.CallQueued}
		ctx.Emit(call)
		ctx.Emit(show.Prompt{Messages: []show.Message{{Role: show.RoleUser, Content: "a secret passage"}}})
		call.State, call.PromptTokens, call.CompletionTokens, call.Finish = show.CallDone, 700, 64, "stop"
		ctx.Emit(call)
		if ctx.Attempt() == 1 {
			return show.Answer{}, errors.New("429 too many requests")
		}
		return show.Answer{
			Question: q.Text, Text: "# Heading\n\nThe answer. [1]", Notes: []string{"a *note*"},
			Sources: []show.Source{{N: 1, Cited: true, Passage: show.Passage{Path: "a_b.md", Line: 3, EndLine: 9, Heading: []string{"A", "B"}, Score: 0.99, Text: "passage"}}},
		}, nil
	}, flow.Retry(flow.Policy{Attempts: 2, Delay: time.Millisecond}))
	run, err := wf.Start(t.Context(), question{hostile}, flow.ID("k3f9"))
	if err != nil {
		t.Fatal(err)
	}
	records := slices.Collect(run.Records(t.Context(), 0))
	head := flow.Header{Run: "k3f9", Workflow: "rag", Created: records[0].Time, Labels: map[string]string{history.LabelModel: "tiny"}}
	return export.Kept{Run: history.Summarise(head, records), Header: head, Records: records}
}

func write(t *testing.T, f export.Format, k export.Kept, content trace.Content) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := export.Write(&b, f, k, content); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestMarkdownIsReadByAnotherProgram parses the export with goldmark and looks at its structure.
func TestMarkdownIsReadByAnotherProgram(t *testing.T) {
	source := write(t, export.Markdown, kept(t), trace.Names)
	doc := goldmark.DefaultParser().Parse(text.NewReader(source))
	var headings, code []string
	sources := 0
	err := ast.Walk(doc, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if !enter {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings = append(headings, string(n.Lines().Value(source)))
		case *ast.FencedCodeBlock:
			code = append(code, string(n.Lines().Value(source)))
		case *ast.ListItem:
			sources++
		case *ast.RawHTML, *ast.HTMLBlock, *ast.Link:
			t.Errorf("the export has a %s", n.Kind())
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(headings) != 5 || !slices.Equal(headings[1:], []string{"Answer", "Heading", "Sources", "Timeline"}) {
		t.Errorf("the headings are %q", headings)
	}
	if sources != 1 || len(code) != 1 || !strings.Contains(code[0], "synthe") {
		t.Errorf("it has %d sources and the timelines %q", sources, code)
	}
	if bytes.ContainsRune(source, '\x1b') {
		t.Error("it has an escape sequence")
	}
}

func TestTheRecordsAreReadBack(t *testing.T) {
	k := kept(t)
	file, err := journal.Read(bytes.NewReader(write(t, export.JSONL, k, trace.Names)))
	if err != nil || len(file.Records) != len(k.Records) || file.Header.Labels[history.LabelModel] != "tiny" {
		t.Fatalf("%d records, header %+v, %v", len(file.Records), file.Header, err)
	}
	for i, r := range file.Records {
		want, _ := k.Records[i].MarshalJSON()
		got, err := r.MarshalJSON()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("record %d is %s, want %s, %v", i, got, want, err)
		}
	}
}

func TestJSONHasSummaryAnswerAndSteps(t *testing.T) {
	var got struct {
		ID, Question, Outcome string
		Answer                show.Answer
		Steps                 []struct {
			Step                           string
			Executions, Attempts, Failures int
		}
	}
	if err := json.Unmarshal(write(t, export.JSON, kept(t), trace.Names), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "k3f9" || got.Question != hostile || got.Outcome != "done" || len(got.Answer.Sources) != 1 ||
		len(got.Steps) != 1 || got.Steps[0].Attempts != 2 || got.Steps[0].Failures != 1 || got.Steps[0].Executions != 1 {
		t.Errorf("it is %+v", got)
	}
}

func TestContentIsWrittenOnlyWhenAskedFor(t *testing.T) {
	k := kept(t)
	for _, f := range []export.Format{export.Chrome, export.OTLP} {
		if b := write(t, f, k, trace.Names); bytes.Contains(b, []byte("secret passage")) || !json.Valid(b) {
			t.Errorf("%s without content is %s", f, b)
		}
		if b := write(t, f, k, trace.Payloads); !bytes.Contains(b, []byte("secret passage")) {
			t.Errorf("%s with content lacks the prompt", f)
		}
	}
	if b := write(t, export.Mermaid, k, trace.Names); bytes.Contains(b, []byte("secret passage")) {
		t.Errorf("the diagram has content: %s", b)
	}
}

// TestEveryRunCanBeWritten writes unfinished and large runs, and the beginning of one.
func TestEveryRunCanBeWritten(t *testing.T) {
	for name, records := range map[string][]flow.Record{
		"live": runtest.RAGLive(), "retries": runtest.Retries(), "waiting": runtest.Human(), "many": runtest.FanOut(128, false),
		"sub-workflow": runtest.Sub(), "one record": runtest.RAG()[:1], "none": nil,
	} {
		k := export.Kept{Run: history.Summarise(flow.Header{Run: "r"}, records), Records: records}
		for _, f := range export.Formats {
			if b := write(t, f, k, trace.Payloads); len(b) == 0 {
				t.Errorf("%s as %s is empty", name, f)
			}
		}
	}
	if _, err := export.ParseFormat("nonsense"); err == nil {
		t.Error("there is no format of that name")
	}
}
