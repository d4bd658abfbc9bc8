package load

import (
	"context"
	"strings"

	"weft/rag/lazyregexp"
)

var (
	typstDocument = lazyregexp.New(`#set\s+document\(([^()]*(?:\([^()]*\)[^()]*)*)\)`)
	typstSetting  = lazyregexp.New(`\b(title|author|keywords|date|description)\s*:\s*(?:\(([^()]*)\)|"([^"]*)"|\[([^\]]*)\])`)
	typstString   = lazyregexp.New(`"([^"]*)"`)
	typstHeading  = lazyregexp.New(`^(={1,6})[ \t]+(.*)$`)
	typstLabel    = lazyregexp.New(`[ \t]*<[A-Za-z][\w:.-]*>[ \t]*$`)
	typstTerm     = lazyregexp.New(`^([ \t]*)/[ \t]+([^:\n]+):[ \t]*(.*)$`)
	typstCall     = lazyregexp.New(`^#([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)`)
)

// takeTypstFields returns the metadata of a Typst file as fields. The text is returned unchanged.
func takeTypstFields(text string) (fieldList, string) {
	var fields fieldList
	if m := typstDocument.FindStringSubmatch(text[:min(len(text), 64<<10)]); m != nil {
		for _, s := range typstSetting.FindAllStringSubmatch(m[1], 20) {
			if s[2] == "" {
				fields.add(s[1], s[3]+s[4])
			}
			for _, entry := range typstString.FindAllStringSubmatch(s[2], 50) {
				fields.add(s[1], entry[1])
			}
		}
	}
	return fields, text
}

// readableTypst converts a Typst file to Markdown, line by line. Settings and definitions are
// removed; calls are replaced by their content.
func readableTypst(ctx context.Context, text string) string {
	lines := strings.Split(typstMarkup(ctx, text), "\n")
	fence := false
	for i, line := range untilDone(ctx, lines) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fence = !fence
			continue
		}
		if fence {
			continue
		}
		if m := typstHeading.FindStringSubmatch(line); m != nil {
			line = strings.Repeat("#", len(m[1])) + " " + m[2]
		} else if m := typstTerm.FindStringSubmatch(line); m != nil {
			line = m[1] + m[2] + ": " + m[3]
		} else if rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "+ "); ok {
			line = line[:len(line)-len(rest)-2] + "1. " + rest
		}
		line = typstLabel.ReplaceAllString(line, "")
		lines[i] = strings.TrimSuffix(line, ` \`)
	}
	return strings.Join(lines, "\n")
}

// typstMarkup removes comments and expands calls in one pass.
func typstMarkup(ctx context.Context, text string) string {
	var out strings.Builder
	for i, steps := 0, 0; i < len(text); steps++ {
		if steps%10_000 == 0 && ctx.Err() != nil {
			break
		}
		rest := text[i:]
		n, shown := 1, rest[:1]
		switch {
		case strings.HasPrefix(rest, "```"):
			if end := strings.Index(rest[3:], "```"); end >= 0 {
				n = end + 6
				shown = rest[:n]
			}
		case rest[0] == '`':
			if end := strings.IndexAny(rest[1:], "`\n"); end >= 0 {
				n = end + 2
				shown = rest[:n]
			}
		case rest[0] == '\\' && len(rest) > 1 && rest[1] != '\n' && rest[1] != ' ':
			n, shown = 2, rest[1:2]
		case strings.HasPrefix(rest, "//") && (i == 0 || text[i-1] != ':'):
			n, shown = lineLen(rest), ""
		case strings.HasPrefix(rest, "/*"):
			if end := strings.Index(rest, "*/"); end >= 0 {
				n, shown = end+2, blankLines(rest[:end])
			}
		case rest[0] == '#':
			n, shown = typstCode(rest, 0)
		case rest[0] == '~':
			shown = " "
		}
		out.WriteString(shown)
		i += n
	}
	return out.String()
}

// lineLen returns the length of the first line of s, without its end.
func lineLen(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

// maxTypstDepth is the depth to which nested calls are expanded.
const maxTypstDepth = 8

// typstCode parses the code at the start of s. It returns the length of the code and the text that
// it displays, padded with line ends so that the number of lines does not change.
func typstCode(s string, depth int) (n int, shown string) {
	m := typstCall.FindStringSubmatch(s[:min(len(s), 200)])
	if m == nil {
		return 1, s[:1]
	}
	n = len(m[0])
	switch m[1] {
	case "set", "show", "import", "include", "let":
		for n < len(s) && s[n] != '\n' && s[n] != ';' {
			n += max(typstGroup(s[n:]), 1)
		}
		return n, blankLines(s[:n])
	}
	var parts []string
	arguments, lineEnds := "", 0
	if n < len(s) && s[n] == '(' {
		length := max(typstGroup(s[n:]), 1)
		arguments = s[n : n+length]
		n += length
		parts = typstContents(arguments, depth)
	}
	for n < len(s) && s[n] == '[' {
		length := typstGroup(s[n:])
		if length < 2 {
			break
		}
		parts = append(parts, typstInner(s[n+1:n+length-1], depth))
		n += length
	}
	if text := typstString.FindStringSubmatch(arguments); text != nil {
		switch m[1] {
		case "link":
			if len(parts) > 0 {
				parts = append(parts, "("+text[1]+")")
			} else {
				parts = []string{text[1]}
			}
		case "text", "quote", "emph", "strong", "underline", "highlight", "raw":
			if len(parts) == 0 {
				parts = []string{text[1]}
			}
		}
	}
	if alt := strings.Index(arguments, "alt:"); alt >= 0 {
		if text := typstString.FindStringSubmatch(arguments[alt:]); text != nil {
			parts = append(parts, text[1])
		}
	}
	separator := " "
	if m[1] == "table" || m[1] == "grid" {
		separator = " | "
	}
	shown = strings.Join(parts, separator)
	if lineEnds = strings.Count(s[:n], "\n") - strings.Count(shown, "\n"); lineEnds > 0 {
		shown += strings.Repeat("\n", lineEnds)
	}
	return n, shown
}

// typstContents returns the content blocks in the arguments of a call, including those of nested
// calls.
func typstContents(arguments string, depth int) (parts []string) {
	if depth >= maxTypstDepth {
		return nil
	}
	for i := 1; i < len(arguments); {
		switch arguments[i] {
		case '[':
			length := typstGroup(arguments[i:])
			if length < 2 {
				return parts
			}
			parts = append(parts, typstInner(arguments[i+1:i+length-1], depth))
			i += length
		case '"':
			i += max(typstGroup(arguments[i:]), 1)
		case '(':
			length := max(typstGroup(arguments[i:]), 1)
			parts = append(parts, typstContents(arguments[i:i+length], depth+1)...)
			i += length
		default:
			i++
		}
	}
	return parts
}

// typstInner converts the inside of a content block.
func typstInner(s string, depth int) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '#' && depth < maxTypstDepth {
			n, shown := typstCode(s[i:], depth+1)
			out.WriteString(strings.ReplaceAll(shown, "\n", " "))
			i += n
			continue
		}
		if s[i] == '\n' {
			out.WriteByte(' ')
		} else {
			out.WriteByte(s[i])
		}
		i++
	}
	return tidy(out.String())
}

// maxTypstGroup is the length in bytes of the longest call.
const maxTypstGroup = 256 << 10

// typstGroup returns the length of the group in parentheses, brackets, braces or quotes at the
// start of s; 0 when there is none or it is not closed within maxTypstGroup bytes.
func typstGroup(s string) int {
	var open []byte
	for i := 0; i < len(s) && i < maxTypstGroup; i++ {
		switch c := s[i]; c {
		case '\\':
			i++
		case '"':
			end := strings.IndexByte(s[i+1:min(len(s), maxTypstGroup)], '"')
			if end < 0 {
				return 0
			}
			i += end + 1
		case '(', '[', '{':
			if open = append(open, c); len(open) > 40 {
				return 0
			}
		case ')', ']', '}':
			if len(open) == 0 {
				return 0
			}
			open = open[:len(open)-1]
		}
		if len(open) == 0 {
			if i == 0 && s[0] != '"' && s[0] != '(' {
				return 0
			}
			return i + 1
		}
	}
	return 0
}
