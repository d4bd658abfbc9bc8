package retrieve

import (
	"cmp"
	"slices"

	"weft/rag/index"
)

// RRF fuses rankings by reciprocal rank: a passage at rank r (from 1) of a list adds 1/(k+r) to its
// score (Cormack, Clarke and Büttcher, 2009, who use k = 60). The lists should be about equally
// good; a weak list worsens a strong one. Ties keep the order of the first list that contains them.
func RRF(k float64, lists ...[]index.Match) []index.Match {
	at := make(map[index.ID]int)
	var fused []index.Match
	for _, list := range lists {
		for r, m := range list {
			i, ok := at[m.ID]
			if !ok {
				i = len(fused)
				at[m.ID] = i
				fused = append(fused, index.Match{ID: m.ID})
			}
			fused[i].Score += 1 / (k + float64(r+1))
		}
	}
	slices.SortStableFunc(fused, func(a, b index.Match) int { return cmp.Compare(b.Score, a.Score) })
	return fused
}

// Scale divides the scores by the largest one. Scores that are not negative come to lie between 0
// and 1.
func Scale(scores []float64) []float64 {
	out := slices.Clone(scores)
	if len(scores) == 0 {
		return out
	}
	if m := slices.Max(scores); m > 0 {
		for i := range out {
			out[i] /= m
		}
	}
	return out
}

// Smooth moves the scores of similar passages towards each other, on the hypothesis that they
// answer the same questions (Diaz, Regularizing ad hoc retrieval scores, 2005): score' =
// (1−λ)·score + λ·(mean of the n nearest others' scores, weighted by cosine). cosine(i, j) compares
// the passages of scores i and j; those at or below 0 have no influence. Scores must be between 0
// and 1.
func Smooth(scores []float64, lambda float64, n int, cosine func(i, j int) float64) []float64 {
	type neighbour struct{ cosine, score float64 }
	near := make([][]neighbour, len(scores))
	for i := range scores {
		for j := range i {
			if c := cosine(i, j); c > 0 {
				near[i] = append(near[i], neighbour{c, scores[j]})
				near[j] = append(near[j], neighbour{c, scores[i]})
			}
		}
	}
	out := make([]float64, len(scores))
	for i, s := range scores {
		ns := near[i]
		slices.SortFunc(ns, func(a, b neighbour) int {
			return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(b.score, a.score))
		})
		var sum, weight float64
		for _, x := range ns[:min(n, len(ns))] {
			sum += x.cosine * x.score
			weight += x.cosine
		}
		lent := s
		if weight > 0 {
			lent = sum / weight
		}
		out[i] = (1-lambda)*s + lambda*lent
	}
	return out
}
