package load

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// headLines is how many lines at the top and at the bottom of a page may be running heads.
const headLines = 3

// dropRunningHeads removes page numbers, and headers and footers that repeat, except for their
// first occurrence. A line repeats when nearby pages have the same text at the same height, apart
// from a number that grows with the pages. Lines larger than the body text are kept, because titles
// of slides repeat too.
func dropRunningHeads(pages []pdfPage, body float32) {
	type place struct {
		text string
		y    int
	}
	type line struct {
		at    int      // index in the page's lines
		forms []string // see headForms
		y     int
	}
	edges := make([][]line, len(pages))
	seen := map[place][]int{} // indices of the pages on which a form of a line occurs
	bottom, top := extent(pages)
	margin := (top - bottom) / 9
	for i, p := range pages {
		byHeight := make([]int, len(p.Lines))
		for k := range byHeight {
			byHeight[k] = k
		}
		slices.SortStableFunc(byHeight, func(a, b int) int { return cmp.Compare(p.Lines[b].Y, p.Lines[a].Y) })
		for k, at := range byHeight {
			l := p.Lines[at]
			if k >= headLines && k < len(byHeight)-headLines || l.Size > 1.15*body ||
				l.Y < top-margin && l.Y > bottom+margin {
				continue
			}
			e := line{at, headForms(l.Text, p.Number), int(math.Round(float64(l.Y) / 4))}
			edges[i] = append(edges[i], e)
			for _, form := range e.forms {
				seen[place{form, e.y}] = append(seen[place{form, e.y}], i)
			}
		}
	}
	const within = 6 // pages; headers change with the chapter and between left and right pages
	repeated := func(form string, y, page int) bool {
		near := 0
		for dy := -1; dy <= 1; dy++ {
			for _, k := range seen[place{form, y + dy}] {
				if k >= page-within && k <= page+within {
					near++
				}
			}
		}
		return near >= 3
	}
	written := map[string]bool{}
	for i := range pages {
		drop := map[int]bool{}
		for _, e := range edges[i] {
			text := pages[i].Lines[e.at].Text
			if isPageNumber(text, pages[i].Number) {
				drop[e.at] = true
				continue
			}
			for _, form := range e.forms {
				if repeated(form, e.y, i) {
					drop[e.at] = written[form] ||
						!strings.ContainsFunc(strings.Replace(form, pageMark, "", 1), unicode.IsLetter)
					written[form] = true
					break
				}
			}
		}
		if len(drop) == len(pages[i].Lines) {
			continue // the page has no other text
		}
		var kept []pdfLine
		for k, l := range pages[i].Lines {
			if !drop[k] {
				kept = append(kept, l)
			}
		}
		pages[i].Lines = kept
	}
}

// extent returns the heights of the lowest and the highest line of all pages.
func extent(pages []pdfPage) (bottom, top float32) {
	bottom, top = math.MaxFloat32, -math.MaxFloat32
	for _, p := range pages {
		for _, l := range p.Lines {
			bottom, top = min(bottom, l.Y), max(top, l.Y)
		}
	}
	return bottom, top
}

// pageMark marks a number that grows with the pages in a form of a line; see headForms.
const pageMark = "\x00"

var pageNumbers = regexp.MustCompile(`\d+|\b[ivxlc]+\b`)

// headForms returns the forms under which a line is compared between pages: the line itself, and
// for each of its first numbers the line with that number replaced by its difference to the page
// number. Headers of neighbouring pages share a form.
func headForms(s string, page int) []string {
	const most = 4
	forms := []string{s}
	for _, at := range pageNumbers.FindAllStringIndex(s, most) {
		n, err := strconv.Atoi(s[at[0]:at[1]])
		if err != nil {
			if n = romanValue(s[at[0]:at[1]]); n == 0 {
				continue
			}
		}
		forms = append(forms, fmt.Sprintf("%s%s%d%s", s[:at[0]], pageMark, n-page, s[at[1]:]))
	}
	// The unchanged line comes last: most repeated lines contain a page number.
	slices.Reverse(forms)
	return forms
}

// romanValue returns the value of a Roman numeral in lower case; 0 when s is none.
func romanValue(s string) (n int) {
	values := map[byte]int{'i': 1, 'v': 5, 'x': 10, 'l': 50, 'c': 100}
	for i := range len(s) {
		v := values[s[i]]
		if i+1 < len(s) && v < values[s[i+1]] {
			v = -v
		}
		n += v
	}
	return max(n, 0)
}

// isPageNumber reports whether a line consists of the page's number only.
func isPageNumber(s string, page int) bool {
	return strings.Trim(s, " -–—.|/[]()") == strconv.Itoa(page)
}
