package index

import (
	"cmp"
	"container/heap"
	"context"
	"crypto/sha256"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/load"
)

// An ID identifies a passage within one View. It is not valid in other views.
type ID uint32

// A Match is a passage with its score.
type Match struct {
	ID    ID
	Score float64
}

// A Scope reports whether a passage is searched; nil means all are. Queries call it only for
// passages whose score is among the best so far.
type Scope func(c *chunk.Chunk) bool

// A View is an immutable snapshot of the index, from which searches read. Its exported methods are
// the interface that another store, such as a database, would have to provide.
type View struct {
	index *Index
	// passages is indexed by ID. The array is shared with other views; existing elements never
	// change.
	passages  []*passage
	live      bitset
	count     int    // live passages
	length    uint64 // terms of all live passages
	languages map[analysis.Language]int
	segments  []*segment
	vectors   *vectors
}

type passage struct {
	chunk.Chunk
	file   *file // for what never changes of it: its fields and notes
	lang   analysis.Language
	key    key
	length uint32 // number of terms
}

// A key is a hash of a text.
type key [16]byte

func keyOf(text string) key {
	sum := sha256.Sum256([]byte(text))
	return key(sum[:16])
}

// embedText returns the text to embed for a passage: its headings, which name the subject, and its
// text.
func embedText(c chunk.Chunk) string {
	if len(c.Heading) == 0 {
		return c.Text
	}
	return strings.Join(c.Heading, " › ") + "\n" + c.Text
}

func (v *View) clone() *View {
	w := *v
	w.live = slices.Clone(v.live)
	w.languages = maps.Clone(v.languages)
	if w.languages == nil {
		w.languages = make(map[analysis.Language]int)
	}
	return &w
}

func (v *View) add(p *passage) ID {
	id := ID(len(v.passages))
	v.passages = append(v.passages, p)
	v.live.set(id)
	v.count++
	v.length += uint64(p.length)
	v.languages[p.lang]++
	return id
}

func (v *View) remove(id ID) {
	if !v.live.has(id) {
		return
	}
	p := v.passages[id]
	v.live.clear(id)
	v.count--
	v.length -= uint64(p.length)
	if v.languages[p.lang]--; v.languages[p.lang] == 0 {
		delete(v.languages, p.lang)
	}
	v.vectors.forget(id)
}

// Len returns the number of passages.
func (v *View) Len() int { return v.count }

// Chunk returns a passage.
func (v *View) Chunk(id ID) *chunk.Chunk { return &v.passages[id].Chunk }

// Fields returns the fields that describe the document of a passage: see [load.Describing]. The
// caller must not modify them.
func (v *View) Fields(id ID) []load.Field { return v.passages[id].file.fields }

// Notes returns which parts of the passage's document are not read: see [load.Document]. The caller
// must not modify them.
func (v *View) Notes(id ID) []string { return v.passages[id].file.notes }

// Remarks returns what is uncertain about the text of the passage's document, which is read whole.
// The caller must not modify them.
func (v *View) Remarks(id ID) []string { return v.passages[id].file.remarks }

// Kind returns the kind of the passage's document: see [load.Document].
func (v *View) Kind(id ID) string { return v.passages[id].file.kind }

// mostLanguages limits the number of languages in which a question is analysed.
const mostLanguages = 8

// Analyzers returns the analyzers for a question: one for each language that at least one passage
// in a hundred has, the most frequent first.
func (v *View) Analyzers() []*analysis.Analyzer {
	langs := slices.SortedFunc(maps.Keys(v.languages), func(a, b analysis.Language) int {
		return cmp.Or(cmp.Compare(v.languages[b], v.languages[a]), cmp.Compare(a, b))
	})
	if len(langs) == 0 {
		langs = []analysis.Language{analysis.English}
	}
	var as []*analysis.Analyzer
	for i, l := range langs {
		if i == 0 || (v.languages[l]*100 >= v.count && len(as) < mostLanguages) {
			as = append(as, analysis.For(l))
		}
	}
	return as
}

// Embedder returns the embedder of questions for this view's vectors, or nil if their model is not
// available.
func (v *View) Embedder() embed.Embedder {
	for _, e := range append(slices.Clone(*v.index.embedders.Load()), v.index.offline) {
		if v.vectors.matches(e) {
			return e
		}
	}
	return nil
}

// Embedded returns the number of passages that have a vector.
func (v *View) Embedded() int { return v.vectors.count(v.live) }

// Vector returns the vector of a passage, or nil if it has none (yet). The caller must not modify
// it.
func (v *View) Vector(id ID) []float32 { return v.vectors.get(id) }

// Nearest returns the k passages whose vectors have the largest cosine with q, best first.
func (v *View) Nearest(ctx context.Context, q []float32, k int, in Scope) ([]Match, error) {
	return v.vectors.nearest(ctx, v, q, k, in)
}

// Each calls f for each passage, ordered by path and position.
func (v *View) Each(f func(id ID, c *chunk.Chunk)) {
	for _, id := range v.ids() {
		f(id, &v.passages[id].Chunk)
	}
}

// Sample calls f for at most about n passages that have a vector, evenly spread over the index.
func (v *View) Sample(n int, f func(id ID)) {
	step := max(1, len(v.passages)/max(1, n))
	for id := 0; id < len(v.passages); id += step {
		if v.live.has(ID(id)) && v.vectors.get(ID(id)) != nil {
			f(ID(id))
		}
	}
}

func (v *View) ids() []ID {
	ids := make([]ID, 0, v.count)
	for id := range v.passages {
		if v.live.has(ID(id)) {
			ids = append(ids, ID(id))
		}
	}
	slices.SortFunc(ids, func(a, b ID) int { return v.compare(a, b) })
	return ids
}

// compare orders passages by path and position, so that ties have the same order in every index of
// the same corpus.
func (v *View) compare(a, b ID) int {
	p, q := v.passages[a], v.passages[b]
	return cmp.Or(strings.Compare(p.Path, q.Path), cmp.Compare(p.Start, q.Start), strings.Compare(p.ID, q.ID))
}

// A top collects the k best matches.
type top struct {
	v       *View
	k       int
	in      Scope
	matches []Match // a heap, the worst first
}

func (t *top) Len() int           { return len(t.matches) }
func (t *top) Less(i, j int) bool { return t.worse(t.matches[i], t.matches[j]) }
func (t *top) Swap(i, j int)      { t.matches[i], t.matches[j] = t.matches[j], t.matches[i] }
func (t *top) Push(x any)         { t.matches = append(t.matches, x.(Match)) }
func (t *top) Pop() any           { panic("index: a top never shrinks") }

func (t *top) worse(a, b Match) bool {
	if a.Score != b.Score {
		return a.Score < b.Score
	}
	return t.v.compare(a.ID, b.ID) > 0
}

// offer adds a match if it is among the best so far, live and in scope. The scope is checked last,
// because it is the most expensive check.
func (t *top) offer(id ID, score float64) {
	m := Match{id, score}
	full := len(t.matches) == t.k
	if full && (score < t.matches[0].Score || !t.worse(t.matches[0], m)) {
		return
	}
	if !t.v.live.has(id) || (t.in != nil && !t.in(&t.v.passages[id].Chunk)) {
		return
	}
	if full {
		t.matches[0] = m
		heap.Fix(t, 0)
		return
	}
	heap.Push(t, m)
}

// sorted returns the matches, best first.
func (t *top) sorted() []Match {
	slices.SortFunc(t.matches, func(a, b Match) int {
		if t.worse(b, a) {
			return -1
		}
		return 1
	})
	return t.matches
}

// A bitset holds one bit per ID.
type bitset []uint64

func (b bitset) has(id ID) bool { return int(id>>6) < len(b) && b[id>>6]>>(id&63)&1 != 0 }

func (b *bitset) set(id ID) {
	for int(id>>6) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[id>>6] |= 1 << (id & 63)
}

func (b bitset) clear(id ID) { b[id>>6] &^= 1 << (id & 63) }

// common returns the number of bits set in both b and c.
func (b bitset) common(c bitset) (n int) {
	for i := range min(len(b), len(c)) {
		n += bits.OnesCount64(b[i] & c[i])
	}
	return n
}
