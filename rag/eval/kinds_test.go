package eval

import (
	"path/filepath"
	"testing"
	"time"

	"weft/flow/flowtest"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/retrieve"
)

// askOffline answers the questions in a directory without a model, as the workflow rag does, and
// grades the answers.
func askOffline(t *testing.T, dir string) (outcomes []Outcome) {
	t.Helper()
	questions, err := ReadQuestions(filepath.Join(dir, QuestionsFile))
	if err != nil {
		t.Fatal(err)
	}
	x := index.New(embed.NewHashed(), index.Options{})
	defer x.Close()
	if _, err := x.Update(t.Context(), []string{Documents(dir)}, index.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	x.WaitVectors()
	r := retrieve.New(x, nil)
	for i := range questions {
		q := &questions[i]
		begin := time.Now()
		text := r.Respell(q.Text)
		hits, err := r.Search(t.Context(), retrieve.Query{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		a := answer.NothingFoundNear(text, show.ByExtract, hits)
		if kept := retrieve.Usable(hits); len(kept) > 0 {
			if a, err = (answer.Extractive{}).Write(flowtest.NewContext(t.Context()), text, kept); err != nil {
				t.Fatal(err)
			}
		}
		o := Grade(q, a)
		o.Took = time.Since(begin)
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// TestQuestionsOfEachKindAreAnswered asks small corpora, one for each kind of question or document
// that offline answers are made for. Every answer must be good, and every question without an answer
// must be declined.
func TestQuestionsOfEachKindAreAnswered(t *testing.T) {
	kinds, err := filepath.Glob(filepath.Join("testdata", "kinds", "*"))
	if err != nil || len(kinds) < 10 {
		t.Fatalf("%d kinds, %v", len(kinds), err)
	}
	for _, dir := range kinds {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			for _, o := range askOffline(t, dir) {
				if o.Mark != Good && o.Mark != Rightly {
					t.Errorf("%s (%s): %s\n%s", o.Question.Text, o.Question.Kind, o.Mark, o.Text)
				}
			}
		})
	}
}
