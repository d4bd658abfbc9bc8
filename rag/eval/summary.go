package eval

import (
	"slices"
	"time"

	"weft/rag/retrieve/eval"
)

// A Summary counts outcomes.
type Summary struct {
	Answerable int           `json:"answerable"` // number of questions that the documents answer
	Other      int           `json:"other"`      // number of questions that they do not answer
	Marks      map[Mark]int  `json:"marks"`
	First      int           `json:"first"`  // number of answerable questions whose first source is from a right file
	Found      int           `json:"found"`  // number of those that have a source from a right file
	Words      float64       `json:"words"`  // average words of an answer to an answerable question
	Median     time.Duration `json:"median"` // median time of an answer
}

// Summarise counts outcomes.
func Summarise(outcomes []Outcome) Summary {
	s := Summary{Marks: map[Mark]int{}}
	words, said := 0, 0
	var took []time.Duration
	for _, o := range outcomes {
		s.Marks[o.Mark]++
		took = append(took, o.Took)
		if !o.Question.Answerable() {
			s.Other++
			continue
		}
		s.Answerable++
		if o.Rank == 1 {
			s.First++
		}
		if o.Rank > 0 {
			s.Found++
		}
		if o.Mark != Declined {
			words, said = words+o.Words, said+1
		}
	}
	if said > 0 {
		s.Words = float64(words) / float64(said)
	}
	if len(took) > 0 {
		slices.Sort(took)
		s.Median = took[len(took)/2]
	}
	return s
}

// Compare tests whether two settings differ in how well they answered the same questions. It
// returns how many more questions the second setting answered correctly (good, or rightly
// declined), and the p-value: the probability of a difference at least that large by chance. Both
// slices must be of the same questions in the same order.
func Compare(first, second []Outcome) (more int, p float64) {
	value := func(outcomes []Outcome) []float64 {
		out := make([]float64, len(outcomes))
		for i, o := range outcomes {
			if o.Mark == Good || o.Mark == Rightly {
				out[i] = 1
			}
		}
		return out
	}
	a, b := value(first), value(second)
	for i := range a {
		more += int(b[i] - a[i])
	}
	return more, eval.Permutation(a, b)
}
