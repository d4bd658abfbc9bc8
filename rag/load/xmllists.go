package load

import (
	"encoding/xml"
	"strconv"
)

// An xmlList is an open list of DocBook or JATS.
type xmlList struct {
	ordered bool
	format  string // see formatNumber
	number  int    // of the last item
}

// listFormats are the formats of numbers, by the values of DocBook's numeration and of JATS's
// list-type.
var listFormats = map[string]string{
	"loweralpha": "lowerLetter", "upperalpha": "upperLetter", "lowerroman": "lowerRoman", "upperroman": "upperRoman",
	"alpha-lower": "lowerLetter", "alpha-upper": "upperLetter", "roman-lower": "lowerRoman", "roman-upper": "upperRoman",
	"arabic": "decimal", "order": "decimal",
}

func (x *xmlDocument) beginList(t xml.StartElement) {
	l := xmlList{format: listFormats[attrOf(t.Attr, "numeration")]}
	switch t.Name.Local {
	case "orderedlist", "procedure", "substeps":
		l.ordered = true
	case "list":
		l.format = listFormats[attrOf(t.Attr, "list-type")]
		l.ordered = l.format != ""
	}
	if start, err := strconv.Atoi(attrOf(t.Attr, "startingnumber")); err == nil && start > 0 && start < 1e6 {
		l.number = start - 1
	}
	x.lists = append(x.lists, l)
}

func (x *xmlDocument) beginItem() {
	x.item, x.number = true, ""
	if n := len(x.lists); n > 0 && x.lists[n-1].ordered {
		l := &x.lists[n-1]
		l.number++
		format := l.format
		if l.number > 999 { // letters and Roman numerals would be long
			format = ""
		}
		x.number = formatNumber(l.number, format) + "."
	}
}
