package load

import (
	"bytes"
	"strconv"
	"strings"
)

// htmlLists are the open lists of a page, outermost first. They number the items of ordered lists
// (<ol>).
type htmlLists struct {
	open   []htmlList
	beyond int    // lists open inside the innermost one of open that are not recorded
	label  string // number of the open item: "3."; "": a bullet
}

// maxHTMLLists is how many nested lists are recorded.
const maxHTMLLists = 100

// An htmlList is a list, or the attributes of one of its items.
type htmlList struct {
	ordered  bool
	reversed bool
	plain    bool   // a style hides the numbers
	format   string // see formatNumber
	number   int    // of the next item
	numbered bool   // number is given by an attribute
	noteRef  bool   // the element refers to a note and is not a list
}

// attribute records an attribute of <ol>, <ul> or <li>.
func (l *htmlList) attribute(key, value []byte) {
	switch string(key) {
	case "start", "value":
		if n, err := strconv.Atoi(strings.TrimSpace(string(value))); err == nil {
			l.number, l.numbered = n, true
		}
	case "reversed":
		l.reversed = true
	case "type":
		l.format = map[string]string{"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}[string(value)]
	case "epub:type":
		l.noteRef = string(value) == "noteref"
	case "style":
		l.plain = bytes.Contains(value, []byte("list-style")) && bytes.Contains(value, []byte("none"))
	}
}

// begin opens a list with the given attributes.
func (h *htmlLists) begin(name string, l htmlList) {
	if len(h.open) == maxHTMLLists {
		h.beyond++
		return
	}
	if !l.numbered {
		l.number = 1
	}
	// Without a start, the first number of a reversed list is the number of its items, which are not
	// read yet.
	l.ordered = name == "ol" && !l.plain && (!l.reversed || l.numbered)
	h.open = append(h.open, l)
}

// end closes the innermost list.
func (h *htmlLists) end() {
	if h.beyond > 0 {
		h.beyond--
	} else if n := len(h.open); n > 0 {
		h.open = h.open[:n-1]
	}
}

// item begins an item with the given attributes.
func (h *htmlLists) item(attributes htmlList) {
	h.label = ""
	if len(h.open) == 0 || h.beyond > 0 {
		return
	}
	l := &h.open[len(h.open)-1]
	if !l.ordered {
		return
	}
	if attributes.numbered {
		l.number = attributes.number
	}
	format := l.format
	if l.number < 1 || l.number > 999 { // letters and Roman numerals would be long
		format = ""
	}
	h.label = formatNumber(l.number, format) + "."
	if l.reversed {
		l.number--
	} else {
		l.number++
	}
}

// write writes the first block of the open item.
func (h *htmlLists) write(out *builder, s string) {
	out.orderedItem(len(h.open)-1, h.label, s)
}
