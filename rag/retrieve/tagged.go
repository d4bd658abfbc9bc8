package retrieve

import (
	"slices"

	"weft/rag/index"
	"weft/rag/lazyregexp"
	"weft/rag/load"
)

// yesOrNo matches the beginning of a question that is answered with yes or no.
var yesOrNo = lazyregexp.New(`(?i)^[\s¿]*(?:do|does|did|is|are|was|were|has|have|had|can|could|may|must|should|shall|will|would|` +
	`hat|haben|ist|sind|war|gibt es|kann|können|darf|muss|wird|werden|` +
	`est-ce que|est-ce qu'|y a-t-il|a-t-(?:il|elle)|peut-on|` +
	`tiene|tienen|hay|puede|se puede|es|está|ha|hanno|c'è|ci sono|può|` +
	`tem|existe|pode|heeft|hebben|kan|mag|moet|zijn)[\s']`)

// claims reports whether a question asks if something is so. Then only the text of a passage and its
// headings can tell: a tag says what a document is about, and not what it says about that.
func (q *question) claims() bool { return yesOrNo.MatchString(q.text) }

// tagged returns how often each word of the question occurs in the tags of a passage's document,
// which the index counts as words of the passage; nil: in none of them.
func (s *search) tagged(id index.ID) (counts []uint8) {
	for _, f := range s.view.Fields(id) {
		if f.Name != load.FieldTag {
			continue
		}
		for i, w := range s.question.words {
			n := 0
			for _, a := range s.view.Analyzers() {
				terms := a.Terms(w.text)
				here := 0
				for _, t := range a.Terms(f.Value) {
					if slices.Contains(terms, t) {
						here++
					}
				}
				n = max(n, here)
			}
			if n > 0 {
				if counts == nil {
					counts = make([]uint8, len(s.question.words))
				}
				counts[i] += uint8(min(n, 255-int(counts[i])))
			}
		}
	}
	return counts
}

// withoutTags takes the occurrences in tags from the number of a word's occurrences.
func withoutTags(n uint8, tags []uint8, word int) uint8 {
	if tags == nil {
		return n
	}
	return n - min(n, tags[word])
}
