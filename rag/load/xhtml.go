package load

import (
	"fmt"
	"strings"

	"weft/rag/lazyregexp"
)

// isXHTML reports whether a page is XML, in which any element may be self-closing.
func isXHTML(page string) bool {
	head := strings.TrimSpace(page[:min(len(page), 2048)])
	return strings.HasPrefix(head, "<?xml") || strings.Contains(head, `xmlns="http://www.w3.org/1999/xhtml"`)
}

// emptyRaw matches self-closing elements whose content HTML treats as raw text.
var emptyRaw = lazyregexp.New(`(?i)<(title|script|style|textarea|iframe|noscript|noembed|noframes|xmp)((?:\s[^<>]*)?)/>`)

// closeEmptyElements adds an end tag to self-closing raw-text elements. Without one, a tokenizer
// for HTML would take everything after <title/> as the title. The number of lines does not change.
func closeEmptyElements(page string) string { return emptyRaw.ReplaceAllString(page, "<$1$2></$1>") }

// unread counts the visible elements of a page that have no text.
type unread struct{ pictures, drawings, pages, media int }

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

// notes returns a note for each kind of element that was not read.
func (u *unread) notes() []string {
	var list []string
	for _, kind := range []struct {
		n    int
		what string
	}{{u.pictures, "pictures without a description"}, {u.drawings, "drawings"},
		{u.pages, "embedded pages"}, {u.media, "recordings"}} {
		if kind.n > 0 {
			list = append(list, fmt.Sprintf("%s that are not read: %d", kind.what, kind.n))
		}
	}
	return list
}
