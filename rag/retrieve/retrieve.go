// Package retrieve finds the passages that answer a question.
//
// [Retriever.Search] analyses the question ([analysis]), queries the index's lists (words by BM25,
// vectors by cosine, structure by headings and file names), combines the lists ([RRF] or [Smooth],
// both pure), merges near-duplicates and orders the best with a [Reranker]. Each [Hit] has a score
// from 0 to 1, which never rises down the list. A first score below [Relevant] means that nothing
// relevant was found. [Why] explains the hit.
//
// The steps can be called one by one: [Retriever.Candidates] and [Retriever.Rerank], or
// [Retriever.Keyword], [Retriever.Vector] and [Retriever.Structure], joined by [Retriever.Fuse].
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

	"weft/flow/show"
	"weft/rag/chunk"
	"weft/rag/index"
	"weft/rag/load"
)

// Relevant is the minimum relevance of a passage that is likely to answer the question. If the
// first hit of a search scores below Relevant, nothing relevant was found.
const Relevant = 0.5

const (
	// pool is the number of passages that are smoothed or fused.
	pool = 100
	// chosen is the number of candidates for the lexical reranker.
	chosen = 15
	// chosenModel is the number of candidates for a reranking model.
	chosenModel = 40
	// placed is the number of passages that an answer is made from.
	placed = 5
	// lambda is the share of a smoothed score that comes from the neighbours.
	lambda = 0.2
	// neighbours is the number of neighbours in Smooth.
	neighbours = 10
	// alike times the heading's likeness to the question (see Why.Likeness) is added to a smoothed
	// score.
	alike = 0.3
	rrfK  = 60
)

// A Query is a question and where to search.
type Query struct {
	Text string `json:"text"`
	// K is the number of passages to return; 0 means 5.
	K int `json:"k,omitempty"`
	// Candidates is the number of passages to choose from; 0 means 15, or 40 with a reranking
	// model.
	Candidates int `json:"candidates,omitempty"`
	// Scope lists files or folders relative to the corpus; empty means the whole corpus.
	Scope []string `json:"scope,omitempty"`
}

// A Hit is a passage that was found.
type Hit struct {
	chunk.Chunk
	// Score is from 0 to 1 and never rises down the list. The first score is the estimated
	// probability that the corpus answers the question.
	Score float64 `json:"score"`
	// Relevance is Why.Relevance in a word, and Reason says why.
	Relevance show.Relevance `json:"relevance,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Why       Why            `json:"why"`
	// Fields describe the passage's document: aliases, tags, date … (see [load.Describing]).
	Fields []load.Field `json:"fields,omitempty"`
	// Notes lists the parts of the passage's document that are not read.
	Notes []string `json:"notes,omitempty"`
	// Remarks say what is uncertain about the document's text, such as a guessed encoding.
	Remarks []string `json:"remarks,omitempty"`
}

// Why explains how a passage was found. Ranks start at 1; a list without the passage is nil.
type Why struct {
	// Terms are the question's content words.
	Terms []TermWhy `json:"terms,omitempty"`
	// Relevance is the estimated probability, 0 to 1, that the passage answers the question,
	// regardless of the other hits. See [Relevant].
	Relevance float64 `json:"relevance"`
	// Coverage is the share of the question's content in the passage, 0 to 1.
	Coverage float64 `json:"coverage"`
	// Pairs is the number of neighbouring words of the question that are adjacent in the passage.
	Pairs int `json:"pairs,omitempty"`
	// Likeness is how closely the heading asks the same as the question, 0 to 1.
	Likeness float64 `json:"likeness,omitempty"`
	// Prior is the score from words and vectors, relative to the best, 0 to 1. [Lexical] starts
	// from it.
	Prior *Place `json:"prior,omitempty"`
	// Keyword is the place by BM25.
	Keyword *Place `json:"keyword,omitempty"`
	// Vector is the place by cosine.
	Vector *Place `json:"vector,omitempty"`
	// Structure is the place by headings, titles, file names, aliases and tags.
	Structure *Place `json:"structure,omitempty"`
	// Fused is the place after several lists were combined.
	Fused *Place `json:"fused,omitempty"`
	// Smoothed is the place after scores were adjusted to similar passages. See [Smooth].
	Smoothed *Place `json:"smoothed,omitempty"`
	// Retrieved is the rank among the candidates.
	Retrieved int `json:"retrieved,omitempty"`
	// Reranked is the place given by the reranker.
	Reranked *Place `json:"reranked,omitempty"`
	// Reranker is the reranker's name.
	Reranker string `json:"reranker,omitempty"`
	// Degraded says what failed or was unavailable, and why.
	Degraded string `json:"degraded,omitempty"`
	// Duplicates are the locations of near-duplicates, as "path:line".
	Duplicates []string `json:"duplicates,omitempty"`
}

// A TermWhy describes a word of the question in a passage.
type TermWhy struct {
	Text string `json:"text"`
	// IDF is the inverse document frequency.
	IDF float64 `json:"idf"`
	// Share is the word's share of the question. The shares of all words add up to 1.
	Share float64 `json:"share"`
	// Count is the number of occurrences in the passage. One in the passage's own heading counts
	// three times.
	Count int `json:"count"`
	// Heading reports whether the word is in a heading, the title, the file name, an alias or a tag.
	Heading bool `json:"heading,omitempty"`
}

// A Place is a rank and a score in a list.
type Place struct {
	Rank  int     `json:"rank"`
	Score float64 `json:"score"`
}

// A Reranker scores how well passages answer a question.
type Reranker interface {
	// Name returns the reranker's name for display.
	Name() string
	// Rerank returns one score per hit, higher is better, on any scale.
	Rerank(ctx context.Context, question string, hits []Hit) ([]float64, error)
}

// A Retriever searches an index. It is safe for concurrent use.
type Retriever struct {
	index    *index.Index
	reranker Reranker
}

// New returns a retriever. A nil reranker means [Lexical].
func New(x *index.Index, r Reranker) *Retriever {
	if r == nil {
		r = Lexical{}
	}
	return &Retriever{index: x, reranker: r}
}

// View returns the state of the index that a search would read now.
func (r *Retriever) View() *index.View { return r.index.View() }

// Search returns the best passages for a question, best first: the reranked candidates. It returns
// no hits and no error if no passage has anything in common with the question.
func (r *Retriever) Search(ctx context.Context, q Query) ([]Hit, error) {
	hits, err := r.Candidates(ctx, q)
	if err != nil {
		return nil, err
	}
	return r.Rerank(ctx, q.Text, hits, q.K)
}

// Candidates returns the passages for the reranker, best first.
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
		// Fall back to the words: results without vectors are worse than with them, but better than
		// none.
		vecs, s.degraded = nil, err
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

// Rerank returns the k best of the candidates (0: 5), best first. The order of a reranking model is
// combined with that of the retrieval by rank, because the model's scores have no known scale. If
// the model fails, Rerank uses [Lexical] and records that in the hits' Why.
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

// The parameters of combining a reranking model's order with the retrieval's. rerankK is below the
// usual 60 so that the model's first ranks differ more.
const (
	rerankK         = 10
	retrievalWeight = 0.1
)

// Keyword searches words only, best first; K passages (0: 15).
func (r *Retriever) Keyword(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	return s.single(ctx, q, "keyword", s.view.Keyword(s.question.terms, pool, s.scope))
}

// Words searches single words only, without pairs, as a plain BM25 baseline. Best first; K passages
// (0: 15).
func (r *Retriever) Words(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	return s.single(ctx, q, "keyword", s.view.Keyword(s.question.terms[:len(s.question.words)], pool, s.scope))
}

// Vector searches vectors only, best first; K passages (0: 15).
func (r *Retriever) Vector(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	list, err := s.vector(ctx, pool)
	if err != nil {
		return nil, err
	}
	return s.single(ctx, q, "vector", list)
}

// Structure searches headings, titles, file names, aliases and tags only, best first; K passages (0:
// 15).
func (r *Retriever) Structure(ctx context.Context, q Query) ([]Hit, error) {
	s := r.begin(q)
	return s.single(ctx, q, "structure", s.view.Keyword(s.question.structure(), pool, s.scope))
}

// Fuse joins lists of hits by [RRF], best first, and merges near-duplicates; k passages (0: 15).
// The Why of a hit has its places in all lists.
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

// degrade records what failed.
func (w *Why) degrade(what string, err error) {
	if w.Degraded != "" {
		w.Degraded += "; "
	}
	w.Degraded += what + ": " + err.Error()
}

// join adds the places that another list recorded for the same passage.
func (w *Why) join(o Why) {
	w.Keyword = cmp.Or(w.Keyword, o.Keyword)
	w.Vector = cmp.Or(w.Vector, o.Vector)
	w.Structure = cmp.Or(w.Structure, o.Structure)
}

// A ScopeError reports that the corpus has nothing in a query's scope.
type ScopeError struct{ Scope []string }

func (e *ScopeError) Error() string {
	return fmt.Sprintf("nothing that is indexed is at or below %s: check the spelling, paths are relative to the corpus", strings.Join(e.Scope, ", "))
}

// ScopeOf converts paths to a scope; nil means the whole corpus. Composed and decomposed accents
// are equal, because some file systems return a different form than keyboards type.
func ScopeOf(paths []string) index.Scope {
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
