package load

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A pdfPage is the content of one page after layout.
type pdfPage struct {
	Number   int // from 1
	Lines    []pdfLine
	Notes    []string
	Images   int
	Drawings int
	Fields   bool // the page has form fields
	Letters  int
	Unknown  int // characters whose font has no mapping to Unicode
	Failed   bool
	Slow     bool          // the page exceeded its time limit
	Spent    time.Duration // processor time spent on the page
}

// readPage reads and lays out a page, numbered from 1.
func (f *pdfFile) readPage(number int) pdfPage {
	raw, err := f.read(number - 1)
	if err != nil {
		return pdfPage{Number: number, Failed: true}
	}
	return pdfPage{
		Number: number, Lines: raw.layout(), Notes: raw.notes, Images: raw.images,
		Drawings: raw.drawings, Fields: raw.fields,
		Letters: len(raw.glyphs), Unknown: raw.unknown,
	}
}

// garbled reports whether most characters of a page are unknown.
func (p *pdfPage) garbled() bool { return p.Unknown*2 > p.Letters }

func (p *pdfPage) blank() bool { return len(p.Lines)+len(p.Notes) == 0 || p.garbled() }

// A pdfComposer builds the text of a document from its pages.
type pdfComposer struct {
	pages    []pdfPage
	outline  map[int][]pdfHeading // outline entries by page number, from 1
	tagged   bool                 // the structure tree has headings
	body     float32              // type size of most letters
	bold     bool                 // much of the text is bold, so bold does not mark headings
	headings []float32            // sizes above body, in descending order
	joins    map[string]bool      // forms of divided words that occur within lines, see dividedWords
}

func newPDFComposer(info pdfInfo, pages []pdfPage) *pdfComposer {
	c := &pdfComposer{pages: pages, outline: map[int][]pdfHeading{}}
	for _, h := range info.Outline {
		c.outline[h.Page+1] = append(c.outline[h.Page+1], h)
	}
	sizes := map[float32]int{}
	for _, p := range pages {
		for _, l := range p.Lines {
			sizes[sizeClass(l.Size)] += len(l.Text)
			c.tagged = c.tagged || l.Heading > 0
		}
	}
	most, bold, all := 0, 0, 0
	for _, p := range pages {
		for _, l := range p.Lines {
			if all += len(l.Text); l.Bold {
				bold += len(l.Text)
			}
		}
	}
	c.bold = bold*4 > all
	for size, n := range sizes {
		if n > most || n == most && size < c.body {
			c.body, most = size, n
		}
	}
	for _, size := range slices.Backward(slices.Sorted(maps.Keys(sizes))) {
		if size > c.body*1.12 && sizes[size] < most/2 {
			c.headings = append(c.headings, size)
		}
	}
	dropRunningHeads(pages, c.body)
	c.joins = dividedWords(pages)
	return c
}

func sizeClass(size float32) float32 { return float32(math.Round(float64(size)*2) / 2) }

// page returns the text of a page as Markdown.
func (c *pdfComposer) page(i int) string {
	p := &c.pages[i]
	if p.garbled() {
		return strings.Join(p.Notes, "\n\n")
	}
	var lines []string
	empty := func() {
		if n := len(lines); n > 0 && lines[n-1] != "" {
			lines = append(lines, "")
		}
	}
	usual := leading(p.Lines)
	ends := columnEnds(p.Lines)
	for at := 0; at < len(p.Lines); {
		l := p.Lines[at]
		if at > 0 && breaks(p.Lines, at, usual, ends) {
			empty()
		}
		fresh := at == 0 || len(lines) > 0 && lines[len(lines)-1] == ""
		level, n := c.level(p.Lines[at:], fresh)
		if level > 0 {
			text := l.Text
			for _, more := range p.Lines[at+1 : at+n] {
				text += " " + more.Text
			}
			empty()
			lines = append(lines, strings.Repeat("#", level)+" "+text, "")
			at += n
			continue
		}
		text := tidyLine(l.Text)
		if k := len(lines) - 1; k >= 0 && lines[k] != "" && l.Cells == 1 {
			if joined, ok := c.join(lines[k], l.Text); ok {
				lines[k] = joined
				at++
				continue
			}
		}
		lines = append(lines, text)
		at++
	}
	lines = markHeadings(lines, c.outline[p.Number])
	for _, note := range p.Notes {
		lines = append(lines, "", note)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// level returns the level of a heading that begins with the first line, and its number of lines;
// zeros when the line is not a heading. fresh says that a gap separates the line from the previous
// one.
func (c *pdfComposer) level(lines []pdfLine, fresh bool) (level, n int) {
	first := lines[0]
	if c.tagged {
		if first.Heading == 0 {
			return 0, 0
		}
		for n < len(lines) && n < 4 && lines[n].Heading == first.Heading &&
			sizeClass(lines[n].Size) == sizeClass(first.Size) {
			n++
		}
		return first.Heading, n
	}
	if len(c.outline) > 0 {
		return 0, 0
	}
	if !strings.ContainsFunc(first.Text, unicode.IsLetter) {
		return 0, 0
	}
	rank := slices.Index(c.headings, sizeClass(first.Size))
	if rank < 0 {
		if fresh && c.isBoldHeading(lines) {
			return min(len(c.headings)+1, 4), 1
		}
		return 0, 0
	}
	letters := 0
	for n < len(lines) && sizeClass(lines[n].Size) == sizeClass(first.Size) && lines[n].Column == first.Column {
		letters += len(lines[n].Text)
		n++
	}
	if n > 3 || letters > 200 {
		return 0, 0
	}
	return min(rank+1, 4), n
}

// isBoldHeading reports whether the first line, of body size, is a heading because it is bold and
// precedes text that is not.
func (c *pdfComposer) isBoldHeading(lines []pdfLine) bool {
	l := lines[0]
	return l.Bold && !c.bold && l.Cells == 1 && len(l.Text) <= 80 && beginsTitle(l.Text) &&
		!strings.ContainsRune(".,;:", lastRune(l.Text)) &&
		len(lines) > 1 && !lines[1].Bold && lines[1].Cells == 1 && lines[1].Column == l.Column
}

// leading returns the usual distance between the lines of a page, as a multiple of the type size.
func leading(lines []pdfLine) float32 {
	var distances []float32
	for i := range lines {
		if i > 0 && lines[i].Column == lines[i-1].Column {
			if d := lines[i-1].Y - lines[i].Y; d > 0 {
				distances = append(distances, d/max(lines[i].Size, 1))
			}
		}
	}
	if len(distances) == 0 {
		return 1.5
	}
	slices.Sort(distances)
	return distances[(len(distances)-1)/4] // the lower quartile: distances within paragraphs
}

// columnEnds returns the right end of the longest line of each column.
func columnEnds(lines []pdfLine) map[int]float32 {
	ends := map[int]float32{}
	for _, l := range lines {
		if x, ok := ends[l.Column]; !ok || l.X1 > x {
			ends[l.Column] = l.X1
		}
	}
	return ends
}

// breaks reports whether a new paragraph begins with the line at an index.
func breaks(lines []pdfLine, at int, usual float32, ends map[int]float32) bool {
	before, l := lines[at-1], lines[at]
	size := max(l.Size, before.Size, 1)
	sentence := strings.ContainsRune(".!?:;。！？", lastRune(before.Text))
	switch {
	case l.Column != before.Column:
		return sentence || !beginsLower(l.Text)
	case sizeClass(l.Size) != sizeClass(before.Size) && abs32(l.Size-before.Size) > 0.1*size && l.Cells == 1:
		return true
	case before.Y-l.Y > (usual*1.3+0.05)*size:
		return true
	case l.Cells > 1 && before.Cells > 1:
		return false
	case l.Bold != before.Bold && len(before.Text) > 0 && before.Bold && !sentence &&
		beginsTitle(before.Text) && beginsTitle(l.Text):
		return true
	case sentence && before.X1 < ends[before.Column]-0.15*(ends[before.Column]-before.X0):
		return true
	}
	return sentence && l.X0 > before.X0+0.8*size && l.X0 < before.X0+4*size
}

func beginsLower(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}

func beginsTitle(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) || unicode.IsDigit(r) || !unicode.IsLower(r) && unicode.IsLetter(r)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// divided returns the two parts of a word that is hyphenated at the end of a line.
func divided(line, next string) (head, tail string, ok bool) {
	cut := strings.TrimRight(line, "-\u2010\u00ad")
	if cut == line || len(line)-len(cut) > 3 || !beginsLower(next) {
		return "", "", false
	}
	head = cut[strings.LastIndexFunc(cut, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	if i := strings.IndexFunc(next, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		next = next[:i]
	}
	return head, next, utf8.RuneCountInString(head) > 1
}

// join appends the next line to one that ends within a word. The hyphen is removed unless the
// document writes the word with a hyphen elsewhere. ok is false when the line does not end within a
// word.
func (c *pdfComposer) join(line, next string) (string, bool) {
	head, tail, ok := divided(line, next)
	if !ok {
		return "", false
	}
	if c.joins[head+"-"+tail] && !c.joins[head+tail] {
		return line + next, true
	}
	return strings.TrimRight(line, "-\u2010\u00ad") + next, true
}

// dividedWords looks up the words hyphenated at line ends, with and without their hyphen, and
// reports which of these forms occur within lines.
func dividedWords(pages []pdfPage) map[string]bool {
	wanted := map[string]bool{}
	for _, p := range pages {
		for i := 1; i < len(p.Lines); i++ {
			if head, tail, ok := divided(p.Lines[i-1].Text, p.Lines[i].Text); ok {
				wanted[head+tail], wanted[head+"-"+tail] = false, false
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	for _, p := range pages {
		for _, l := range p.Lines {
			for w := range strings.FieldsFuncSeq(l.Text,
				func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) {
				if _, ok := wanted[w]; ok {
					wanted[w] = true
				}
			}
		}
	}
	return wanted
}
