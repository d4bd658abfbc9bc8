package llm

import (
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

var plainCitation = lazyregexp.New(`\[\d{1,3}\]`)

// Renumber replaces the citation numbers in a text that [Cite] has normalised. Numbers that are not
// in to are kept, and so is all text outside citations.
func Renumber(text string, to map[int]int) string {
	most := 0
	for n := range to {
		most = max(most, n)
	}
	c := citer{text: text, plain: maskCode(text), given: make([]Passage, most)}
	c.find()
	c.judge()
	var b strings.Builder
	from := 0
	for _, g := range c.groups {
		if g.several || g.use == useText || g.use == useNone {
			continue
		}
		if k, ok := to[g.numbers[0]]; ok {
			b.WriteString(text[from:g.start] + "[" + strconv.Itoa(k) + "]")
			from = g.end
		}
	}
	return b.String() + text[from:]
}

// mostCited is the number of passages that a citation in a text of unknown passages may name.
const mostCited = 99

// Uncited returns a text that [Cite] has normalised without its citations.
func Uncited(text string) string {
	c := citer{text: text, plain: maskCode(text), given: make([]Passage, mostCited)}
	c.find()
	c.judge()
	var b strings.Builder
	from := 0
	for _, g := range c.groups {
		if g.use == useCite {
			b.WriteString(strings.TrimRight(text[from:g.start], " \t"))
			from = g.end
		}
	}
	return b.String() + text[from:]
}

// OnlyCitations rewrites the brackets of a normalised text that look like citations but are not,
// such as argv[1], code, or the entries of a list of sources, with parentheses: (1). The length in
// bytes stays the same.
func OnlyCitations(text string, given []Passage) string {
	c := citer{text: text, plain: maskCode(text), places: locationsOf(given), given: given}
	c.find()
	c.judge()
	cites := map[int]bool{}
	for _, g := range c.groups {
		cites[g.start] = g.use == useCite
	}
	var b strings.Builder
	from := 0
	for _, at := range plainCitation.FindAllStringIndex(text, -1) {
		if !cites[at[0]] {
			b.WriteString(text[from:at[0]] + "(" + text[at[0]+1:at[1]-1] + ")")
			from = at[1]
		}
	}
	return b.String() + text[from:]
}
