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

// A unit is quoted or omitted as a whole: a sentence, an item, a row, a code block, a declaration.
type unit struct {
	kind    chunk.Kind
	block   int    // index of the block in the section
	depth   int    // number of lists around it
	text    string // as quoted, without the markers of its block
	marker  string // of an item
	within  bool   // not the first unit of its block
	lead    bool   // announces the next unit: "as follows:"
	leans   bool   // cannot be understood without the unit before it: "It …"
	terms   map[string]bool
	carries kinds // of those that are relevant to the question
	words   int
	code    *listing // nil unless it is a declaration of source code
	score   float64
	values  []float64 // of UnitFeatures
}

// A section is the part of a passage under one heading.
type section struct {
	passage  int             // index of the passage
	file     string          // path of the passage's document
	path     []string        // headings above it, outermost first
	begins   bool            // the passage has the section's beginning
	above    map[string]bool // terms of the headings and of the document's fields
	units    []unit
	best     int // index of the best-scoring unit
	score    float64
	features []float64
}

// carried returns the kinds of things that a section's own heading and its units carry.
func (q *question) carried(s *section) (k kinds) {
	if n := len(s.path); n > 0 {
		k = carried(s.path[n-1], chunk.Heading, q.wants.relevant())
	}
	for _, u := range s.units {
		k |= u.carries
	}
	return k
}

// sections splits the passages into sections and scores them, best first.
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
		p := &passages[s.passage]
		s.above = set(q.analyzer.Terms(strings.Join(s.path, "\n") + "\n" + values(p.Fields)))
		q.rateUnits(s)
		q.rate(s, p)
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

// split returns the sections of a passage. Headings without text below them are dropped.
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

// declarations returns a section for each declaration of a passage of source code.
func (q *question) declarations(p *Passage) []*section {
	var all []*section
	for _, l := range listings(*p) {
		u := unit{kind: chunk.Lines, text: l.text, code: &l, terms: set(q.analyzer.Terms(l.text)),
			words: len(strings.Fields(l.text))}
		all = append(all, &section{path: p.Heading, units: []unit{u}})
	}
	return all
}

// longItem is the number of words beyond which an item or a quotation is split into sentences.
const longItem = 60

// units splits a block into units. number is the block's index in the section.
func (q *question) units(text string, b chunk.Block, number int) (list []unit) {
	add := func(text, marker string) {
		if strings.TrimSpace(text) == "" {
			return
		}
		u := unit{kind: b.Kind, block: number, depth: b.Depth, text: text, marker: marker, within: len(list) > 0}
		u.terms = set(q.analyzer.Terms(text))
		u.words = analysis.CountWords(text)
		u.carries = carried(text, b.Kind, q.wants.relevant())
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

// mostInSentence is the maximum number of words of a real sentence. A longer one is a list without
// markers, text from a picture, or a table without line breaks, and is cut into parts of partWords.
const (
	mostInSentence = 90
	partWords      = 40
)

// bounded splits a text that is longer than mostInSentence.
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

// link decides whether unit n depends on the unit before it, and sets its field leans.
func (s *section) link(n int) {
	if n == 0 {
		s.units[n].leans = false
		return
	}
	u, before := &s.units[n], &s.units[n-1]
	u.leans = u.leans && (before.block == u.block || before.kind == chunk.Code) ||
		before.kind == chunk.Code && startsLow(u.text)
	if u.kind == chunk.Code && before.kind != chunk.Row { // the unit before the code introduces it
		u.leans = true
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var (
	// itemMarker matches the marker of an item, which is all of an empty one.
	itemMarker = lazyregexp.New(`^\s*(?:>\s*)*(?:[-*+•‣◦–]|\(?\d{1,4}[.)]|\(?[a-zA-Z][.)]|#\.)` +
		`(?:\s+(?:\[[ xX]\](?:\s+|$))?|$)`)
	quoteMarks = lazyregexp.New(`(?m)^\s*(?:>\s?)+`)
	// anaphor matches the start of a sentence that depends on the one before.
	anaphor = lazyregexp.New(`^(?:It|This|That|They|These|Those|Both|Such|So|Then|Otherwise|Either|` +
		`Neither|Without (?:it|one|them)|With (?:it|one|them)|But|And|Its|Their|However|Instead|Er|Sie|Es|` +
		`Dies\w*|Dann|Sonst)\b`)
	// definition matches questions for the meaning of something.
	definition = lazyregexp.New(`(?i)^\W*(?:what|who)(?:'s|\s+is|\s+are)\b`)
	is         = lazyregexp.New(`(?i)^(.{1,60}?)\s+(?:is|are|means|ist|sind)\s`)
)

// subject returns the words before the verb of a sentence that defines something, or "".
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
