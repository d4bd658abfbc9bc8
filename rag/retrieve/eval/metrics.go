package eval

import "math"

// A Judgement says how relevant documents are to a query: grades by document; 0 and absence mean
// irrelevant.
type Judgement map[string]int

// NDCG is the normalised discounted cumulative gain of the first k documents of a ranking (Järvelin
// and Kekäläinen, 2002), with the grade as the gain and a discount of log2(rank+1): 1 for the best
// possible ranking, 0 where nothing relevant exists or is found.
func NDCG(ranking []string, relevant Judgement, k int) float64 {
	var gain float64
	for i, id := range ranking[:min(k, len(ranking))] {
		gain += float64(max(0, relevant[id])) / math.Log2(float64(i)+2)
	}
	ideal := ideal(relevant, k)
	if ideal == 0 {
		return 0
	}
	return gain / ideal
}

// ideal is the gain of the best possible ranking.
func ideal(relevant Judgement, k int) float64 {
	counts := make(map[int]int)
	highest := 0
	for _, g := range relevant {
		if g > 0 {
			counts[g]++
			highest = max(highest, g)
		}
	}
	var gain float64
	rank := 0
	for g := highest; g > 0; g-- {
		for n := counts[g]; n > 0 && rank < k; n-- {
			gain += float64(g) / math.Log2(float64(rank)+2)
			rank++
		}
	}
	return gain
}

// Recall is the share of the relevant documents that are among the first k.
func Recall(ranking []string, relevant Judgement, k int) float64 {
	total := 0
	for _, g := range relevant {
		if g > 0 {
			total++
		}
	}
	if total == 0 {
		return 0
	}
	found := 0
	for _, id := range ranking[:min(k, len(ranking))] {
		if relevant[id] > 0 {
			found++
		}
	}
	return float64(found) / float64(total)
}

// MRR is the reciprocal of the rank of the first relevant document among the first k, 0 if there is
// none.
func MRR(ranking []string, relevant Judgement, k int) float64 {
	for i, id := range ranking[:min(k, len(ranking))] {
		if relevant[id] > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}
