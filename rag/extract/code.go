package extract

import (
	"slices"
	"strings"
)

// fenced returns a code block with a fence that starts its line and is closed. A block of a
// document may be indented, or cut by the end of its passage. Quoted unchanged, such a block could
// extend over the text after it, or not be code at all, so that its brackets would be read as
// citations.
func fenced(block string) string {
	lines := strings.Split(strings.TrimRight(block, " \t\n"), "\n")
	first := strings.TrimLeft(lines[0], " \t")
	mark := first[:len(first)-len(strings.TrimLeft(first, first[:min(1, len(first))]))]
	if len(mark) < 3 || mark[0] != '`' && mark[0] != '~' { // an indented code block
		mark = fence(block)
		lines = append([]string{mark}, dedent(lines, len(lines[0])-len(first))...)
		return strings.Join(append(lines, mark), "\n")
	}
	lines = dedent(lines, len(lines[0])-len(first))
	if last := strings.TrimSpace(lines[len(lines)-1]); len(lines) == 1 || len(last) < len(mark) || strings.Trim(last, mark[:1]) != "" {
		lines = append(lines, mark)
	}
	for len(lines) > 2 && blank(lines[1]) {
		lines = slices.Delete(lines, 1, 2)
	}
	return strings.Join(lines, "\n")
}

// fence returns a fence of backticks that is longer than any in the code.
func fence(code string) string {
	mark := "```"
	for strings.Contains(code, mark) {
		mark += "`"
	}
	return mark
}

// dedent removes up to n blanks from the start of each line.
func dedent(lines []string, n int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		blanks := len(l) - len(strings.TrimLeft(l, " \t"))
		out[i] = l[min(n, blanks):]
	}
	return out
}
