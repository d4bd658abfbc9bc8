package load

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// readHTML reads a web page as Markdown. The place of each block is the line of the file where it
// begins.
//
// It works on tokens and builds no tree, so that nesting costs nothing and line numbers are known.
// Menus, scripts and form controls are left out. If the page marks its main part (<main>), only
// that part is read.
func readHTML(ctx context.Context, _ *Loader, in input) (Document, error) {
	return readPage(ctx, in, true)
}

// readPage reads a web page. lines says that lines of the page are lines of the file; without it,
// blocks get no places.
func readPage(ctx context.Context, in input, lines bool) (Document, error) {
	text, cut, encoding, ok := decodeHTML(in.data, in.opts.MaxText*5/2) // more than half is markup
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no page: it holds zero bytes"}
	}
	h := &htmlReader{out: &builder{max: in.opts.MaxText}, lines: lines}
	title, err := h.read(ctx, text, true)
	if err == nil && h.trimmed && h.out.b.Len() < 200 { // too little text: the page itself looked like a menu
		all := &htmlReader{out: &builder{max: in.opts.MaxText}, lines: lines}
		if _, err = all.read(ctx, text, false); all.out.b.Len() > 2*h.out.b.Len() {
			h = all
		}
	}
	if err != nil {
		return Document{}, err
	}
	full := h.out.full()
	doc := h.out.document()
	doc.Title, doc.Fields, doc.Notes = title, h.fields, h.unread.notes()
	doc.decoded(encoding)
	if !full && (cut || h.cut) {
		doc.Notes = append(doc.Notes, fmt.Sprintf(
			"only the first %s of its markup are read", bytesText(int64(h.offset))))
	}
	return doc, nil
}

// maxTokens is how many tokens (tags, and texts between them) of a page are read.
const maxTokens = 2_000_000

// An htmlReader writes the blocks of a page as it reads tokens.
type htmlReader struct {
	out   *builder
	lines bool // record the line of each block as its place

	text    []byte // text of the open block
	offset  int    // offset after the token
	cut     bool   // some tokens are not read
	line    int    // line of the token
	began   int    // line where the block began
	heading int    // level of the open heading
	item    bool   // the block is the first one of a list item
	lists   htmlLists
	pre     int
	code    strings.Builder
	name    []byte // name of the tag
	skip    string // name of the skipped element
	skips   int    // number of open elements of that name
	quiet   bool   // outside the main part
	trimmed bool   // text was left out that read includes without trim
	inTitle bool
	title   strings.Builder
	xml     bool // XHTML: <p/> closes itself
	fields  fieldList
	unread  unread
	ruby    ruby
	math    htmlMath
	noteRef bool // the open link is the number of a note
	script  int  // 1: the next text is a superscript, -1: a subscript
	apart   bool // an equation ended: a letter that follows is another word

	headCells int // cells of the open row if all of them are <th>, else -1
}

// An element describes how elements of one name are read.
type element struct {
	name                         string
	skipped, chrome, block, void bool
}

// unknown describes elements without special treatment.
var unknown element

// elements maps names to descriptions of elements. Each tag is looked up only once, because a page
// may have a million tags.
var elements = func() map[string]*element {
	all := map[string]*element{}
	of := func(names string, set func(*element)) {
		for name := range strings.FieldsSeq(names) {
			if all[name] == nil {
				all[name] = &element{name: name}
			}
			set(all[name])
		}
	}
	// Skipped elements hold no text of the page. Elements of chrome (navigation, menus, buttons,
	// dialogs) are skipped unless the page has hardly any other text.
	of("script style template svg object select iframe noscript canvas audio video",
		func(e *element) { e.skipped = true })
	of("nav button dialog menu", func(e *element) { e.chrome = true })
	of(`p div section article main header footer aside ul ol dl dt dd blockquote figure
		figcaption address hr form fieldset details summary body head html
		caption legend center option`, func(e *element) { e.block = true })
	// Void elements have no end tag.
	of("img br hr input meta link source col wbr area base embed param track",
		func(e *element) { e.void = true })
	of("title h1 h2 h3 h4 h5 h6 li pre textarea listing ruby rt rp sup sub a", func(*element) {})
	of("table thead tbody tfoot tr td th", func(*element) {})
	return all
}()

// tagName returns the name at the start of a tag, in lower case. The result is valid until the next
// call. The tokenizer's own method copies each name twice.
func (h *htmlReader) tagName(tag []byte) []byte {
	h.name = h.name[:0]
	for _, c := range tag {
		switch {
		case c == '>' || c == '/' || c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			return h.name
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		h.name = append(h.name, c)
	}
	return h.name
}

// elementOf returns the description of elements with a name.
func elementOf(name []byte) *element {
	if e := elements[string(name)]; e != nil {
		return e
	}
	return &unknown
}

// read writes a page and returns its title. trim leaves out menus, hidden elements and everything
// outside the main part.
func (h *htmlReader) read(ctx context.Context, page string, trim bool) (string, error) {
	if h.xml = isXHTML(page); h.xml {
		page = closeEmptyElements(page)
	}
	z := html.NewTokenizer(strings.NewReader(page))
	z.AllowCDATA(h.xml)
	h.line = 1
	h.quiet = trim && strings.Contains(page, "<main") && strings.Contains(page, "</main")
	h.trimmed = h.quiet
	for n := 0; !h.out.full() && !h.cut; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		h.cut = n == maxTokens
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := z.Raw()
		h.offset += len(raw)
		newlines := countLines(raw)
		if h.mathToken(kind, z, raw) {
			h.line += newlines
			continue
		}
		switch kind {
		case html.TextToken:
			h.chars(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			name := h.tagName(raw[1:])
			element, closed := elementOf(name), kind == html.SelfClosingTagToken
			h.start(element, closed, trim, len(raw) > len("<>")+len(name), z)
			if closed && h.xml && !element.void {
				h.end(element)
			}
		case html.EndTagToken:
			h.end(elementOf(h.tagName(raw[2:])))
		}
		h.line += newlines
	}
	h.endMath()
	h.flush()
	h.endPre()
	return h.title.String(), nil
}

// skipped starts to skip the current element.
func (h *htmlReader) skipped() { h.skip, h.skips = string(h.name), 1 }

func (h *htmlReader) start(e *element, closed, trim, attributes bool, z *html.Tokenizer) {
	if h.skip != "" {
		if string(h.name) == h.skip && !closed {
			h.skips++
		}
		return
	}
	if (e.skipped || trim && e.chrome) && !closed {
		h.trimmed = h.trimmed || !e.skipped
		h.skipped()
		h.unread.element(e.name)
		return
	}
	alt, described := "", false
	var meta [2]string // name and value of a <meta>
	columns, rows := 1, 1
	var list htmlList // attributes of a list or its item
	for attributes {
		var key, value []byte
		key, value, attributes = z.TagAttr()
		switch string(key) {
		case "hidden", "aria-hidden":
			if trim && e.name != "html" && e.name != "body" && !closed && !e.void &&
				(string(key) == "hidden" || string(value) == "true") {
				h.trimmed = true
				h.skipped()
				return
			}
		case "role":
			list.noteRef = list.noteRef || string(value) == "doc-noteref"
			if trim && (string(value) == "navigation" || string(value) == "search") && !closed {
				h.flush()
				h.trimmed = true
				h.skipped()
				return
			}
		case "alt":
			alt, described = string(value), true
		case "name", "property":
			meta[0] = string(value)
		case "content":
			meta[1] = string(value)
		case "colspan":
			columns = numberIn(string(value))
		case "rowspan":
			if rows = numberIn(string(value)); strings.TrimSpace(string(value)) == "0" {
				rows = allRows
			}
		default:
			list.attribute(key, value)
		}
	}
	switch e.name {
	case "":
	case "a":
		if list.noteRef && !closed { // the number of a note in a book
			h.text = append(h.text, '[')
			h.noteRef = true
		}
	case "sup":
		h.script = 1
	case "sub":
		h.script = -1
	case "ruby", "rt", "rp":
		h.text = h.ruby.start(e.name, h.text)
	case "title":
		h.inTitle = h.title.Len() == 0 && !closed
	case "main":
		h.flush()
		h.quiet = false
	case "h1", "h2", "h3", "h4", "h5", "h6":
		h.flush()
		h.heading = int(e.name[1] - '0')
	case "br":
		h.text = append(h.text, '\n')
	case "meta":
		h.fields.addMeta(meta[0], meta[1])
	case "img":
		if !described && !h.quiet {
			h.unread.element(e.name)
		}
		if alt != "" && !h.quiet {
			h.began = cmp.Or(h.began, h.line)
			h.text = append(h.text, " "+alt+" "...)
		}
	case "ul", "ol":
		h.flush()
		h.lists.begin(e.name, list)
	case "li":
		h.flush()
		h.item = true
		h.lists.item(list)
	case "pre", "textarea", "listing":
		if h.flush(); h.pre == 0 {
			h.code.Reset()
		}
		h.pre++
	case "table":
		h.flush()
		if !h.quiet {
			h.place()
			h.out.beginTable()
		}
	case "thead", "tbody", "tfoot":
		h.flush()
		h.out.endRowGroup()
	case "tr":
		h.flush()
		h.out.beginRow()
		h.headCells = 0
	case "td", "th":
		h.flush()
		h.out.beginCell()
		h.out.spanCell(columns, rows)
		h.cellOf(e.name == "th")
	default:
		if e.block {
			h.flush()
		}
	}
}

func (h *htmlReader) end(e *element) {
	if h.skip != "" {
		if string(h.name) == h.skip {
			if h.skips--; h.skips == 0 {
				h.skip = ""
			}
		}
		return
	}
	switch e.name {
	case "":
	case "a":
		if h.noteRef {
			h.text = append(h.text, ']')
			h.noteRef = false
		}
	case "sup", "sub":
		h.script = 0
	case "ruby", "rt", "rp":
		h.text = h.ruby.end(e.name, h.text)
	case "title":
		h.inTitle = false
	case "main":
		h.flush()
		h.quiet = true
	case "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th":
		h.flush()
		h.heading, h.item = 0, false
	case "ul", "ol":
		h.flush()
		h.lists.end()
	case "pre", "textarea", "listing":
		if h.pre = max(h.pre-1, 0); h.pre == 0 {
			h.endPre()
		}
	case "thead", "tbody", "tfoot":
		h.flush()
		h.out.endRowGroup()
	case "table":
		h.flush()
		h.out.endTable()
	default:
		if e.block {
			h.flush()
		}
	}
}

// cellOf records a cell of the open row. A row that has only <th> cells names the columns.
func (h *htmlReader) cellOf(head bool) {
	switch {
	case !head && h.headCells > 0:
		h.out.dataRow()
		h.headCells = -1
	case !head:
		h.headCells = -1
	case h.headCells >= 0:
		h.headCells++
		h.out.headRow()
	}
}

// endPre writes preformatted text.
func (h *htmlReader) endPre() {
	if h.code.Len() > 0 {
		h.place()
		h.out.code("", strings.ReplaceAll(h.code.String(), "\r\n", "\n"))
		h.code.Reset()
		h.began = 0
	}
}

// place records the line where the block began, unless the block is in a table.
func (h *htmlReader) place() {
	if h.lines && len(h.out.tables) == 0 {
		line := cmp.Or(h.began, h.line)
		h.out.placeLines(line, line)
	}
}

// flush writes the open block.
func (h *htmlReader) flush() {
	block := h.ruby.end("ruby", h.text)
	h.text = h.text[:0]
	if h.quiet || len(bytes.TrimSpace(block)) == 0 {
		h.began = 0
		return
	}
	s := string(block)
	h.place()
	h.began = 0
	switch {
	case h.heading > 0:
		h.out.heading(h.heading, s)
		h.heading = 0
	case h.item:
		h.lists.write(h.out, s)
		h.item = false
	default:
		h.out.paragraph(s)
	}
}
