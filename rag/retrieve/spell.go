package retrieve

import (
	"slices"
	"strings"
	"unicode"

	"weft/rag/analysis"
	"weft/rag/index"
)

// Respell returns a question with its slips of the keyboard mended: a word that no passage has becomes the word that one slip leads away from, if some
// passage has that, and of several the one that most have. What looks like a name or an identifier stays, and so does a word without such a neighbour.
//
// The neighbours are made and looked up, as Norvig's corrector does (https://norvig.com/spell-correct.html), because the index knows no words, only what
// they are hashed to.
func (r *Retriever) Respell(text string) string {
	v := r.index.View()
	if v.Len() == 0 {
		return text
	}
	s := speller{view: v, analyzers: v.Analyzers()}
	s.lead = lead(text, s.analyzers)
	var slips []analysis.Token
	for i, t := range s.lead.Tokens(text) {
		if word := text[t.Start:t.End]; t.Kind == analysis.Word && !t.Stop && plain(word, i == 0) && s.holding(word) == 0 {
			slips = append(slips, t)
		}
	}
	if len(slips) > unknown {
		return text
	}
	for _, t := range slices.Backward(slips) {
		if better := s.mend([]rune(strings.ToLower(text[t.Start:t.End])), t.Pos == 0); better != "" {
			text = text[:t.Start] + better + text[t.End:]
		}
	}
	return text
}

// longest is the length in bytes up to which a word is mended: the longer, the more neighbours it has.
const longest = 24

// unknown is how many unknown words of a question are looked into: a question with more of them is about something else.
const unknown = 8

// plain reports whether a word may be mended: not too long, letters only, and capitals only where a sentence begins.
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

// unlimited is held by all passages, so to speak: a word such as "which", that the index leaves out.
const unlimited = 1 << 30

// holding counts the passages that hold a word.
func (s *speller) holding(word string) int {
	tokens := s.lead.Tokens(word)
	if len(tokens) != 1 || tokens[0].Kind != analysis.Word {
		return 0
	}
	if tokens[0].Stop {
		return unlimited
	}
	return s.view.Holding(index.WordTerm(1, forms(tokens[0], word, s.lead, s.analyzers)...))
}

// The lengths, in letters, from which on a word is mended by two letters in each other's place, by one that is missing or too many, and by one in place of
// another: short words have too many neighbours that mean something else.
const (
	swapped   = 3
	wrong     = 5
	exchanged = 6
)

// mend returns the best neighbour of a word; "" if it has none. The first letter is hardly ever wrong, so it stays. Words that the index leaves out are
// looked for only where they are likely: "waht" and "hwo", and "wich" at the beginning of a question.
func (s *speller) mend(word []rune, first bool) string {
	best, most := "", 0
	try := func(candidate []rune, from int, common bool) {
		n := s.holding(string(candidate))
		if n > most && (n < unlimited && len(word) >= from || n == unlimited && common) {
			best, most = string(candidate), n
		}
	}
	for i := len(word) - 2; i >= 0; i-- {
		c := slices.Clone(word)
		c[i], c[i+1] = c[i+1], c[i]
		if i > 0 || s.holding(string(c)) == unlimited {
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
