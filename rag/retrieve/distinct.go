package retrieve

import (
	"strings"

	"weft/rag/analysis"
	"weft/rag/chunk"
)

// same is the minimum share of common three-word runs of two near-duplicates (Broder, On the
// resemblance and containment of documents, 1997).
const same = 0.8

// distinct returns the first n of count passages that are not near-duplicates of an earlier one,
// and maps each of them to its near-duplicates.
func distinct(count, n int, at func(i int) *chunk.Chunk) (kept []int, doubles map[int][]int) {
	doubles = make(map[int][]int)
	var sets []map[uint64]struct{}
	for i := range count {
		if len(kept) == n {
			break
		}
		set := shingles(at(i))
		double := false
		for j, k := range kept {
			if resemblance(set, sets[j]) >= same {
				doubles[k] = append(doubles[k], i)
				double = true
				break
			}
		}
		if !double {
			kept = append(kept, i)
			sets = append(sets, set)
		}
	}
	return kept, doubles
}

// shingles returns the hashes of a passage's three-word runs. The runs include the passage's own
// heading.
func shingles(c *chunk.Chunk) map[uint64]struct{} {
	set := make(map[uint64]struct{})
	var a, b uint64
	add := func(text string) {
		for w := range strings.FieldsSeq(text) {
			h := analysis.Hash(strings.Trim(w, ".,;:!?\"'()[]*_`"))
			set[analysis.HashPair(analysis.HashPair(a, b), h)] = struct{}{}
			a, b = b, h
		}
	}
	if len(c.Heading) > 0 {
		add(c.Heading[len(c.Heading)-1])
	}
	add(c.Text)
	return set
}

// resemblance returns the size of the intersection of two sets divided by that of their union.
func resemblance(a, b map[uint64]struct{}) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b) == 0 || float64(len(a)) < same*float64(len(b)) {
		return 0
	}
	n := 0
	for h := range a {
		if _, ok := b[h]; ok {
			n++
		}
	}
	return float64(n) / float64(len(a)+len(b)-n)
}
