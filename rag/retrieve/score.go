package retrieve

import "slices"

// rate sets the scores of an ordered list of hits, and their relevance in words. The first score is
// the highest relevance in the list ([Why.Relevance]), the probability that any passage answers the
// question. The other scores are fractions of it, in proportion to the value that orders the list.
// So a score never rises down a list, passages with the same words still differ, and Relevant
// applies to the first score.
func rate(hits []Hit, by func(i int) float64) {
	best := 0.0
	for _, h := range hits {
		best = max(best, h.Why.Relevance)
	}
	last := best
	for i := range hits {
		if first := by(0); first > 0 {
			last = min(last, best*share(max(0, by(i)), first))
		}
		hits[i].Score = last
		hits[i].Relevance, hits[i].Reason = hits[i].Why.grade()
	}
}

// Justified returns the usable passages that a model may be given: the first few, and each of the
// others that is likely to answer the question by itself and scores at least half of the first.
func Justified(passages []Hit, few int) []Hit {
	kept := slices.Clone(passages[:min(few, len(passages))])
	for _, p := range passages[len(kept):] {
		if p.Why.Relevance >= Relevant && p.Score >= passages[0].Score/2 {
			kept = append(kept, p)
		}
	}
	return kept
}

// Usable returns the passages that an answer may be made from: none if the best is not relevant,
// else those with a relevance of at least a quarter of Relevant. The limit is low because a passage
// about one side of a comparison has only half of the question's words.
func Usable(passages []Hit) []Hit {
	best := 0.0
	for _, p := range passages {
		best = max(best, p.Why.Relevance)
	}
	if best < Relevant {
		return nil
	}
	var kept []Hit
	for _, p := range passages {
		if p.Why.Relevance >= Relevant/4 {
			kept = append(kept, p)
		}
	}
	return kept
}
