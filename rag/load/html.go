package load

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// readHTML reads a page: its text as Markdown, each block with the line of the file that it begins in.
//
// It works on the tokens and builds no tree, so that nesting costs nothing and lines are known. Menus, scripts and forms are left out; where the page
// marks its main part (<main>), everything else is.
func readHTML(ctx context.Context, _ *Loader, in input) (Document, error) {
	text, cut, ok := decodeHTML(in.data, in.opts.MaxText*5/2)
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no page: it holds zero bytes"}
	}
	h := &htmlReader{out: &builder{max: in.opts.MaxText}, lines: true}
	title, err := h.read(ctx, text, true)
	if err == nil && h.out.b.Len() < 200 { // too little: what looked like a menu was the page
		all := &htmlReader{out: &builder{max: in.opts.MaxText}, lines: true}
		if _, err = all.read(ctx, text, false); all.out.b.Len() > 2*h.out.b.Len() {
			h = all
		}
	}
	if err != nil {
		return Document{}, err
	}
	full := h.out.full()
	doc := h.out.document()
	doc.Title = title
	if !full && (cut || h.cut) {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %s of its markup are read", bytesText(int64(h.offset))))
	}
	return doc, nil
}

// decodeHTML decodes a page as it says of itself, if it is not UTF-8.
func decodeHTML(data []byte, limit int) (text string, cut, ok bool) {
	if wideEncoding(data[:min(len(data), sniffed)]) == nil && !utf8.Valid(data) {
		if enc, name, certain := charset.DetermineEncoding(data[:min(len(data), 4096)], ""); certain && name != "utf-8" {
			cut = len(data) > limit
			return decodeWith(enc, data[:min(len(data), limit)]), cut, true
		}
	}
	return decode(data, limit)
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
	skip    string // the element that is skipped
	skips   int    // how many of it are open
	quiet   bool   // outside of the main part
	inTitle bool
	title   strings.Builder
}

// skipped are the elements whose text is no part of a page; those of chrome only where a page has other text.
var (
	htmlSkipped = map[string]bool{"script": true, "style": true, "template": true, "svg": true, "object": true, "select": true, "iframe": true,
		"noscript": true, "canvas": true, "audio": true, "video": true}
	htmlChrome = map[string]bool{"nav": true, "button": true, "dialog": true, "menu": true}
	htmlBlocks = map[string]bool{"p": true, "div": true, "section": true, "article": true, "main": true, "header": true, "footer": true, "aside": true, "ul": true,
		"ol": true, "dl": true, "dt": true, "dd": true, "blockquote": true, "figure": true, "figcaption": true, "address": true, "hr": true, "form": true,
		"fieldset": true, "details": true, "summary": true, "body": true, "head": true, "html": true, "caption": true, "legend": true, "center": true, "option": true}
)

// read passes over a page. It gives the page's title.
func (h *htmlReader) read(ctx context.Context, page string, trim bool) (string, error) {
	z := html.NewTokenizer(strings.NewReader(page))
	h.line = 1
	h.quiet = trim && strings.Contains(page, "<main") && strings.Contains(page, "</main")
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
			name, more := z.TagName()
			h.start(atom.String(name), kind == html.SelfClosingTagToken, trim, more, z)
		case html.EndTagToken:
			name, _ := z.TagName()
			h.end(atom.String(name))
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
		if h.began == 0 && len(bytes.TrimSpace(raw)) > 0 {
			h.began = h.line + countLines(raw[:len(raw)-len(bytes.TrimLeft(raw, " \t\r\n"))])
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

// countLines counts line ends in what is mostly a few bytes long.
func countLines(raw []byte) (n int) {
	for _, c := range raw {
		if c == '\n' {
			n++
		}
	}
	return n
}

func (h *htmlReader) start(name string, closed, trim, attributes bool, z *html.Tokenizer) {
	if h.skip != "" {
		if name == h.skip && !closed {
			h.skips++
		}
		return
	}
	if (htmlSkipped[name] || trim && htmlChrome[name]) && !closed {
		h.skip, h.skips = name, 1
		return
	}
	alt := ""
	for attributes {
		var key, value []byte
		key, value, attributes = z.TagAttr()
		switch string(key) {
		case "hidden", "aria-hidden":
			if trim && name != "html" && name != "body" && !closed && !htmlVoid[name] && (string(key) == "hidden" || string(value) == "true") {
				h.skip, h.skips = name, 1
				return
			}
		case "role":
			if trim && (string(value) == "navigation" || string(value) == "search") && !closed {
				h.flush()
				h.skip, h.skips = name, 1
				return
			}
		case "alt":
			alt = string(value)
		}
	}
	switch name {
	case "title":
		h.inTitle = h.title.Len() == 0 && !closed
	case "main":
		h.flush()
		h.quiet = false
	case "h1", "h2", "h3", "h4", "h5", "h6":
		h.flush()
		h.heading = int(name[1] - '0')
	case "br":
		h.text = append(h.text, '\n')
	case "img":
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
	case "td", "th":
		h.flush()
		h.out.beginCell()
	default:
		if htmlBlocks[name] {
			h.flush()
		}
	}
}

// htmlVoid are the elements without an end.
var htmlVoid = map[string]bool{"img": true, "br": true, "hr": true, "input": true, "meta": true, "link": true, "source": true, "col": true, "wbr": true,
	"area": true, "base": true, "embed": true, "param": true, "track": true}

func (h *htmlReader) end(name string) {
	if h.skip != "" {
		if name == h.skip {
			if h.skips--; h.skips == 0 {
				h.skip = ""
			}
		}
		return
	}
	switch name {
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
		if htmlBlocks[name] {
			h.flush()
		}
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
		h.out.place("line " + strconv.Itoa(cmp.Or(h.began, h.line)))
	}
}

// flush writes the block.
func (h *htmlReader) flush() {
	block := h.text
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
