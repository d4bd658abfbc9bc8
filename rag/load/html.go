package load

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// readHTML reads a page: its text as Markdown, each block with the line of the file that it begins in.
//
// It works on the tokens and builds no tree, so that nesting costs nothing and lines are known. Menus,
// scripts and forms are left out; where the page marks its main part (<main>), everything else is.
func readHTML(ctx context.Context, _ *Loader, in input) (Document, error) {
	return readPage(ctx, in, true)
}

// readPage reads a page; places are given only where its lines are lines of the file.
func readPage(ctx context.Context, in input, lines bool) (Document, error) {
	text, cut, encoding, ok := decodeHTML(in.data, in.opts.MaxText*5/2) // more than half is markup
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no page: it holds zero bytes"}
	}
	h := &htmlReader{out: &builder{max: in.opts.MaxText}, lines: lines}
	title, err := h.read(ctx, text, true)
	if err == nil && h.trimmed && h.out.b.Len() < 200 { // too little: what looked like a menu was the page
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
	doc.note(encoding)
	if !full && (cut || h.cut) {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %s of its markup are read", bytesText(int64(h.offset))))
	}
	return doc, nil
}

// maxTokens is how many tags, and texts between them, are read of a page.
const maxTokens = 2_000_000

// An htmlReader writes the blocks of a page while its tokens pass.
type htmlReader struct {
	out   *builder
	lines bool // give each block its line as its place

	text    []byte // of the block so far
	offset  int    // behind the token
	cut     bool   // there are more tokens than are read
	line    int    // of the token
	began   int    // the line the block began in
	heading int    // the level of the open heading
	item    bool   // the block is the first of a list item
	lists   int
	pre     int
	code    strings.Builder
	name    []byte // of the tag
	skip    string // the name of the element that is skipped
	skips   int    // how many of it are open
	quiet   bool   // outside of the main part
	trimmed bool   // something was left out that another reading would take in
	inTitle bool
	title   strings.Builder
	xml     bool // XHTML: <p/> ends itself
	fields  fieldList
	unread  unread
	ruby    ruby

	headCells int // cells of the open row if all of them are <th>, else -1
}

// An element is what is known of the elements of one name.
type element struct {
	name                         string
	skipped, chrome, block, void bool
}

// unknown is every element that means nothing here.
var unknown element

// elements are those that mean something here, by name. They are looked up once for each tag, of which a page may have a million.
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
	// The elements whose text is no part of a page; those of chrome only where a page has other text.
	of("script style template svg object select iframe noscript canvas audio video", func(e *element) { e.skipped = true })
	of("nav button dialog menu", func(e *element) { e.chrome = true })
	of(`p div section article main header footer aside ul ol dl dt dd blockquote figure figcaption address hr form fieldset details summary body head html
		caption legend center option`, func(e *element) { e.block = true })
	of("img br hr input meta link source col wbr area base embed param track", func(e *element) { e.void = true }) // without an end
	of("title h1 h2 h3 h4 h5 h6 li pre textarea listing table tr td th ruby rt rp", func(*element) {})
	return all
}()

// tagName gives the name that a tag begins with, in small letters, until the next one: the tokenizer's own way copies each twice.
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

// elementOf gives what is known of the elements of a name.
func elementOf(name []byte) *element {
	if e := elements[string(name)]; e != nil {
		return e
	}
	return &unknown
}

// read passes over a page. It gives the page's title.
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
	h.flush()
	h.endPre()
	return h.title.String(), nil
}

func (h *htmlReader) chars(raw []byte) {
	switch {
	case h.inTitle:
		h.title.Write(raw[:min(len(raw), 1<<10)])
	case h.skip != "" || h.quiet || len(h.text)+h.code.Len() > h.out.max:
	case h.pre > 0:
		h.began = cmp.Or(h.began, h.line)
		h.code.Write(raw)
	default:
		if blanks := leadingBlanks(raw); h.began == 0 && blanks < len(raw) && len(bytes.TrimSpace(raw[blanks:])) > 0 {
			h.began = h.line + countLines(raw[:blanks])
		}
		if len(raw) > h.out.max { // more than is kept: it would be copied several times
			end := h.out.max
			for end > 0 && !utf8.RuneStart(raw[end]) {
				end--
			}
			raw, h.cut = raw[:end], true
		}
		from := len(h.text)
		h.text = append(h.text, raw...)
		for i, c := range h.text[from:] { // line ends are blanks here; a line end that is meant comes as <br>
			if c == '\n' || c == '\r' || c == '\f' {
				h.text[from+i] = ' '
			}
		}
	}
}

// leadingBlanks counts the blanks that a text begins with.
func leadingBlanks(raw []byte) (n int) {
	for n < len(raw) && (raw[n] == ' ' || raw[n] == '\t' || raw[n] == '\r' || raw[n] == '\n') {
		n++
	}
	return n
}

// countLines counts line ends in what is mostly a few bytes long.
func countLines(raw []byte) (n int) {
	for _, c := range raw {
		if c == '\n' {
			n++
		}
	}
	return n
}

// skipped begins to skip the element of the tag.
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
	var meta [2]string // the name and value of a <meta>
	columns, rows := 1, 1
	for attributes {
		var key, value []byte
		key, value, attributes = z.TagAttr()
		switch string(key) {
		case "hidden", "aria-hidden":
			if trim && e.name != "html" && e.name != "body" && !closed && !e.void && (string(key) == "hidden" || string(value) == "true") {
				h.trimmed = true
				h.skipped()
				return
			}
		case "role":
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
			rows = numberIn(string(value))
		}
	}
	switch e.name {
	case "":
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
		h.lists++
	case "li":
		h.flush()
		h.item = true
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
		h.lists = max(h.lists-1, 0)
	case "pre", "textarea", "listing":
		if h.pre = max(h.pre-1, 0); h.pre == 0 {
			h.endPre()
		}
	case "table":
		h.flush()
		h.out.endTable()
	default:
		if e.block {
			h.flush()
		}
	}
}

// cellOf notes a cell of the open row: a row of nothing but <th> names the columns.
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

// endPre writes text that stands as it is.
func (h *htmlReader) endPre() {
	if h.code.Len() > 0 {
		h.place()
		h.out.code("", strings.ReplaceAll(h.code.String(), "\r\n", "\n"))
		h.code.Reset()
		h.began = 0
	}
}

// place says in which line the block began.
func (h *htmlReader) place() {
	if h.lines && len(h.out.tables) == 0 {
		line := cmp.Or(h.began, h.line)
		h.out.placeLines(line, line)
	}
}

// flush writes the block.
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
		h.out.listItem(h.lists-1, s)
		h.item = false
	default:
		h.out.paragraph(s)
	}
}
