package speech

import (
	"regexp"
	"strings"

	"weft/ui/canvas"
)

// A Reading turns a growing Markdown text into lines to be read aloud: each line and each sentence
// once, when it is complete.
type Reading struct {
	said string // the text that was read so far
	code bool   // within a code block
	mid  bool   // the last line was read in part
}

// Next returns the lines that are complete in text and have not been returned before; if the text
// has ended, all the rest. A text that does not continue the previous one is read from its start.
func (r *Reading) Next(text string, ended bool) (lines []string) {
	if strings.HasPrefix(r.said, text) || strings.TrimSpace(text) == strings.TrimSpace(r.said) {
		text = r.said // the text was cut back, or differs only in spaces: nothing is new
	}
	if !strings.HasPrefix(text, r.said) {
		*r = Reading{}
		lines = append(lines, "The answer is now:")
	}
	rest := text[len(r.said):]
	if !ended {
		rest = rest[:r.whole(rest)]
	}
	if r.said += rest; rest == "" && !ended {
		return lines
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if line = canvas.Line(canvas.Head(line, 4096)); r.mid && !r.code {
			line = inline(line)
		} else {
			line = r.line(line)
		}
		if r.mid = false; line != "" {
			lines = append(lines, line)
		}
	}
	r.mid = !ended && !strings.HasSuffix(rest, "\n")
	if ended && r.code {
		r.code = false
		lines = append(lines, "End of code.")
	}
	return lines
}

// whole returns the length of the part of a text that is complete: lines that have ended and,
// outside of code, sentences that have ended.
func (r *Reading) whole(text string) int {
	n := strings.LastIndexByte(text, '\n') + 1
	if r.code || strings.Contains(text, "```") {
		return n
	}
	for _, end := range []string{". ", "! ", "? "} {
		if i := strings.LastIndex(text, end); i >= 0 {
			n = max(n, i+len(end))
		}
	}
	return n
}

var (
	strong   = regexp.MustCompile("\\*\\*|__|`")
	emphasis = regexp.MustCompile(`(^|[\s(])[*_](\S)|(\S)[*_]($|[\s.,;:!?)])`)
	link     = regexp.MustCompile(`!?\[([^\]]+)\]\(([^)]*)\)`)
	rule     = regexp.MustCompile(`^\s*([-*_=]\s*){3,}$|^[\s|:+-]+$`)
)

// line returns a line of Markdown without its markup. Headings, items, rows and code are announced
// by name.
func (r *Reading) line(s string) string {
	t := strings.TrimSpace(s)
	if strings.HasPrefix(t, "```") || strings.HasPrefix(t, "~~~") {
		if r.code = !r.code; !r.code {
			return "End of code."
		}
		if lang := strings.Trim(t, "`~ "); lang != "" {
			return "Code, " + lang + ":"
		}
		return "Code:"
	}
	switch {
	case r.code:
		return strings.TrimRight(s, " ")
	case t == "" || rule.MatchString(t):
		return ""
	case strings.HasPrefix(t, "#"):
		return "Heading: " + inline(strings.Trim(t, "# "))
	case strings.HasPrefix(t, "|"):
		return "Row: " + inline(strings.ReplaceAll(strings.Trim(t, "| "), "|", ";"))
	case strings.HasPrefix(t, ">"):
		return "Quote: " + inline(strings.TrimLeft(t, "> "))
	case strings.HasPrefix(t, "- "), strings.HasPrefix(t, "* "), strings.HasPrefix(t, "+ "):
		return "Item: " + inline(t[2:])
	}
	return inline(t)
}

func inline(s string) string {
	s = strong.ReplaceAllString(link.ReplaceAllString(s, "$1"), "")
	return strings.TrimSpace(emphasis.ReplaceAllString(s, "$1$2$3$4"))
}
