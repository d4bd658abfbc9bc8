package rephrase

import (
	"slices"
	"strings"

	"weft/rag/lazyregexp"
)

var (
	opening  = lazyregexp.New(`(?i)^(?:and|or|but|so|also|then|und|et|y)\b[\s,]*(?:then\s+|also\s+|now\s+)?`)
	elliptic = lazyregexp.New(`(?i)^(?:what about|how about|what if|same|for|in|on|with|without|as|` +
		`from|at|above|below|under|until|since|after|before|during|between|why|why not|really|more|is that|are those)\b`)
	// fragment matches openings after which even a whole clause continues the last question.
	fragment = lazyregexp.New(`(?i)^(?:what about|how about|same|is that|are those)\b`)
	ordinal  = lazyregexp.New(`(?i)\bthe\s+(first|second|third|fourth|fifth|last)(\s+(?:one|two|three|item|` +
		`point|way|option|step)\b)?`)
	pronoun = lazyregexp.New(`(?i)\b(?:it|they|them|those|these|that one|this one|the other|the same)\b`)
	owner   = lazyregexp.New(`(?i)\b(?:its|their)\b`)
	aimless = lazyregexp.New(`(?i)\b(?:that|this)$`)
	loose   = lazyregexp.New(`(?i)\b(?:is|was|does|would|will) it (?:possible|ok|okay|safe|true|matter|work|make|take)\b`)
	weather = lazyregexp.New(`(?i)\bit (?:rains?|snows?|is (?:raining|snowing|dark|cold|hot))\b`)
	// boundary matches where a clause begins that may refer to the one before it.
	boundary = lazyregexp.New(`(?i)[,;:]\s|\b(?:if|when|because|while|although|unless|once|until|after|before|so that|and (?:how|when|where|why|what|which))\b|\band \pL+\s+$`)
	// asker matches the start of a question that names what it is about: "which employees".
	asker = lazyregexp.New(`(?i)^(?:which|what|how many|whose)\s+(\pL+)`)
	verb  = lazyregexp.New(`(?i)^(?:is|are|was|were|do|does|did|can|could|should|will|would|may|must|has|have|had)$`)
	// relative matches a word after which a verb does not make a whole clause: "files that are large".
	relative = lazyregexp.New(`(?i)^(?:that|who|whose)$`)
	item     = lazyregexp.New(`^\s*(?:[-*•+]|\d{1,2}[.)])\s+(.+)$`)
	citation = lazyregexp.New(`\s*\[\d+\]`)
	phrase   = lazyregexp.New(`(?i)\b(?:a|an|the|my|your|our|any|each|every)\s+`)
	beyond   = lazyregexp.New(`(?i)\s+(?:in|on|at|for|of|to|from|with|by|and|or|that|which|when|while|` +
		`is|are|was|be|without|using|into)\s.*$`)
	behind = lazyregexp.New(`(?i)^(?:how|what|which|where|when|why|who)\s+(?:do|does|can|could|` +
		`should|is|are|was|were|to)\s+(?:(?:i|you|we|one)\s+)?`)
)

var ordinals = map[string]int{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}

// Standalone rewrites a follow-up question so that it can be understood without the conversation.
// "It" becomes the subject of the previous question, "the second one" the second item of the
// previous answer, and a fragment gets the beginning of the previous question. A self-contained
// question is returned unchanged.
func Standalone(conversation []Turn, question string) string {
	question = strings.TrimSpace(question)
	if len(conversation) == 0 || question == "" {
		return question
	}
	last := conversation[len(conversation)-1]
	said := opening.ReplaceAllString(question, "")
	cut := said != question
	if m := numbered(last, said); m != nil {
		if it := nth(last.Answer, strings.ToLower(said[m[2]:m[3]])); it != "" {
			said = said[:m[0]] + it + said[m[1]:]
			if cut || elliptic.MatchString(said) {
				return join(last.Question, said)
			}
			return said
		}
		return join(last.Question, said)
	}
	about := object(last.Question)
	refers := referring(said)
	switch {
	case len(refers) > 0 && about != "" && len(content(said)) > 0:
		return strings.TrimSpace(replace(said, refers, about))
	case len(refers) > 0, elliptic.MatchString(said) && (fragment.MatchString(said) || !whole(said)),
		cut && !asking.MatchString(said), len(content(said)) == 0 && !asking.MatchString(said):
		return join(last.Question, said)
	}
	if cut && asking.MatchString(said) {
		return said
	}
	// A few content words without a question word are a query of their own.
	return question
}

// numbered returns the place of a number such as "the second one" that counts what the last turn
// names, or nil. "The second law" counts nothing of it, unless the turn is about laws.
func numbered(last Turn, said string) []int {
	for _, m := range ordinal.FindAllStringSubmatchIndex(said, -1) {
		next, _, _ := strings.Cut(strings.TrimSpace(said[m[1]:]), " ")
		if m[4] >= 0 || len(content(next)) == 0 || Related(next, last.Question+" "+last.Answer) {
			return m
		}
	}
	return nil
}

// A reference is a place in a question whose word stands for something named before.
type reference struct {
	from, to int
	owns     bool // the word is "its" or "their"
}

// referring returns the words of a question that refer to an earlier one, in order. A word that
// refers to something in the question itself is none of them.
func referring(said string) (out []reference) {
	for _, m := range pronoun.FindAllStringIndex(said, -1) {
		next, _, _ := strings.Cut(strings.TrimSpace(said[m[1]:]), " ")
		word := strings.ToLower(said[m[0]:m[1]])
		if (word == "the same" || word == "the other") && len(content(next)) > 0 {
			continue // "the same directory"
		}
		if !impersonal(said, m[0]) && !named(said[:m[0]]) {
			out = append(out, reference{m[0], m[1], false})
		}
	}
	for _, m := range owner.FindAllStringIndex(said, -1) {
		noun := asker.FindStringSubmatch(said[:m[0]])
		if !named(said[:m[0]]) && (noun == nil || len(content(noun[1])) == 0) {
			out = append(out, reference{m[0], m[1], true})
		}
	}
	for _, m := range aimless.FindAllStringIndex(strings.TrimRight(said, punctuation), 1) {
		if !named(said[:m[0]]) {
			out = append(out, reference{m[0], m[1], false})
		}
	}
	slices.SortFunc(out, func(a, b reference) int { return a.from - b.from })
	return out
}

// impersonal reports whether the "it" at an offset stands for nothing: "is it possible to zoom",
// "when it rains". "Is it possible?" alone refers to something.
func impersonal(said string, at int) bool {
	for _, m := range loose.FindAllStringIndex(said, -1) {
		if m[0] <= at && at < m[1] && len(content(said[m[1]:])) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(weather.FindAllStringIndex(said, -1), func(m []int) bool { return m[0] == at })
}

// named reports whether the text before a pronoun names what the pronoun may stand for: a clause
// with a noun has ended.
func named(before string) bool {
	for _, m := range boundary.FindAllStringIndex(before, -1) {
		clause := before[:m[0]]
		if n := len(content(clause)); n > 1 || n == 1 && phrase.MatchString(clause) {
			return true
		}
	}
	return false
}

// replace puts a name in the place of the words that refer to it.
func replace(said string, refers []reference, name string) string {
	var b strings.Builder
	from := 0
	for _, r := range refers {
		b.WriteString(said[from:r.from] + name)
		if r.owns {
			b.WriteString("'s")
		}
		from = r.to
	}
	return b.String() + said[from:]
}

// whole reports whether a text that begins like a fragment is a whole clause: it has an
// auxiliary verb or a question after a comma, as in "in which order are settings read", and two
// content words.
func whole(said string) bool {
	words := strings.Fields(said)
	for i, w := range words {
		word := strings.Trim(w, punctuation)
		isVerb := i > 0 && verb.MatchString(word) && !relative.MatchString(words[i-1])
		asks := i > 0 && strings.HasSuffix(words[i-1], ",") && asking.MatchString(word+" ")
		if isVerb || asks {
			return len(content(said)) > 1
		}
	}
	return false
}

var asking = lazyregexp.New(`(?i)^` + asks + `\s`)

// join appends the follow-up more to a question.
func join(question, more string) string {
	more = tidy(more)
	if first, rest, _ := strings.Cut(more, " "); elliptic.MatchString(first+" ") || strings.EqualFold(first, "what") {
		more = strings.TrimSpace(strings.ToLower(first) + " " + rest)
	}
	return tidy(question) + ", " + more + "?"
}

// nth returns the item of the answer's list that an ordinal such as "second" names, without its
// citation, or "".
func nth(answer, which string) string {
	var items []string
	for line := range strings.Lines(answer) {
		if m := item.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			items = append(items, m[1])
		}
	}
	n := ordinals[which]
	if which == "last" {
		n = len(items)
	}
	if n < 1 || n > len(items) {
		return ""
	}
	words := strings.Fields(citation.ReplaceAllString(items[n-1], ""))
	return tidy(strings.Join(words[:min(len(words), 12)], " "))
}

// object returns the subject matter of a question: its last noun phrase with an article, or the
// words after its question word.
func object(question string) string {
	q := tidy(question)
	if all := phrase.FindAllStringIndex(q, -1); len(all) > 0 {
		at := all[len(all)-1]
		if it := tidy(beyond.ReplaceAllString(q[at[1]:], "")); it != "" {
			return "the " + it
		}
	}
	rest := behind.ReplaceAllString(q, "")
	if rest == q {
		return ""
	}
	words := strings.Fields(beyond.ReplaceAllString(rest, ""))
	if len(words) > 1 && lead.MatchString(q) {
		words = words[1:]
	}
	return tidy(strings.Join(words, " "))
}
