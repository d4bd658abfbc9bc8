package rephrase

import (
	"strings"

	"weft/rag/lazyregexp"
)

var (
	opening  = lazyregexp.New(`(?i)^(?:and|or|but|so|also|then|und|et|y)\b[\s,]*(?:then\s+|also\s+|now\s+)?`)
	elliptic = lazyregexp.New(`(?i)^(?:what about|how about|what if|same|for|in|on|with|without|as|` +
		`from|at|why|why not|really|more|is that|are those)\b`)
	ordinal = lazyregexp.New(`(?i)\bthe\s+(first|second|third|fourth|fifth|last)(?:\s+(?:one|item|` +
		`point|way|option|step))?\b`)
	pronoun  = lazyregexp.New(`(?i)\b(?:it|they|them|those|these|that one|this one|the other|the same)\b`)
	owner    = lazyregexp.New(`(?i)\b(?:its|their)\b`)
	loose    = lazyregexp.New(`(?i)\b(?:is|was|does|would|will) it (?:possible|ok|okay|safe|true|matter|work|make|take)\b`)
	aimless  = lazyregexp.New(`(?i)\b(?:that|this)$`)
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
	if m := ordinal.FindStringSubmatchIndex(said); m != nil {
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
	refers := !loose.MatchString(said) && (pronoun.MatchString(said) || owner.MatchString(said) ||
		aimless.MatchString(tidy(said)))
	switch {
	case refers && about != "" && len(content(said)) > 0:
		said = pronoun.ReplaceAllLiteralString(said, about)
		said = owner.ReplaceAllLiteralString(said, about+"'s")
		return strings.TrimSpace(aimless.ReplaceAllLiteralString(said, about))
	case refers, elliptic.MatchString(said), cut && !asking.MatchString(said), len(content(said)) == 0 &&
		!asking.MatchString(said):
		return join(last.Question, said)
	}
	if cut && asking.MatchString(said) {
		return said
	}
	// A few content words without a question word are a query of their own.
	return question
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
