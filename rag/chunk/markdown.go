package chunk

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"weft/rag/lazyregexp"
	"weft/rag/load"
)

// maxContainers is the nesting depth of quotes and lists beyond which a text is parsed as plain
// text.
const maxContainers = 48

// markdownBlocks returns the blocks of a Markdown text (CommonMark with tables). It parses block
// structure only, no inline markup.
func markdownBlocks(src string) []block {
	if nestedTooDeep(src) {
		return proseBlocks("text", src, nil)
	}
	p := parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		// Only the transformer for tables is used, so that link reference definitions stay in the
		// text.
		parser.WithParagraphTransformers(util.Prioritized(extension.NewTableParagraphTransformer(), 200)),
	)
	source := []byte(src)
	root := p.Parse(text.NewReader(source))
	m := markdown{src: src, source: source, list: []block{{start: 0}}}
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		m.add(n, container{top: true})
	}
	return partition(src, m.list)
}

type markdown struct {
	src    string
	source []byte
	list   []block
}

// A container describes the quotes and lists around a Markdown node.
type container struct {
	top   bool // the node is a child of the document itself
	quote bool // at least one quote is among the containers
	depth int  // number of lists among the containers
}

// kind returns the kind of a paragraph in the container.
func (c container) kind() Kind {
	if c.quote {
		return Quote
	}
	return Paragraph
}

// add appends the blocks of node n. A block starts at the start of its line, so it includes the
// markers of the lists and quotes around it.
func (m *markdown) add(n ast.Node, in container) {
	switch n := n.(type) {
	case *ast.Heading:
		if title := load.PlainHeading(string(n.Lines().Value(m.source))); in.top {
			m.begin(n, block{form: heading, kind: Heading, level: n.Level, title: title})
		} else {
			m.begin(n, block{form: prose, kind: in.kind(), depth: in.depth})
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		m.begin(n, block{form: fence, kind: Code, depth: in.depth})
	case *ast.HTMLBlock:
		m.begin(n, block{form: lines, kind: Markup, depth: in.depth})
		m.inHTML(n, in)
	case *extast.Table:
		m.table(n)
	case *ast.Blockquote:
		m.children(n, container{quote: true, depth: in.depth})
	case *ast.List:
		m.children(n, container{quote: in.quote, depth: in.depth + 1})
	case *ast.ListItem:
		m.begin(n, block{form: prose, kind: Item, depth: in.depth})
		m.children(n, container{quote: in.quote, depth: in.depth})
	case *ast.Paragraph, *ast.TextBlock:
		m.begin(n, block{form: prose, kind: in.kind(), depth: in.depth})
		m.markup(n, block{form: prose, kind: in.kind(), depth: in.depth})
	default:
		m.begin(n, block{form: prose, kind: in.kind(), depth: in.depth})
	}
}

func (m *markdown) children(n ast.Node, in container) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		m.add(c, in)
	}
}

// forPrograms matches a line that is not visible as text on the rendered page: container fences,
// tags of templates and components, MDX imports, link targets, a line of images only.
var forPrograms = lazyregexp.New(`^\s*(?::::+.*|\{%.*%\}|\{\{[%<].*[%>]\}\}|</?[A-Za-z][^<>]*/?>|import\s.*\sfrom\s+['"].*|\[[^\]]+\]:\s+\S+.*|!!!\s+\w+|\[\[?toc\]?\]|\[![A-Z]+\]|(?:!\[[^\]]*\]\([^)]*\)\s*)+|\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\))\s*$`)

// inHTML splits an HTML block at the code and text between its lines of tags, because components
// may hold both without a blank line.
func (m *markdown) inHTML(n ast.Node, in container) {
	fence, before := "", ""
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		text, above := strings.TrimSpace(string(at.Value(m.source))), before
		before = text
		start := strings.LastIndexByte(m.src[:min(at.Start, len(m.source))], '\n') + 1
		last := &m.list[len(m.list)-1]
		b := block{start: start, form: lines, kind: Markup, depth: in.depth}
		switch {
		case fence != "":
			if strings.HasPrefix(text, fence) {
				fence = ""
			}
			continue
		case strings.HasPrefix(text, "```"):
			fence, b.form, b.kind = "```", last.form, Code
		case text == "" || strings.HasPrefix(text, "<") || strings.ContainsAny(text, "<>{}"):
			if last.kind == Markup {
				continue
			}
		case last.kind == Code || last.kind == Markup && strings.HasSuffix(above, ">"):
			b.kind = Paragraph
		default:
			continue
		}
		if start > last.start {
			m.list = append(m.list, b)
		}
	}
}

// markup splits a paragraph at the lines that forPrograms matches: they become Markup blocks, and
// the lines between them become copies of prose.
func (m *markdown) markup(n ast.Node, prose block) {
	was := false
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		is := forPrograms.Match(at.Value(m.source))
		start := strings.LastIndexByte(m.src[:min(at.Start, len(m.source))], '\n') + 1
		last := &m.list[len(m.list)-1]
		switch {
		case is && start == last.start:
			if last.kind != Item {
				last.kind = Markup
			}
		case is:
			m.list = append(m.list, block{start: start, form: prose.form, kind: Markup, depth: prose.depth})
		case was && start > last.start:
			prose.start = start
			m.list = append(m.list, prose)
		}
		was = is
	}
}

func (m *markdown) table(t *extast.Table) {
	first := t.FirstChild()
	if first == nil {
		m.begin(t, block{form: row, kind: Columns})
		return
	}
	m.begin(first, block{form: row, kind: Columns})
	header := ""
	for r := first.NextSibling(); r != nil; r = r.NextSibling() {
		if header == "" {
			if from, to := m.lineOf(first), m.lineOf(r); from < to && to-from < 2000 {
				header = m.src[from:to]
			}
		}
		m.begin(r, block{form: row, kind: Row, header: header})
	}
}

// lineOf returns the offset of the line on which node n starts, or -1 if n has no position.
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

// begin starts block b on the line of node n. If two blocks start on one line, such as a fence in a
// list item, the result has the form of the inner block, because a fence must not be cut, and the
// kind of the outer block unless the inner block is code.
func (m *markdown) begin(n ast.Node, b block) {
	b.start = m.lineOf(n)
	last := &m.list[len(m.list)-1]
	switch {
	case b.start > last.start:
		m.list = append(m.list, b)
	case b.start == last.start && (last.form == prose || b.form == fence):
		if last.kind == Item && b.kind != Code {
			b.kind = Item
			b.depth = max(b.depth, last.depth)
		}
		*last = b
	}
}

// nestedTooDeep reports whether a line starts with more than maxContainers markers of quotes and
// lists, or has such a marker at an indentation that deep. The parser's time grows steeply with
// nesting.
func nestedTooDeep(src string) bool {
	for line := range strings.Lines(src) {
		markers := 0
	scan:
		for i := 0; i < len(line) && i < 4096; i++ {
			switch c := line[i]; {
			case c == '>' || (c == '-' || c == '*' || c == '+') && i+1 < len(line) && line[i+1] == ' ' ||
				(c == '.' || c == ')') && i > 0 && isDigit(line[i-1]):
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
