package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// grammar returns a parser of the dialect that the renderer reads. A parser keeps no state between
// texts and may be shared.
func grammar() parser.Parser {
	return goldmark.New(goldmark.WithExtensions(extension.GFM, extension.DefinitionList)).Parser()
}

// Cuts returns the byte offsets at which src may be divided so that the pieces, rendered one by
// one, look like the whole except for blank lines: the starts of its top-level blocks that follow a
// blank line. The first block is not listed. If whole is true the text must not be divided, and
// there are no cuts.
//
// Why this is safe: Markdown is read line by line, and a block that was closed is never opened
// again, so the parser's state at a cut is its state at the start of a text. Two constructs reach
// across blocks. A definition of a link reference changes links anywhere; whole is then true. A
// line that starts with ":" turns the paragraph before it into a term; so the last two cuts of a
// growing text are not final, because what looks like a paragraph may become the definition of the
// one before.
func Cuts(p parser.Parser, src []byte) (cuts []int, whole bool) {
	ctx := parser.NewContext()
	doc := p.Parse(text.NewReader(src), parser.WithContext(ctx))
	if len(ctx.References()) > 0 {
		return nil, true
	}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.PreviousSibling() == nil {
			continue
		}
		at := start(n)
		if at <= 0 || at > len(src) {
			continue
		}
		at = bytes.LastIndexByte(src[:at], '\n') + 1
		if at > 0 && blankBefore(src, at) && (len(cuts) == 0 || at > cuts[len(cuts)-1]) {
			cuts = append(cuts, at)
		}
	}
	return cuts, false
}

// A cutter finds the cuts of a growing text without parsing again what cannot change any more.
type cutter struct {
	parser parser.Parser
	text   string // the text of the last call of cut
	cuts   []int
}

// cut is Cuts. All cuts of a text except the last two remain cuts whatever is appended, so a
// continuation of the last text is parsed from there.
func (c *cutter) cut(src string) []int {
	from, kept := 0, []int(nil)
	if n := len(c.cuts) - 2; n > 0 && strings.HasPrefix(src, c.text) {
		from, kept = c.cuts[n-1], c.cuts[:n:n]
	}
	more, whole := Cuts(c.parser, []byte(src[from:]))
	if whole {
		c.text, c.cuts = "", nil
		return nil
	}
	for _, at := range more {
		kept = append(kept, from+at)
	}
	c.text, c.cuts = src, kept
	return kept
}

// start returns the offset of a block's first byte, or -1 if the parser does not record it.
func start(n ast.Node) int {
	switch n.Kind() {
	case ast.KindParagraph, ast.KindHeading, ast.KindFencedCodeBlock, ast.KindList, ast.KindBlockquote, ast.KindThematicBreak:
		return n.Pos()
	}
	// Tables, raw HTML, indented code and definitions have no offset: they stay with the block
	// before
	return -1
}

func blankBefore(src []byte, at int) bool {
	if at < 2 {
		return false
	}
	from := bytes.LastIndexByte(src[:at-1], '\n') + 1
	return len(bytes.TrimSpace(src[from:at])) == 0
}
