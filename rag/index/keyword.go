package index

import (
	"math"
	"slices"

	"weft/rag/analysis"
)

// Parameters of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009). The
// quality hardly depends on them.
const (
	k1 = 1.2
	b  = 0.75
)

// A Term is a part of a question: a word, or a pair of neighbouring words.
type Term struct {
	// Forms are the distinct hashes of the term in the languages of the corpus (see analysis.Hash
	// and analysis.HashPair).
	Forms  []uint64
	Weight float64 // factor of its score
	// Field restricts the term to headings, titles, file names, aliases and tags, and its score
	// ignores the length of the passage.
	Field bool
}

// Keyword returns the k passages with the highest BM25 score, best first. Passages without any of
// the terms are left out.
func (v *View) Keyword(terms []Term, k int, in Scope) []Match {
	if v.count == 0 || k <= 0 {
		return nil
	}
	// The length may be 0: single characters of scripts without spaces have no length.
	average := max(1, float64(v.length)) / float64(v.count)
	t := top{v: v, k: k, in: in}
	idfs := v.IDF(terms)
	var scores []float32
	for _, s := range v.segments {
		scores = slices.Grow(scores[:0], len(s.ids))[:len(s.ids)]
		clear(scores)
		for i, term := range terms {
			f := idfs[i] * term.Weight * (k1 + 1)
			docs, freqs := v.postings(s, term)
			for j, d := range docs {
				tf := float64(freqs[j])
				norm := k1
				if !term.Field {
					norm = k1 * (1 - b + b*float64(s.lens[d])/average)
				}
				scores[d] += float32(f * tf / (tf + norm))
			}
		}
		for d, score := range scores {
			if score > 0 {
				t.offer(s.ids[d], float64(score))
			}
		}
	}
	return t.sorted()
}

// IDF returns the inverse document frequency of each term: ln(1 + (N−n+½)/(n+½)) if n of N passages
// contain it.
func (v *View) IDF(terms []Term) []float64 {
	idfs := make([]float64, len(terms))
	for i, term := range terms {
		n := v.PassageCount(term)
		idfs[i] = math.Log(1 + (float64(v.count-n)+0.5)/(float64(n)+0.5))
	}
	return idfs
}

// PassageCount returns the number of passages that contain a term.
func (v *View) PassageCount(term Term) (n int) {
	for _, s := range v.segments {
		docs, _ := v.postings(s, term)
		for _, d := range docs {
			if v.live.has(s.ids[d]) {
				n++
			}
		}
	}
	return n
}

// Frequencies returns how often each passage contains each term, one row per passage.
func (v *View) Frequencies(terms []Term, ids []ID) [][]uint8 {
	rows := make([][]uint8, len(ids))
	for i := range rows {
		rows[i] = make([]uint8, len(terms))
	}
	for _, s := range v.segments {
		for t, term := range terms {
			docs, freqs := v.postings(s, term)
			for i, id := range ids {
				if local, ok := slices.BinarySearch(s.ids, id); ok {
					if at, ok := slices.BinarySearch(docs, uint32(local)); ok {
						rows[i][t] = freqs[at]
					}
				}
			}
		}
	}
	return rows
}

// postings returns a segment's postings of a term: those of all its forms, merged. Most terms have
// one form.
func (v *View) postings(s *segment, term Term) (docs []uint32, freqs []uint8) {
	for i, form := range term.Forms {
		d, f := s.find(form)
		switch {
		case i == 0 || len(docs) == 0:
			docs, freqs = d, f
		case len(d) > 0:
			docs, freqs = joinPostings(docs, freqs, d, f)
		}
	}
	return docs, freqs
}

func joinPostings(d1 []uint32, f1 []uint8, d2 []uint32, f2 []uint8) (docs []uint32, freqs []uint8) {
	for i, j := 0, 0; i < len(d1) || j < len(d2); {
		switch {
		case j == len(d2) || i < len(d1) && d1[i] < d2[j]:
			docs, freqs = append(docs, d1[i]), append(freqs, f1[i])
			i++
		case i == len(d1) || d2[j] < d1[i]:
			docs, freqs = append(docs, d2[j]), append(freqs, f2[j])
			j++
		default:
			docs, freqs = append(docs, d1[i]), append(freqs, max(f1[i], f2[j]))
			i++
			j++
		}
	}
	return docs, freqs
}

// WordTerm returns the term for the forms of one word.
func WordTerm(weight float64, forms ...string) Term {
	t := Term{Weight: weight}
	for _, f := range forms {
		if h := analysis.Hash(f); !slices.Contains(t.Forms, h) {
			t.Forms = append(t.Forms, h)
		}
	}
	return t
}

// PairTerm returns the term for two consecutive words.
func PairTerm(weight float64, first, second Term) Term {
	t := Term{Weight: weight}
	for i := range min(len(first.Forms), len(second.Forms)) {
		t.Forms = append(t.Forms, analysis.HashPair(first.Forms[i], second.Forms[i]))
	}
	return t
}

// StructureTerm returns the term that matches a word only in headings, titles, file names, aliases
// and tags.
func StructureTerm(word Term) Term {
	t := Term{Weight: word.Weight, Field: true}
	for _, h := range word.Forms {
		t.Forms = append(t.Forms, structureHash(h))
	}
	return t
}

func structureHash(word uint64) uint64 { return analysis.Mix(word ^ 0x5bd1e995) }
