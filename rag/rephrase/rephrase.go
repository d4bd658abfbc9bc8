// Package rephrase does with questions, by rules, what a model would be asked to do with them: make a follow-up stand by itself
// ([Standing]), take a question apart ([Parts]), tell a simple one ([Simple]), and ask again in other words ([Again]).
//
// Texts go in and texts come out; nothing is remembered and nothing is looked up. The rules know the words that questions are built of
// in English, and the question words and conjunctions of a few other languages. What they do not understand they leave as it is.
package rephrase

import (
	"slices"
	"strings"

	"weft/rag/analysis"
	"weft/rag/lazyregexp"
)

// A Turn is a question of a conversation, as it was understood, and its answer.
type Turn struct {
	Question string `json:"question"`
	Answer   string `json:"answer"` // Markdown
}

// fewWords is how many words a question has at least that is not simple.
const fewWords = 5

// Simple reports whether a question has fewer than five words.
func Simple(question string) bool { return len(strings.Fields(question)) < fewWords }

// Again returns another query for a question whose search found too little. missing are the words of the question that were not found,
// found the headings of what was found. The first time the words that nobody has make room for those headings, if the question is still
// one without them; the second time only what is missing is asked for. It returns the question itself when there is nothing else to ask.
func Again(question string, missing, found []string, time int) string {
	if time > 1 && len(missing) > 0 {
		return "what about " + strings.Join(missing, " and ") + "?"
	}
	rest := without(question, missing)
	if found := slices.Compact(slices.Clone(found)); len(found) > 0 {
		rest += " " + found[0]
	}
	if rest = strings.TrimSpace(rest); len(content(rest)) == 0 {
		return question
	}
	return rest
}

// without takes words out of a question, with what leads to each where nothing follows it: "of a retry and of a breakpoint" becomes "of a
// retry". A word that the sentence cannot do without, as "breakpoints" in "how do breakpoints work", leaves the question as it is.
func without(question string, missing []string) string {
	var kept []string
	words := strings.Fields(question)
	for i, w := range words {
		bare := strings.Trim(w, ".,;:?!\"'()`")
		if !slices.ContainsFunc(missing, func(m string) bool { return strings.EqualFold(bare, m) }) {
			kept = append(kept, w)
			continue
		}
		ends := w[strings.LastIndex(w, bare)+len(bare):]
		last := ends != "" || i+1 == len(words) || len(content(words[i+1])) == 0
		switch {
		case last: // what leads here leads nowhere
			for len(kept) > 0 && len(content(kept[len(kept)-1])) == 0 && !strings.ContainsAny(kept[len(kept)-1], ",;:?!") {
				kept = kept[:len(kept)-1]
			}
			if len(kept) > 0 {
				kept[len(kept)-1] = strings.TrimRight(kept[len(kept)-1], ",;") + ends
			}
		case len(kept) > 0 && len(content(kept[len(kept)-1])) == 0 && !article.MatchString(kept[len(kept)-1]):
			return question
		}
	}
	return strings.Join(kept, " ")
}

var article = lazyregexp.New(`(?i)^(?:the|a|an|my|your|our|its|their|this|that|these|those|any|each|every)$`)

// content returns the terms of a text that carry content.
func content(text string) []string { return analysis.For(analysis.English).Terms(text) }

var (
	spaces      = lazyregexp.New(`\s+`)
	punctuation = " \t\n?!.,;:"
)

func tidy(s string) string { return strings.Trim(spaces.ReplaceAllString(s, " "), punctuation) }

// Related reports whether two texts have a word in common that carries content. A part of a question that has none is about something
// else.
func Related(a, b string) bool {
	terms := content(a)
	return slices.ContainsFunc(content(b), func(t string) bool { return slices.Contains(terms, t) })
}
