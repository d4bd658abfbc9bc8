package load

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// Thresholds for distances between characters, as shares of the type size.
const (
	blankGap   = 0.1 // a wider gap between two characters is a blank
	wordBack   = 0.5 // a larger step back begins a new word
	segmentGap = 0.8 // a wider gap divides a row into segments
	sameLine   = 0.3 // baselines closer than this belong to one row
)

// A pdfWord is a run of characters without a blank.
type pdfWord struct {
	text    []rune
	x0, x1  float32
	y       float32
	size    float32
	bold    bool
	content int
	blank   bool // a blank follows the word
}

// A pdfSegment is a run of words in a row without a wide gap. Segments of a row may belong to
// different columns.
type pdfSegment struct {
	words  []pdfWord
	x0, x1 float32
}

// A pdfRow is the text on one baseline.
type pdfRow struct {
	y        float32
	size     float32 // type size of its largest word
	segments []pdfSegment
}

// words joins the characters that run in one direction into words, in drawing order.
func (raw *pdfRaw) words(direction int8) (words []pdfWord) {
	var w pdfWord
	end := func() {
		if len(w.text) > 0 {
			words = append(words, w)
		}
		w = pdfWord{}
	}
	for _, g := range raw.glyphs {
		s := raw.styles[g.style]
		if s.direction != direction {
			continue
		}
		if unicode.IsSpace(g.r) || g.r == 0xa0 {
			w.blank = true
			end()
			continue
		}
		if len(w.text) > 0 {
			size := min(w.size, s.size)
			if gap := g.x0 - w.x1; gap > blankGap*size || gap < -wordBack*size ||
				abs32(g.y-w.y) > 0.2*size || s.content != w.content {
				end()
			}
		}
		if len(w.text) == 0 {
			w = pdfWord{x0: g.x0, x1: g.x1, y: g.y, size: s.size, bold: s.bold, content: s.content}
		}
		w.text = append(w.text, g.r)
		w.x0, w.x1 = min(w.x0, g.x0), max(w.x1, g.x1)
	}
	end()
	return words
}

// rowsOf groups words into rows, sorted from top to bottom.
func rowsOf(words []pdfWord) (rows []pdfRow) {
	slices.SortStableFunc(words, func(a, b pdfWord) int { return cmp.Compare(b.y, a.y) })
	for start := 0; start < len(words); {
		base, end := words[start], start+1
		// The baseline of a row is that of its largest word: subscripts and superscripts are off
		// it.
		for ; end < len(words); end++ {
			w := words[end]
			tolerance := sameLine * max(base.size, w.size)
			if differ := max(base.size, w.size) > 1.2*min(base.size, w.size); differ {
				tolerance = 0.5 * max(base.size, w.size)
			}
			if base.y-w.y > tolerance {
				break
			}
			if w.size > base.size*1.05 {
				base = w
			}
		}
		rows = append(rows, pdfRow{base.y, base.size, segmentsOf(words[start:end])})
		start = end
	}
	return rows
}

// segmentsOf splits the words of a row into segments at wide gaps.
func segmentsOf(words []pdfWord) (segments []pdfSegment) {
	slices.SortStableFunc(words, func(a, b pdfWord) int { return cmp.Compare(a.x0, b.x0) })
	for start, i := 0, 0; i < len(words); i++ {
		if n := i + 1; n == len(words) || words[n].x0-words[i].x1 > segmentGap*max(words[i].size, words[n].size) {
			segments = append(segments, pdfSegment{words[start:n:n], words[start].x0, words[i].x1})
			start = n
		}
	}
	for i := range segments {
		for _, w := range segments[i].words {
			segments[i].x1 = max(segments[i].x1, w.x1)
		}
	}
	return segments
}

func abs32(f float32) float32 { return max(f, -f) }

// A pdfLine is a line of a page's text.
type pdfLine struct {
	Text    string
	Size    float32 // type size in points
	Bold    bool
	Heading int // heading level in the structure tree; 0: none
	Cells   int // number of segments
	Column  int // index of its column, or of the block between columns
	X0, X1  float32
	Y       float32 // height of the baseline above the bottom of the page
}

// line converts a row to a line of text.
func (r pdfRow) line(headings map[int]int) pdfLine {
	l := pdfLine{Cells: len(r.segments), Y: r.y, X0: math.MaxFloat32, X1: -math.MaxFloat32}
	var text []rune
	letters, bold := 0, 0
	sizes := map[float32]int{}
	var before *pdfWord
	heading, others := 0, 0
	for _, s := range r.segments {
		l.X0, l.X1 = min(l.X0, s.x0), max(l.X1, s.x1)
		for i := range s.words {
			w := &s.words[i]
			if before != nil && (before.blank || w.x0-before.x1 > blankGap*max(w.size, before.size)) {
				text = append(text, ' ')
			}
			text = append(text, w.text...)
			before = w
			n := len(w.text)
			letters += n
			sizes[w.size] += n
			if w.bold {
				bold += n
			}
			if level := headings[w.content]; level > 0 {
				heading = level
			} else {
				others += n
			}
		}
	}
	most := 0
	for size, n := range sizes {
		if n > most || n == most && size > l.Size {
			l.Size, most = size, n
		}
	}
	if others*4 < letters {
		l.Heading = heading
	}
	l.Bold = bold*10 >= letters*9
	l.Text = tidy(readable(logical(text)))
	return l
}

// logical reorders characters that are sorted from left to right into reading order.
func logical(line []rune) string {
	right, left := 0, 0
	for _, r := range line {
		switch classOf(r) {
		case bidi.R, bidi.AL:
			right++
		case bidi.L:
			left++
		}
	}
	if right == 0 {
		return string(line)
	}
	reversed := right > left
	if reversed {
		slices.Reverse(line)
	}
	// Runs against the direction of the line are reversed: words of the other direction and, in a
	// right-to-left line, numbers.
	against := func(r rune) bool {
		switch c := classOf(r); c {
		case bidi.R, bidi.AL:
			return !reversed
		case bidi.L, bidi.EN, bidi.AN:
			return reversed
		}
		return false
	}
	for i := 0; i < len(line); i++ {
		if !against(line[i]) {
			continue
		}
		end := i + 1
		for n := end; n < len(line); n++ {
			if against(line[n]) {
				end = n + 1
			} else if c := classOf(line[n]); c == bidi.R || c == bidi.AL || c == bidi.L {
				break
			}
		}
		slices.Reverse(line[i:end])
		i = end
	}
	return string(line)
}

func classOf(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// readable replaces ligatures and presentation forms by plain letters, and combines accents that
// are drawn before their letter with it.
func readable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r > 0x7f }) < 0 {
		return s
	}
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if mark, ok := accents[r]; ok && i+1 < len(runes) && unicode.IsLetter(runes[i+1]) {
			if joined := []rune(norm.NFC.String(string([]rune{runes[i+1], mark}))); len(joined) == 1 {
				b.WriteRune(joined[0])
				i++
				continue
			}
		}
		if r >= 0xfb00 && r <= 0xfdff || r >= 0xfe70 && r <= 0xfefc {
			b.WriteString(norm.NFKC.String(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// accents maps accents that typesetting programs draw as separate characters, before their letter,
// to combining marks.
var accents = map[rune]rune{
	'´': 0x301, '¨': 0x308, '˜': 0x303, 'ˆ': 0x302, '¸': 0x327, 'ˇ': 0x30c, '˘': 0x306, '˚': 0x30a,
	'˝': 0x30b, '¯': 0x304, '˙': 0x307, '˛': 0x328,
}
