// Package retrieve finds the passages that answer a question.
//
// A question is analysed ([analysis]), asked of the index's lists (words by BM25, vectors by cosine, structure by headings and file names), the lists
// become one ([RRF] or [Smooth], both pure), near-duplicates are merged, and the best are placed by a [Reranker]. Each [Hit] carries a score from 0 to
// 1 that falls with its place and by which "nothing relevant" can be told ([Relevant]), and a [Why]: all that led to it, for whoever wants to see.
//
// [Retriever.Search] is the whole way. Its parts can be called by themselves: [Retriever.Candidates] and [Retriever.Rerank] as two steps,
// [Retriever.Keyword], [Retriever.Vector] and [Retriever.Structure] as three sources that [Retriever.Fuse] joins.
package retrieve

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"weft/rag/chunk"
	"weft/rag/index"
)

// Relevant is the relevance from which on a passage is likely to answer the question. If no hit reaches it, and thus not the first one's score,
// nothing relevant was found.
const Relevant = 0.5

const (
	pool        = 100 // passages that are smoothed or fused
	chosen      = 15  // candidates for the lexical reranker
	chosenModel = 40  // candidates for a reranking model
	placed      = 5   // passages that an answer is made from
	lambda      = 0.2 // share of a passage's score that comes from its neighbours
	neighbours  = 10  // how many lend
	alike       = 0.3 // what a heading that asks the same as the question adds to a smoothed score, which is 1 at most
	rrfK        = 60
)

// A Query is a question and where to look.
type Query struct {
	Text       string   `json:"text"`
	K          int      `json:"k,omitempty"`          // passages to place; 0: 5
	Candidates int      `json:"candidates,omitempty"` // passages to choose from; 0: 15, with a reranking model 40
	Scope      []string `json:"scope,omitempty"`      // files or folders, relative to the corpus; none: everywhere
}

// A Hit is a passage that was found.
type Hit struct {
	chunk.Chunk
	Score float64 `json:"score"` // 0 to 1, in the list's order: how likely the first answers, and how well the others fit beside it
	Why   Why     `json:"why"`
}

// Why says how a passage was found. Ranks begin at 1; a list that does not have the passage is nil.
type Why struct {
	Terms      []TermWhy `json:"terms,omitempty"`      // the question's content words
	Relevance  float64   `json:"relevance"`            // how likely the passage answers, judged by itself, 0 to 1; from Relevant on it is likely
	Coverage   float64   `json:"coverage"`             // share of the question's content that the passage has, 0 to 1
	Pairs      int       `json:"pairs,omitempty"`      // neighbouring words of the question that stand together in the passage
	Likeness   float64   `json:"likeness,omitempty"`   // how far the passage's heading asks the same as the question, 0 to 1
	Prior      *Place    `json:"prior,omitempty"`      // what words and vectors say of it beside the best, 0 to 1: what the lexical reranker begins with
	Keyword    *Place    `json:"keyword,omitempty"`    // BM25
	Vector     *Place    `json:"vector,omitempty"`     // cosine
	Structure  *Place    `json:"structure,omitempty"`  // headings, titles and file names
	Fused      *Place    `json:"fused,omitempty"`      // of several lists
	Smoothed   *Place    `json:"smoothed,omitempty"`   // with what its neighbours lend
	Retrieved  int       `json:"retrieved,omitempty"`  // rank among the candidates, before the reranker
	Reranked   *Place    `json:"reranked,omitempty"`   // by the reranker
	Reranker   string    `json:"reranker,omitempty"`   // its name
	Degraded   string    `json:"degraded,omitempty"`   // what could not be asked, and why
	Duplicates []string  `json:"duplicates,omitempty"` // where nearly the same stands too: "path:line"
}

// A TermWhy is a word of the question in a passage.
type TermWhy struct {
	Text    string  `json:"text"`
	IDF     float64 `json:"idf"`               // how much it tells: the rarer, the more
	Share   float64 `json:"share"`             // of the question: the shares of all words are 1 together
	Count   int     `json:"count"`             // how often the passage has it, a heading counting three times
	Heading bool    `json:"heading,omitempty"` // it stands in a heading, the title or the file's name
}

// A Place is a rank and a score in a list.
type Place struct {
	Rank  int     `json:"rank"`
	Score float64 `json:"score"`
}

// A Reranker judges how well passages answer a question.
type Reranker interface {
	// Name identifies it to a reader.
	Name() string
	// Rerank returns a score for each hit, higher is better; the scale is its own.
	Rerank(ctx context.Context, question string, hits []Hit) ([]float64, error)
}

// A Retriever searches an index. It may be used by several goroutines at once.
type Retriever struct {
	index    *index.Index
	reranker Reranker
}

// New returns a retriever. A nil reranker means the lexical one.
func New(x *index.Index, r Reranker) *Retriever {
	if r == nil {
		r = Lexical{}
	}
	return &Retriever{index: x, reranker: r}
}

// Search finds the best passages for a question, best first: candidates, then reranked. No hits and no error mean that no passage has anything in
// common with the question.
func (r *Retriever) Search(ctx context.Context, q Query) ([]Hit, error) {
	hits, err := r.Candidates(ctx, q)
	if err != nil {
		return nil, err
	}
	return r.Rerank(ctx, q.Text, hits, q.K)
}

// Candidates chooses the passages that a reranker places, best first.
func (r *Retriever) Candidates(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	n := q.Candidates
	if n == 0 {
		n = chosen
		if _, ok := r.reranker.(Lexical); !ok {
			n = chosenModel
		}
	}
	n = max(n, q.K)
	var words, vecs []index.Match
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		vecs, err = s.vector(gctx, pool)
		return err
	})
	words = s.view.Keyword(s.question.terms, pool, s.scope)
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		vecs, s.degraded = nil, err // words still find: a model that is away costs quality, not the answer
	}
	var list []index.Match
	var note func(*Why, Place)
	switch {
	case s.fusible(vecs):
		list = RRF(rrfK, words, vecs)
		note = func(w *Why, p Place) { w.Fused = &p }
	default:
		list = s.smooth(words)
		note = func(w *Why, p Place) { w.Smoothed = &p }
	}
	list, doubles := s.merge(list, n)
	return s.hits(list, doubles, map[string][]index.Match{"keyword": words, "vector": vecs}, note), s.fail(len(list))
}

// Rerank places the k best of the candidates (0: 5), best first. With a reranking model its ranking decides, and the retrieval's keeps some weight: a
// model's scores have no scale that could be trusted. A model that fails leaves the candidates to the lexical reranker.
func (r *Retriever) Rerank(ctx context.Context, question string, hits []Hit, k int) ([]Hit, error) {
	if k <= 0 {
		k = placed
	}
	if len(hits) == 0 {
		return nil, ctx.Err()
	}
	hits = slices.Clone(hits)
	scores, name := []float64(nil), r.reranker.Name()
	if _, lexical := r.reranker.(Lexical); !lexical {
		got, err := r.reranker.Rerank(ctx, question, hits)
		if err == nil && len(got) != len(hits) {
			err = fmt.Errorf("%d scores for %d passages", len(got), len(hits))
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			for i := range hits {
				hits[i].Why.degrade("reranked without "+name, err)
			}
			name = Lexical{}.Name()
		default:
			scores = got
		}
	}
	model := scores != nil
	if !model {
		scores, _ = Lexical{}.Rerank(ctx, question, hits)
	}
	order := make([]int, len(hits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	for rank, i := range order {
		hits[i].Why.Reranked, hits[i].Why.Reranker = &Place{rank + 1, scores[i]}, name
	}
	by := func(i int) float64 { return scores[i] }
	if model {
		by = func(i int) float64 {
			return 1/(rerankK+float64(hits[i].Why.Reranked.Rank)) + retrievalWeight/(rerankK+float64(i+1))
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(by(b), by(a)) })
	}
	order = order[:min(k, len(order))]
	out := make([]Hit, 0, len(order))
	for _, i := range order {
		out = append(out, hits[i])
	}
	rate(out, func(i int) float64 { return by(order[i]) })
	return out, nil
}

// How a reranking model's ranking is joined with the retrieval's: its first ranks differ more than RRF's usual 60 would let them.
const (
	rerankK         = 10
	retrievalWeight = 0.1
)

// Keyword searches words alone, best first; K passages (0: 15).
func (r *Retriever) Keyword(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	return s.single(ctx, q, "keyword", s.view.Keyword(s.question.terms, pool, s.scope))
}

// Words searches single words alone, without pairs: plain BM25, to compare with. Best first; K passages (0: 15).
func (r *Retriever) Words(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	return s.single(ctx, q, "keyword", s.view.Keyword(s.question.terms[:len(s.question.words)], pool, s.scope))
}

// Vector searches vectors alone, best first; K passages (0: 15).
func (r *Retriever) Vector(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	list, err := s.vector(ctx, pool)
	if err != nil {
		return nil, err
	}
	return s.single(ctx, q, "vector", list)
}

// Structure searches headings, titles and file names alone, best first; K passages (0: 15).
func (r *Retriever) Structure(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	return s.single(ctx, q, "structure", s.view.Keyword(s.question.structure(), pool, s.scope))
}

// Fuse joins lists of hits by [RRF], best first, near-duplicates merged; k passages (0: 15). What each list said of a passage stays with it.
func (r *Retriever) Fuse(k int, lists ...[]Hit) []Hit {
	if k <= 0 {
		k = chosen
	}
	at := make(map[string]index.ID)
	var hits []Hit
	var matches [][]index.Match
	for _, list := range lists {
		var ms []index.Match
		for _, h := range list {
			id, ok := at[h.ID]
			if !ok {
				id = index.ID(len(hits))
				at[h.ID] = id
				hits = append(hits, h)
			}
			hits[id].Why.join(h.Why)
			hits[id].Why.Relevance = max(hits[id].Why.Relevance, h.Why.Relevance)
			ms = append(ms, index.Match{ID: id, Score: h.Score})
		}
		matches = append(matches, ms)
	}
	var out []Hit
	for i, m := range RRF(rrfK, matches...) {
		h := hits[m.ID]
		h.Why.Fused = &Place{i + 1, m.Score}
		out = append(out, h)
	}
	kept, doubles := distinct(len(out), k, func(i int) *chunk.Chunk { return &out[i].Chunk })
	result := make([]Hit, 0, len(kept))
	for rank, i := range kept {
		h := out[i]
		h.Why.Retrieved = rank + 1
		for _, d := range doubles[i] {
			h.Why.Duplicates = append(h.Why.Duplicates, where(&out[d].Chunk))
		}
		result = append(result, h)
	}
	rate(result, func(i int) float64 { return result[i].Why.Fused.Score })
	return result
}

// degrade notes what could not be asked.
func (w *Why) degrade(what string, err error) {
	if w.Degraded != "" {
		w.Degraded += "; "
	}
	w.Degraded += what + ": " + err.Error()
}

// join adds what another list knows.
func (w *Why) join(o Why) {
	w.Keyword = cmp.Or(w.Keyword, o.Keyword)
	w.Vector = cmp.Or(w.Vector, o.Vector)
	w.Structure = cmp.Or(w.Structure, o.Structure)
}

// A ScopeError says that nothing of the corpus is in a query's scope.
type ScopeError struct{ Scope []string }

func (e *ScopeError) Error() string {
	return fmt.Sprintf("nothing that is indexed is at or below %s: check the spelling, paths are relative to the corpus", strings.Join(e.Scope, ", "))
}

// scopeOf makes a scope of paths; nil for the whole corpus. Letters with accents are the same however they are composed: some systems write names in
// another way than keyboards do.
func scopeOf(paths []string) index.Scope {
	var clean []string
	for _, p := range paths {
		p = path.Clean(strings.ReplaceAll(strings.TrimPrefix(p, "@"), `\`, "/"))
		p = strings.TrimPrefix(p, "/")
		if p == "." || p == "" {
			return nil
		}
		clean = append(clean, norm.NFC.String(p))
	}
	if len(clean) == 0 {
		return nil
	}
	return func(c *chunk.Chunk) bool {
		at := norm.NFC.String(c.Path)
		for _, p := range clean {
			if rest, ok := strings.CutPrefix(at, p); ok && (rest == "" || rest[0] == '/') {
				return true
			}
		}
		return false
	}
}

func where(c *chunk.Chunk) string { return fmt.Sprintf("%s:%d", c.Path, c.Line) }
