// Package analysis turns text into the terms that the index, the rerankers and the extractive answerer compare.
//
// Text comes in; a language is detected ([Detect]) or given, and an [Analyzer] for it yields [Token]s: folded (lower case, compatibility forms,
// no accents), stemmed, marked when they are stop words, each with its byte range in the text. Identifiers, flags, paths and key names are kept whole
// and split as well; Chinese, Japanese and Korean are cut into character pairs. [Sentences] cuts prose, lists and code into units that can be quoted.
//
// Documents and questions must pass through the same analysis, otherwise they do not meet: this package is the only place that does it.
package analysis

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
)

// A Kind says how a token came about.
type Kind uint8

const (
	Word      Kind = iota // a plain word or number
	Whole                 // a compound kept whole, such as "flow.RunStarted", "--plain" or "ctrl+c"; its parts follow
	Part                  // a part of a compound
	Pair                  // two neighbouring characters of a script without spaces
	Character             // one such character: indexed, so that a question of one character finds it
)

// A Token is a term and where it stands.
type Token struct {
	Term  string // as indexed: folded and stemmed
	Start int    // byte offset of its first byte
	End   int    // byte offset behind its last byte
	Pos   int    // number of the word in the text, from 0; a compound and its first part share it
	Kind  Kind   // how it came about
	Stop  bool   // carries no content in this language ("the", "how", "do")
	Hash  uint64 // of the term, see [Hash]
}

// An Analyzer tokenises text of one language. It may be used by several goroutines at once.
type Analyzer struct {
	lang  Language
	stop  map[string]bool
	dense bool // some stop words are of a script without spaces
	elide bool // words are split at apostrophes, as in "l'index"
	known [knownWords]atomic.Pointer[word]
	folds [knownFolds]atomic.Pointer[word]
	stems sync.Pool // *stemmer
}

// knownWords is for how many words it is remembered what became of them, because few words make up most of a text. Each has one place, which the next
// word with that place takes: nobody waits, and memory stays bounded with any text.
const knownWords = 1 << 16

// knownFolds is the same for what is folded only: compounds, and the characters and pairs that scripts without spaces are cut into.
const knownFolds = 1 << 14

// seed places words differently each time: no document can be written to make them meet.
var seed = maphash.MakeSeed()

// A word is what became of one.
type word struct {
	text string
	term string
	stop bool
	hash uint64
}

var shared sync.Map // Language → *Analyzer

// For returns the analyzer for a language, which all who ask share: what it remembers of words is worth keeping. A language without a stemmer is folded
// and not stemmed.
func For(lang Language) *Analyzer {
	if a, ok := shared.Load(lang); ok {
		return a.(*Analyzer)
	}
	a, _ := shared.LoadOrStore(lang, newAnalyzer(lang))
	return a.(*Analyzer)
}

func newAnalyzer(lang Language) *Analyzer {
	a := &Analyzer{lang: lang, stop: stopWords(lang), elide: lang == French || lang == Italian}
	a.stems.New = func() any { return newStemmer(lang) }
	for w := range a.stop {
		r, _ := decode(w)
		a.dense = a.dense || dense(r)
	}
	return a
}

// Language returns the language that the analyzer is for.
func (a *Analyzer) Language() Language { return a.lang }

// Terms returns the terms of the text that carry content, in order, each as often as it occurs.
func (a *Analyzer) Terms(text string) []string {
	var terms []string
	for _, t := range a.Tokens(text) {
		if !t.Stop && t.Kind != Character {
			terms = append(terms, t.Term)
		}
	}
	return terms
}

// Tokens returns the tokens of the text in order.
func (a *Analyzer) Tokens(text string) []Token { return a.Append(nil, text) }

// Append appends the tokens of the text to dst: for callers that reuse a slice.
func (a *Analyzer) Append(dst []Token, text string) []Token {
	s := scanner{a: a, text: text, out: dst}
	s.run()
	return s.out
}

// normal returns the term of a word and whether it is a stop word.
func (a *Analyzer) normal(w string) *word {
	place := &a.known[maphash.String(seed, w)%knownWords]
	if n := place.Load(); n != nil && n.text == w {
		return n
	}
	n := &word{text: strings.Clone(w)} // the text must not be kept alive by one of its words
	lower := lowercase(w)
	n.stop = a.isStop(lower)
	if a.lang == English {
		lower = singular(unaccent(lower)) // accents are spelling there, not grammar
	}
	st := a.stems.Get().(*stemmer)
	n.term = unaccent(st.stem(lower))
	a.stems.Put(st)
	n.hash = Hash(n.term)
	place.Store(n)
	return n
}

// folded returns what becomes of a text that is folded and not stemmed, and its hash.
func (a *Analyzer) folded(w string) (term string, hash uint64) {
	if isASCII(w) || inert(w) { // as most of those texts are: remembering takes longer than folding
		term = lowercase(w)
		return term, Hash(term)
	}
	place := &a.folds[maphash.String(seed, w)%knownFolds]
	if n := place.Load(); n != nil && n.text == w {
		return n.term, n.hash
	}
	n := &word{text: strings.Clone(w)}
	n.term = fold(n.text)
	n.hash = Hash(n.term)
	place.Store(n)
	return n.term, n.hash
}

// singular takes the plural s off an abbreviation without a vowel ("pdfs", "llms"), which the stemmer takes for no word.
func singular(w string) string {
	if n := len(w); n >= 4 && w[n-1] == 's' && w[n-2] != 's' && !strings.ContainsAny(w, "aeiouy") {
		return w[:n-1]
	}
	return w
}
