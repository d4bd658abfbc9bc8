package retrieve

// rate gives the hits of an ordered list the scores that people see. Every hit has been judged by itself ([Why.Relevance]); the best of these says how
// likely the question is answered at all, and it is the first hit's score. The others' say how well they fit beside the first by what the list is ordered
// by. So a score never rises down a list, passages that all have the question's words still differ, and the threshold of relevance keeps its meaning.
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
	}
}

// Answering returns the passages that an answer may be made of: none if the best is not relevant, else those that are at least a
// quarter as likely to be as the threshold asks of the best: one side of a comparison has half of the question.
func Answering(passages []Hit) []Hit {
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
