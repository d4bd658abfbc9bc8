package extract

import (
	"strings"
	"unicode"

	"weft/rag/analysis"
	"weft/rag/lazyregexp"
)

var (
	acronym = lazyregexp.New(`\b[A-Z][A-Z0-9]{1,5}\b`)
	// definedAs matches an acronym after the words that it stands for, or before them: "high
	// availability (HA)", "HA (high availability)", "HA is the high availability".
	definedAs = lazyregexp.New(`((?:[\pL-]+\s+){1,6})\(([A-Z][A-Z0-9]{1,5})\)|\b([A-Z][A-Z0-9]{1,5})(?:\s*\(|\s+(?:is|means|` +
		`stands\s+for|ist|bedeutet|steht\s+für)\s+(?:(?:the|an?|die|der|das|eine?)\s+)?|\s*[:=–—]\s*)((?:[\pL-]+\s*){2,6})`)
)

// acronyms maps the terms of the acronyms in a question to the terms of the words that they stand
// for according to the passages.
func acronyms(a *analysis.Analyzer, text string, passages []Passage) map[string][]string {
	var long map[string][]string
	for _, at := range acronym.FindAllStringIndex(text, -1) {
		short := text[at[0]:at[1]]
		terms := a.Terms(short)
		if len(terms) != 1 {
			continue
		}
		for i := range passages {
			if !strings.Contains(passages[i].Text, short) {
				continue
			}
			if words := spelledOut(short, passages[i].Text); words != nil {
				if long == nil {
					long = map[string][]string{}
				}
				long[terms[0]] = a.Terms(strings.Join(words, " "))
				break
			}
		}
	}
	return long
}

// spelledOut returns the words beside an acronym in a text whose initials it consists of, or nil.
func spelledOut(short, text string) []string {
	parts := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	}
	for _, m := range definedAs.FindAllStringSubmatch(text, -1) {
		before, after := parts(m[1]), parts(m[4])
		switch n := len(short); {
		case m[2] == short && len(before) >= n && initials(before[len(before)-n:]) == short:
			return before[len(before)-n:]
		case m[3] == short && len(after) >= n && initials(after[:n]) == short:
			return after[:n]
		}
	}
	return nil
}

// initials returns the first letters of words as capitals.
func initials(words []string) string {
	var b strings.Builder
	for _, w := range words {
		for _, r := range w {
			b.WriteRune(unicode.ToUpper(r))
			break
		}
	}
	return b.String()
}
