package load

import (
	"bytes"
	"context"
	"path"
	"strings"
)

// An odfFile is an OpenDocument file (ISO/IEC 26300): a package of parts, or a single ("flat") XML
// file.
type odfFile struct {
	p    *packed
	flat []byte // nil for a package
	ctx  context.Context
}

// openODF opens an OpenDocument file of either form.
func openODF(ctx context.Context, data []byte) (*odfFile, error) {
	if head := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n"); bytes.HasPrefix(head, []byte("<?xml")) ||
		bytes.HasPrefix(head, []byte("<office:")) {
		return &odfFile{flat: data, ctx: ctx}, nil
	}
	p, err := openPacked(data)
	if err != nil {
		return nil, err
	}
	if p.part("content.xml") == nil {
		return nil, lacks("content.xml")
	}
	encrypted := false
	if err := p.walk(ctx, "META-INF/manifest.xml", xmlHandler{start: func(name string, _ func(string) string) {
		encrypted = encrypted || name == "encryption-data"
	}}, nil); err != nil {
		return nil, err
	}
	if encrypted {
		return nil, &Error{Reason: Encrypted, Detail: "is encrypted: save it without a password"}
	}
	return &odfFile{p: p, ctx: ctx}, nil
}

func (f *odfFile) walk(part string, h xmlHandler, stop func() bool) error {
	if f.flat != nil {
		return walkXML(f.ctx, bytes.NewReader(f.flat), h, stop)
	}
	return f.p.walk(f.ctx, part, h, stop)
}

// properties returns the title and the date of the document; "" for what it lacks.
func (f *odfFile) properties() (title, date string) {
	var c dublinCore
	meta := 0
	_ = f.walk("meta.xml", xmlHandler{ // the properties are optional, so errors are ignored
		start: func(name string, _ func(string) string) {
			if name == "meta" {
				meta++
			}
			if meta > 0 {
				c.begin(name)
			}
		},
		end: func(name string) {
			if name == "meta" {
				meta--
			}
			c.in = nil
		},
		text: c.text,
	}, nil)
	return c.title.String(), c.date()
}

// An odfStyle holds the properties of a style that matter for the text.
type odfStyle struct {
	parent string
	list   string // name of the list style of its paragraphs
	hidden bool   // text, sheets or slides with this style are not displayed
	script string // "super 58%", "sub", "-33% 58%"; "": on the line
}

// odfStyles are the styles of a document, its list styles and the numbering of its headings.
type odfStyles struct {
	byName  map[string]odfStyle
	lists   map[string]*[10]odfLevel
	outline *[10]odfLevel
	margins []*node // page headers and footers
}

// An odfLevel describes the numbering of one level of a list.
type odfLevel struct {
	format, prefix, suffix string
	pattern                string // such as "%1%.%2%"; "" when it is not given
	levels                 int    // how many levels the label shows
	start                  int
}

// styles reads the styles of the document. It stops at the body of a package's content part.
func (f *odfFile) styles() (*odfStyles, error) {
	s := &odfStyles{byName: map[string]odfStyle{}, lists: map[string]*[10]odfLevel{}}
	handler := xmlHandler{
		whole: func(name string) bool {
			switch name {
			case "style", "list-style", "outline-style", "header", "footer", "body":
				return true
			}
			return false
		},
		tree: func(n *node) {
			switch n.name {
			case "style":
				display := n.child("text-properties").attr("display")
				s.byName[n.attr("family")+"/"+n.attr("name")] = odfStyle{
					parent: n.attr("parent-style-name"), list: n.attr("list-style-name"),
					hidden: display == "none" || n.child("table-properties").attr("display") == "false" ||
						n.child("drawing-page-properties").attr("visibility") == "hidden",
					script: n.child("text-properties").attr("text-position"),
				}
			case "list-style":
				s.lists[n.attr("name")] = odfLevels(n)
			case "outline-style":
				s.outline = odfLevels(n)
			case "header", "footer":
				if n.find("p") != nil {
					s.margins = append(s.margins, n)
				}
			}
		},
	}
	if f.flat != nil { // the body may be large and is not built as a tree
		handler.whole = func(name string) bool {
			return name == "style" || name == "list-style" || name == "outline-style"
		}
		return s, f.walk("", handler, nil)
	}
	if err := f.walk("styles.xml", handler, nil); err != nil {
		return nil, err
	}
	content := handler
	content.whole = func(name string) bool { return name == "style" || name == "list-style" }
	inBody := false
	content.start = func(name string, _ func(string) string) { inBody = inBody || name == "body" }
	return s, f.walk("content.xml", content, func() bool { return inBody })
}

func odfLevels(n *node) *[10]odfLevel {
	levels := &[10]odfLevel{}
	for _, k := range n.kids {
		at := numberIn(k.attr("level"))
		if at < 1 || at > len(levels) {
			continue
		}
		l := odfLevel{format: odfFormat(k.attr("num-format")), prefix: k.attr("num-prefix"),
			suffix: k.attr("num-suffix"), pattern: k.attr("num-list-format"),
			levels: max(numberIn(k.attr("display-levels")), 1), start: 1}
		if k.name == "list-level-style-bullet" || k.name == "list-level-style-image" {
			l.format = "bullet"
		}
		if start := k.attr("start-value"); start != "" {
			l.start = numberIn(start)
		}
		levels[at-1] = l
	}
	return levels
}

// odfFormat translates a number format of OpenDocument to the name that [formatNumber] understands.
func odfFormat(s string) string {
	switch {
	case s == "":
		return "none"
	case s == "a":
		return "lowerLetter"
	case s == "A":
		return "upperLetter"
	case s == "i":
		return "lowerRoman"
	case s == "I":
		return "upperRoman"
	case strings.HasPrefix(s, "一"):
		return "chineseCounting"
	case strings.HasPrefix(s, "①"):
		return "decimalEnclosedCircle"
	}
	return "decimal"
}

// odfLabel formats the number of a paragraph at a level, counted from 0. It returns "" for a bullet
// and for no numbering.
func odfLabel(levels *[10]odfLevel, counts *[10]int, at int) string {
	own := levels[at]
	if own.format == "bullet" || own.format == "none" || own.format == "" {
		return ""
	}
	number := func(i int) string {
		if counts[i] == 0 {
			return formatNumber(max(levels[i].start, 1), levels[i].format)
		}
		return formatNumber(counts[i], levels[i].format)
	}
	if own.pattern != "" {
		s := own.pattern
		for i := range levels {
			if place := "%" + formatNumber(i+1, "decimal") + "%"; strings.Contains(s, place) {
				s = strings.ReplaceAll(s, place, number(i))
			}
		}
		return tidy(s)
	}
	var parts []string
	for i := max(at-own.levels+1, 0); i <= at; i++ {
		if s := number(i); s != "" {
			parts = append(parts, s)
		}
	}
	return tidy(own.prefix + strings.Join(parts, ".") + own.suffix)
}

// hidden reports whether a style, or one it is based on, hides its content.
func (s *odfStyles) hidden(family, name string) bool {
	for range maxChain {
		style, ok := s.byName[family+"/"+name]
		if !ok {
			return false
		}
		if style.hidden {
			return true
		}
		name = style.parent
	}
	return false
}

// script returns 1 if a style of text makes superscripts, -1 for subscripts, and 0 otherwise.
func (s *odfStyles) script(name string) int {
	for range maxChain {
		style, ok := s.byName["text/"+name]
		switch position := style.script; {
		case !ok, strings.HasPrefix(position, "0%"):
			return 0
		case strings.HasPrefix(position, "sub"), strings.HasPrefix(position, "-"):
			return -1
		case position != "":
			return 1
		}
		name = style.parent
	}
	return 0
}

// object returns the root of an embedded object, a formula or a chart; nil when it is not part of
// the package.
func (f *odfFile) object(href string) (*node, error) {
	if f.p == nil || strings.Contains(href, "://") {
		return nil, nil
	}
	return f.p.tree(f.ctx, path.Join(strings.TrimPrefix(href, "./"), "content.xml"))
}
