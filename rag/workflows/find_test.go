package workflows

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/retrieve"
)

// longest is a reranker that prefers long passages and records how many it was given.
type longest struct{ asked int }

func (*longest) Name() string { return "longest" }

func (l *longest) Rerank(_ context.Context, _ string, hits []retrieve.Hit) ([]float64, error) {
	l.asked = len(hits)
	scores := make([]float64, len(hits))
	for i, h := range hits {
		scores[i] = float64(len(h.Text))
	}
	return scores, nil
}

func TestAModelThatReranksIsGivenMorePassages(t *testing.T) {
	docs := t.TempDir()
	for i := range 60 {
		if err := os.WriteFile(filepath.Join(docs, fmt.Sprintf("%02d.md", i)),
			fmt.Appendf(nil, "lamp number %d burns colza oil", i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	x := index.New(embed.NewHashed(), index.Options{})
	if _, err := x.Update(t.Context(), []string{docs}, index.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, model := range []*longest{nil, {}} {
		r := retrieve.New(x, nil)
		if model != nil {
			r = retrieve.New(x, model)
		}
		p := Parts{Search: func(context.Context, func(show.Progress)) (*retrieve.Retriever, error) {
			return r, nil
		}}
		run, err := RAG(p).Start(t.Context(), Question{Text: "which oil burns in the lamp?"})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for rec := range run.Records(t.Context(), 0) {
			if got, ok := rec.Payload.(Retrieved); ok {
				found = len(got.Passages)
			}
		}
		if _, err := run.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if model == nil && found != 15 || model != nil && (found != 40 || model.asked != 40) {
			t.Errorf("%d passages are retrieved, with a model: %v", found, model != nil)
		}
	}
}
