package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/flow/show"
)

func source(path, text string, cited bool) show.Source {
	return show.Source{N: 1, Cited: cited, Passage: show.Passage{Path: path, Text: text}}
}

func TestAnswersAreGraded(t *testing.T) {
	mill := &Question{Text: "how often is the mill greased?", Kind: "how", File: []string{"mill.md"}, Must: []string{"40 hours"}, MustNot: []string{"never"}}
	two := &Question{Text: "what is greased, and when?", Kind: "twopart", File: []string{"mill.md"}, Must: []string{"shaft", "40 hours"}}
	near := &Question{Text: "what does the mill cost?", Kind: "near"}
	for _, q := range []*Question{mill, two, near} {
		if err := q.compile(); err != nil {
			t.Fatal(err)
		}
	}
	good := source("docs/mill.md", "Grease the shaft every 40 hours.", true)
	for _, c := range []struct {
		name string
		q    *Question
		a    show.Answer
		want Mark
	}{
		{"said and cited", mill, show.Answer{Text: "Every 40\nhours. [1]", Sources: []show.Source{good}}, Good},
		{"said, of another file", mill, show.Answer{Text: "Every 40 hours. [1]", Sources: []show.Source{source("sail.md", "", true)}}, Partly},
		{"said with what is wrong", mill, show.Answer{Text: "Every 40 hours, or never. [1]", Sources: []show.Source{good}}, Partly},
		{"said at length", mill, show.Answer{Text: "40 hours " + strings.Repeat("and more ", 70), Sources: []show.Source{good}}, Partly},
		{"half of it", two, show.Answer{Text: "The shaft. [1]", Sources: []show.Source{good}}, Partly},
		{"only cited", mill, show.Answer{Text: "It is greased. [1]", Sources: []show.Source{good}}, Place},
		{"not cited", mill, show.Answer{Text: "It is greased.", Sources: []show.Source{source("mill.md", "40 hours", false)}}, Bad},
		{"declined", mill, show.Answer{Text: "Nothing.", Abstained: true}, Declined},
		{"rightly declined", near, show.Answer{Text: "Nothing.", Abstained: true}, Rightly},
		{"answered what has no answer", near, show.Answer{Text: "Nine. [1]", Sources: []show.Source{good}}, Wrongly},
	} {
		if got := Grade(c.q, c.a); got.Mark != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestQuestionsAreRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "questions.jsonl")
	for text, want := range map[string]string{
		`{"question":"a?","kind":"how","must":["x"]}` + "\n\n" + `{"question":"b?","kind":"near"}`: "",
		`{"kind":"near"}`:                `no "question"`,
		`{"question":"a?"}`:              `no "must"`,
		`{"question":"a?","must":["("]}`: "line 1: error parsing",
		"{":                              "line 1",
		"":                               "holds no question",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := ReadQuestions(name)
		if want == "" && (err != nil || len(list) != 2 || list[1].Answerable()) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, %v", text, list, err)
		}
	}
}

func TestSettingsAreComparedOnTheSameQuestions(t *testing.T) {
	q, near := &Question{Kind: "how"}, &Question{Kind: "near"}
	var first, second []Outcome
	for range 12 {
		first = append(first, Outcome{Question: q, Mark: Bad, Words: 10, Took: time.Millisecond}, Outcome{Question: near, Mark: Rightly})
		second = append(second, Outcome{Question: q, Mark: Good, Words: 30, Took: 3 * time.Millisecond}, Outcome{Question: near, Mark: Rightly})
	}
	if more, p := Compare(first, second); more != 12 || p > 0.01 {
		t.Errorf("%d more, p = %v", more, p)
	}
	if more, p := Compare(first, first); more != 0 || p != 1 {
		t.Errorf("%d more, p = %v", more, p)
	}
	s := Summarise(append(first, second...))
	if s.Answerable != 24 || s.Other != 24 || s.Words != 20 || s.Marks[Good] != 12 || s.Marks[Rightly] != 24 {
		t.Errorf("%+v", s)
	}
}

// TestManualsOfOthersAreAnswered answers natural questions about documents by other authors, from
// the folders below WEFT_MANUALS, each with questions.jsonl and docs. The long suite requires these
// folders.
func TestManualsOfOthersAreAnswered(t *testing.T) {
	root := os.Getenv("WEFT_MANUALS")
	if root == "" {
		if os.Getenv("WEFT_LONG") == "1" {
			t.Fatal("WEFT_MANUALS must name a directory of folders with questions.jsonl and docs")
		}
		t.Skip("WEFT_MANUALS names no directory of manuals")
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "questions.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no questions in %s: %v", root, err)
	}
	var all []Outcome
	for _, name := range files {
		outcomes := askOffline(t, filepath.Dir(name))
		t.Logf("%s: %+v", name, Summarise(outcomes))
		all = append(all, outcomes...)
	}
	s := Summarise(all)
	t.Logf("all: %+v", s)
	if s.Answerable < 60 {
		t.Fatalf("%d questions have an answer: 60 are needed for a significant result", s.Answerable)
	}
	if s.Marks[Good]*100 < s.Answerable*68 || s.Marks[Bad]*100 > s.Answerable*12 || s.Marks[Declined]*100 > s.Answerable*8 || s.Marks[Rightly]*100 < s.Other*80 || s.Words > 90 {
		t.Errorf("of %d answerable questions at least 68 %% must be answered well, at most 12 %% badly and 8 %% not at all, in at most 90 words; of %d others 80 %% declined: %+v",
			s.Answerable, s.Other, s)
	}
}
