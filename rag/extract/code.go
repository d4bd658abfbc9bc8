package extract

import "strings"

// fenced returns a code block as one that stands by itself: its fence begins the line and is closed. In its document it may be indented, or
// reach to the end of the passage; quoted so, it would swallow what follows it, or be no code any more and lend its brackets to citations.
func fenced(block string) string {
	lines := strings.Split(strings.TrimRight(block, " \t\n"), "\n")
	first := strings.TrimLeft(lines[0], " \t")
	mark := first[:len(first)-len(strings.TrimLeft(first, first[:min(1, len(first))]))]
	if len(mark) < 3 || mark[0] != '`' && mark[0] != '~' { // code that is told by its indent
		mark = fence(block)
		lines = append([]string{mark}, dedent(lines, len(lines[0])-len(first))...)
		return strings.Join(append(lines, mark), "\n")
	}
	lines = dedent(lines, len(lines[0])-len(first))
	if last := strings.TrimSpace(lines[len(lines)-1]); len(lines) == 1 || len(last) < len(mark) || strings.Trim(last, mark[:1]) != "" {
		lines = append(lines, mark)
	}
	return strings.Join(lines, "\n")
}

// fence returns a mark that can stand around code: longer than any like it that is in there.
func fence(code string) string {
	mark := "```"
	for strings.Contains(code, mark) {
		mark += "`"
	}
	return mark
}

// dedent takes at most n blanks off the beginning of each line.
func dedent(lines []string, n int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		blanks := len(l) - len(strings.TrimLeft(l, " \t"))
		out[i] = l[min(n, blanks):]
	}
	return out
}
