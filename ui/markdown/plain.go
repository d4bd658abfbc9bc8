package markdown

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Plain returns a Markdown text as lines without markup, for places that have no room or no colours
// for rendered Markdown: headings and emphasis as their words, links as their labels, items with a
// bullet or their number, the cells of a table row beside each other. Code is unchanged. A blank
// line is between the blocks of the text.
func Plain(src string) string {
	if !strings.ContainsAny(src, markup) {
		return src
	}
	w := plainWriter{src: []byte(src)}
	doc := plainGrammar().Parse(text.NewReader(w.src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if w.b.Len() > 0 {
			w.b.WriteByte('\n')
		}
		w.block(n, "")
	}
	return strings.TrimRight(w.b.String(), "\n")
}

// markup are the characters without which a text has no markup.
const markup = "*_`#|[<~\\&-+="

// plainGrammar returns the parser of Plain, which keeps no state between texts. It is made at its
// first use.
var plainGrammar = sync.OnceValue(grammar)

type plainWriter struct {
	src []byte
	b   strings.Builder
}

// block writes the lines of a block, each after an indent.
func (w *plainWriter) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.ThematicBreak:
	case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
		for _, l := range n.Lines().Sliced(0, n.Lines().Len()) {
			w.line(indent, strings.TrimRight(string(l.Value(w.src)), "\n"))
		}
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			mark := "• "
			if n.IsOrdered() {
				mark = fmt.Sprintf("%d%c ", number, n.Marker)
				number++
			}
			w.item(item, indent, mark)
		}
	case *ast.Paragraph, *ast.TextBlock:
		w.paragraph(n, indent)
	case *extast.TableHeader, *extast.TableRow:
		var cells []string
		for cell := n.FirstChild(); cell != nil; cell = cell.NextSibling() {
			if s := w.inline(cell); s != "" {
				cells = append(cells, s)
			}
		}
		w.line(indent, strings.Join(append(cells, w.beyond(n)...), " · "))
	default:
		if first := n.FirstChild(); first != nil && first.Type() == ast.TypeBlock {
			for c := first; c != nil; c = c.NextSibling() {
				w.block(c, indent)
			}
			return
		}
		w.line(indent, w.inline(n))
	}
}

// paragraph writes a paragraph. A part of a text may begin within a table, whose rows are then a
// paragraph to the parser: they are written like those of a table.
func (w *plainWriter) paragraph(n ast.Node, indent string) {
	lines := n.Lines().Sliced(0, n.Lines().Len())
	isRow := func(l text.Segment) bool { return columns(l.Value(w.src)) > 1 }
	if !slices.ContainsFunc(lines, isRow) {
		w.line(indent, w.inline(n))
		return
	}
	for len(lines) > 0 {
		rows := isRow(lines[0])
		count := slices.IndexFunc(lines, func(l text.Segment) bool { return isRow(l) != rows })
		if count < 0 {
			count = len(lines)
		}
		var part []byte
		for _, l := range lines[:count] {
			line := l.Value(w.src)
			if rows && len(bytes.Trim(line, "|:- \t\n")) == 0 { // the line below a header
				continue
			}
			if part = append(part, bytes.TrimRight(line, "\n")...); rows && !bytes.Contains(part, []byte("\n")) {
				part = append(part, "\n"+strings.Repeat("|-", columns(line))+"|"...)
			}
			part = append(part, '\n')
		}
		inner := plainWriter{src: part}
		for c := plainGrammar().Parse(text.NewReader(part)).FirstChild(); c != nil; c = c.NextSibling() {
			if _, table := c.(*extast.Table); table {
				inner.block(c, indent)
			} else {
				inner.line(indent, inner.inline(c))
			}
		}
		w.b.WriteString(inner.b.String())
		lines = lines[count:]
	}
}

// columns returns how many cells a line has as a row of a table with a bar at both ends; 0: it is
// none.
func columns(line []byte) int {
	s := strings.ReplaceAll(strings.TrimSpace(string(line)), `\|`, "")
	if !strings.HasPrefix(s, "|") || !strings.HasSuffix(s, "|") {
		return 0
	}
	return strings.Count(s, "|") - 1
}

// beyond returns the cells of a table row beyond those of the header. The parser leaves them out.
func (w *plainWriter) beyond(row ast.Node) (cells []string) {
	last := row.LastChild()
	if last == nil || last.Lines() == nil || last.Lines().Len() == 0 {
		return nil // the row is shorter than the header
	}
	rest, _, _ := strings.Cut(string(w.src[last.Lines().At(last.Lines().Len()-1).Stop:]), "\n")
	for cell := range strings.SplitSeq(rest, "|") {
		if cell = Plain(strings.TrimSpace(cell)); cell != "" {
			cells = append(cells, cell)
		}
	}
	return cells
}

// item writes an item of a list: its first line after the mark, the others below it.
func (w *plainWriter) item(item ast.Node, indent, mark string) {
	inner := plainWriter{src: w.src}
	for c := item.FirstChild(); c != nil; c = c.NextSibling() {
		inner.block(c, "")
	}
	before := indent + mark
	for line := range strings.Lines(inner.b.String()) {
		w.line(before, strings.TrimRight(line, "\n"))
		before = indent + "  "
	}
}

// line writes the lines of a text after an indent.
func (w *plainWriter) line(indent, s string) {
	for line := range strings.SplitSeq(s, "\n") {
		w.b.WriteString(indent + line + "\n")
	}
}

// inline returns the words of a node.
func (w *plainWriter) inline(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function returns no error
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeSpan:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					b.Write(t.Segment.Value(w.src))
				}
			}
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			b.Write(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(n.Segment.Value(w.src)))))
			switch {
			case n.HardLineBreak():
				b.WriteByte('\n')
			case n.SoftLineBreak():
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(w.src))
		case *extast.TaskCheckBox:
			b.WriteString(map[bool]string{true: "[x] ", false: "[ ] "}[n.IsChecked])
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(b.String())
}
