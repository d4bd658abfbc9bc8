package cli

import (
	"fmt"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
)

// manualSample is every how many of the manual's questions the short suite asks.
const manualSample = 10

// answerForms are the forms in which models cite the first passage, and in which they reason. PATH and
// LINES say where it is. The first is the one in which weft shows answers.
var answerForms = []struct{ cite, reason string }{
	{cite: "[1]"}, {cite: "[Source: 1]"}, {cite: "(source 1)"}, {cite: "【1:0†file】"}, {cite: "[^1]"},
	{cite: "[Passage 1, lines 5-11]"}, {cite: "[PATH:LINES]"},
	{"[1]", "think=20"}, {"[Source: 1]", "reasoning=20"}, {"[1]", "reasoning=20&reasoning_field=reasoning"},
	{"[^1]", "reasoning=20&reasoning_field=thinking"},
}

// shown is what the screen shows of an answer, with those of its sources that it cites.
type shown struct {
	streamed string // what the deltas left
	answer   show.Answer
}

// cited returns the numbers of the sources of an answer.
func cited(a show.Answer) (numbers []int) {
	for _, s := range a.Sources {
		numbers = append(numbers, s.N)
	}
	return numbers
}

// askShown asks a question and returns what is shown.
func askShown(t *testing.T, s *session, question string) (out shown) {
	t.Helper()
	run, err := s.ask("rag", question)
	if err != nil {
		t.Fatal(err)
	}
	if out.answer, err = run.Wait(t.Context()); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	// Forms differ in their lengths, and the more tokens were counted, the better is known how many
	// passages fit: sources that are not cited can differ.
	out.answer.Usage = show.Usage{}
	out.answer.Sources = slices.DeleteFunc(out.answer.Sources, func(s show.Source) bool { return !s.Cited })
	for r := range run.Records(t.Context(), 0) {
		if d, ok := r.Payload.(show.Delta); ok {
			if d.Restart {
				out.streamed = ""
			}
			out.streamed += d.Text
		}
	}
	return out
}

// TestAnAnswerLooksTheSameInEveryForm asks the questions about the manual of a model that answers
// well, in each form of citing and of reasoning. Text, sources and notes must be the same as in the
// form that weft shows: what a person sees is made of these alone.
func TestAnAnswerLooksTheSameInEveryForm(t *testing.T) {
	every := manualSample
	if os.Getenv("WEFT_LONG") != "" {
		every = 1
	}
	server, at := fakeopenai.Start(t, "", "tiny-chat")
	s := begin(t, map[string]string{"OPENAI_BASE_URL": at}, "../../docs")
	<-s.corpus.built
	right := 0
	for i := 0; i < len(manualQuestions); i += every {
		c := manualQuestions[i]
		var plain shown
		for j, form := range answerForms {
			cite := form.cite
			if j > 0 {
				first := plain.answer.Sources[0]
				cite = strings.NewReplacer("PATH", first.Path, "LINES", fmt.Sprintf("%d-%d", first.Line, first.EndLine)).Replace(cite)
			}
			says := "The manual says: " + c.says + " " + cite + "."
			server.Configure("think=0&reasoning=0&reasoning_field=reasoning_content&say=" + url.QueryEscape(says))
			server.Configure(form.reason)
			got := askShown(t, s, c.question)
			a := got.answer
			if a.By != "tiny-chat" || a.CutOff+a.Degraded != "" || a.Abstained || strings.TrimSpace(got.streamed) != a.Text {
				t.Fatalf("%s, %s %s: %+v\nstreamed: %q", c.question, form.cite, form.reason, a, got.streamed)
			}
			if j > 0 {
				if !reflect.DeepEqual(got, plain) {
					t.Errorf("%s\n%s %s shows %q, cited %v, notes %q\ninstead of %q, cited %v, notes %q", c.question, form.cite, form.reason,
						a.Text, cited(a), a.Notes, plain.answer.Text, cited(plain.answer), plain.answer.Notes)
				}
				continue
			}
			plain = got
			if len(a.Sources) == 0 {
				t.Fatalf("%s: %q cites nothing", c.question, a.Text)
			}
			if a.Text != says || !slices.Equal(cited(a), []int{1}) {
				t.Errorf("%s: %q, cited %v, notes %q", c.question, a.Text, cited(a), a.Notes)
			}
			if a.Sources[0].Path == c.path {
				right++
			}
		}
	}
	asked := (len(manualQuestions) + every - 1) / every
	t.Logf("%d of %d answers cite the page that has the answer", right, asked)
	if right < asked*3/4 {
		t.Errorf("only %d of %d answers cite the page that has the answer", right, asked)
	}
}
