package rephrase

import (
	"slices"
	"strings"

	"weft/rag/analysis"
	"weft/rag/lazyregexp"
)

// narration matches the start of a text that talks about the task, such as "let me", instead of
// doing it.
var narration = lazyregexp.New(`(?i)^(?:ok(?:ay)?|alright|sure|certainly|hmm|let me|let's|first,|here(?:'s| is)|we need|i (?:need|should|have|will|can))\b` +
	`|\bthe user(?:'s)?\b|\bthe (?:conversation|(?:last|rewritten|standalone|follow-up) question)\b|\b(?:rewrit|rephras)\w+`)

// Narrates reports whether a model's reply talks about its task instead of doing it.
func Narrates(text string) bool { return narration.MatchString(text) }

// The minimum overlap between a typed question and its rewriting.
const (
	leastKept  = 0.5 // share of the words of the typed question that its rewriting must have
	leastKnown = 0.5 // share of the words of the rewriting that were said before
	sameStem   = 4   // number of common first letters from which two words count as forms of one word
)

// Accept reports whether a model's reply is a plausible standalone version of the typed question:
// it is in the same language, keeps most of the question's words, takes its other words from the conversation, and does not
// talk about the task.
func Accept(conversation []Turn, typed, rewritten string) bool {
	if strings.TrimSpace(rewritten) == "" || Narrates(rewritten) && !Narrates(typed) {
		return false
	}
	language := analysis.Detect(typed)
	if other := analysis.Detect(rewritten); language != "" && other != "" && other != language &&
		(analysis.Latin(language) || analysis.Latin(other)) {
		return false // Chinese and Japanese, for instance, cannot be told apart in a few characters
	}
	a := analysis.For(language)
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

// share returns the share of words that are among others, or 1 if words is empty.
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
