package workflows

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// sources names the indexes that are searched. Each is also a fault name.
var sources = []string{"vector", "keyword", "structure"}

// SearchIn requests a search in one source.
type SearchIn struct {
	Source string `json:"source"` // "vector", "keyword" or "structure"
	Asked
}

// Searched is the result of one source.
type Searched struct {
	Source   string         `json:"source"`
	Passages []retrieve.Hit `json:"passages"` // best first, at most 15
	TookMS   float64        `json:"took_ms"`
	Error    string         `json:"error,omitempty"` // why the source failed
}

// Parallel searches three sources at once: the vectors, the words, and the structure (titles,
// headings and file names). One step dispatches an event for each source, three workers search, and
// a join receives all results; the engine counts them. If a source fails, a recovery step returns
// an empty result in its place, so that the join still receives three results and the answer lacks
// only that source.
func Parallel(p Parts) *Workflow {
	w := parallel{p}
	wf := p.new("parallel", "search vectors, words and headings at once, merge what they find")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Each(wf, "dispatch", w.dispatch, flow.Describe("start a search in each source"))
	flow.Step(wf, "search", try(p, w.search), flow.Workers(3), flow.Describe("search one source"))
	flow.Recover(wf, "do_without", w.doWithout, flow.Covers("search"),
		flow.Describe("continue without a source that failed"))
	flow.Join(wf, "merge", try(p, w.merge), flow.Describe("merge the lists without duplicates; choose the best"+p.few()), again())
	flow.Step(wf, "synthesize", try(p, w.synthesize),
		flow.Describe("write the answer from these"+p.few()), flow.Awaits[answer.Consent](), again())
	return wf
}

type parallel struct{ Parts }

func (w parallel) dispatch(ctx *flow.Context, a Asked) iter.Seq2[SearchIn, error] {
	return func(yield func(SearchIn, error) bool) {
		for _, source := range sources {
			if !yield(SearchIn{source, a}, nil) {
				return
			}
		}
	}
}

func (w parallel) search(ctx *flow.Context, in SearchIn) (Searched, error) {
	if err := w.inject(ctx, in.Source); err != nil {
		return Searched{}, err
	}
	begin := time.Now()
	r, err := w.retriever(ctx)
	if err != nil {
		return Searched{}, err
	}
	by := map[string]func(context.Context, retrieve.Query) ([]retrieve.Hit, error){
		"vector": r.Vector, "keyword": r.Keyword, "structure": r.Structure,
	}
	hits, err := by[in.Source](ctx, retrieve.Query{Text: in.Question, K: candidates, Scope: in.Scope})
	return Searched{Source: in.Source, Passages: hits,
		TookMS: float64(time.Since(begin).Microseconds()) / 1000}, err
}

func (w parallel) doWithout(ctx *flow.Context, f flow.Failure) (Searched, error) {
	in, ok := input[SearchIn](f, "SearchIn")
	if !ok {
		return Searched{}, f.Err
	}
	return Searched{Source: in.Source, Passages: []retrieve.Hit{},
		TookMS: float64(f.Elapsed.Microseconds()) / 1000, Error: f.Err.Error()}, nil
}

func (w parallel) merge(ctx *flow.Context, all []Searched) (Reranked, error) {
	r, err := w.retriever(ctx)
	if err != nil {
		return Reranked{}, err
	}
	var lists [][]retrieve.Hit
	var missing []string
	for _, s := range all {
		lists = append(lists, s.Passages)
		if s.Error != "" {
			missing = append(missing, fmt.Sprintf("the %s search failed: %s", s.Source, s.Error))
		}
	}
	if len(missing) == len(all) {
		return Reranked{}, fmt.Errorf("every search failed: %s", strings.Join(missing, "; "))
	}
	if err := flow.Set(ctx, "missing", strings.Join(missing, "; ")); err != nil {
		return Reranked{}, err
	}
	best, err := w.best(ctx, question(ctx), r.Fuse(candidates, lists...), w.most())
	return Reranked{best}, err
}

func (w parallel) synthesize(ctx *flow.Context, r Reranked) (show.Answer, error) {
	a, err := w.write(ctx, question(ctx), r.Passages)
	if missing, _ := flow.Get[string](ctx, "missing"); missing != "" {
		a.Degraded = missing
	}
	return a, err
}
