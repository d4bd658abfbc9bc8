package retrieve

import (
	"math"

	"weft/rag/index"
)

// A judge says how much of a question passages have.
type judge struct {
	question  question
	idf       []float64 // of the words, then of the pairs
	freqs     [][]uint8 // a row for each passage, a column for each term
	heads     [][]uint8 // the same for headings and names
	attention []float64 // weights of the words: their share of the question
}

func (s *search) judge(ids []index.ID) *judge {
	j := &judge{question: s.question, idf: s.view.IDF(s.question.terms)}
	j.freqs = s.view.Frequencies(s.question.terms, ids)
	j.heads = s.view.Frequencies(s.question.structure(), ids)
	j.attention = make([]float64, len(s.question.words))
	var sum float64
	for i, w := range s.question.words {
		if !w.whole {
			j.attention[i] = j.idf[i]
			sum += j.idf[i]
		}
	}
	if sum > 0 {
		for i := range j.attention {
			j.attention[i] /= sum
		}
	}
	return j
}

// hit judges the i-th passage.
func (j *judge) hit(i int) (score float64, w Why) {
	for t, word := range j.question.words {
		n := j.freqs[i][t]
		tw := TermWhy{Text: word.text, IDF: j.idf[t], Count: int(n)}
		if t < len(j.heads[i]) {
			tw.Heading = j.heads[i][t] > 0
		}
		w.Terms = append(w.Terms, tw)
		if n > 0 {
			w.Coverage += j.attention[t]
		}
	}
	w.Coverage = min(1, w.Coverage)
	return calibrate(w.Coverage), w
}

// calibrate maps coverage to a score: Relevant is where as many questions are answered wrongly as are declined wrongly.
func calibrate(coverage float64) float64 {
	return 1 / (1 + math.Exp(-10*(coverage-0.45)))
}
