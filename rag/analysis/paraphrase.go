package analysis

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// A Sense holds the terms to search for in addition to, or instead of, a word of a question.
type Sense struct {
	// Terms are the terms of words with the same meaning.
	Terms []string
	// Only reports that the word itself is not searched for, because it belongs to a phrase such as
	// "out of the box" that documents do not use.
	Only bool
	// Inner reports that the word belongs to a phrase whose sense is stored at another word of the
	// phrase.
	Inner bool
}

//go:embed paraphrases.txt
var paraphraseFile string

// A wording is a word or phrase in paraphrases.txt.
type wording struct {
	words []string // terms; anyWords is a gap
	also  []string // terms of the words that mean the same
	only  bool     // its own words are not searched for
}

const (
	anyWords = "_"
	mostGap  = 8 // words in a gap: "schalte ich die Leiste für alle im Projekt ab"
)

// wordings maps each language to its wordings by the term of their first word, longest first.
var wordings = sync.OnceValue(func() map[Language]map[string][]wording {
	all := map[Language]map[string][]wording{}
	var lang Language
	for line := range strings.Lines(paraphraseFile) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			lang = Language(strings.Trim(line, "[]"))
			all[lang] = map[string][]wording{}
		default:
			for _, w := range readWordings(For(lang), line) {
				all[lang][w.words[0]] = append(all[lang][w.words[0]], w)
			}
		}
	}
	for _, byFirst := range all {
		for _, list := range byFirst {
			slices.SortStableFunc(list, func(a, b wording) int { return len(b.words) - len(a.words) })
		}
	}
	return all
})

// readWordings reads a line of the list.
func readWordings(a *Analyzer, line string) (list []wording) {
	asked, written, directed := strings.Cut(line, ">")
	for phrase := range strings.SplitSeq(asked, ",") {
		var w wording
		for _, word := range strings.Fields(phrase) {
			if word == anyWords {
				w.words = append(w.words, anyWords)
				continue
			}
			for _, t := range a.Tokens(word) {
				w.words = append(w.words, t.Term)
			}
		}
		list = append(list, w)
	}
	var also []string
	if directed {
		for word := range strings.SplitSeq(written, ",") {
			also = append(also, a.Terms(word)...)
		}
	} else {
		for _, w := range list {
			if len(w.words) == 1 {
				also = append(also, w.words[0])
			}
		}
	}
	for i := range list {
		list[i].only = directed && len(list[i].words) > 1
		for _, term := range also {
			if term != list[i].words[0] || len(list[i].words) > 1 {
				list[i].also = append(list[i].also, term)
			}
		}
	}
	return slices.DeleteFunc(list, func(w wording) bool { return len(w.also) == 0 })
}

// Senses returns the sense of each token of a question. Phrases do not overlap; at each position
// the longest one is used.
func (a *Analyzer) Senses(tokens []Token) []Sense {
	senses := make([]Sense, len(tokens))
	byFirst := wordings()[a.lang]
	var words []int
	for i, t := range tokens {
		if t.Kind == Word || t.Kind == Part {
			words = append(words, i)
		}
	}
	taken := make([]bool, len(tokens))
	for at := range words {
		for _, w := range byFirst[tokens[words[at]].Term] {
			matched, ok := w.match(tokens, words[at:])
			if !ok || slices.ContainsFunc(matched, func(i int) bool { return taken[i] }) {
				continue
			}
			carrier := matched[0]
			for _, i := range matched {
				taken[i] = true
				senses[i].Inner = true
				if tokens[carrier].Stop && !tokens[i].Stop {
					carrier = i
				}
			}
			senses[carrier] = Sense{Terms: w.also, Only: w.only}
			break
		}
	}
	for i, t := range tokens { // the words of a value also match its usual form
		for j := i + 1; t.Kind == Value && j < len(tokens) && tokens[j].Start < t.End; j++ {
			senses[j].Terms = append(slices.Clip(senses[j].Terms), t.Term)
		}
	}
	return senses
}

// match returns the tokens that the wording's words match if it starts at the first of words, the
// indices of the words among the tokens.
func (w *wording) match(tokens []Token, words []int) (at []int, ok bool) {
	next := 0
	for i, term := range w.words {
		if term == anyWords {
			continue
		}
		last := next
		if i > 0 && w.words[i-1] == anyWords {
			last += mostGap
		}
		for next < len(words) && next <= last && tokens[words[next]].Term != term {
			next++
		}
		if next >= len(words) || next > last {
			return nil, false
		}
		at = append(at, words[next])
		next++
	}
	return at, true
}
