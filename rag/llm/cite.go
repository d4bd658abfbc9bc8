package llm

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const oneCitation = `[\[【]\s*(?:(?:source|passage|document|doc|no\.?)s?\s*)?[#^]?(\d{1,3}(?:\s*(?:[,;、]|and|-|–)\s*#?\d{1,3})*)\s*(?:†[^\]】\n]*)?[\]】](?:\([^()\s]*(?:\s+"[^"]*")?\))?`

var (
	// citation matches [1], [^1], [1, 3], [1-3], [source 2], 【1】 and 【1†lines 3-9】, with the target
	// if it is a link.
	citation = regexp.MustCompile(`(?i)` + oneCitation)
	// citations matches several citations in a row, with the space before them.
	citations = regexp.MustCompile(`(?i)\s*\\?(?:` + oneCitation + `)+`)
	number    = regexp.MustCompile(`\d+|-|–`)
	// A link definition could turn a citation into a link to a target chosen by a document.
	// Definitions of numbers (listed) are a list of sources and are removed. All others
	// (definition) are defused but keep their text.
	listed     = regexp.MustCompile(`(?m)^ {0,3}\[\^?\d{1,3}\]:[^\n]*\n?`)
	definition = regexp.MustCompile(`(?m)^([ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?\[(?:[^\]\\]|\\.)*\]):`)
)

// Cite normalises the citations of an answer that was given passages 1 to n. In the returned text,
// citations of existing passages have the form [1], or [1][3] for several. Citations of other
// passages are removed, as are links and link definitions for a number, so that a document cannot
// pose as another. Code is left unchanged. cited lists the numbers in the order of their first
// citation.
func Cite(text string, n int) (clean string, cited []int) {
	// Removing text can form a new citation, as in [[9]1], so repeat until nothing changes.
	for range 100 {
		if clean, cited = cite(text, n); clean == text {
			return clean, cited
		}
		text = clean
	}
	return clean, cited
}

func cite(text string, n int) (clean string, cited []int) {
	var b strings.Builder
	for _, part := range splitCode(text) {
		if part.code {
			b.WriteString(part.text)
			continue
		}
		prose := listed.ReplaceAllString(part.text, "")
		prose = citations.ReplaceAllStringFunc(prose, func(m string) string {
			trimmed := strings.TrimLeft(m, " \t\r\n")
			if strings.HasPrefix(trimmed, `\`) {
				return m // an escaped bracket is not a citation
			}
			var keep strings.Builder
			for _, one := range citation.FindAllStringSubmatch(m, -1) {
				for _, k := range numbers(one[1]) {
					if k < 1 || k > n {
						continue
					}
					keep.WriteString("[" + strconv.Itoa(k) + "]")
					if !slices.Contains(cited, k) {
						cited = append(cited, k)
					}
				}
			}
			space := m[:len(m)-len(trimmed)]
			if keep.Len() == 0 && !strings.Contains(space, "\n") {
				return ""
			}
			return space + keep.String()
		})
		b.WriteString(definition.ReplaceAllString(prose, "$1 :"))
	}
	return b.String(), cited
}

// numbers parses "1, 3-5" as 1, 3, 4, 5.
func numbers(s string) (out []int) {
	toRange := false
	for _, f := range number.FindAllString(s, -1) {
		k, err := strconv.Atoi(f)
		if err != nil { // the hyphen of a range
			toRange = true
			continue
		}
		if toRange && len(out) > 0 {
			for i := out[len(out)-1] + 1; i < k; i++ {
				out = append(out, i)
			}
		}
		toRange = false
		out = append(out, k)
	}
	return out
}

type textPart struct {
	text string
	code bool
}

var fenceLine = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})")

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

var backticks = regexp.MustCompile("`+")

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
