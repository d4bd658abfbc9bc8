package extract

import (
	"html"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

var (
	span      = lazyregexp.New("``[^\n]+?``|`[^`]+`")
	held      = lazyregexp.New("\x00(\\d+)\x00")
	image     = lazyregexp.New(`!\[([^\]]*)\]\([^)]*\)`)
	link      = lazyregexp.New(`\[([^\[\]]+)\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:\s+"[^"]*")?\)|\[[^\]]*\])`)
	wiki      = lazyregexp.New(`!?\[\[(?:[^\]|]*\|)?([^\]|]+)\]\]`)
	tag       = lazyregexp.New(`</?[a-zA-Z][\w.:-]*(?:\s+[\w:@.-]+(?:=(?:"[^"]*"|'[^']*'|\{[^{}]*\}|[^\s>"']+))?)*\s*/?>|<!--.*?-->`)
	entity    = lazyregexp.New(`&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});`)
	anchor    = lazyregexp.New(`\s*\{#[\w-]+\}`)
	directive = lazyregexp.New(`^\s*\.\.\s+[\w-]+::\s*`)
	template  = lazyregexp.New(`\{\{[%<][^{}]*[%>]\}\}|\{%[^{}]*%\}`)
	role      = lazyregexp.New(":(?:[\\w+.-]+:)+`([^`]+)`")
	target    = lazyregexp.New("(?s)^[!~.]*(.*?)\\s*(?:<[^<>]*>)?$")
	hyperlink = lazyregexp.New("`([^`<]+?)\\s*<[^`>]*>`__?|`([^`<>]+)`__?([\\W]|$)")
	number    = lazyregexp.New(`\[(\d{1,3})\]`)
)

// clean takes off a text what is written for programs: the targets of links, images, tags, the roles of reStructuredText, templates.
// Words are never changed, and code spans stay as they are.
func clean(s string) string {
	s = directive.ReplaceAllString(s, "")
	s = role.ReplaceAllStringFunc(s, func(m string) string {
		inner := m[strings.IndexByte(m, '`')+1 : len(m)-1]
		said := target.FindStringSubmatch(inner)[1]
		if strings.Contains(inner, "<") && strings.ContainsAny(said, " ") {
			return said
		}
		return "`" + said + "`"
	})
	s = hyperlink.ReplaceAllString(s, "$1$2$3")
	var spans []string
	s = span.ReplaceAllStringFunc(s, func(m string) string {
		spans = append(spans, m)
		return "\x00" + strconv.Itoa(len(spans)-1) + "\x00"
	})
	s = image.ReplaceAllString(s, "$1")
	s = wiki.ReplaceAllString(s, "$1")
	s = link.ReplaceAllString(s, "$1")
	s = template.ReplaceAllString(s, "")
	s = tag.ReplaceAllString(s, "")
	s = anchor.ReplaceAllString(s, "")
	s = entity.ReplaceAllStringFunc(s, func(m string) string {
		switch m {
		case "&lt;", "&gt;", "&amp;", "&#60;", "&#62;": // signs that mean something to a renderer
			return m
		case "&shy;":
			return ""
		}
		return html.UnescapeString(m)
	})
	return held.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.Atoi(strings.Trim(m, "\x00")) // digits
		if n >= len(spans) {
			return m
		}
		return spans[n]
	})
}

// guarded keeps numbers in brackets from being taken for citations of the answer.
func guarded(s string) string {
	if !number.MatchString(s) {
		return s
	}
	var spans []string
	s = span.ReplaceAllStringFunc(s, func(m string) string {
		spans = append(spans, m)
		return "\x00" + strconv.Itoa(len(spans)-1) + "\x00"
	})
	s = number.ReplaceAllString(s, `\[$1\]`)
	return held.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.Atoi(strings.Trim(m, "\x00")) // digits
		if n >= len(spans) {
			return m
		}
		return spans[n]
	})
}

// balanced takes emphasis away of which the other end stands in another sentence. Code spans are left alone.
func balanced(s string) string {
	parts := strings.Split(s, "`")
	n := 0
	for i := 0; i < len(parts); i += 2 {
		n += strings.Count(parts[i], "**")
	}
	if n%2 == 0 {
		return s
	}
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "**", "")
	}
	return strings.TrimSpace(strings.Join(parts, "`"))
}
