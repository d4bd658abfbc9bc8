package llm

import (
	"strings"

	"weft/rag/lazyregexp"
)

// A textPart is a stretch of a Markdown text that is either code or not.
type textPart struct {
	text string
	code bool
}

var fenceLine = lazyregexp.New("^ {0,3}(`{3,}|~{3,})")

// splitCode separates the code blocks and code spans of a Markdown text from the rest. The
// concatenated parts are the text.
func splitCode(text string) (parts []textPart) {
	var prose, code strings.Builder
	flush := func() {
		parts = append(parts, spans(prose.String())...)
		prose.Reset()
	}
	open := ""
	for line := range strings.Lines(text) {
		m := fenceLine.FindStringSubmatch(line)
		switch {
		case open == "" && m != nil:
			flush()
			open = m[1]
			code.WriteString(line)
		case open != "":
			code.WriteString(line)
			if m != nil && strings.HasPrefix(m[1], open) && strings.Trim(strings.TrimSpace(line), open[:1]) == "" {
				parts = append(parts, textPart{code.String(), true})
				code.Reset()
				open = ""
			}
		default:
			prose.WriteString(line)
		}
	}
	flush()
	if code.Len() > 0 {
		parts = append(parts, textPart{code.String(), true})
	}
	return parts
}

var backticks = lazyregexp.New("`+")

// spans separates the code spans of a text without code blocks. A span is enclosed by two runs of
// equally many backticks in one paragraph.
func spans(s string) (parts []textPart) {
	from := 0 // start of the current part
	for at := 0; ; {
		open := backticks.FindStringIndex(s[at:])
		if open == nil {
			break
		}
		begin, behind := at+open[0], at+open[1]
		end := -1
		for i := behind; ; {
			c := backticks.FindStringIndex(s[i:])
			if c == nil || strings.Contains(s[behind:i+c[0]], "\n\n") {
				break
			}
			if c[1]-c[0] == behind-begin {
				end = i + c[1]
				break
			}
			i += c[1]
		}
		if end < 0 {
			at = behind
			continue
		}
		parts = append(parts, textPart{s[from:begin], false}, textPart{s[begin:end], true})
		from, at = end, end
	}
	return append(parts, textPart{s[from:], false})
}
