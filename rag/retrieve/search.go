package retrieve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
)

// A search is one query on one view of the index, so that all lists refer to the same passages.
type search struct {
	view     *index.View
	question question
	query    Query
	scope    index.Scope
	degraded error // why there are no vectors

	likenesses map[index.ID]float64 // of the headings compared with the question so far
	vec        []float32            // embedding of the question
	background *background          // distribution of vec's cosines; nil if vectors add nothing to words
}

func (r *Retriever) begin(q Query) *search {
	v := r.index.View()
	return &search{view: v, question: parse(q.Text, v.Analyzers()), query: q, scope: ScopeOf(q.Scope),
		likenesses: map[index.ID]float64{}}
}

// embedTimeout is how long a query waits for the question's embedding before it uses words alone.
const embedTimeout = 5 * time.Second

// vector queries the vectors. It returns no matches while the view's embedding model is
// unavailable.
func (s *search) vector(ctx context.Context, k int) ([]index.Match, error) {
	e := s.view.Embedder()
	if e == nil || s.view.Len() == 0 {
		return nil, ctx.Err()
	}
	if s.view.Embedded() == 0 { // the first vectors are still being computed: do not ask the model
		s.degraded = errors.New("no passage is embedded yet")
		return nil, ctx.Err()
	}
	asked, cancel := context.WithTimeout(ctx, embedTimeout)
	defer cancel()
	v, err := embed.Query(asked, e, s.query.Text)
	if err != nil || v == nil {
		return nil, err
	}
	s.vec = v
	if !embed.IsLexical(e) {
		var cosines []float64
		s.view.Sample(backgroundSample, func(id index.ID) { cosines = append(cosines, cosine(v, s.view.Vector(id))) })
		s.background = newBackground(cosines, s.view.Len())
	}
	return s.view.Nearest(ctx, v, k, s.scope)
}

// fusible reports whether the list of vectors is as good as the list of words: the vectors come
// from a model, and at least nine in ten passages have one.
func (s *search) fusible(vecs []index.Match) bool {
	if len(vecs) == 0 || embed.IsLexical(s.view.Embedder()) {
		return false
	}
	embedded, all := s.view.Embedded(), s.view.Len()
	if embedded*10 < all*9 {
		s.degraded = fmt.Errorf("%d of %d passages are embedded so far", embedded, all)
		return false
	}
	return true
}

// backgroundSample is the number of passages from which the background is measured.
const backgroundSample = 256

// smooth reorders a list by [Smooth] over its passages' vectors and, unless the query is a topic, by
// the likeness of its headings: a heading that shares some words with a topic names another one.
func (s *search) smooth(list []index.Match) []index.Match {
	scores := make([]float64, len(list))
	vecs := make([][]float32, len(list))
	for i, m := range list {
		scores[i], vecs[i] = m.Score, s.view.Vector(m.ID)
	}
	scores = Smooth(Scale(scores), lambda, neighbours, func(i, j int) float64 { return cosine(vecs[i], vecs[j]) })
	out := slices.Clone(list)
	asks := !topic(s.query.Text)
	for i := range out {
		out[i].Score = scores[i]
		if asks {
			out[i].Score += alike * s.likeness(out[i].ID)
		}
	}
	slices.SortStableFunc(out, func(a, b index.Match) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// likeness returns [question.likeness] for a passage's innermost heading, or 0 for a heading
// without text below it, such as that of a drawing.
func (s *search) likeness(id index.ID) float64 {
	if l, ok := s.likenesses[id]; ok {
		return l
	}
	c, l := s.view.Chunk(id), 0.0
	if n := len(c.Heading); n > 0 {
		l = s.question.likeness(c.Heading[n-1])
	}
	if l > 0 && !analysis.HasText(c.Text) {
		l = 0
	}
	s.likenesses[id] = l
	return l
}

// merge returns the first n passages of the list that are not near-duplicates, and the
// near-duplicates of each.
func (s *search) merge(list []index.Match, n int) ([]index.Match, [][]index.Match) {
	kept, doubles := distinct(len(list), n, func(i int) *chunk.Chunk { return s.view.Chunk(list[i].ID) })
	out := make([]index.Match, len(kept))
	same := make([][]index.Match, len(kept))
	for j, i := range kept {
		out[j] = list[i]
		for _, d := range doubles[i] {
			same[j] = append(same[j], list[d])
		}
	}
	return out, same
}

func (s *search) single(ctx context.Context, q Query, name string, list []index.Match) ([]Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := q.K
	if n == 0 {
		n = chosen
	}
	kept, doubles := s.merge(list, n)
	return s.hits(kept, doubles, map[string][]index.Match{name: list}, nil), s.fail(len(kept))
}

// fail returns a ScopeError if nothing was found because the scope is empty.
func (s *search) fail(found int) error {
	if found > 0 || s.scope == nil {
		return nil
	}
	any := false
	s.view.Each(func(_ index.ID, c *chunk.Chunk) { any = any || s.scope(c) })
	if any {
		return nil
	}
	return &ScopeError{s.query.Scope}
}

// hits converts matches to hits. lists gives their places in the other lists, note records the
// place in list itself.
func (s *search) hits(list []index.Match, doubles [][]index.Match, lists map[string][]index.Match,
	note func(*Why, Place)) []Hit {
	ids := make([]index.ID, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	judge := s.judge(ids)
	hits := make([]Hit, len(list))
	for i, m := range list {
		h := Hit{Chunk: *s.view.Chunk(m.ID), Fields: s.view.Fields(m.ID), Notes: s.view.Notes(m.ID), Remarks: s.view.Remarks(m.ID)}
		h.Why = judge.hit(i)
		h.Why.Likeness = s.likeness(m.ID)
		h.Why.Retrieved = i + 1
		if s.degraded != nil {
			h.Why.degrade("found by words alone", s.degraded)
		}
		if note != nil {
			note(&h.Why, Place{i + 1, m.Score})
		}
		h.Why.Keyword = placeIn(lists["keyword"], m.ID)
		h.Why.Vector = placeIn(lists["vector"], m.ID)
		h.Why.Structure = placeIn(lists["structure"], m.ID)
		for _, d := range doubles[i] {
			h.Why.Duplicates = append(h.Why.Duplicates, where(s.view.Chunk(d.ID)))
		}
		hits[i] = h
	}
	rate(hits, func(i int) float64 { return list[i].Score })
	return hits
}

func placeIn(list []index.Match, id index.ID) *Place {
	for i, m := range list {
		if m.ID == id {
			return &Place{i + 1, m.Score}
		}
	}
	return nil
}

func cosine(a, b []float32) float64 {
	if len(a) == 0 || len(a) != len(b) {
		return 0
	}
	return index.Dot(a, b)
}
