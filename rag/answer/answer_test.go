package answer

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"weft/flow"
	"weft/flow/flowtest"
	"weft/flow/show"
	"weft/rag/chunk"
	"weft/rag/llm"
	"weft/rag/llm/fakeopenai"
	"weft/rag/retrieve"
)

var passages = []retrieve.Hit{
	{Chunk: chunk.Chunk{ID: "1", Path: "keys.md", Line: 3, EndLine: 5, Heading: []string{"Keys", "Cancelling a run"}, Text: "Press `ctrl+c` while a run is going. The run is cancelled."}, Score: 0.9},
	{Chunk: chunk.Chunk{ID: "2", Path: "costs.xlsx", Line: 7, EndLine: 7, Place: "sheet Costs rows 7–12", Header: "| item | price |\n|---|---|\n", Text: "| a cancelled run | 3 |"}, Score: 0.7},
}

// model returns a model that replies with the given texts in order, one per call, behind a gate.
func model(t *testing.T, gate *Gate, says ...string) (Model, *fakeopenai.Server) {
	t.Helper()
	server, base := fakeopenai.Start(t, "", "tiny-chat")
	for _, s := range says {
		server.Script("say=" + url.QueryEscape(s))
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
	return Model{Client: client, Prompts: prompts, Gate: gate}, server
}

func streamed(ctx *flow.Context) (text string) {
	for _, e := range flowtest.Emitted(ctx) {
		if d, ok := e.(show.Delta); ok {
			text += d.Text
		}
	}
	return text
}

func TestAModelCitesOnlyWhatItWasGiven(t *testing.T) {
	m, server := model(t, nil, "Press ctrl+c [1]. It costs three [9][2].")
	ctx := flowtest.NewContext(t.Context())
	a, err := m.Write(ctx, "How do I cancel a run?", passages)
	if err != nil || a.Text != "Press ctrl+c [1]. It costs three [2]." || !a.Sources[0].Cited || !a.Sources[1].Cited || a.By != "tiny-chat" {
		t.Errorf("%v %+v", err, a)
	}
	if !strings.Contains(streamed(ctx), "Press ctrl+c") {
		t.Errorf("streamed %q", streamed(ctx))
	}
	sent := string(server.Requests()[0].Body)
	for _, want := range []string{"keys.md:3-5 › Keys › Cancelling a run", "costs.xlsx, sheet Costs", "| item | price |"} {
		if !strings.Contains(sent, want) {
			t.Errorf("the prompt does not say %q: %s", want, sent)
		}
	}
}

func TestNothingIsSentWithoutConsent(t *testing.T) {
	allowed := map[string]bool{}
	gate := &Gate{Allowed: func(e string) bool { return allowed[e] }, Allow: func(e string) error { allowed[e] = true; return nil }}
	m, server := model(t, gate, "Press ctrl+c [1].", "Again [1].")
	if _, err := m.Write(flowtest.NewContext(t.Context(), Consent{Allow: false}), "How?", passages); !errors.Is(err, ErrDeclined) {
		t.Errorf("declined: %v", err)
	}
	if n := len(server.Requests()); n != 0 {
		t.Fatalf("%d requests were made", n)
	}
	if _, err := m.Write(flowtest.NewContext(t.Context(), Consent{Allow: true}), "How?", passages); err != nil {
		t.Error(err)
	}
	if a, err := m.Write(flowtest.NewContext(t.Context()), "How?", passages); err != nil || a.Text != "Again [1]." {
		t.Errorf("it is asked a second time: %v", err)
	}
}

func TestTheMostThatACallCostsIsRoundedUp(t *testing.T) {
	for cost, want := range map[float64]string{0: "0.0000", 0.0000041: "0.0001", 0.0001: "0.0001", 0.0179: "0.0179", 0.01791: "0.0180", 2.5: "2.5000"} {
		if got := fmt.Sprintf("%.4f", roundedUp(cost)); got != want {
			t.Errorf("%v is at most %s, not %s", cost, got, want)
		}
	}
}

func TestAloneAndDecidingNeedNoConsentWhereNothingOfDocumentsIsSent(t *testing.T) {
	gate := &Gate{Allowed: func(string) bool { return false }, Allow: func(string) error { return errors.New("nobody was asked") }}
	m, _ := model(t, gate, "Forty-two.", "SIMPLE")
	if a, err := m.Alone(flowtest.NewContext(t.Context()), "What?"); err != nil || a.Text != "Forty-two." || len(a.Sources) != 0 {
		t.Errorf("%v %+v", err, a)
	}
	ctx := flowtest.NewContext(t.Context())
	if reply, err := m.Decide(ctx, llm.PromptClassify, llm.PromptData{Question: "What?"}, 0); err != nil || reply != "SIMPLE" || streamed(ctx) != "" {
		t.Errorf("%q %v, streamed %q", reply, err, streamed(ctx))
	}
}

func TestATextThatBreaksOffIsKept(t *testing.T) {
	m, server := model(t, nil)
	server.Script("drop_after=3&say=" + url.QueryEscape("Press the key that cancels [1]."))
	a, err := m.Write(flowtest.NewContext(t.Context()), "How?", passages)
	if err != nil || a.CutOff == "" || !strings.HasPrefix(a.Text, "Press") {
		t.Errorf("%v %+v", err, a)
	}
	server.Script("mode=empty", "mode=empty")
	if a, err := m.Write(flowtest.NewContext(t.Context()), "How?", passages); err == nil {
		t.Errorf("an empty reply is an answer: %+v", a)
	}
}

func TestExtractsQuoteAndSaySo(t *testing.T) {
	ctx := flowtest.NewContext(t.Context())
	a, err := Extractive{}.Write(ctx, "How do I cancel a run?", passages)
	if err != nil || !strings.HasPrefix(a.Text, "**Keys › Cancelling a run**\n\nPress `ctrl+c` while a run is going.") || !strings.HasSuffix(a.Text, noModel) || streamed(ctx) != a.Text || !a.Sources[0].Cited {
		t.Errorf("%v %+v", err, a)
	}
	if a, _ := (Extractive{}).Write(ctx, "How do wombats dig?", passages); !a.Abstained || len(a.Sources) != 0 {
		t.Errorf("%+v", a)
	}
}

func TestMergedAnswersHaveOneListOfSources(t *testing.T) {
	one := show.Answer{Text: "A [1], b [2].\n\n" + noModel, Sources: []show.Source{{N: 1, Passage: show.Passage{Path: "a", Line: 1}, Cited: true}, {N: 2, Passage: show.Passage{Path: "b", Line: 1}, Cited: true}}}
	two := show.Answer{Text: "B again [1], `[1]`, c [5].", Sources: []show.Source{{N: 1, Passage: show.Passage{Path: "b", Line: 1}, Cited: true}, {N: 2, Passage: show.Passage{Path: "d", Line: 1}}, {N: 3, Passage: show.Passage{Path: "e", Line: 1}}, {N: 4, Passage: show.Passage{Path: "f", Line: 1}}, {N: 5, Passage: show.Passage{Path: "c", Line: 1}, Cited: true}}}
	texts, sources := Merge([]show.Answer{one, two})
	if texts[0] != "A [1], b [2]." || texts[1] != "B again [2], `[1]`, c [5]." {
		t.Errorf("%q", texts)
	}
	var paths string
	for i, s := range sources {
		if s.N != i+1 {
			t.Errorf("source %d has number %d", i+1, s.N)
		}
		paths += s.Path
	}
	if paths != "abdec" || !sources[4].Cited || sources[2].Cited {
		t.Errorf("%s %+v", paths, sources)
	}
}

func TestAReportIsWrittenByTheModelFromItsParts(t *testing.T) {
	m, server := model(t, nil, "Both: [1] and [2].")
	parts := []show.Answer{
		{Question: "How to cancel?", Text: "Press it [1].", Sources: citing(sources(passages[:1]), []int{1})},
		{Question: "What does it cost?", Text: "Three [1].", Sources: citing(sources(passages[1:]), []int{1})},
	}
	a, err := Reporter{Model: &m}.Write(flowtest.NewContext(t.Context()), "How to cancel and what does it cost?", parts)
	if err != nil || a.Text != "Both: [1] and [2]." || len(a.Sources) != 2 || !a.Sources[1].Cited {
		t.Errorf("%v %+v", err, a)
	}
	if sent := string(server.Requests()[0].Body); !strings.Contains(sent, "Three [2].") {
		t.Errorf("the parts are not numbered again: %s", sent)
	}
	if a, err := (Reporter{}).Write(flowtest.NewContext(t.Context()), "How?", []show.Answer{NothingFound("x", "extractive")}); err != nil || !a.Abstained {
		t.Errorf("nothing was found: %v %+v", err, a)
	}
}

func TestVerdicts(t *testing.T) {
	good := show.Answer{Text: "Press `ctrl+c` while a run is going. [1]\n\n" + noModel, Sources: citing(sources(passages), []int{1})}
	invented := show.Answer{Text: "Wombats cancel runs with bananas on plantations. [1]", Sources: good.Sources}
	beside := show.Answer{Text: "Press `ctrl+c` while something is going. [1]", Sources: good.Sources}
	for _, c := range []struct {
		question  string
		answer    show.Answer
		supported bool
		reason    string
	}{
		{"How do I cancel a run?", good, true, ""},
		{"How do I cancel a run?", invented, false, "of the answer is in its sources"},
		{"How do I feed wombats?", beside, false, "it does not mention feed, wombats"},
		{"How do I feed wombats?", NothingFound("How do I feed wombats?", "extractive"), false, "nothing relevant was found"},
	} {
		v, err := Judge{}.Judge(flowtest.NewContext(t.Context()), c.question, c.answer)
		if err != nil || v.Supported != c.supported || !strings.Contains(v.Reason, c.reason) || v.By != "overlap" {
			t.Errorf("%q: %v %+v", c.answer.Text, err, v)
		}
	}
	m, _ := model(t, nil, "UNSUPPORTED: the key is missing", "I am not sure what to say.")
	if v, err := (Judge{&m}).Judge(flowtest.NewContext(t.Context()), "How do I cancel a run?", good); err != nil || v.Supported || v.Reason != "the key is missing" || v.By != "tiny-chat" {
		t.Errorf("%v %+v", err, v)
	}
	if v, err := (Judge{&m}).Judge(flowtest.NewContext(t.Context()), "How do I cancel a run?", good); err != nil || !v.Supported || v.By != "overlap" {
		t.Errorf("a reply that is no verdict: %v %+v", err, v)
	}
}

func TestAnAnswerSaysWhatIsWrongWithItsCitations(t *testing.T) {
	for _, c := range []struct {
		says, text string
		notes      []string
		declines   bool
	}{
		{"Press ctrl+c [Source: 1].", "Press ctrl+c [1].", nil, false},
		{"Press ctrl+c.", "Press ctrl+c.", []string{uncited}, false},
		{"Press ctrl+c [1]. It costs three [9].", "Press ctrl+c [1]. It costs three.",
			[]string{"a citation of a passage that does not exist was removed: [9]"}, false},
		{"The range is [0, 1] and argv[1] the name.", "The range is [0, 1] and argv[1] the name.", []string{uncited}, false},
		{"The name is argv[1]; see RFC [12]. Press ctrl+c [1].", "The name is argv[1]; see RFC [12]. Press ctrl+c [1].", nil, false},
		{"See `argv[1]` and RFC [12] for 99 hours [1].", "See `argv[1]` and RFC [12] for 99 hours [1].",
			[]string{"“1” was not found in source 1: See `argv[1]` and RFC [12] for 99 hours."}, false},
		{"The passages do not contain the answer.", "The passages do not contain the answer.", nil, true},
		{"Die Dokumente enthalten dazu keine Angaben.", "Die Dokumente enthalten dazu keine Angaben.", nil, true},
		{"Τα έγγραφα δεν περιέχουν την απάντηση.", "Τα έγγραφα δεν περιέχουν την απάντηση.", nil, true},
		{"文档中没有提到这一点。", "文档中没有提到这一点。", nil, true},
		{"The documents do not mention a price, but press ctrl+c [1].", "The documents do not mention a price, but press ctrl+c [1].", nil, false},
	} {
		m, _ := model(t, nil, c.says)
		a, err := m.Write(flowtest.NewContext(t.Context()), "How do I cancel a run?", passages)
		if err != nil || a.Text != c.text || !slices.Equal(a.Notes, c.notes) || a.Abstained != c.declines {
			t.Errorf("%q: %v %q %q, abstained %v", c.says, err, a.Text, a.Notes, a.Abstained)
		}
	}
}

func TestADeclineNamesWhatCameNearest(t *testing.T) {
	near := slices.Clone(passages)
	for i := range near {
		near[i].Why.Relevance = 0.3 - 0.29*float64(i)
	}
	a := NothingFoundNear("How do I feed a run?", "extractive", near)
	if !a.Abstained || len(a.Sources) != 1 || a.Sources[0].Cited || !strings.Contains(a.Text, "\n- Keys › Cancelling a run [1]\n") {
		t.Errorf("%+v", a)
	}
	if a := NothingFoundNear("How do wombats dig?", "extractive", near[1:]); len(a.Sources) != 0 || strings.Contains(a.Text, "Nearest") {
		t.Errorf("%+v", a)
	}
}
