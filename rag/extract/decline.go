package extract

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/analysis"
	"weft/rag/lazyregexp"
)

// The minimum shares of the question of words that the best section must have, or there is no
// answer.
const (
	// heaviest is the minimum share of a word without which a section is about something else.
	heaviest = 0.45
	// ofName is the minimum share of a proper name.
	ofName = 0.2
	// ofRest is the minimum share of all missing words if the thing that is asked for is missing.
	ofRest = 0.3
)

// misses reports whether a section lacks what no answer to the question can lack: the word that
// makes up most of it, a proper name, or the thing that is asked for ("which wine …").
func (q *question) misses(s *section) bool {
	has := map[string]bool{}
	for _, u := range s.units {
		has = union(has, u.terms)
	}
	has = union(has, s.above)
	has = union(has, set(q.analyzer.Terms(strings.TrimSuffix(s.file, path.Ext(s.file)))))
	lacks := 0.0
	for t, share := range q.share {
		if !q.found(t, has) {
			lacks += share
			if share >= heaviest {
				return true
			}
		}
	}
	for _, t := range q.properNames() {
		if share := q.share[t]; share >= ofName && !q.found(t, has) {
			return true
		}
	}
	thing := q.thing()
	return thing != "" && lacks >= ofRest && q.share[thing] > 0 && !q.found(thing, has)
}

// properNames returns the terms of the proper names of an English question: words with a capital that do
// not begin a sentence.
func (q *question) properNames() (names []string) {
	if q.analyzer.Language() != analysis.English {
		return nil
	}
	end := 0
	for _, t := range q.analyzer.Tokens(q.text) {
		first, _ := utf8.DecodeRuneInString(q.text[t.Start:])
		before := strings.TrimSpace(q.text[:t.Start])
		begins := before == "" || strings.ContainsAny(before[len(before)-1:], ".?!:\"")
		if t.Kind == analysis.Word && t.Start >= end && unicode.IsUpper(first) && !begins {
			names = append(names, t.Term)
		}
		end = max(end, t.End)
	}
	return names
}

// asksThing matches a question for one thing of a kind, and finds the kind.
var asksThing = lazyregexp.New(`(?i)^\W*(?:which|what|welche[rsnm]?)\s+(?:\pL+\s+)?(\pL+)\s+(?:is|does|do|did|` +
	`should|shall|can|could|may|must|will|would|has|have|was|ist|darf|kann|muss|wird|hat|soll|sollte)\b`)

// thing returns the term of the kind of thing that is asked for, as in "which wine should I drink",
// or "". Kinds whose things are known by their looks, such as numbers, are left out: an answer need
// not name them.
func (q *question) thing() string {
	m := asksThing.FindStringSubmatch(q.text)
	if m == nil || q.wants&telling&^kindNot != 0 {
		return ""
	}
	terms := q.analyzer.Terms(m[1])
	if len(terms) != 1 {
		return ""
	}
	return terms[0]
}
