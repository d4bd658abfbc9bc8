// Package extract answers questions with sentences of the documents themselves: the answerer that needs no model.
//
// A question and the passages found for it go in. Every sentence is scored by how much of the question it covers (its heading counting
// in part, because the sentences of a section speak of their heading without naming it), the best that do not repeat each other are
// chosen, put back into the order of their documents and joined, each group with the number of the passage it stands in. The method is
// the classical one of extractive summaries: relevance with maximal marginal relevance (Carbonell and Goldstein, 1998).
//
// Of source code whole declarations are quoted, with the comments above them.
//
// Nothing is invented: every piece of the answer stands in a passage. Where nothing covers the question, there is no answer.
package extract

import (
	"math"
	"strings"

	"weft/rag/analysis"
)

// A Passage is a numbered piece of a document, best first.
type Passage struct {
	N       int      // the number that citations give
	Heading []string // the headings above it, outermost first
	Text    string   // Markdown or plain text, or source code
	Code    string   // the language of source code; "" for text
}

// A Piece is a part of the answer: a paragraph, a list item, a code block or a declaration in Markdown, with its citation.
type Piece struct {
	Text string
	N    int // the passage it stands in
}

const (
	maxWords    = 140  // of an answer: what is read at a glance
	maxUnits    = 7    // sentences of an answer
	headingPart = 0.7  // how much of its heading's coverage a sentence inherits
	bodyPart    = 0.7  // how much the body of a declaration counts beside its comment and its name
	redundancy  = 0.6  // how much repeating what was chosen before costs
	elsewhere   = 0.6  // what a sentence of another passage counts that adds nothing of the question
	keep        = 0.5  // a sentence must reach this part of the best one's score
	least       = 0.12 // and cover this much of the question
)

// Answer picks the sentences that best answer the question. It returns nil if no sentence covers enough of it.
func Answer(question string, passages []Passage) []Piece {
	a := analysis.For(analysis.Detect(question))
	terms := a.Terms(question)
	if len(terms) == 0 || len(passages) == 0 {
		return nil
	}
	units := score(a, terms, definition.MatchString(question), passages)
	return compose(passages, choose(units))
}

// A unit is a sentence, list item, table row, code block or declaration with its score.
type unit struct {
	passage, at int // index of the passage, number of the unit in it
	text        string
	block       analysis.Block
	lead        bool     // announces what follows it: "as follows:"
	goesOn      bool     // stands in the same list item as the unit before
	leans       bool     // cannot be understood without the unit before: "It …"
	defines     bool     // says what is asked for: "a join is …", for "what is a join?"
	code        *listing // a declaration of source code
	terms       map[string]bool
	asked       map[string]bool // the question's terms that it has, or its heading
	words       int
	score       float64
}

func score(a *analysis.Analyzer, question []string, defining bool, passages []Passage) []unit {
	var units []unit
	wanted := set(question)
	df := map[string]int{}
	for p, passage := range passages {
		if passage.Code != "" {
			for _, l := range listings(passage) {
				u := unit{passage: p, at: len(units), text: l.text, block: analysis.Code, code: &l, terms: set(a.Terms(l.text)), words: len(strings.Fields(l.text))}
				units = append(units, u)
				for t := range u.terms {
					df[t]++
				}
			}
			continue
		}
		end, before := 0, analysis.Prose
		for _, s := range sentences(passage.Text) {
			text := passage.Text[s.Start:s.End]
			if s.Block != analysis.Code {
				text = plain(text)
			}
			if s.Block == analysis.Prose || s.Block == analysis.Item {
				text = readable(a, text, wanted, end == 0)
			}
			u := unit{passage: p, at: len(units), text: text, block: s.Block, terms: set(a.Terms(text)), words: len(strings.Fields(text))}
			u.lead = strings.HasSuffix(text, ":")
			if end > 0 && s.Block == before && s.Block != analysis.Row {
				gap := passage.Text[end:s.Start]
				u.goesOn = s.Block == analysis.Item && !strings.Contains(gap, "\n")
				u.leans = anaphor.MatchString(text) && !strings.Contains(gap, "\n\n")
			}
			u.leans = u.leans || before == analysis.Code && end > 0 && startsLow(text)
			end, before = s.End, s.Block
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
	inHeads := make([]map[string]bool, len(passages))
	same := make([]bool, len(passages)) // the section's heading asks what the question asks
	for p, passage := range passages {
		if n := len(passage.Heading); n > 0 {
			same[p] = equal(set(a.Terms(passage.Heading[n-1])), wanted)
		}
		inHeads[p] = set(a.Terms(strings.Join(passage.Heading, "\n")))
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
		if u.block == analysis.Heading || reference.MatchString(u.text) || u.block == analysis.Code && u.code == nil || u.words < 3 || header(units, i) {
			continue
		}
		own, text := coverage(u.terms), u.text
		if u.code != nil { // what it is called and what is said of it tell more than its body
			own = max(bodyPart*own, coverage(set(a.Terms(u.code.comment+"\n"+u.code.declares))))
			text = u.code.comment
		}
		u.asked = map[string]bool{}
		for _, terms := range []map[string]bool{u.terms, inHeads[u.passage]} {
			for t := range terms {
				if wanted[t] {
					u.asked[t] = true
				}
			}
		}
		u.score = own + headingPart*heads[u.passage]*(1-own)
		for pair := range bigrams(a.Terms(text)) {
			if pairs[pair] {
				u.score += 0.1
				break
			}
		}
		if u.code != nil {
			u.score *= 1 + 0.5*coverage(name(a, u.code.declares))
			if coverage(set(a.Terms(text))) >= 0.5 { // a comment says in words what it is for
				u.score *= 1.5
			}
			if u.code.inside {
				u.score *= 0.8
			}
		} else if u.passage != first { // sections say first what matters most
			first = u.passage
			u.score *= 1.25
		}
		if strings.HasSuffix(text, "?") {
			u.score *= 0.2 // a question is no answer, however well it fits
		}
		if u.defines = defining && equal(set(a.Terms(subject(text))), wanted); u.defines {
			u.score *= 1.4
		}
		if u.words > 60 && u.code == nil {
			u.score *= 0.8
		}
		switch {
		case same[u.passage]:
			u.score *= 1.2
		case !u.defines:
			u.score *= 1 / (1 + 0.18*float64(u.passage)) // the retriever's order is evidence too
		}
	}
	return units
}
