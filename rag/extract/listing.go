package extract

import (
	"strings"

	"weft/rag/analysis"

	"weft/rag/lazyregexp"
)

// mostLines is how many lines of a declaration are quoted; where it is longer it is cut.
const mostLines = 24

// A listing is a declaration of a source file, with the comment above it.
type listing struct {
	text     string // as it is quoted
	comment  string // what the comment says, without its marks
	declares string // the line that declares
	inside   bool   // it begins within the declaration
}

var (
	remark    = lazyregexp.New(`^\s*(?://+|/\*+|\*+/?|#+!?|--+|;+|%+|"""|''')\s?`)
	closer    = lazyregexp.New(`^\s*(?:[)\]}]|end\b)`)
	docstring = lazyregexp.New(`^\s*[rRuUbB]?(?:"""|''')`)
)

// listings takes a passage of source code apart. A declaration begins behind a blank line, and is indented no further than any other line.
func listings(p Passage) (out []listing) {
	lines := strings.Split(strings.TrimRight(p.Text, " \t\n"), "\n")
	base := outermost(lines)
	from := 0
	for i := 1; i <= len(lines); i++ {
		if i < len(lines) && (blank(lines[i]) || !blank(lines[i-1]) || indented(lines[i]) > base || closer.MatchString(lines[i])) {
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

// listed makes a listing of lines, the first of a passage in the declaration that is named.
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
	l.inside = indented(lines[0]) > 0 && declared != "" && !strings.Contains(strings.Join(lines, "\n"), strings.TrimSuffix(declared, "…"))
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

// says is what a line says beside the mark of a comment of one line.
func says(line string) string { return strings.Trim(line, " \t/#;-") }

// remarks returns what the comment says that lines begin with, and the line which is commented; what is written below that line in quotes, as in Python, is
// a comment of it too.
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

// name returns the terms of a line that are no part of a longer name.
func name(a *analysis.Analyzer, line string) map[string]bool {
	m := map[string]bool{}
	for _, t := range a.Tokens(line) {
		if t.Kind == analysis.Word && !t.Stop {
			m[t.Term] = true
		}
	}
	return m
}

// cutAt is how many lines are kept: all, or as many as end where something else begins.
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

// outermost is how far the lines are indented that are indented least.
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
