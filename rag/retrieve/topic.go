package retrieve

import (
	"strings"

	"weft/rag/lazyregexp"
)

// asking matches words that make a sentence or a question of a query: words that ask, pronouns and
// auxiliary verbs.
var asking = lazyregexp.New(`(?i)(?:^|[^\pL])(?:who|whom|whose|what|which|when|where|why|how|can|could|may|might|must|` +
	`should|shall|will|would|do|does|did|is|are|was|were|has|have|had|i|me|my|we|our|you|your|it|they|them|there|` +
	`wer|wem|wen|was|wann|wo|wohin|woher|warum|weshalb|wieso|wie|welche[rsnm]?|kann|darf|muss|soll|ist|sind|war|wird|` +
	`werden|hat|habe|gibt|ich|mir|mich|wir|man|` +
	`qui|que|quoi|quel(?:le)?s?|quand|où|pourquoi|comment|combien|est|sont|peut|puis|dois|je|nous|` +
	`quién|qué|cuál(?:es)?|cuándo|dónde|cómo|cuánt[oa]s?|es|son|puedo|puede|` +
	`chi|che|cosa|quale|quando|dove|perché|come|quant[oiae]|è|sono|posso|può|` +
	`quem|qual|quais|onde|como|porque|são|pode|` +
	`wat|wanneer|waar|waarom|hoe|welke|kan|mag|moet|ik|wij)(?:[^\pL]|$)`)

// The minimum and maximum numbers of words of a topic. One or two words are too few to tell passages
// apart by words alone.
const (
	leastInTopic = 3
	mostInTopic  = 10
)

// topic reports whether a query names a subject, as a heading or a few key words do, and asks no
// question. The features of sections that answer questions say nothing about it, and measurably
// worsen the order by words.
func topic(query string) bool {
	n := len(strings.Fields(query))
	return n >= leastInTopic && n <= mostInTopic && !strings.ContainsAny(query, "?？") && !asking.MatchString(query)
}
