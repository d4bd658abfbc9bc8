package rephrase

import (
	"strings"

	"weft/rag/lazyregexp"
)

var (
	sentence = lazyregexp.New(`[?;]+\s*|[.!]\s+`)
	asks     = `(?:how|what|which|where|when|why|who|whose|is|are|can|could|does|do|did|should|will|` +
		`wie|was|welche[rs]?|wo|wann|warum|wer|comment|quel(?:le)?s?|où|quand|pourquoi|cómo|qué|cuál|dónde|cuándo)`
	conjoined = lazyregexp.New(`(?i)(?:,?\s+(?:and|or|but|as well as|und|et|y|e)\s+(?:also\s+|then\s+)?(` + asks + `\s)|,\s+((?:how|what|why|is|are|can|does|do|wie|was|warum)\s))`)
	and       = lazyregexp.New(`(?i)(?:,\s*|\s+)(?:and(?:\s+also|\s+then)?|as well as)\s+`)
	lead      = lazyregexp.New(`(?i)^(?:how|where|when|why)\s+(?:do|can|could|should|does|would|must|` +
		`may)\s+(?:i|you|we|one|it|they)\s+`)
	toLead     = lazyregexp.New(`(?i)^(?:how|what|where|when)\s+to\s+`)
	difference = lazyregexp.New(`(?i)^(.*?)\b(?:differences?|compar\w+|distinction)\b(?:\s+(?:is|are|` +
		`exists?|there))*\s*(?:between|of|on|for)?\s+(.+?)\s+(?:and|with|to|versus|vs\.?)\s+(.+)$`)
	versus = lazyregexp.New(`(?i)^(.+?)\s+(?:versus|vs\.?)\s+(.+)$`)
	differ = lazyregexp.New(`(?i)^how\s+(?:do|does|is|are)\s+(.+?)\s+(?:differ(?:ent)?(?:\s+from)?|` +
		`compared?(?:\s+(?:to|with))?)\s*(.*)$`)
	tail = lazyregexp.New(`(?i)\s(?:in|of|for|with|on|by|inside|within|under)\s+\S.*$`)
)

// Parts splits a question into smaller questions, no more than most, in order: sentences, clauses
// joined by "and", the two sides of a comparison. A question without parts is returned alone.
func Parts(question string, most int) []string {
	var parts []string
	for _, s := range sentence.Split(question, -1) {
		if s = tidy(s); s == "" {
			continue
		}
		for _, c := range clauses(s) {
			if len(parts) > 0 {
				c = Standalone([]Turn{{Question: parts[len(parts)-1]}}, c)
			}
			if len(content(c)) > 0 {
				parts = append(parts, c)
			}
		}
	}
	switch {
	case len(parts) < 2:
		return []string{strings.TrimSpace(question)}
	case len(parts) > most:
		parts = parts[:most]
	}
	for i, p := range parts {
		parts[i] = p + "?"
	}
	return parts
}

// clauses splits one sentence.
func clauses(s string) []string {
	if sides := comparison(s); sides != nil {
		return sides
	}
	// "how do I … and where is …": both sides are questions.
	if at := conjoined.FindStringSubmatchIndex(s); at != nil && len(content(s[:at[0]])) > 0 {
		return append(clauses(tidy(s[:at[0]])), clauses(tidy(s[max(at[2], at[4]):]))...)
	}
	// "how do I x a y and z a w": the right side gets the beginning of the left side.
	begin := lead.FindString(s)
	if begin == "" {
		begin = toLead.FindString(s)
	}
	if begin == "" {
		return []string{s}
	}
	for _, at := range and.FindAllStringIndex(s, -1) {
		left, right := tidy(s[:at[0]]), tidy(s[at[1]:])
		if len(content(strings.TrimPrefix(left, begin))) >= 2 && len(content(right)) >= 2 && verbLike(right) {
			return append([]string{left}, clauses(begin+right)...)
		}
	}
	return []string{s}
}

// comparison returns a question for each side of a comparison, including what the comparison says
// about both.
func comparison(s string) []string {
	var a, b string
	if m := difference.FindStringSubmatch(s); m != nil {
		a, b = m[2], m[3]
	} else if m := differ.FindStringSubmatch(s); m != nil {
		if a, b = m[1], m[2]; b == "" {
			both := and.Split(a, 2)
			if len(both) < 2 {
				return nil
			}
			a, b = both[0], both[1]
		}
	} else if m := versus.FindStringSubmatch(s); m != nil {
		a, b = m[1], m[2]
	} else {
		return nil
	}
	if t := tail.FindString(b); t != "" && !tail.MatchString(a) {
		a += t
	}
	if len(content(a)) == 0 || len(content(b)) == 0 {
		return nil
	}
	return []string{whatIs(tidy(a)), whatIs(tidy(b))}
}

var (
	begins = lazyregexp.New(`(?i)^` + asks + `\s`)
	plural = lazyregexp.New(`(?i)[^su'i]s$`)
)

// whatIs returns a question about one side of a comparison. A side that is a question is unchanged.
func whatIs(side string) string {
	if begins.MatchString(side) {
		return side
	}
	if plural.MatchString(tail.ReplaceAllString(side, "")) && !strings.HasPrefix(strings.ToLower(side), "a ") {
		return "what are " + side
	}
	return "what is " + side
}

// noVerb matches the start of a noun phrase: "and the timeout" adds an object, not a second
// request.
var noVerb = lazyregexp.New(`(?i)^(?:the|a|an|my|your|its|their|our|this|that|these|those|all|any|` +
	`every|each|some|no|other|more|in|on|at|for|of|to|from|with|by|as|[a-z]+(?:s|ing|ed|ly|tion|ness|ment))\s`)

func verbLike(s string) bool { return !noVerb.MatchString(s) }
