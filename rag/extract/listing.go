package extract

import (
	"strings"

	"weft/rag/analysis"

	"weft/rag/lazyregexp"
)

// mostLines is the maximum number of lines quoted of a declaration. A longer one is cut.
const mostLines = 24

// A listing is a declaration in a source file and the comment above it.
type listing struct {
	text     string // the lines to quote
	comment  string // the comment without its marks
	declares string // the line that declares
	inside   bool   // the text starts inside the declaration
}

var (
	remark    = lazyregexp.New(`^\s*(?://+|/\*+|\*+/?|#+!?|--+|;+|%+|"""|''')\s?`)
	closer    = lazyregexp.New(`^\s*(?:[)\]}]|end\b)`)
	docstring = lazyregexp.New(`^\s*[rRuUbB]?(?:"""|''')`)
)

// listings splits a passage of source code. A declaration starts after a blank line and has the
// least indentation of the passage.
func listings(p Passage) (out []listing) {
	lines := strings.Split(strings.TrimRight(p.Text, " \t\n"), "\n")
	base := outermost(lines)
	from := 0
	for i := 1; i <= len(lines); i++ {
		if i < len(lines) && (blank(lines[i]) || !blank(lines[i-1]) || indented(lines[i]) > base ||
			closer.MatchString(lines[i])) {
			continue
		}
		declared := ""
		if n := len(p.Heading); from == 0 && n > 1 {
			declared = p.Heading[n-1]
		}
		if l := listed(lines[from:i], declared); l.text != "" {
			out = append(out, l)
		}
		from = i
	}
	return out
}

// listed makes a listing of lines. If they start inside a declaration, declared is its first line.
func listed(lines []string, declared string) (l listing) {
	for len(lines) > 0 && says(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	for len(lines) > 0 && says(lines[0]) == "" {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return l
	}
	l.comment, l.declares = remarks(lines)
	l.inside = indented(lines[0]) > 0 && declared != "" &&
		!strings.Contains(strings.Join(lines, "\n"), strings.TrimSuffix(declared, "…"))
	if l.inside {
		l.declares = declared
	}
	kept := lines[:cutAt(lines)]
	rest := lines[len(kept):]
	for len(kept) > 1 && blank(kept[len(kept)-1]) {
		kept = kept[:len(kept)-1]
	}
	kept = append([]string(nil), kept...)
	switch last := lines[len(lines)-1]; {
	case len(rest) > 0:
		for len(rest) > 1 && blank(rest[0]) {
			rest = rest[1:]
		}
		kept = append(kept, blanks(rest[0])+"…")
	case indented(last) > outermost(lines) && unclosed(lines):
		kept = append(kept, blanks(last)+"…")
	}
	if l.inside {
		kept = append([]string{declared, blanks(lines[0]) + "…"}, kept...)
	} else {
		kept = dedent(kept, outermost(kept))
	}
	l.text = strings.Join(kept, "\n")
	return l
}

// says returns a line without the marks of a one-line comment.
func says(line string) string { return strings.Trim(line, " \t/#;-") }

// remarks returns the text of the comment that lines start with, including a docstring below the
// declaration as in Python, and the line that declares.
func remarks(lines []string) (comment, declares string) {
	var said []string
	i := 0
	for ; i < len(lines) && remark.MatchString(lines[i]); i++ {
		said = append(said, remark.ReplaceAllString(lines[i], ""))
	}
	if i < len(lines) {
		declares = lines[i]
	}
	if i+1 < len(lines) && docstring.MatchString(lines[i+1]) {
		for i++; i < len(lines); i++ {
			said = append(said, remark.ReplaceAllString(lines[i], ""))
			if text := docstring.ReplaceAllString(lines[i], ""); strings.Contains(text, `"""`) || strings.Contains(text, "'''") {
				break
			}
		}
	}
	return strings.TrimSpace(strings.Join(said, "\n")), declares
}

// name returns the terms of a line that are words of their own, not parts of a longer identifier.
func name(a *analysis.Analyzer, line string) map[string]bool {
	m := map[string]bool{}
	for _, t := range a.Tokens(line) {
		if t.Kind == analysis.Word && !t.Stop {
			m[t.Term] = true
		}
	}
	return m
}

// cutAt returns the number of lines to quote: all of a short listing, else up to a good place to
// stop, such as a blank line.
func cutAt(lines []string) int {
	if len(lines) <= mostLines {
		return len(lines)
	}
	best, least := mostLines, -1
	for i := mostLines; i > mostLines/2; i-- {
		if blank(lines[i]) {
			return i
		}
		if n := indented(lines[i]); !closer.MatchString(lines[i]) && (least < 0 || n < least) {
			best, least = i, n
		}
	}
	return best
}

func unclosed(lines []string) bool {
	text := strings.Join(lines, "\n")
	return strings.Count(text, "{") > strings.Count(text, "}")
}

// outermost returns the smallest indentation of the lines.
func outermost(lines []string) int {
	least := -1
	for _, l := range lines {
		if n := indented(l); !blank(l) && (least < 0 || n < least) {
			least = n
		}
	}
	return max(0, least)
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

func indented(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

func blanks(line string) string { return line[:indented(line)] }
