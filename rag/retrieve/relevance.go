package retrieve

import (
	"cmp"
	"slices"
	"strings"

	"weft/flow/show"
)

// strong is the minimum relevance of a passage that is called strong.
const strong = 0.9

// The words of a question that a reason names: at most mostNamed, each with at least leastNamed of
// the question's weight.
const (
	mostNamed  = 3
	leastNamed = 0.05
)

// grade returns the relevance of the passage as a word, and the reason in a few words. It depends
// on Relevance, Coverage, Pairs and Terms alone.
func (w *Why) grade() (show.Relevance, string) {
	asked := 0
	var missing []TermWhy
	for _, t := range w.Terms {
		if t.Share > 0 {
			asked++
		}
		if t.Count == 0 && t.Share >= leastNamed {
			missing = append(missing, t)
		}
	}
	grade := show.Weak
	switch {
	case w.Relevance >= strong:
		grade = show.Strong
	case w.Relevance >= Relevant:
		grade = show.Fair
	}
	switch {
	case w.Relevance > calibrate(w.Coverage, asked, w.Pairs)+0.01:
		return grade, "its meaning is close to that of the question"
	case len(w.Terms) == 0:
		return grade, ""
	case w.Coverage == 0:
		return grade, "it has no word of the question"
	case len(missing) == 0 && w.Relevance < Relevant:
		return grade, "the question has too few words that tell passages apart"
	case len(missing) == 0 && w.Pairs > 0:
		return grade, "it has all words of the question, and some of them side by side"
	case len(missing) == 0:
		return grade, "it has all words of the question"
	}
	slices.SortStableFunc(missing, func(a, b TermWhy) int { return cmp.Compare(b.Share, a.Share) })
	var names []string
	for _, t := range missing[:min(len(missing), mostNamed)] {
		names = append(names, "“"+t.Text+"”")
	}
	return grade, "it lacks " + strings.Join(names, ", ")
}
