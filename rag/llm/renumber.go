package llm

import (
	"strconv"
	"strings"
)

// Renumber replaces the citation numbers in a text that [Cite] has normalised. Numbers that are not
// in to are kept, as is everything that is no citation.
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
