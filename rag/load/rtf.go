package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
)

// maxGroups is how deeply the groups of an RTF file may be nested.
const maxGroups = 2000

// readRTF reads Rich Text Format (version 1.9.1): headings by style or outline level, lists with
// their numbers, tables, equations, text boxes, notes, comments, page headers and footers, embedded
// documents, and the texts of drawings. Hidden and deleted text is left out, with a note.
func readRTF(ctx context.Context, l *Loader, in input) (Document, error) {
	head := string(in.data[:min(len(in.data), 1024)])
	at := strings.Index(head, `{\rtf`)
	if at < 0 && strings.HasPrefix(strings.TrimSpace(head), `{\pard`) {
		at = 0 // a fragment, as converters write it for inclusion in another file
	}
	if at < 0 {
		return Document{}, &Error{Reason: Damaged, Detail: `is not RTF (no {\rtf header)`}
	}
	r := newRTFReader(in.data[at:], in.opts.MaxText)
	r.ctx, r.embedded = ctx, embedder{l: l, in: in}
	err := r.read(ctx)
	if err == nil {
		err = r.failed
	}
	if err != nil {
		return Document{}, err
	}
	if r.html != nil { // HTML encapsulated in RTF by a mail program
		doc, err := readHTML(ctx, l, input{path: in.path, kind: "html",
			data: []byte(r.html.String()), opts: in.opts, nest: in.nest})
		doc.Marks = nil
		return doc, err
	}
	r.finish()
	if r.failed != nil {
		return Document{}, r.failed
	}
	doc := r.out.document()
	doc.Title, doc.Notes = r.title.String(), append(r.omitted.notes(), r.embedded.notes.list()...)
	return doc, nil
}

// An rtfState holds the properties of a group, which are restored when the group ends.
type rtfState struct {
	target   rtfTarget
	buffer   *strings.Builder // receives the text; nil: text is dropped
	font     int
	skipping int // number of fallback characters that follow each \u
	hidden   bool
	deleted  bool
	script   int  // 1: superscript, -1: subscript
	counted  bool // the picture is part of the text: it is noted if it cannot be read
	bitmap   bool // the picture is not a drawing
	object   *rtfObject
	math     *node // element of an equation that the group represents
	first    bool  // no control word or text has been read in the group
	starred  bool  // the group begins with \*
	htmlrtf  bool  // the text is for RTF readers only, not part of the encapsulated HTML
}

// An rtfTarget says how the text of a group is used.
type rtfTarget int

const (
	rtfBody rtfTarget = iota
	rtfSkipped
	rtfFonts
	rtfStyles
	rtfNote    // a footnote or endnote
	rtfComment // an annotation
	rtfMargin  // a page header or footer
	rtfField   // metadata such as the title, or the label of a list item
	rtfMath
	rtfTag        // markup of encapsulated HTML
	rtfDrawing    // a metafile
	rtfObjectData // an embedded object
	rtfProperties // of a picture or a shape
	rtfPropertyName
	rtfPropertyValue
)

// An rtfReader reads a file in one pass.
type rtfReader struct {
	data    []byte
	at      int
	out     *builder
	omitted tally
	html    *strings.Builder // the encapsulated HTML; nil when there is none

	state rtfState
	stack []rtfState

	ctx          context.Context
	embedded     embedder
	failed       error        // the context's error
	objects      []*rtfObject // written after the paragraph
	propertyName string       // of the property that is read
	described    bool         // the picture has a description
	hexData      []byte       // of the open picture or object
	binData      []byte

	bytes     []byte // bytes of text not decoded yet
	high      uint16 // pending high surrogate
	codepage  encoding.Encoding
	charsets  map[int]int // character sets, by font number
	fonts     map[int]string
	fontName  strings.Builder
	plain     int // number of the font that \plain selects
	script    int // of the text written last
	skip      int // fallback characters still to be skipped after a \u
	text      strings.Builder
	label     strings.Builder // list label of the paragraph
	title     strings.Builder
	author    strings.Builder
	styles    map[int]int // heading levels, by style number
	styleName strings.Builder
	entry     rtfParagraph // entry of the style sheet being read

	paragraph rtfParagraph
	table     rtfTable
	count     int
	notes     int
	later     []string
	margins   []string
}

// An rtfParagraph holds the paragraph properties set since \pard.
type rtfParagraph struct {
	style, outline int // outline from 1; 0: none
	inTable        bool
	level          int // level in a list, from 0
}

func newRTFReader(data []byte, most int) *rtfReader {
	r := &rtfReader{data: data, out: &builder{max: most}, charsets: map[int]int{}, fonts: map[int]string{},
		styles: map[int]int{}, codepage: windowsPages[1252]}
	r.state = rtfState{buffer: &r.text, skipping: 1}
	return r
}

func (r *rtfReader) read(ctx context.Context) error {
	for n := 0; r.at < len(r.data); n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if r.out.full() || r.text.Len() > r.out.max {
				return nil
			}
		}
		c := r.data[r.at]
		r.at++
		switch c {
		case '{':
			r.decode()
			if len(r.stack) == maxGroups {
				return &Error{Reason: TooDeep, Detail: fmt.Sprintf("has groups nested more than %d deep", maxGroups)}
			}
			r.stack = append(r.stack, r.state)
			r.state.first, r.state.starred, r.skip = true, false, 0
		case '}':
			r.decode()
			if len(r.stack) == 0 {
				return nil // the end of the document
			}
			ended := r.state
			r.state, r.stack, r.skip = r.stack[len(r.stack)-1], r.stack[:len(r.stack)-1], 0
			r.endGroup(ended)
		case '\\':
			r.control()
		case '\r', '\n':
		default:
			r.byte(c)
		}
	}
	r.decode()
	return nil
}

// control reads a control word or symbol.
func (r *rtfReader) control() {
	if r.at >= len(r.data) {
		return
	}
	c := r.data[r.at]
	if c|0x20 < 'a' || c|0x20 > 'z' {
		r.at++
		switch c {
		case '\'':
			if r.at+2 <= len(r.data) {
				if v, err := strconv.ParseUint(string(r.data[r.at:r.at+2]), 16, 8); err == nil {
					r.byte(byte(v))
				}
				r.at += 2
			}
		case '*':
			r.state.starred = true
		case '~':
			r.rune('\u00a0')
		case '_':
			r.rune('-')
		case '\\', '{', '}':
			r.byte(c)
		case '\r', '\n':
			r.decode()
			r.word("par", 0, false)
		}
		return
	}
	start := r.at
	for r.at < len(r.data) && r.at-start < 32 && r.data[r.at]|0x20 >= 'a' && r.data[r.at]|0x20 <= 'z' {
		r.at++
	}
	name := string(r.data[start:r.at])
	number, given := 0, false
	digits := r.at
	for r.at < len(r.data) && r.at-digits < 11 &&
		(r.data[r.at] >= '0' && r.data[r.at] <= '9' || r.data[r.at] == '-' && r.at == digits) {
		r.at++
	}
	if r.at > digits {
		v, err := strconv.Atoi(string(r.data[digits:r.at]))
		number, given = v, err == nil
	}
	if r.at < len(r.data) && r.data[r.at] == ' ' {
		r.at++
	}
	if name == "bin" {
		end := r.at + min(max(number, 0), len(r.data)-r.at)
		if r.inData() && len(r.binData) == 0 && end-r.at <= maxRTFData {
			r.binData = r.data[r.at:end:end]
		}
		r.at = end
		return
	}
	if name == "u" && given {
		r.unicode(number)
		return
	}
	if r.skip > 0 && name != "uc" {
		r.skip--
		return
	}
	r.decode()
	r.word(name, number, given)
	r.state.first = false
}

// unicode appends a UTF-16 code unit given by \u.
func (r *rtfReader) unicode(n int) {
	r.decode()
	c := uint16(n)
	switch {
	case utf16.IsSurrogate(rune(c)) && c < 0xdc00:
		r.high = c
	case utf16.IsSurrogate(rune(c)):
		r.rune(utf16.DecodeRune(rune(r.high), rune(c)))
	case c >= 0xf000 && c <= 0xf0ff: // private-use code of a symbol font
		r.decode()
		r.write(symbolOf(r.fonts[r.state.font], rune(c)))
	default:
		r.rune(rune(c))
	}
	r.skip = r.state.skipping
}

// byte appends a byte of text, in the encoding of the current font.
func (r *rtfReader) byte(c byte) {
	r.state.first = false
	if r.skip > 0 {
		r.skip--
		return
	}
	switch {
	case r.inData():
		if isHex := c-'0' < 10 || c|0x20-'a' < 6; isHex && len(r.hexData) < 2*maxRTFData {
			r.hexData = append(r.hexData, c)
		}
	case r.state.buffer != nil || r.state.target == rtfStyles || r.state.target == rtfFonts || r.state.target == rtfMath:
		r.bytes = append(r.bytes, c)
	}
}

// inData reports whether the group holds the bytes of a picture or an object.
func (r *rtfReader) inData() bool {
	return r.state.target == rtfDrawing || r.state.target == rtfObjectData
}

// decode decodes the pending bytes and writes them.
func (r *rtfReader) decode() {
	if len(r.bytes) == 0 {
		return
	}
	charset, known := r.charsets[r.state.font]
	if font := r.fonts[r.state.font]; r.state.target == rtfBody &&
		(known && charset == 2 || symbolFont(strings.ToLower(font)) != nil) {
		var signs strings.Builder
		for _, c := range r.bytes {
			signs.WriteString(symbolOf(font, rune(c)))
		}
		r.bytes = r.bytes[:0]
		r.write(signs.String())
		return
	}
	enc := r.codepage
	if page := charsetPages[charset]; known && windowsPages[page] != nil {
		enc = windowsPages[page]
	}
	s := string(r.bytes)
	if strings.IndexFunc(s, func(c rune) bool { return c >= 0x80 }) >= 0 {
		s = decodeWith(enc, r.bytes)
	}
	r.bytes = r.bytes[:0]
	r.write(s)
}

func (r *rtfReader) rune(c rune) {
	r.decode()
	r.write(string(c))
}

// write appends text to the destination of the current group.
func (r *rtfReader) write(s string) {
	switch {
	case r.state.target == rtfStyles:
		r.styleName.WriteString(s)
		if strings.Contains(s, ";") {
			r.endStyle()
		}
	case r.state.target == rtfFonts:
		r.fontName.WriteString(s)
		if strings.Contains(s, ";") {
			r.endFont()
		}
	case r.state.target == rtfMath && r.state.math != nil:
		r.state.math.kids = append(r.state.math.kids, &node{text: s})
	case r.state.buffer == nil:
	case r.html != nil && (r.state.htmlrtf && r.state.target != rtfTag):
	case r.state.hidden && r.html == nil:
		if strings.TrimSpace(s) != "" {
			r.omitted.add("hidden text", "left out")
		}
	case r.state.deleted:
		if strings.TrimSpace(s) != "" {
			r.omitted.add("deleted text of tracked changes", "left out")
		}
	case r.html != nil && r.state.target == rtfBody:
		r.html.WriteString(htmlEscape.Replace(s))
	default:
		if r.state.script != 0 && r.state.script != r.script {
			s = scriptMark(r.state.buffer.String(), s, r.state.script > 0) + s
		}
		r.script = r.state.script
		if r.state.object != nil && strings.TrimSpace(s) != "" {
			r.state.object.shown = true
		}
		r.state.buffer.WriteString(s)
	}
}

// endFont records the name of a font.
func (r *rtfReader) endFont() {
	name := tidy(strings.TrimSuffix(strings.TrimSpace(r.fontName.String()), ";"))
	r.fontName.Reset()
	if len(r.fonts) < 10_000 {
		r.fonts[r.state.font] = name
	}
}

var htmlEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\u00a0", "&nbsp;")

// endGroup handles the text of a group that has ended.
func (r *rtfReader) endGroup(g rtfState) {
	if g.math != nil && g.target == rtfMath {
		r.endMath(g.math)
	}
	if (g.target == rtfDrawing || g.target == rtfObjectData) && g.target != r.state.target {
		r.endData(g)
	}
	if g.bitmap && !r.state.bitmap {
		r.unreadPicture(g)
	}
	if g.object != r.state.object && g.object != nil {
		r.endObject(g.object)
	}
	if g.target == r.state.target && g.buffer == r.state.buffer {
		return
	}
	switch g.target {
	case rtfNote:
		r.later = append(r.later, fmt.Sprintf("[%d] %s", r.notes, tidy(g.buffer.String())))
	case rtfComment:
		r.later = append(r.later, commentText(r.author.String(), g.buffer.String()))
		r.author.Reset()
	case rtfPropertyName:
		if g.buffer != nil {
			r.propertyName = tidy(g.buffer.String())
		}
	case rtfPropertyValue:
		if g.buffer != nil {
			r.property(r.propertyName, g.buffer.String())
		}
	case rtfMargin:
		r.margins = append(r.margins, tidy(g.buffer.String()))
	}
}
