package chunk

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"weft/rag/load"
)

// maxContainers is how deep quotes and lists may be nested before a text is no longer taken for Markdown.
const maxContainers = 48

// markdownBlocks takes Markdown apart (CommonMark with tables). Only its block structure is parsed.
func markdownBlocks(src string) []block {
	if nestedTooDeep(src) {
		return proseBlocks("text", src, nil)
	}
	p := parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithParagraphTransformers(util.Prioritized(extension.NewTableParagraphTransformer(), 200)), // definitions of links stay text
	)
	source := []byte(src)
	root := p.Parse(text.NewReader(source))
	m := markdown{src: src, source: source, list: []block{{start: 0}}}
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		m.add(n, true)
	}
	return partition(src, m.list)
}

type markdown struct {
	src    string
	source []byte
	list   []block
}

// add appends the blocks of a node: each begins at the beginning of its line, so that markers of lists and quotes belong to it.
func (m *markdown) add(n ast.Node, top bool) {
	switch n := n.(type) {
	case *ast.Heading:
		if title := load.PlainHeading(string(n.Lines().Value(m.source))); top {
			m.begin(n, block{form: heading, level: n.Level, title: title})
		} else {
			m.begin(n, block{form: prose})
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		m.begin(n, block{form: fence})
	case *ast.HTMLBlock:
		m.begin(n, block{form: lines})
	case *extast.Table:
		m.table(n)
	case *ast.Blockquote, *ast.List, *ast.ListItem:
		m.begin(n, block{form: prose})
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			m.add(c, false)
		}
	default:
		m.begin(n, block{form: prose})
	}
}

func (m *markdown) table(t *extast.Table) {
	first := t.FirstChild()
	if first == nil {
		m.begin(t, block{form: row})
		return
	}
	m.begin(first, block{form: row})
	header := ""
	for r := first.NextSibling(); r != nil; r = r.NextSibling() {
		if header == "" {
			if from, to := m.lineOf(first), m.lineOf(r); from < to && to-from < 2000 {
				header = m.src[from:to]
			}
		}
		m.begin(r, block{form: row, header: header})
	}
}

// lineOf gives the beginning of the line that a node begins on.
func (m *markdown) lineOf(n ast.Node) int {
	pos := n.Pos()
	if pos < 0 && n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
		pos = n.Lines().At(0).Start
	}
	if pos < 0 {
		return -1
	}
	pos = min(pos, len(m.source))
	return strings.LastIndexByte(m.src[:pos], '\n') + 1
}

// begin begins a block at a node's line. Where a line begins two blocks (a fence in a list item), the inner one's form counts, for it must not be cut.
func (m *markdown) begin(n ast.Node, b block) {
	b.start = m.lineOf(n)
	last := &m.list[len(m.list)-1]
	switch {
	case b.start > last.start:
		m.list = append(m.list, b)
	case b.start == last.start && (last.form == prose || b.form == fence):
		*last = b
	}
}

// nestedTooDeep tells a text whose lines begin with more markers of quotes and lists than anybody writes, or whose lists are indented without end.
func nestedTooDeep(src string) bool {
	for line := range strings.Lines(src) {
		markers := 0
	scan:
		for i := 0; i < len(line) && i < 4096; i++ {
			switch c := line[i]; {
			case c == '>' || (c == '-' || c == '*' || c == '+') && i+1 < len(line) && line[i+1] == ' ' || (c == '.' || c == ')') && i > 0 && isDigit(line[i-1]):
				if markers++; i > 4*maxContainers {
					return true
				}
			case c == ' ' || c == '\t' || isDigit(c):
			default:
				break scan
			}
			if markers > maxContainers {
				return true
			}
		}
	}
	return false
}
