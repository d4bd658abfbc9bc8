package index

import (
	"cmp"
	"slices"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/load"
)

// The weights of a word in a heading relative to one in the text. The headings between the
// document's first one and the passage's own one belong to many passages, so they say less about it.
const (
	headingWeight = 3
	middleWeight  = 1
)

// A posting is a term of one passage with its frequency. The term is a word or a pair of
// neighbouring words (see analysis.HashPair).
type posting struct {
	term uint64
	freq uint8
}

// A segment is an immutable inverted index over some passages, numbered from 0 within it.
type segment struct {
	ids    []ID     // the passages, ascending
	lens   []uint32 // their lengths in terms
	terms  []uint64 // ascending
	starts []uint32 // offsets of the terms' postings; one more than terms
	docs   []uint32 // numbers of passages, ascending for each term
	freqs  []uint8
}

// find returns the postings of a term.
func (s *segment) find(term uint64) (docs []uint32, freqs []uint8) {
	i, ok := slices.BinarySearch(s.terms, term)
	if !ok {
		return nil, nil
	}
	a, b := s.starts[i], s.starts[i+1]
	return s.docs[a:b], s.freqs[a:b]
}

// A termScratch is reusable memory for counting the terms of passages.
type termScratch struct {
	tokens []analysis.Token
	all    []uint64
	labels []uint64 // words in drawings
}

// terms returns the postings of a passage of a file, sorted by term, and its length in terms. first
// says that it is the file's first passage.
func (s *termScratch) terms(an *analysis.Analyzer, c chunk.Chunk, f *file, first bool) ([]posting, uint32) {
	s.all, s.labels = s.all[:0], s.labels[:0]
	length := s.field(an, c.Text, 1)
	for _, d := range f.fields {
		s.described(an, d, first)
	}
	s.structure(an, f.title)
	s.structure(an, c.Path)
	for i, h := range c.Heading {
		weight := middleWeight
		if i == len(c.Heading)-1 || i == 0 {
			weight = headingWeight
		}
		length += s.field(an, h, weight)
		s.structure(an, h)
	}
	slices.Sort(s.all)
	s.label()
	distinct := 0
	for i, t := range s.all {
		if i == 0 || t != s.all[i-1] {
			distinct++
		}
	}
	out := make([]posting, 0, distinct)
	for i, t := range s.all {
		if i > 0 && t == s.all[i-1] {
			if p := &out[len(out)-1]; p.freq < 255 {
				p.freq++
			}
			continue
		}
		out = append(out, posting{t, 1})
	}
	return out, uint32(length)
}

// described adds the words of a field that describes the passage's document. Names and labels of a
// document belong to all its passages, an alias as much as a heading. Other fields belong to its
// first passage. Fields do not add to the length: a passage with many tags is not a longer one.
func (s *termScratch) described(an *analysis.Analyzer, f load.Field, first bool) {
	switch f.Name {
	case load.FieldAlias:
		s.field(an, f.Value, headingWeight)
		s.structure(an, f.Value)
	case load.FieldTag:
		s.field(an, f.Value, 1)
		s.structure(an, f.Value)
	case load.FieldAuthor, load.FieldDate:
		s.field(an, f.Value, 1)
	default:
		if first {
			s.field(an, f.Value, 1)
		}
	}
}

func (s *termScratch) field(an *analysis.Analyzer, text string, weight int) (length int) {
	s.tokens = an.Append(s.tokens[:0], text)
	drawings := analysis.Drawings(text)
	before := uint64(0)
	for _, t := range s.tokens {
		for len(drawings) > 0 && t.Start >= drawings[0][1] {
			drawings = drawings[1:]
		}
		if t.Stop {
			continue
		}
		h := t.Hash
		if len(drawings) > 0 && t.Start >= drawings[0][0] {
			if t.Kind != analysis.Character {
				length += weight
			}
			s.labels = append(s.labels, h)
			before = 0
			continue
		}
		for range weight {
			s.all = append(s.all, h)
		}
		if t.Kind != analysis.Character {
			length += weight
		}
		switch t.Kind {
		case analysis.Whole, analysis.Value, analysis.Character, analysis.Pair:
			continue
		}
		if before != 0 {
			pair := analysis.HashPair(before, h)
			for range weight {
				s.all = append(s.all, pair)
			}
		}
		before = h
	}
	return length
}

// label adds the words of drawings that do not occur in the text, once each. A drawing can be found
// by its words, but a repeated word does not raise its score.
func (s *termScratch) label() {
	if len(s.labels) == 0 {
		return
	}
	slices.Sort(s.labels)
	text := s.all
	for i, h := range s.labels {
		if _, said := slices.BinarySearch(text, h); !said && (i == 0 || h != s.labels[i-1]) {
			s.all = append(s.all, h)
		}
	}
	slices.Sort(s.all)
}

// structure adds the words of a heading, title, file name, alias or tag as structure terms.
func (s *termScratch) structure(an *analysis.Analyzer, text string) {
	s.tokens = an.Append(s.tokens[:0], text)
	for _, t := range s.tokens {
		if !t.Stop {
			s.all = append(s.all, structureHash(t.Hash))
		}
	}
}

// segmentPassages is the maximum number of passages per new segment. It bounds the memory for files
// with thousands of passages.
const segmentPassages = 1024

// A segmentBuilder collects passages for a segment.
type segmentBuilder struct {
	ids  []ID
	lens []uint32
	docs []uint32
	post []posting
}

func (b *segmentBuilder) add(id ID, length uint32, terms []posting) {
	n := uint32(len(b.ids))
	b.ids = append(b.ids, id)
	b.lens = append(b.lens, length)
	for range terms {
		b.docs = append(b.docs, n)
	}
	b.post = append(b.post, terms...)
}

// build sorts the postings by term. Hashes are evenly distributed, so a counting sort by their
// first bits leaves only short runs to sort.
func (b *segmentBuilder) build() *segment {
	if len(b.ids) == 0 {
		return nil
	}
	const radix = 14
	var starts [1<<radix + 1]int32
	for _, p := range b.post {
		starts[p.term>>(64-radix)+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	type entry struct {
		term uint64
		doc  uint32
		freq uint8
	}
	sorted := make([]entry, len(b.post))
	next := starts
	for i, p := range b.post {
		k := p.term >> (64 - radix)
		sorted[next[k]] = entry{p.term, b.docs[i], p.freq}
		next[k]++
	}
	for k := range len(starts) - 1 {
		run := sorted[starts[k]:starts[k+1]]
		slices.SortFunc(run, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.doc, b.doc))
		})
	}
	s := &segment{ids: b.ids, lens: b.lens, docs: make([]uint32, len(sorted)), freqs: make([]uint8, len(sorted))}
	for i, e := range sorted {
		if i == 0 || e.term != sorted[i-1].term {
			s.terms = append(s.terms, e.term)
			s.starts = append(s.starts, uint32(i))
		}
		s.docs[i], s.freqs[i] = e.doc, e.freq
	}
	s.starts = append(s.starts, uint32(len(sorted)))
	return s
}

// mergeTail merges the last two segments while the earlier one is less than twice as large as the
// later one. This keeps the number of segments small, and each passage is merged a logarithmic
// number of times.
func mergeTail(segs []*segment, live bitset) []*segment {
	for n := len(segs); n > 1 && len(segs[n-2].ids) < 2*len(segs[n-1].ids); n = len(segs) {
		segs = append(segs[:n-2:n-2], merge(segs[n-2], segs[n-1], live))
	}
	return segs
}

// merge joins two segments, a's passages before b's, and leaves out removed passages.
func merge(a, b *segment, live bitset) *segment {
	out := &segment{}
	const gone = ^uint32(0)
	number := func(s *segment) []uint32 {
		to := make([]uint32, len(s.ids))
		for i, id := range s.ids {
			if !live.has(id) {
				to[i] = gone
				continue
			}
			to[i] = uint32(len(out.ids))
			out.ids = append(out.ids, id)
			out.lens = append(out.lens, s.lens[i])
		}
		return to
	}
	toA, toB := number(a), number(b)
	out.terms = make([]uint64, 0, max(len(a.terms), len(b.terms))+min(len(a.terms), len(b.terms))/2)
	out.starts = make([]uint32, 0, cap(out.terms)+1)
	out.docs = make([]uint32, 0, len(a.docs)+len(b.docs))
	out.freqs = make([]uint8, 0, len(a.docs)+len(b.docs))
	take := func(s *segment, i int, to []uint32) {
		for j := s.starts[i]; j < s.starts[i+1]; j++ {
			if d := to[s.docs[j]]; d != gone {
				out.docs = append(out.docs, d)
				out.freqs = append(out.freqs, s.freqs[j])
			}
		}
	}
	for i, j := 0, 0; i < len(a.terms) || j < len(b.terms); {
		var term uint64
		start := uint32(len(out.docs))
		switch {
		case j == len(b.terms) || i < len(a.terms) && a.terms[i] < b.terms[j]:
			term = a.terms[i]
			take(a, i, toA)
			i++
		case i == len(a.terms) || b.terms[j] < a.terms[i]:
			term = b.terms[j]
			take(b, j, toB)
			j++
		default:
			term = a.terms[i]
			take(a, i, toA)
			take(b, j, toB)
			i++
			j++
		}
		if uint32(len(out.docs)) > start {
			out.terms = append(out.terms, term)
			out.starts = append(out.starts, start)
		}
	}
	out.starts = append(out.starts, uint32(len(out.docs)))
	return out
}
