package markdown

import (
	"strings"

	xansi "github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// codeMargin returns how far glamour indents code.
func codeMargin(l Look) int {
	if m := l.Styles.CodeBlock.Margin; m != nil {
		return int(*m)
	}
	return 0
}

// fitCode breaks the lines of fenced code that are wider than room. glamour breaks lines too, but
// loses their indentation.
func fitCode(p parser.Parser, src string, room int) string {
	if room < 8 || !strings.Contains(src, "```") && !strings.Contains(src, "~~~") {
		return src
	}
	var b strings.Builder
	from := 0
	doc := p.Parse(text.NewReader([]byte(src)))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if code, ok := n.(*ast.FencedCodeBlock); ok && entering {
			for _, l := range code.Lines().Sliced(0, code.Lines().Len()) {
				line := strings.TrimRight(src[l.Start:l.Stop], "\n")
				if xansi.StringWidth(line)+3*strings.Count(line, "\t") <= room {
					continue
				}
				// before is the prefix of the enclosing list or quote.
				before := src[strings.LastIndexByte(src[:l.Start], '\n')+1 : l.Start]
				b.WriteString(src[from:l.Start])
				b.WriteString(strings.Join(breakLine(strings.ReplaceAll(line, "\t", "    "), room), "\n"+before))
				from = l.Start + len(line)
			}
		}
		return ast.WalkContinue, nil
	})
	b.WriteString(src[from:])
	return b.String()
}

// breakLine breaks a line, after a space if there is one in the second half. Continuation lines
// have the indentation of the first, unless that leaves too little room.
func breakLine(line string, room int) (lines []string) {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	if indent > room/2 {
		indent = 0
	}
	before := ""
	for xansi.StringWidth(line) > room-len(before) {
		part := xansi.Truncate(line, room-len(before), "")
		if i := strings.LastIndexByte(part, ' '); i > len(part)/2 && strings.TrimSpace(part[:i]) != "" {
			part = part[:i+1]
		}
		if part == "" { // the next character is wider than the room
			break
		}
		lines = append(lines, before+strings.TrimRight(part, " "))
		line = line[len(part):]
		before = strings.Repeat(" ", indent)
	}
	return append(lines, before+line)
}
