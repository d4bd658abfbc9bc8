package load

import (
	"fmt"
	"strings"

	"weft/rag/lazyregexp"
)

// isXHTML reports whether a page is written as XML, in which every element may end itself.
func isXHTML(page string) bool {
	head := strings.TrimSpace(page[:min(len(page), 2048)])
	return strings.HasPrefix(head, "<?xml") || strings.Contains(head, `xmlns="http://www.w3.org/1999/xhtml"`)
}

// emptyRaw matches the elements whose text HTML does not parse, where they end themselves.
var emptyRaw = lazyregexp.New(`(?i)<(title|script|style|textarea|iframe|noscript|noembed|noframes|xmp)((?:\s[^<>]*)?)/>`)

// closeEmptyElements gives these elements an end that a tokenizer of HTML sees: it would take all that
// follows <title/> for the title. No line moves.
func closeEmptyElements(page string) string { return emptyRaw.ReplaceAllString(page, "<$1$2></$1>") }

// unread counts what a page shows and has no text for.
type unread struct{ pictures, drawings, pages, media int }

// element counts an element that is not read.
func (u *unread) element(name string) {
	switch name {
	case "img":
		u.pictures++
	case "svg", "canvas":
		u.drawings++
	case "iframe", "object":
		u.pages++
	case "audio", "video":
		u.media++
	}
}

// notes says what was not read.
func (u *unread) notes() []string {
	var list []string
	for _, kind := range []struct {
		n    int
		what string
	}{{u.pictures, "pictures without a description"}, {u.drawings, "drawings"}, {u.pages, "embedded pages"}, {u.media, "recordings"}} {
		if kind.n > 0 {
			list = append(list, fmt.Sprintf("%s that are not read: %d", kind.what, kind.n))
		}
	}
	return list
}
