// Package analysis turns text into the terms that the index, the rerankers and the extractive
// answerer compare.
//
// The language of a text is detected ([Detect]) or given, and the [Analyzer] for it yields
// [Token]s. They are folded (lower case, compatibility forms unified, accents removed), stemmed,
// and marked if they are stop words, and each has its byte range in the text. Identifiers, flags,
// paths and key names are kept whole and also split. Chinese, Japanese and Korean text is split
// into character pairs. [Sentences] splits prose, lists and code into units that can be quoted.
//
// Documents and questions must be analysed in the same way, or their terms do not match. Therefore
// all analysis is done by this package.
package analysis

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
)

// A Kind is the origin of a token.
type Kind uint8

const (
	Word      Kind = iota // a plain word or number
	Whole                 // a whole compound, such as "flow.RunStarted", "--plain" or "ctrl+c"; its parts follow
	Part                  // a part of a compound
	Value                 // the usual form of a number, a version or a date; the words it is written in follow
	Pair                  // two neighbouring characters of a script without spaces
	Character             // one such character, indexed for questions of one character
)

// A Token is a term and its position.
type Token struct {
	Term  string // as indexed: folded and stemmed
	Start int    // byte offset of its first byte
	End   int    // byte offset after its last byte
	Pos   int    // number of the word in the text, from 0; a compound and its first part share it
	Kind  Kind   // origin of the token
	Stop  bool   // a stop word of the language ("the", "how", "do")
	Hash  uint64 // of the term, see [Hash]
}

// An Analyzer tokenises text of one language. It is safe for concurrent use.
type Analyzer struct {
	lang  Language
	stop  map[string]bool
	dense bool // some stop words are in a script without spaces
	elide bool // words are split at apostrophes, as in "l'index"
	known [knownWords]atomic.Pointer[word]
	folds [knownFolds]atomic.Pointer[word]
	stems sync.Pool // *stemmer
}

// knownWords is the size of the cache of analysed words. Few words make up most of a text. Each
// word has one slot, which a later word with the same slot overwrites, so the cache needs no locks
// and has a bounded size.
const knownWords = 1 << 16

// knownFolds is the size of the cache of text that is folded but not stemmed: compounds, and the
// characters and pairs of scripts without spaces.
const knownFolds = 1 << 14

// seed randomises the slots, so no document can be written to make words collide.
var seed = maphash.MakeSeed()

// A word is the result of analysing a word.
type word struct {
	text string
	term string
	stop bool
	hash uint64
}

var shared sync.Map // Language → *Analyzer

// For returns the analyzer for a language. All callers share one instance, because its cache is
// worth keeping. Text in a language without a stemmer is folded but not stemmed.
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

// Language returns the language of the analyzer.
func (a *Analyzer) Language() Language { return a.lang }

// Terms returns the content terms of the text, without stop words, in order and with repetitions.
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

// Append appends the tokens of the text to dst, for callers that reuse a slice.
func (a *Analyzer) Append(dst []Token, text string) []Token {
	s := scanner{a: a, text: text, out: dst}
	s.run()
	return s.out
}

// normal returns the analysed form of a word, which is cached.
func (a *Analyzer) normal(w string) *word {
	place := &a.known[maphash.String(seed, w)%knownWords]
	if n := place.Load(); n != nil && n.text == w {
		return n
	}
	// cloned so that a cached word does not keep the whole text in memory
	n := &word{text: strings.Clone(w)}
	lower := lowercase(w)
	n.stop = a.isStop(lower)
	if a.lang == English {
		lower = singular(unaccent(lower)) // in English, accents are spelling and not grammar
	}
	st := a.stems.Get().(*stemmer)
	n.term = unaccent(st.stem(lower))
	a.stems.Put(st)
	n.hash = Hash(n.term)
	place.Store(n)
	return n
}

// folded returns the folded but unstemmed form of a text, and its hash.
func (a *Analyzer) folded(w string) (term string, hash uint64) {
	if isASCII(w) || inert(w) { // the common case, for which the cache is slower than folding
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

// singular removes the plural s of an abbreviation without a vowel ("pdfs", "llms"), which the
// stemmer does not recognise.
func singular(w string) string {
	if n := len(w); n >= 4 && w[n-1] == 's' && w[n-2] != 's' && !strings.ContainsAny(w, "aeiouy") {
		return w[:n-1]
	}
	return w
}
