package load

import (
	"bytes"
	"context"
	"path"
	"strings"
)

// An odfFile is an OpenDocument file (ISO/IEC 26300): a package of parts, or one file of XML that
// holds them all.
type odfFile struct {
	p    *packed
	flat []byte // nil for a package
	ctx  context.Context
}

// openODF opens one.
func openODF(ctx context.Context, data []byte) (*odfFile, error) {
	if head := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n"); bytes.HasPrefix(head, []byte("<?xml")) || bytes.HasPrefix(head, []byte("<office:")) {
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

// title reads the document's title.
func (f *odfFile) title() string {
	title, meta, inside := "", 0, false
	_ = f.walk("meta.xml", xmlHandler{ // a title that cannot be read is none
		start: func(name string, _ func(string) string) {
			if name == "meta" {
				meta++
			}
			inside = name == "title" && meta > 0 && title == ""
		},
		end: func(name string) {
			if name == "meta" {
				meta--
			}
			inside = false
		},
		text: func(s string) {
			if inside {
				title += s
			}
		},
	}, nil)
	return title
}

// An odfStyle is what a style says.
type odfStyle struct {
	parent string
	list   string // the style of lists that numbers its paragraphs
	hidden bool   // of texts, sheets and slides
}

// odfStyles are the styles of a document, by family and name, and its ways to number lists and
// headings.
type odfStyles struct {
	byName  map[string]odfStyle
	lists   map[string]*[10]odfLevel
	outline *[10]odfLevel
	margins []*node // what stands at the head and the foot of pages
}

// An odfLevel is how one level of a list is numbered.
type odfLevel struct {
	format, prefix, suffix string
	pattern                string // "%1%.%2%" where it is given
	levels                 int    // how many levels are shown
	start                  int
}

// styles reads the styles of a document.
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
	if f.flat != nil { // its body may be large: it is passed over
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
		l := odfLevel{format: odfFormat(k.attr("num-format")), prefix: k.attr("num-prefix"), suffix: k.attr("num-suffix"), pattern: k.attr("num-list-format"),
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

// odfFormat gives the name that Office files have for a format of numbers.
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

// odfLabel writes the number of a paragraph at a level from 0; "" for a bullet or none.
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

// hidden reports whether a style of a family hides what has it.
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

// object reads the part of an embedded object: a formula or a chart.
func (f *odfFile) object(href string) (*node, error) {
	if f.p == nil || strings.Contains(href, "://") {
		return nil, nil
	}
	return f.p.tree(f.ctx, path.Join(strings.TrimPrefix(href, "./"), "content.xml"))
}
