package retrieve

import (
	"slices"
	"strings"
	"unicode"

	"weft/rag/analysis"
	"weft/rag/index"
)

// Respell corrects typing errors in a question. A word that neither a passage nor a list of common
// English words has is replaced by a word one edit away that some passage has; of several, by the
// most frequent. Names, identifiers, and words without such a neighbour are unchanged.
//
// Neighbours are generated and looked up, as in Norvig's corrector
// (https://norvig.com/spell-correct.html), because the index stores only hashes of stems. The text
// of the passages says whether a neighbour is a word at all.
func (r *Retriever) Respell(text string) string {
	v := r.index.View()
	if v.Len() == 0 {
		return text
	}
	s := speller{view: v, analyzers: v.Analyzers()}
	s.lead = lead(text, s.analyzers)
	var slips []analysis.Token
	for i, t := range s.lead.Tokens(text) {
		word := text[t.Start:t.End]
		if t.Kind == analysis.Word && !t.Stop && plain(word, i == 0) && s.holding(word) == 0 && !common(strings.ToLower(word)) {
			slips = append(slips, t)
		}
	}
	if len(slips) > unknown {
		return text
	}
	for _, t := range slices.Backward(slips) {
		if better := s.correct([]rune(strings.ToLower(text[t.Start:t.End])), t.Pos == 0); better != "" {
			text = text[:t.Start] + better + text[t.End:]
		}
	}
	return text
}

// longest is the maximum length in bytes of a word that is corrected; longer words have too many
// neighbours.
const longest = 24

// unknown is the maximum number of unknown words of a question that are looked up. A question with
// more unknown words is likely about something that the corpus does not cover.
const unknown = 8

// plain reports whether a word may be corrected: it is short enough, has letters only, and no
// capitals except at the start of a sentence. first says that it starts one.
func plain(word string, first bool) bool {
	if len(word) > longest {
		return false
	}
	for i, r := range word {
		if !unicode.IsLetter(r) || unicode.IsUpper(r) && (i > 0 || !first) {
			return false
		}
	}
	return true
}

type speller struct {
	view      *index.View
	analyzers []*analysis.Analyzer
	lead      *analysis.Analyzer
}

// stopWordCount is the count of a stop word such as "which", which the index does not store.
const stopWordCount = 1 << 30

// holding returns the number of passages that contain a word.
func (s *speller) holding(word string) int {
	tokens := s.lead.Tokens(word)
	if len(tokens) != 1 || tokens[0].Kind != analysis.Word {
		return 0
	}
	if tokens[0].Stop {
		return stopWordCount
	}
	return s.view.PassageCount(index.WordTerm(1, forms(tokens[0], word, s.lead, s.analyzers)...))
}

// literal reports whether a word exists: it is a common English word, or it or a plural of it is
// written in one of the first passages that have its stem. The stem alone is not enough: that of
// "larges" is found where "large" is written.
func (s *speller) literal(word string) bool {
	tokens := s.lead.Tokens(word)
	if len(tokens) != 1 {
		return false
	}
	if tokens[0].Stop || common(word) {
		return true
	}
	term := index.WordTerm(1, forms(tokens[0], word, s.lead, s.analyzers)...)
	singular := strings.TrimSuffix(word, "s")
	for _, m := range s.view.Keyword([]index.Term{term}, literalPassages, nil) {
		c := s.view.Chunk(m.ID)
		for _, text := range append(slices.Clone(c.Heading), c.Text, c.Path) {
			for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
				if strings.TrimSuffix(w, "s") == singular {
					return true
				}
			}
		}
	}
	return false
}

// literalPassages is the number of passages in which a word is looked for.
const literalPassages = 30

// The minimum lengths, in letters, at which a word is corrected by swapping two letters, by
// inserting or removing one, and by replacing one. Shorter words have too many neighbours that are
// words themselves.
const (
	swapped   = 3
	wrong     = 5
	exchanged = 6
)

// correct returns the best neighbour of a word, or "". It keeps the first letter, which is rarely
// wrong. It tries stop words only where they are likely: for swapped letters ("waht", "hwo"), and
// at the start of a question ("wich").
func (s *speller) correct(word []rune, first bool) string {
	best, most := "", 0
	try := func(candidate []rune, from int, common bool) {
		n := s.holding(string(candidate))
		if n > most && (n < stopWordCount && len(word) >= from || n == stopWordCount && common) && s.literal(string(candidate)) {
			best, most = string(candidate), n
		}
	}
	for i := len(word) - 2; i >= 0; i-- {
		c := slices.Clone(word)
		c[i], c[i+1] = c[i+1], c[i]
		if i > 0 || s.holding(string(c)) == stopWordCount {
			try(c, swapped, true)
		}
	}
	if len(word) < swapped {
		return best
	}
	alphabet := []rune("abcdefghijklmnopqrstuvwxyz")
	for _, r := range word {
		if !slices.Contains(alphabet, r) {
			alphabet = append(alphabet, r)
		}
	}
	for i := 1; i <= len(word); i++ {
		for _, r := range alphabet {
			try(slices.Insert(slices.Clone(word), i, r), wrong, first)
		}
		if i == len(word) {
			break
		}
		try(slices.Delete(slices.Clone(word), i, i+1), wrong, false)
		if len(word) < exchanged {
			continue
		}
		for _, r := range alphabet {
			c := slices.Clone(word)
			c[i] = r
			try(c, exchanged, false)
		}
	}
	return best
}
