package extract

import (
	"slices"
	"strings"
	"unicode"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/lazyregexp"
)

// A Doubt is a detail of a cited sentence that the sentence's sources do not support.
type Doubt struct {
	Start, End int   // the sentence in the answer, with its citations
	Cited      []int // the numbers of its sources
	// What is the number, name or identifier that the sources do not contain, or [Negated].
	What string
}

// Negated is the value of [Doubt.What] for a sentence that says the opposite of its sources.
const Negated = "not"

// Check compares each sentence of an answer that cites passages with these passages: its numbers
// with their units, names, identifiers, versions and dates, and whether it contradicts them. It
// compares words only, so a sentence without a doubt may still be wrong. Words of the question are
// never in doubt.
func Check(question, answer string, passages []Passage) (doubts []Doubt) {
	byNumber := map[int][]statement{}
	for _, s := range analysis.Sentences(answer) {
		end := s.End + len(behind.FindString(answer[s.End:]))
		text := answer[s.Start:end]
		cited := citations(text)
		if s.Block == analysis.Heading || s.Block == analysis.Code || len(cited) == 0 {
			continue
		}
		text = strings.TrimSpace(citationBefore.ReplaceAllString(text, ""))
		var source []statement
		for _, p := range passages {
			if !slices.Contains(cited, p.N) {
				continue
			}
			if byNumber[p.N] == nil {
				byNumber[p.N] = statements(p)
			}
			source = append(source, byNumber[p.N]...)
		}
		if len(source) == 0 {
			continue
		}
		if what := newClaim(text).doubt(question, source); what != "" {
			doubts = append(doubts, Doubt{s.Start, end, cited, what})
		}
	}
	return doubts
}

// A statement is a unit of a passage: a sentence, an item, a row.
type statement struct {
	text     string // the unit; a row includes its column names
	context  string // the headings above the unit, and the text before it
	terms    map[string]bool
	around   map[string]bool // terms of context
	measures []measure
}

// statements splits a passage.
func statements(p Passage) (list []statement) {
	q := &question{analyzer: analysis.For(languageOf(p.Text, nil))}
	if p.Code != "" {
		return []statement{newStatement(q.analyzer, p.Text, strings.Join(p.Heading, "\n"))}
	}
	for _, s := range q.split(&p) {
		heading := strings.Join(append(slices.Clone(s.path), p.Path), "\n") + "\n" + values(p.Fields)
		columns := ""
		for i, u := range s.units {
			if u.kind == chunk.Columns {
				columns = u.text
			}
			before := ""
			if i > 0 && (u.leans || s.units[i-1].lead || pronoun.MatchString(u.text)) {
				before = s.units[i-1].text
			}
			list = append(list, newStatement(q.analyzer, u.text, heading+"\n"+columns+"\n"+before))
		}
	}
	for _, b := range p.Structure() { // headings state something, too
		if text := p.Text[b.Start:b.End]; b.Kind == chunk.Heading {
			list = append(list, newStatement(q.analyzer, text, strings.Join(p.Heading, "\n")))
		}
	}
	if len(list) == 0 {
		list = append(list, newStatement(q.analyzer, p.Text, strings.Join(p.Heading, "\n")))
	}
	return list
}

func newStatement(a *analysis.Analyzer, text, context string) statement {
	return statement{text: text, context: context, terms: set(a.Terms(text)), around: set(a.Terms(context)),
		measures: measures(text+"\n"+context, false)}
}

// A claim is a sentence of an answer.
type claim struct {
	text     string
	analyzer *analysis.Analyzer
	terms    map[string]bool
}

func newClaim(text string) *claim {
	text = affirmation.ReplaceAllString(text, "")
	a := analysis.For(languageOf(text, nil))
	return &claim{text, a, set(a.Terms(text))}
}

// doubt returns the first detail of the claim that the source does not support (see [Doubt.What]),
// or "".
func (c *claim) doubt(question string, source []statement) string {
	if slices.ContainsFunc(source, func(s statement) bool { return strings.Contains(plainText(s.text), plainText(c.text)) }) {
		return "" // a quotation
	}
	asked := measures(question, false)
	for _, m := range measures(stepNumber.ReplaceAllString(c.text, ""), true) {
		agrees := func(o measure) bool { return m.same(o) }
		if slices.ContainsFunc(asked, agrees) {
			continue
		}
		if !c.held(source, set(c.analyzer.Terms(m.text)), func(s *statement) bool { return slices.ContainsFunc(s.measures, agrees) }) {
			return m.text
		}
	}
	q := strings.ToLower(question)
	for _, name := range c.names() {
		if strings.Contains(q, strings.ToLower(name)) {
			continue
		}
		terms := set(c.analyzer.Terms(name))
		if !c.held(source, terms, func(s *statement) bool { return s.has(name, terms) }) {
			return name
		}
	}
	if name := c.renamed(source); name != "" {
		return name
	}
	if c.denies(source) {
		return Negated
	}
	return ""
}

// plainText normalises a text for comparison: one line, without Markdown's punctuation.
func plainText(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("*_`\\", r) }), " ")
}

// held reports whether a detail of the claim, recognised by has, occurs in a statement about the
// same subject. Statements are compared by the claim's other terms: all except without, the terms
// of the detail. A detail that occurs only in a statement about something else, such as another row
// of a table, is not held.
func (c *claim) held(source []statement, without map[string]bool, has func(*statement) bool) bool {
	rarity := map[string]float64{}
	for t := range c.terms {
		n := 0.0
		for i := range source {
			if source[i].terms[t] {
				n++
			}
		}
		rarity[t] = 1 / max(1, n)
	}
	most, holding := 0.0, -1.0
	for i := range source {
		s := &source[i]
		common := 0.0
		for t := range c.terms {
			switch {
			case without[t]:
			case s.terms[t]:
				common += rarity[t]
			case s.around[t]:
				common += rarity[t] / 2
			}
		}
		most = max(most, common)
		if has(s) {
			holding = max(holding, common)
		}
	}
	return holding >= 0 && holding*2 >= most
}

// nearness is the weight of a word that occurs in a statement's context only. It is 1 if the
// statement begins with a pronoun, whose subject is in the context, else one half.
func (s *statement) nearness() float64 {
	if pronoun.MatchString(s.text) {
		return 1
	}
	return 0.5
}

// has reports whether the statement has a name, or all of its terms.
func (s *statement) has(name string, terms map[string]bool) bool {
	if containsFold(s.text, name) || containsFold(s.context, name) {
		return true
	}
	for t := range terms {
		if !s.terms[t] && !s.around[t] {
			return false
		}
	}
	return len(terms) > 0
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

var (
	// affirmation matches a leading "yes" or "no", which a full sentence follows.
	affirmation = lazyregexp.New(`(?i)^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:yes|no|ja|nein)\s*[,.:;–—-]\s*`)
	stepNumber  = lazyregexp.New(`(?m)^\s*\d+[.)]\s`)
	codeName    = lazyregexp.New("`([^`\n]+)`|\\B(--?[a-zA-Z][\\w-]*)|\\b([A-Za-z]\\w*(?:[_.:/][\\w]+)+|[a-z]+[A-Z]\\w*|[A-Z]{2,}\\w*)")
	capital     = lazyregexp.New(`[^\s.!?:“"(>*-][^\S\n]+\(?["“']?((?:[A-Z][\w'’-]*[a-z][\w’'-]*)(?:[^\S\n]+[A-Z][\w'’-]*[a-z][\w’'-]*)*)`)
)

// names returns the names in the claim: code, identifiers, versions, dates, and capitalised words
// within the sentence. In German, every noun has a capital, so these do not count.
func (c *claim) names() (list []string) {
	for _, m := range codeName.FindAllStringSubmatch(c.text, -1) {
		list = append(list, strings.TrimSpace(m[1]+m[2]+m[3]))
	}
	for _, m := range versionOrDate.FindAllStringSubmatch(c.text, -1) {
		list = append(list, m[0])
	}
	if c.analyzer.Language() == analysis.German {
		return list
	}
	for _, m := range capital.FindAllStringSubmatch(c.text, -1) {
		for _, word := range strings.Fields(m[1]) {
			if len(c.analyzer.Terms(word)) > 0 && word != "I" {
				list = append(list, strings.TrimRight(strings.TrimSuffix(word, "'s"), "'’"))
			}
		}
	}
	return list
}

var (
	firstName = lazyregexp.New(`^\W*([A-Z][\w'’-]+)\s+([A-Z][a-z][\w'’-]*)`)
	fullName  = lazyregexp.New(`\b([A-Z][\w'’-]+)\s+([A-Z][a-z][\w'’-]*)`)
	// pronoun matches a sentence whose subject is in the sentence before.
	pronoun = lazyregexp.New(`^(?:It|They|He|She|This|These|Er|Sie|Es|Dies\w*)\b`)
)

// renamed returns the two-word name at the start of the claim if the source has its second word
// only with other first words: "Ilse Marten" where the source has "Jonas Marten". A single
// capitalised word at the start of a sentence need not be a name.
func (c *claim) renamed(source []statement) string {
	m := firstName.FindStringSubmatch(c.text)
	if m == nil || len(c.analyzer.Terms(m[1])) == 0 {
		return ""
	}
	other := false
	for i := range source {
		for _, n := range fullName.FindAllStringSubmatch(source[i].text, -1) {
			if n[2] == m[2] && n[1] == m[1] {
				return ""
			}
			other = other || n[2] == m[2]
		}
	}
	if other {
		return m[1] + " " + m[2]
	}
	return ""
}

// denial matches words that negate a clause. noDenial matches phrases in which such a word does not
// negate. clauses matches the boundaries between clauses.
var (
	denial = lazyregexp.New(`(?i)\b(?:not|never|no|none|nor|neither|cannot|without|nothing|nobody|unless|` +
		`nicht|nie|niemals|kein\w*|ohne|weder|nichts)\b|n['’]t\b`)
	noDenial = lazyregexp.New(`(?i)\bnot only\b|\bno (?:more|less|fewer|later|longer|earlier) than\b|\bnot (?:more|less|` +
		`later|earlier|until)\b|\bno matter\b|\bwhether or not\b|\bif not\b|\bnicht nur\b|\bno\. ?\d`)
	clauses = lazyregexp.New(`[,;:().!?]\s|\s(?:but|and|while|whereas|although|though|because|since|which|that|` +
		`if|when|so|aber|und|sondern|während|weil|dass|wenn)\s`)
)

// opposites are pairs of words with opposite meanings.
var opposites = [][2]string{
	{"enabled", "disabled"}, {"enable", "disable"}, {"on", "off"}, {"allowed", "forbidden"}, {"allowed", "prohibited"},
	{"allows", "forbids"}, {"true", "false"}, {"always", "never"}, {"with", "without"}, {"accepts", "rejects"},
	{"accept", "reject"}, {"include", "exclude"}, {"includes", "excludes"}, {"included", "excluded"},
	{"required", "optional"}, {"required", "unnecessary"}, {"succeeds", "fails"}, {"keeps", "loses"}, {"keep", "lose"},
	{"open", "closed"}, {"erlaubt", "verboten"}, {"aktiviert", "deaktiviert"}, {"mit", "ohne"},
}

// denies reports whether the claim says the opposite of the most similar statement.
func (c *claim) denies(source []statement) bool {
	best, agreed := 0.0, false
	for i := range source {
		like, agrees := c.compare(&source[i])
		switch {
		case like < leastLike:
		case like > best+0.01:
			best, agreed = like, agrees
		case like > best-0.01:
			agreed = agreed || agrees
		}
	}
	return best >= leastLike && !agreed
}

// compare returns the similarity of a statement and the claim, from 0 to 1, and whether they agree:
// whether the statement, or a clause of it that is about as similar, has the same polarity as the
// claim (both affirm or both deny).
func (c *claim) compare(s *statement) (like float64, agrees bool) {
	if len(c.terms) < 2 {
		return 0, false
	}
	parts := append(clauses.Split(s.text, -1), s.text)
	likes := make([]float64, len(parts))
	for i, part := range parts {
		has := set(c.analyzer.Terms(part))
		common := functionShare * shared(wordsOf(c.text), wordsOf(part))
		for t := range c.terms {
			if has[t] || hasPrefixed(has, t) {
				common++
			} else if s.around[t] {
				common += s.nearness()
			}
		}
		likes[i] = common / (float64(len(c.terms)) + functionShare)
		like = max(like, likes[i])
	}
	for i, part := range parts {
		agrees = agrees || likes[i] >= like-aboutAsLike && denials(c.text, part)
	}
	return like, agrees
}

// aboutAsLike is the maximum difference in similarity between the best part of a statement and
// another part that may decide whether it agrees with the claim.
const aboutAsLike = 0.12

// functionShare is the weight of the overlap of all words, including function words, relative to
// one content word. It makes "by itself" differ from "by hand".
const functionShare = 0.7

// shared returns the share of a's elements that are also in b.
func shared(a, b map[string]bool) float64 {
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(a)))
}

// leastLike is the minimum similarity at which a statement can contradict a claim.
const leastLike = 0.6

// denials reports whether two texts have the same polarity. Each negation, opposite or negative
// prefix that only one of them has flips it.
func denials(a, b string) bool {
	odd := func(text string) bool {
		return len(denial.FindAllStringSubmatch(noDenial.ReplaceAllString(text, ""), -1))%2 == 1
	}
	differ := odd(a) != odd(b)
	inA, inB := wordsOf(a), wordsOf(b)
	for _, o := range opposites {
		if inA[o[0]] && inB[o[1]] && !inA[o[1]] && !inB[o[0]] || inA[o[1]] && inB[o[0]] && !inA[o[0]] && !inB[o[1]] {
			if !denial.MatchString(o[1]) { // "without", "never": already counted as denials
				differ = !differ
			}
			break
		}
	}
	for w := range inA {
		for _, prefix := range negativePrefixes {
			if len(w) > 4 && inB[prefix+w] && !inB[w] || strings.HasPrefix(w, prefix) && len(w) > len(prefix)+4 && inB[w[len(prefix):]] && !inB[w] {
				return differ
			}
		}
	}
	return !differ
}

var negativePrefixes = []string{"un", "in", "im", "dis", "non", "ir"}

// hasPrefixed reports whether terms has t with a negative prefix added or removed: "usable",
// "unusable".
func hasPrefixed(terms map[string]bool, t string) bool {
	return slices.ContainsFunc(negativePrefixes, func(p string) bool {
		return terms[p+t] || len(t) > len(p)+3 && strings.HasPrefix(t, p) && terms[t[len(p):]]
	})
}

func wordsOf(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		m[w] = true
	}
	return m
}
