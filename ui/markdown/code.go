package markdown

import (
	"strings"

	xansi "github.com/charmbracelet/x/ansi"
)

// codeMargin is how far glamour sets code in.
func codeMargin(l Look) int {
	if m := l.Styles.CodeBlock.Margin; m != nil {
		return int(*m)
	}
	return 0
}

// fitCode breaks the lines of fenced code that are wider than the room. glamour breaks lines too, but forgets how far they were indented.
func fitCode(src string, room int) string {
	if room < 8 || !strings.Contains(src, "```") && !strings.Contains(src, "~~~") {
		return src
	}
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(src) {
		text := strings.TrimRight(line, "\n")
		mark := fenceOf(text)
		switch {
		case fence == "":
			fence = mark
		case mark != "" && mark[0] == fence[0] && len(mark) >= len(fence) && strings.Trim(text, " "+mark[:1]) == "":
			fence = ""
		case xansi.StringWidth(text)+3*strings.Count(text, "\t") > room:
			b.WriteString(strings.Join(broken(strings.ReplaceAll(text, "\t", "    "), room), "\n"))
			b.WriteString(line[len(text):])
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// fenceOf gives the marks of a line that may begin or end a fence; "" if it does neither.
func fenceOf(line string) string {
	text := strings.TrimLeft(line, " ")
	if len(line)-len(text) > 3 || text == "" || text[0] != '`' && text[0] != '~' {
		return ""
	}
	rest := strings.TrimLeft(text, text[:1])
	if n := len(text) - len(rest); n >= 3 && (text[0] == '~' || !strings.Contains(rest, "`")) {
		return text[:n]
	}
	return ""
}

// broken breaks a line, behind a blank if there is one not too far back. What follows on a break is indented as the line is, unless that leaves little room.
func broken(line string, room int) (lines []string) {
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
		if part == "" { // a character that is wider than the room
			break
		}
		lines = append(lines, before+strings.TrimRight(part, " "))
		line = line[len(part):]
		before = strings.Repeat(" ", indent)
	}
	return append(lines, before+line)
}
