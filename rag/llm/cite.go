package llm

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const oneCitation = `[\[【]\s*(?:(?:source|passage|document|doc|no\.?)s?\s*)?[#^]?(\d{1,3}(?:\s*(?:[,;、]|and|-|–)\s*#?\d{1,3})*)\s*(?:†[^\]】\n]*)?[\]】](?:\([^()\s]*(?:\s+"[^"]*")?\))?`

var (
	// A citation: [1], [^1], [1, 3], [1-3], [source 2], 【1】, 【1†lines 3-9】; with the target of a link, if it was made one.
	citation = regexp.MustCompile(`(?i)` + oneCitation)
	// Several in a row, with the space before them.
	citations = regexp.MustCompile(`(?i)\s*\\?(?:` + oneCitation + `)+`)
	number    = regexp.MustCompile(`\d+|-|–`)
	// Definitions of links would turn a citation into a link to wherever a document wants. Those of numbers are a list of sources, and
	// go; the others lose their meaning but not their text.
	listed     = regexp.MustCompile(`(?m)^ {0,3}\[\^?\d{1,3}\]:[^\n]*\n?`)
	definition = regexp.MustCompile(`(?m)^([ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?\[(?:[^\]\\]|\\.)*\]):`)
)

// Cite reads the citations of an answer that was given passages 1 to n. In the text that it returns, citations of passages that exist
// have the form [1], or [1][3] for several; those of passages that do not are gone, and so are links and definitions of links that hide
// behind a number: a document must not be able to pass itself off as another. Code is left alone. The numbers are returned in the order
// of their first citation.
func Cite(text string, n int) (clean string, cited []int) {
	// What is taken away can leave another citation behind, as in [[9]1]: what counts is the text in which nothing is left to be done.
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
				return m // an escaped bracket is none
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

// numbers reads "1, 3-5" as 1, 3, 4, 5.
func numbers(s string) (out []int) {
	toRange := false
	for _, f := range number.FindAllString(s, -1) {
		k, err := strconv.Atoi(f)
		if err != nil { // the sign of a range
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

// splitCode separates code blocks and code spans of a Markdown text from the rest. The parts in a row are the text.
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

// spans separates the code spans of a text without code blocks: between two rows of equally many backticks in one paragraph.
func spans(s string) (parts []textPart) {
	from := 0 // where the part that is being read begins
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
