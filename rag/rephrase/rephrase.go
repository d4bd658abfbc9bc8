// Package rephrase rewrites questions by rules where other programs ask a model: it makes a
// follow-up self-contained ([Standalone]), splits a question ([Parts]), detects a simple one
// ([Simple]), and widens a query that found too little ([Rewrite]).
//
// All functions are pure. The rules know English function words, and the question words and
// conjunctions of a few other languages. A question that no rule matches is returned unchanged.
package rephrase

import (
	"slices"
	"strings"

	"weft/flow/show"
	"weft/rag/analysis"
	"weft/rag/lazyregexp"
)

// A Turn is a question of a conversation, after rewriting, and its answer.
type Turn struct {
	Question string `json:"question"`
	Answer   string `json:"answer"` // Markdown
	// Sources are the sources of the answer. Only the last turn needs them: the answer to a request
	// such as "shorter" keeps their citations.
	Sources []show.Source `json:"sources,omitempty"`
}

// fewWords is the minimum number of words of a question that is not simple.
const fewWords = 5

// Simple reports whether a question has fewer than fewWords words.
func Simple(question string) bool { return len(strings.Fields(question)) < fewWords }

// Rewrite returns another query for a question whose search found too little. missing are the words
// of the question that no passage has; found are the headings of the passages found. The first
// attempt (time is 1) replaces the missing words by the first heading, if content words remain; the
// second asks for the missing words only. Rewrite returns the question itself if there is nothing
// else to ask.
func Rewrite(question string, missing, found []string, time int) string {
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

// without removes words from a question. If a removed word ends a phrase, the function words before
// it are removed too: "of a retry and of a breakpoint" becomes "of a retry". If the sentence needs
// a missing word, as in "how do breakpoints work", the question is returned unchanged.
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
		case last: // also remove the function words before it
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

// content returns the content terms of a text.
func content(text string) []string { return analysis.For(analysis.English).Terms(text) }

var (
	spaces      = lazyregexp.New(`\s+`)
	punctuation = " \t\n?!.,;:"
)

func tidy(s string) string { return strings.Trim(spaces.ReplaceAllString(s, " "), punctuation) }

// Related reports whether two texts share a content word. A part of a question that shares none
// with it is off topic.
func Related(a, b string) bool {
	terms := content(a)
	return slices.ContainsFunc(content(b), func(t string) bool { return slices.Contains(terms, t) })
}
