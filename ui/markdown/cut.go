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

// grammar is the same dialect that the renderer reads. A parser holds no state of a text and may be shared.
func grammar() parser.Parser {
	return goldmark.New(goldmark.WithExtensions(extension.GFM, extension.DefinitionList)).Parser()
}

// Cuts returns the byte offsets at which src may be divided so that the pieces, rendered one by one, look like the whole but
// for blank lines: the starts of its top-level blocks that follow a blank line. The first block is not listed.
//
// That they are safe follows from how Markdown is read. Blocks are recognised line by line, and a block that was closed is
// never opened again, so the state of the reader at such a line is the state at the start of a text. Two things reach across
// blocks: a definition of a link reference, which changes links anywhere (whole is then true and there are no cuts), and a line
// starting with ":" that makes a term of the paragraph before it, for which reason the last two blocks of a growing text stay
// open: what looks like a paragraph of its own may become the definition of the one before.
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

// A cutter finds the cuts of a text that grows without reading again what cannot change any more.
type cutter struct {
	parser parser.Parser
	text   string // the last one
	cuts   []int
}

// cut is Cuts. All cuts of a text but the last two stay cuts whatever comes later, so what continues the last text is read from there.
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

// start is the offset of a block's first byte, or -1 where the parser does not tell.
func start(n ast.Node) int {
	switch n.Kind() {
	case ast.KindParagraph, ast.KindHeading, ast.KindFencedCodeBlock, ast.KindList, ast.KindBlockquote, ast.KindThematicBreak:
		return n.Pos()
	}
	return -1 // the rest (tables, raw HTML, indented code, definitions) stays with the block before it
}

func blankBefore(src []byte, at int) bool {
	if at < 2 {
		return false
	}
	from := bytes.LastIndexByte(src[:at-1], '\n') + 1
	return len(bytes.TrimSpace(src[from:at])) == 0
}
