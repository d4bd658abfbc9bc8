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

// tagged returns, for each passage, how often the tags of its document have each word of the question.
// The index counts these as words of the passage. The row of a passage without them is nil.
func (s *search) tagged(ids []index.ID) [][]uint8 {
	out := make([][]uint8, len(ids))
	known := map[string][]uint8{} // by tag: many passages share their document's
	for i, id := range ids {
		for _, f := range s.view.Fields(id) {
			if f.Name != load.FieldTag {
				continue
			}
			counts, ok := known[f.Value]
			if !ok {
				counts = s.inTag(f.Value)
				known[f.Value] = counts
			}
			for word, n := range counts {
				if out[i] == nil {
					out[i] = make([]uint8, len(counts))
				}
				out[i][word] += min(n, 255-out[i][word])
			}
		}
	}
	return out
}

// inTag returns how often a tag has each word of the question; nil: it has none.
func (s *search) inTag(tag string) (counts []uint8) {
	for _, a := range s.view.Analyzers() { // a tag is in one of the languages
		terms := a.Terms(tag)
		for i, w := range s.question.words {
			own := a.Terms(w.text)
			n := 0
			for _, t := range terms {
				if slices.Contains(own, t) {
					n++
				}
			}
			if n > 0 && counts == nil {
				counts = make([]uint8, len(s.question.words))
			}
			if n > 0 {
				counts[i] = max(counts[i], uint8(min(n, 255)))
			}
		}
	}
	return counts
}
