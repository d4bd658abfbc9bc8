package llm

import (
	"regexp"
	"strconv"
	"strings"
)

var plainCitation = regexp.MustCompile(`\[(\d{1,3})\]`)

// Renumber replaces the citation numbers in a text that [Cite] has normalised, except in code.
// Numbers that are not in to are kept.
func Renumber(text string, to map[int]int) string {
	var b strings.Builder
	for _, part := range splitCode(text) {
		if part.code {
			b.WriteString(part.text)
			continue
		}
		b.WriteString(plainCitation.ReplaceAllStringFunc(part.text, func(m string) string {
			n, _ := strconv.Atoi(m[1 : len(m)-1]) // cannot fail: only digits
			if k, ok := to[n]; ok {
				return "[" + strconv.Itoa(k) + "]"
			}
			return m
		}))
	}
	return b.String()
}
