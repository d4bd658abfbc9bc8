package rephrase

import (
	"slices"
	"strings"

	"weft/rag/analysis"
	"weft/rag/lazyregexp"
)

// narration matches a text about the task of rewriting, in place of its result.
var narration = lazyregexp.New(`(?i)^(?:ok(?:ay)?|alright|sure|certainly|hmm|let me|let's|first,|here(?:'s| is)|we need|i (?:need|should|have|will|can))\b` +
	`|\bthe user(?:'s)?\b|\bthe (?:conversation|(?:last|rewritten|standalone|follow-up) question)\b|\b(?:rewrit|rephras)\w+`)

// Narrates reports whether a text that a model wrote speaks of its task, in place of doing it.
func Narrates(text string) bool { return narration.MatchString(text) }

// How much two questions must have in common.
const (
	leastKept  = 0.5 // share of the words of the typed question that its rewriting must have
	leastKnown = 0.5 // share of the words of the rewriting that were said before
	sameStem   = 4   // letters at the beginning of two words that are taken for forms of one
)

// Accept reports whether a text that a model wrote is the question that was typed, rewritten so
// that it can be understood without the conversation: it keeps most of the words of the question,
// its other words come from the conversation, and it does not speak of the task itself.
func Accept(conversation []Turn, typed, rewritten string) bool {
	if strings.TrimSpace(rewritten) == "" || Narrates(rewritten) && !Narrates(typed) {
		return false
	}
	a := analysis.For(analysis.Detect(typed))
	asked, written := a.Terms(typed), a.Terms(rewritten)
	if share(asked, written) < leastKept {
		return false
	}
	known := slices.Clone(asked)
	for _, turn := range conversation {
		known = append(known, a.Terms(turn.Question)...)
		known = append(known, a.Terms(turn.Answer)...)
	}
	return share(written, known) >= leastKnown
}

// share returns which share of some words is among others, or 1 if there are no words.
func share(words, among []string) float64 {
	found := 0
	for _, w := range words {
		if slices.ContainsFunc(among, func(other string) bool { return akin(w, other) }) {
			found++
		}
	}
	if len(words) == 0 {
		return 1
	}
	return float64(found) / float64(len(words))
}

// akin reports whether two words are equal or likely forms of one word.
func akin(a, b string) bool {
	ra, rb := []rune(a), []rune(b)
	return a == b || len(ra) >= sameStem && len(rb) >= sameStem && slices.Equal(ra[:sameStem], rb[:sameStem])
}
