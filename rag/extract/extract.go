// Package extract answers questions with sentences of the documents themselves: the answerer that needs no model.
//
// A question and the passages found for it go in. Every sentence is scored by how much of the question it covers (its heading counting
// in part, because the sentences of a section speak of their heading without naming it), the best that do not repeat each other are
// chosen, put back into the order of their documents and joined, each group with the number of the passage it stands in. The method is
// the classical one of extractive summaries: relevance with maximal marginal relevance (Carbonell and Goldstein, 1998).
//
// Nothing is invented: every piece of the answer stands in a passage. Where nothing covers the question, there is no answer.
package extract

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"weft/rag/analysis"
)

// A Passage is a numbered piece of a document, best first.
type Passage struct {
	N       int      // the number that citations give
	Heading []string // the headings above it, outermost first
	Text    string   // Markdown or plain text
}

// A Piece is a part of the answer: a paragraph, a list item or a code block in Markdown, with its citation.
type Piece struct {
	Text string
	N    int // the passage it stands in
}

const (
	maxWords    = 140  // of an answer: what is read at a glance
	maxUnits    = 7    // sentences of an answer
	headingPart = 0.7  // how much of its heading's coverage a sentence inherits
	redundancy  = 0.6  // how much repeating what was chosen before costs
	keep        = 0.5  // a sentence must reach this part of the best one's score
	least       = 0.12 // and cover this much of the question
)

// Answer picks the sentences that best answer the question. It returns nil if no sentence covers enough of it.
func Answer(question string, passages []Passage) []Piece {
	a := analysis.New(analysis.Detect(question))
	terms := a.Terms(question)
	if len(terms) == 0 || len(passages) == 0 {
		return nil
	}
	units := score(a, terms, passages)
	return compose(passages, choose(units))
}

// A unit is a sentence, list item, table row or code block with its score.
type unit struct {
	passage, at int // index of the passage, number of the unit in it
	text        string
	block       analysis.Block
	lead        bool // announces what follows it: "as follows:"
	terms       map[string]bool
	words       int
	score       float64
}

func score(a *analysis.Analyzer, question []string, passages []Passage) []unit {
	var units []unit
	df := map[string]int{}
	for p, passage := range passages {
		for _, s := range analysis.Sentences(passage.Text) {
			text := passage.Text[s.Start:s.End]
			if s.Block != analysis.Code {
				text = plain(text)
			}
			u := unit{passage: p, at: len(units), text: text, block: s.Block, terms: set(a.Terms(text)), words: len(strings.Fields(text))}
			u.lead = strings.HasSuffix(text, ":")
			units = append(units, u)
			for t := range u.terms {
				df[t]++
			}
		}
	}
	weight := map[string]float64{}
	total := 0.0
	for _, t := range question {
		if _, ok := weight[t]; !ok {
			n := float64(len(units))
			weight[t] = math.Log(1 + (n-float64(df[t])+0.5)/(float64(df[t])+0.5))
			if df[t] == 0 {
				weight[t] = 0.5 // nobody has it: it cannot tell sentences apart
			}
			total += weight[t]
		}
	}
	coverage := func(has map[string]bool) float64 {
		sum := 0.0
		for t, w := range weight {
			if has[t] {
				sum += w
			}
		}
		return sum / total
	}
	heads := make([]float64, len(passages))
	for p, passage := range passages {
		// The innermost heading says what the section is about; those above it only where it is.
		for i, h := range passage.Heading {
			part := 0.5
			if i == len(passage.Heading)-1 {
				part = 1
			}
			heads[p] = max(heads[p], part*coverage(set(a.Terms(h))))
		}
	}
	pairs := bigrams(question)
	first := -1
	for i := range units {
		u := &units[i]
		if u.block == analysis.Heading || u.block == analysis.Code || u.words < 3 || header(units, i) {
			continue
		}
		own := coverage(u.terms)
		u.score = own + headingPart*heads[u.passage]*(1-own)
		for pair := range bigrams(a.Terms(u.text)) {
			if pairs[pair] {
				u.score += 0.1
				break
			}
		}
		if u.passage != first { // sections say first what matters most
			first = u.passage
			u.score *= 1.25
		}
		if strings.HasSuffix(u.text, "?") {
			u.score *= 0.2 // a question is no answer, however well it fits
		}
		if u.words > 60 {
			u.score *= 0.8
		}
		u.score *= 1 / (1 + 0.18*float64(u.passage)) // the retriever's order is evidence too
	}
	return units
}

// header reports whether unit i is the first row of a table, which only names the columns.
func header(units []unit, i int) bool {
	return units[i].block == analysis.Row && (i == 0 || units[i-1].block != analysis.Row || units[i-1].passage != units[i].passage)
}

// choose takes the best units greedily, each lowered by what it repeats of those chosen before.
func choose(units []unit) []unit {
	var chosen []unit
	taken := map[int]bool{}
	words := 0
	best := 0.0
	take := func(i int) {
		if !taken[i] {
			taken[i] = true
			words += units[i].words
			chosen = append(chosen, units[i])
		}
	}
	for len(chosen) < maxUnits && words < maxWords {
		at, top := -1, 0.0
		for i, u := range units {
			if taken[i] || u.score < least {
				continue
			}
			s := u.score
			for _, c := range chosen {
				s = min(s, u.score*(1-redundancy*overlap(u.terms, c.terms)))
			}
			if s > top {
				at, top = i, s
			}
		}
		if at < 0 || best > 0 && top < keep*best {
			break
		}
		best = max(best, top)
		if best > 0 && words > 0 && words+units[at].words > maxWords+40 {
			break
		}
		take(at)
		for i := at + 1; i < len(units) && units[i].passage == units[at].passage && follows(units, at, i) && words < maxWords; i++ {
			take(i)
		}
	}
	slices.SortStableFunc(chosen, func(x, y unit) int { return x.at - y.at })
	return chosen
}

// follows reports whether unit i belongs to what unit at announces: the list, table or code block behind a colon, or the code block
// directly behind a sentence.
func follows(units []unit, at, i int) bool {
	u := units[i]
	if header(units, i) {
		return false
	}
	if u.block == analysis.Code {
		return i == at+1
	}
	return units[at].lead && (u.block == analysis.Item || u.block == analysis.Row)
}

// compose joins the chosen units passage by passage, in the order of the passages.
func compose(passages []Passage, chosen []unit) []Piece {
	var pieces []Piece
	var prose []string
	var n int
	flush := func() {
		if len(prose) > 0 {
			pieces = append(pieces, Piece{Text: cite(strings.Join(prose, " "), n), N: n})
			prose = nil
		}
	}
	for i, u := range chosen {
		if i > 0 && u.passage != chosen[i-1].passage {
			flush()
		}
		n = passages[u.passage].N
		switch u.block {
		case analysis.Item:
			flush()
			pieces = append(pieces, Piece{Text: "- " + cite(oneLine(u.text), n), N: n})
		case analysis.Row:
			flush()
			pieces = append(pieces, Piece{Text: "- " + cite(row(u.text), n), N: n})
		case analysis.Code:
			flush()
			pieces = append(pieces, Piece{Text: u.text, N: n})
		default:
			prose = append(prose, oneLine(u.text))
		}
	}
	flush()
	return pieces
}

func cite(text string, n int) string {
	return fmt.Sprintf("%s [%d]", text, n)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// row turns a table row into a line of prose.
func row(s string) string {
	var cells []string
	for _, c := range strings.Split(strings.Trim(oneLine(s), "|"), "|") {
		if c = strings.TrimSpace(c); c != "" {
			cells = append(cells, c)
		}
	}
	return strings.Join(cells, ": ")
}

var (
	image = regexp.MustCompile(`!\[([^\]]*)\]\([^)]*\)`)
	link  = regexp.MustCompile(`\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])`)
	cited = regexp.MustCompile(`\[(\d+(?:\s*,\s*\d+)*)\]`)
)

// plain takes links off their text, and brackets off numbers, which a reader would take for citations of this answer.
func plain(s string) string {
	s = image.ReplaceAllString(s, "$1")
	s = link.ReplaceAllString(s, "$1")
	return cited.ReplaceAllString(s, "($1)")
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

// overlap is the share of the smaller set that stands in the other one as well.
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
