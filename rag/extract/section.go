package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/lazyregexp"
)

// A unit is what is quoted or left out as a whole: a sentence, an item, a row, a code block, a declaration.
type unit struct {
	kind    chunk.Kind
	block   int    // its number in the section
	depth   int    // of lists
	text    string // as it is quoted, without the markers of its block
	marker  string // of an item
	within  bool   // another unit of its block stands before it
	lead    bool   // announces what follows it: "as follows:"
	leans   bool   // cannot be understood without the unit before: "It …"
	terms   map[string]bool
	carries kinds
	words   int
	code    *listing // a declaration of source code
	score   float64
}

// A section is what stands under one heading of a passage.
type section struct {
	passage  int             // index of the passage
	file     string          // its path
	path     []string        // the headings above it, outermost first
	begins   bool            // the passage has its beginning
	above    map[string]bool // the terms of the headings
	units    []unit
	best     int // the unit with the best score
	score    float64
	features []float64
}

// sections takes passages apart and scores what it finds, best first.
func (q *question) sections(passages []Passage) []*section {
	var all []*section
	for i := range passages {
		found := q.split(&passages[i])
		for _, s := range found {
			s.passage, s.file = i, passages[i].Path
		}
		all = append(all, found...)
	}
	for _, s := range all {
		s.above = set(q.analyzer.Terms(strings.Join(s.path, "\n")))
		q.rateUnits(s)
		q.rate(s, &passages[s.passage])
	}
	slices.SortStableFunc(all, func(a, b *section) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return all
}

// split makes sections of a passage. Headings with nothing below them are left out.
func (q *question) split(p *Passage) []*section {
	if p.Code != "" {
		return q.declarations(p)
	}
	var all []*section
	open := &section{path: p.Heading, begins: p.Start == 0}
	begin := func(path []string) {
		if len(open.units) > 0 {
			all = append(all, open)
		}
		open = &section{path: path}
	}
	for i, b := range p.Structure() {
		path := p.HeadingOf(b)
		if b.Kind == chunk.Heading || !slices.Equal(path, open.path) {
			begin(path)
			open.begins = b.Kind == chunk.Heading
		}
		open.units = append(open.units, q.units(p.Text[b.Start:b.End], b, i)...)
	}
	begin(nil)
	for _, s := range all {
		for n := range s.units {
			s.link(n)
		}
	}
	return all
}

// declarations makes a section of each declaration of source code.
func (q *question) declarations(p *Passage) []*section {
	var all []*section
	for _, l := range listings(*p) {
		u := unit{kind: chunk.Lines, text: l.text, code: &l, terms: set(q.analyzer.Terms(l.text)), words: len(strings.Fields(l.text))}
		all = append(all, &section{path: p.Heading, units: []unit{u}})
	}
	return all
}

// longItem is how many words an item or a quotation has that is not cut into sentences.
const longItem = 60

// units makes units of a block.
func (q *question) units(text string, b chunk.Block, number int) (list []unit) {
	add := func(text, marker string) {
		if strings.TrimSpace(text) == "" {
			return
		}
		u := unit{kind: b.Kind, block: number, depth: b.Depth, text: text, marker: marker, within: len(list) > 0}
		u.terms = set(q.analyzer.Terms(text))
		u.words = analysis.CountWords(text)
		u.carries = carried(text, b.Kind)
		u.lead = strings.HasSuffix(text, ":")
		u.leans = anaphor.MatchString(text)
		list = append(list, u)
	}
	switch b.Kind {
	case chunk.Heading, chunk.Markup:
	case chunk.Code:
		add(fenced(text), "")
	case chunk.Lines:
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		for len(lines) > 0 {
			n := min(len(lines), 6)
			add(strings.Join(lines[:n], "\n"), "")
			lines = lines[n:]
		}
	case chunk.Row, chunk.Columns:
		add(strings.TrimRight(text, " \t\n"), "")
	default:
		marker := ""
		if b.Kind == chunk.Item {
			marker = itemMarker.FindString(text)
			text = text[len(marker):]
		}
		if b.Kind == chunk.Quote {
			text = quoteMarks.ReplaceAllString(text, "")
		}
		text = clean(text)
		if (b.Kind == chunk.Item || b.Kind == chunk.Quote) && analysis.CountWords(text) <= longItem {
			add(oneLine(text), marker)
			break
		}
		for _, s := range analysis.Paragraph(text) {
			for _, part := range q.bounded(oneLine(text[s.Start:s.End])) {
				add(part, marker)
				marker = ""
			}
		}
	}
	return list
}

// mostInSentence is how many words no sentence has: what is longer is a list without marks, the text of a picture, a table that lost
// its lines. It is cut into parts of partWords.
const (
	mostInSentence = 90
	partWords      = 40
)

// bounded cuts what is longer than any sentence should be.
func (q *question) bounded(text string) []string {
	words := strings.Fields(text)
	if len(words) <= mostInSentence {
		return []string{text}
	}
	var parts []string
	for len(words) > 0 {
		n := min(partWords, len(words))
		if len(words)-n < partWords/3 {
			n = len(words)
		}
		parts = append(parts, strings.Join(words[:n], " "))
		words = words[n:]
	}
	return parts
}

// link notes what unit n needs before it.
func (s *section) link(n int) {
	if n == 0 {
		s.units[n].leans = false
		return
	}
	u, before := &s.units[n], &s.units[n-1]
	u.leans = u.leans && (before.block == u.block || before.kind == chunk.Code) || before.kind == chunk.Code && startsLow(u.text)
	if u.kind == chunk.Code && before.kind != chunk.Row { // its announcement
		u.leans = true
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var (
	itemMarker = lazyregexp.New(`^\s*(?:>\s*)*(?:[-*+•‣◦–]|\(?\d{1,4}[.)]|\(?[a-zA-Z][.)]|#\.)\s+(?:\[[ xX]\]\s+)?`)
	quoteMarks = lazyregexp.New(`(?m)^\s*(?:>\s?)+`)
	// anaphor begins a sentence that leans on the one before.
	anaphor = lazyregexp.New(`^(?:It|This|That|They|These|Those|Both|Such|So|Then|Otherwise|Either|Neither|Without (?:it|one|them)|With (?:it|one|them)|But|And|Its|Their|However|Instead|Er|Sie|Es|Dies\w*|Dann|Sonst)\b`)
	// definition is a question for what something is.
	definition = lazyregexp.New(`(?i)^\W*(?:what|who)(?:'s|\s+is|\s+are)\b`)
	is         = lazyregexp.New(`(?i)^(.{1,60}?)\s+(?:is|are|means|ist|sind)\s`)
)

// subject returns what stands before the verb of a sentence that says what something is, or "".
func subject(text string) string {
	if m := is.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func startsLow(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}
