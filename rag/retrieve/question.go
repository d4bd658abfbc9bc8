package retrieve

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/analysis"
	"weft/rag/index"
	"weft/rag/lazyregexp"
)

// pairWeight is the weight of a pair of neighbouring words of the question, relative to single
// words.
const pairWeight = 0.2

// fillerWeight is the weight of a filler in the search for words, relative to other words, where a
// question has at most fewSubjects of these. A filler is often rare in documents and would become
// the subject of a short question; in a longer one it only helps.
const (
	fillerWeight = 0.5
	fewSubjects  = 4
)

// A question is a query analysed for the index.
type question struct {
	text string
	// words are the content words in order, without repetitions.
	words []word
	// terms are the index terms of the words, then of also, then of the pairs.
	terms []index.Term
	// also are the synonyms of the question's words.
	also []other
	// inner says which of the pairs are one word with a capital inside, such as "JavaScript".
	inner []bool
	lead  *analysis.Analyzer
	// form weighs every word, including function words: "what is" differs from "how do I".
	form map[string]float64
}

// A word is a content word of a question.
type word struct {
	text   string // as typed
	count  int    // number of occurrences
	whole  bool   // a compound, followed by its parts: it helps but need not be found
	filler bool   // see fillers, degree and amount; 何 asks for a number in Japanese
	parts  int    // number of parts of the word with capitals inside that it is a part of, else 1
}

// other holds the synonyms of words[of].
type other struct {
	of   int
	term index.Term
}

// alsoWeight is the weight of a synonym, relative to the word of the question.
const alsoWeight = 0.5

// parse analyses a question in every language of the corpus, so that its words match documents of
// each language.
func parse(text string, analyzers []*analysis.Analyzer) question {
	lead := lead(text, analyzers)
	q := question{text: text, lead: lead, form: form(lead, text)}
	at := make(map[string]int)
	before := -1
	tokens := lead.Tokens(text)
	senses := lead.Senses(tokens)
	type place struct {
		start int
		kind  analysis.Kind
	}
	of := func(t analysis.Token) place { return place{t.Start, t.Kind} }
	bySense := make(map[place]analysis.Sense)
	helps := make(map[place]bool)
	for i := range tokens {
		sense := senses[i]
		bySense[of(tokens[i])] = sense
		switch {
		case len(sense.Terms) > 0: // function words as well: "at once"
			helps[of(tokens[i])], tokens[i].Stop = tokens[i].Stop, false
		case sense.Inner:
			tokens[i].Stop = true
		}
	}
	addWord := func(t analysis.Token) int {
		surface := text[t.Start:t.End]
		if i, ok := at[t.Term]; ok {
			q.words[i].count++
			return i
		}
		i := len(q.words)
		at[t.Term] = i
		sense := bySense[of(t)]
		q.words = append(q.words, word{text: surface, count: 1,
			whole:  t.Kind == analysis.Whole || t.Kind == analysis.Value || helps[of(t)],
			filler: len(sense.Terms) == 0 && fillers()[lead.Language()][t.Term] || degree.MatchString(text[:t.End]) || strings.HasPrefix(t.Term, "何") || amount(text, t.End), parts: parts(t, tokens)})
		switch {
		case sense.Only:
			q.terms = append(q.terms, index.WordTerm(1, sense.Terms...))
		default:
			q.terms = append(q.terms, index.WordTerm(1, forms(t, surface, lead, analyzers)...))
			if len(sense.Terms) > 0 {
				q.also = append(q.also, other{i, index.WordTerm(alsoWeight, sense.Terms...)})
			}
		}
		return i
	}
	type pair struct{ a, b int }
	var pairs []pair
	last := analysis.Token{}
	for _, t := range content(tokens) {
		i := addWord(t)
		if t.Kind != analysis.Word && t.Kind != analysis.Part {
			continue
		}
		if before >= 0 && before != i {
			pairs = append(pairs, pair{before, i})
			q.inner = append(q.inner, last.End == t.Start)
		}
		before, last = i, t
	}
	subjects := 0
	for _, w := range q.words {
		if !w.filler {
			subjects++
		}
	}
	for i, w := range q.words {
		q.terms[i].Weight = float64(w.count)
		if w.filler && subjects <= fewSubjects {
			q.terms[i].Weight *= fillerWeight
		}
	}
	for _, o := range q.also {
		q.terms = append(q.terms, o.term)
	}
	for _, p := range pairs {
		q.terms = append(q.terms, index.PairTerm(pairWeight, q.terms[p.a], q.terms[p.b]))
	}
	return q
}

// degree matches text that ends in a word for the kind of answer: "how long", "which date", "when was
// it released". Documents rarely have that word: they say "10 minutes" and "2 May".
var degree = lazyregexp.New(`(?i)\b(?:how (?:long|often|far|old|thick|thin|soon|heavy|tall|high|wide|deep|hot|` +
	`warm|cold|fast)|(?:which|what) (?:date|day|month|year|version|command)|when (?:was|were|did) .*(?:released?|` +
	`published)|wie (?:lange|oft|weit|alt|dick|dünn|schwer|hoch|breit|tief|heiß|warm|kalt|schnell)|` +
	`an welchem (?:datum|tag)|(?:in|seit|ab|mit) welcher version|mit welchem befehl)$`)

// amount reports whether the text up to end ends in an amount, or in its unit, that the person who
// asks has chosen: "out of 300 g of flour", "after 500 items". Documents state other amounts.
// Numbers that name something are not amounts: "error 404", "ended with 104", "in 2024".
func amount(text string, end int) bool {
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[end:], " "))
	return unicode.IsLetter(next) && chosenAmount.MatchString(text[:end])
}

var chosenAmount = lazyregexp.New(`(?i)\b(?:after|of|over|under|than|with|for|every|only|up to|about|nach|von|über|` +
	`unter|mit|für|aus) (?:\d{1,3}|[3-9]\d{3}|\d{5,})(?:[.,]\d+)?(?: ?(?:k?g|[mcd]?l|[mck]?m|m?s|min|h|[kmgt]b))?$`)

// parts returns the number of parts of a word with capitals inside, such as "JavaScript", that token
// t is a part of, else 1. The parts share the weight of one word.
func parts(t analysis.Token, tokens []analysis.Token) int {
	n, end, found := 0, -1, false // of the current run of parts that touch
	for _, o := range tokens {
		if o.Kind != analysis.Part {
			continue
		}
		if o.Start != end {
			if found {
				break
			}
			n = 0
		}
		n, end = n+1, o.End
		found = found || o == t
	}
	if !found {
		return 1
	}
	return n
}

// lead returns the analyzer for the question's language.
func lead(text string, analyzers []*analysis.Analyzer) *analysis.Analyzer {
	if lang := analysis.Detect(text); lang != "" {
		for _, a := range analyzers {
			if a.Language() == lang {
				return a
			}
		}
	}
	return analyzers[0]
}

// forms returns the terms of a word in all languages of the corpus.
func forms(t analysis.Token, surface string, lead *analysis.Analyzer, analyzers []*analysis.Analyzer) []string {
	all := []string{t.Term}
	for _, a := range analyzers {
		if a == lead {
			continue
		}
		for _, o := range a.Tokens(surface) {
			if o.Start == 0 && o.End == len(surface) && o.Kind == t.Kind {
				all = append(all, o.Term)
			}
		}
	}
	return all
}

// form returns the words of a question or heading with their weights for comparing the two.
func form(a *analysis.Analyzer, text string) map[string]float64 {
	words := make(map[string]float64)
	for _, t := range a.Tokens(text) {
		switch {
		case t.Kind == analysis.Whole || t.Kind == analysis.Value || t.Kind == analysis.Character:
		case t.Stop, fillers()[a.Language()][t.Term]:
			words[t.Term] = fillerShare
		default:
			words[t.Term] = 1
		}
	}
	return words
}

// likeness measures how closely a heading matches the question, 0 to 1: the share of the question's
// weight found in the heading times the share of the heading's weight found in the question, scaled
// so that a product of half or less is 0. A section "What is a chunk?" answers that question better
// than one that mentions chunks more often.
func (q *question) likeness(heading string) float64 {
	var common, asked, own float64
	for _, n := range q.form {
		asked += n
	}
	for t, n := range form(q.lead, heading) {
		own += n
		if _, ok := q.form[t]; ok {
			common += n
		}
	}
	return max(0, 2*share(common, asked)*share(common, own)-1)
}

// structure returns the question's terms for headings, titles and file names.
func (q *question) structure() []index.Term {
	terms := make([]index.Term, len(q.words))
	for i := range q.words {
		terms[i] = index.StructureTerm(q.terms[i])
	}
	return terms
}

// content returns the tokens to search for. In scripts without spaces these are character pairs.
// Single characters are used only where they are alone, and pairs of hiragana, mostly endings, only
// if there is nothing else.
func content(tokens []analysis.Token) []analysis.Token {
	paired := make(map[int]bool)
	telling := false
	for _, t := range tokens {
		if t.Kind == analysis.Pair {
			paired[t.Start], paired[t.End] = true, true
		}
		if !t.Stop && t.Kind != analysis.Character && !hasHiragana(t) {
			telling = true
		}
	}
	var out []analysis.Token
	for _, t := range tokens {
		switch {
		case t.Stop:
		case t.Kind == analysis.Character && (paired[t.Start] || paired[t.End]):
		case telling && hasHiragana(t):
		default:
			out = append(out, t)
		}
	}
	return out
}

func hasHiragana(t analysis.Token) bool {
	return t.Kind != analysis.Word &&
		strings.IndexFunc(t.Term, func(r rune) bool { return unicode.Is(unicode.Hiragana, r) }) >= 0
}
