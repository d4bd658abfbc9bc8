package load

import (
	"slices"
	"strings"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// The limits of a PDF's outline: a damaged one goes in circles.
const (
	maxOutline      = 3000
	maxOutlineDepth = 6
)

// An outlineEntry is a heading that a PDF's outline names.
type outlineEntry struct {
	level int // from 1
	title string
}

// pdfOutline gives the entries of a PDF's outline by page, from 0. A page's own text shows where on it they stand.
func pdfOutline(instance pdfium.Pdfium, doc references.FPDF_DOCUMENT) map[int][]outlineEntry {
	pages := map[int][]outlineEntry{}
	left := maxOutline
	var visit func(parent *references.FPDF_BOOKMARK, level int)
	visit = func(parent *references.FPDF_BOOKMARK, level int) {
		first, err := instance.FPDFBookmark_GetFirstChild(&requests.FPDFBookmark_GetFirstChild{Document: doc, Bookmark: parent})
		if err != nil {
			return
		}
		for at := first.Bookmark; at != nil && left > 0; left-- {
			title, err := instance.FPDFBookmark_GetTitle(&requests.FPDFBookmark_GetTitle{Bookmark: *at})
			dest, err2 := instance.FPDFBookmark_GetDest(&requests.FPDFBookmark_GetDest{Document: doc, Bookmark: *at})
			if err == nil && err2 == nil && dest.Dest != nil {
				page, err := instance.FPDFDest_GetDestPageIndex(&requests.FPDFDest_GetDestPageIndex{Document: doc, Dest: *dest.Dest})
				if t := tidy(title.Title); err == nil && t != "" {
					pages[page.Index] = append(pages[page.Index], outlineEntry{level, t})
				}
			}
			if level < maxOutlineDepth {
				visit(at, level+1)
			}
			next, err := instance.FPDFBookmark_GetNextSibling(&requests.FPDFBookmark_GetNextSibling{Document: doc, Bookmark: *at})
			if err != nil {
				return
			}
			at = next.Bookmark
		}
	}
	visit(nil, 1)
	return pages
}

// markHeadings makes headings of the lines of a page that an outline names, in its order. A heading may be broken into up to three lines, and a number
// before it may be missing in the outline.
func markHeadings(lines []string, entries []outlineEntry) []string {
	bare := func(s string) string {
		return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '.' }), ""))
	}
	unnumbered := func(s string) string { return strings.TrimLeft(s, "0123456789") }
	from := 0
	for _, e := range entries {
		want := bare(e.title)
	search:
		for i := from; i < len(lines); i++ {
			if lines[i] == "" {
				continue
			}
			joined, text := "", ""
			for n := i; n < len(lines) && n < i+3; n++ {
				joined += bare(lines[n])
				text = strings.TrimSpace(text + " " + lines[n])
				if joined != want && (unnumbered(joined) != unnumbered(want) || unnumbered(want) == "") {
					if len(joined) > len(want)+8 {
						break
					}
					continue
				}
				heading := []string{"", strings.Repeat("#", e.level) + " " + text, ""}
				lines = slices.Replace(lines, i, n+1, heading...)
				from = i + len(heading)
				break search
			}
		}
	}
	var out []string
	for _, l := range lines { // one empty line is enough
		if l != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, l)
		}
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}
