package extract

import (
	"math"
	"slices"
	"strings"

	"weft/rag/analysis"
)

// A question is a question analysed for comparison with sections.
type question struct {
	text     string
	analyzer *analysis.Analyzer
	share    map[string]float64  // weight of each term; all add up to 1
	also     map[string][]string // synonyms of each term
	long     map[string][]string // terms of the words that an acronym stands for
	pairs    map[[2]string]bool  // neighbouring terms
	wants    kinds
}

func newQuestion(text string, given []Term, passages []Passage) *question {
	a := analysis.For(languageOf(text, passages))
	q := &question{text: text, analyzer: a, share: map[string]float64{}, also: map[string][]string{},
		long: acronyms(a, text, passages), wants: wanted(text)}
	var terms []string
	tokens := a.Tokens(text)
	senses := a.Senses(tokens)
	for i, t := range tokens {
		if len(senses[i].Terms) > 0 {
			q.also[t.Term] = senses[i].Terms
		} else if t.Stop || senses[i].Inner || t.Kind == analysis.Whole ||
			t.Kind == analysis.Value || t.Kind == analysis.Character {
			continue
		}
		terms = append(terms, t.Term)
	}
	q.pairs = bigrams(terms)
	shares := map[string]float64{}
	for _, g := range given {
		for _, t := range a.Terms(g.Text) {
			shares[t] = max(shares[t], g.Share)
		}
	}
	if len(shares) == 0 {
		shares = rarity(a, terms, passages)
	}
	total := 0.0
	for _, t := range terms {
		if _, ok := q.share[t]; !ok {
			q.share[t] = max(shares[t], 0.01)
			total += q.share[t]
		}
	}
	for t := range q.share {
		q.share[t] /= total
	}
	return q
}

// rarity returns a weight for each term, larger the fewer passages have it.
func rarity(a *analysis.Analyzer, terms []string, passages []Passage) map[string]float64 {
	df := map[string]int{}
	for _, p := range passages {
		for t := range set(a.Terms(strings.Join(p.Heading, "\n") + "\n" + p.Text)) {
			df[t]++
		}
	}
	n := float64(len(passages))
	m := map[string]float64{}
	for _, t := range terms {
		m[t] = math.Log(1 + (n-float64(df[t])+1)/(float64(df[t])+0.5))
	}
	return m
}

// coverage returns the share of the question that a set of terms covers.
func (q *question) coverage(has map[string]bool) (sum float64) {
	for t, w := range q.share {
		if q.found(t, has) {
			sum += w
		}
	}
	return sum
}

// found reports whether a set of terms has a term of the question, a synonym of it, or all words
// that it stands for.
func (q *question) found(term string, has map[string]bool) bool {
	if has[term] || slices.ContainsFunc(q.also[term], func(o string) bool { return has[o] }) {
		return true
	}
	long := q.long[term]
	return len(long) > 0 && !slices.ContainsFunc(long, func(o string) bool { return !has[o] })
}

func set(terms []string) map[string]bool {
	m := make(map[string]bool, len(terms))
	for _, t := range terms {
		m[t] = true
	}
	return m
}

func bigrams(terms []string) map[[2]string]bool {
	m := map[[2]string]bool{}
	for i := 1; i < len(terms); i++ {
		m[[2]string{terms[i-1], terms[i]}] = true
	}
	return m
}

// overlap returns the share of the smaller set that is also in the larger one.
func overlap(a, b map[string]bool) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return 0
	}
	n := 0
	for t := range a {
		if b[t] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

func equal(a, b map[string]bool) bool {
	return len(a) > 0 && len(a) == len(b) && overlap(a, b) == 1
}
