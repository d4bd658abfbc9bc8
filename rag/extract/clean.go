package extract

import (
	"html"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

var (
	span  = lazyregexp.New("``[^\n]+?``|`[^`]+`")
	held  = lazyregexp.New("\x00(\\d+)\x00")
	image = lazyregexp.New(`!\[([^\]]*)\]\([^)]*\)`)
	link  = lazyregexp.New(`\[([^\[\]]+)\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:\s+"[^"]*")?\)|\[[^\]]*\])`)
	wiki  = lazyregexp.New(`!?\[\[(?:[^\]|]*\|)?([^\]|]+)\]\]`)
	tag   = lazyregexp.New(`</?[a-zA-Z][\w.:-]*(?:\s+[\w:@.-]+(?:=(?:"[^"]*"|'[^']*'|\{[^{}]*\}|` +
		`[^\s>"']+))?)*\s*/?>|<!--.*?-->`)
	entity    = lazyregexp.New(`&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});`)
	anchor    = lazyregexp.New(`\s*\{#[\w-]+\}`)
	directive = lazyregexp.New(`^\s*\.\.\s+[\w-]+::\s*`)
	template  = lazyregexp.New(`\{\{[%<][^{}]*[%>]\}\}|\{%[^{}]*%\}`)
	role      = lazyregexp.New(":(?:[\\w+.-]+:)+`([^`]+)`")
	target    = lazyregexp.New("(?s)^[!~.]*(.*?)\\s*(?:<[^<>]*>)?$")
	hyperlink = lazyregexp.New("`([^`<]+?)\\s*<[^`>]*>`__?|`([^`<>]+)`__?([\\W]|$)")
	number    = lazyregexp.New(`\[(\d{1,3})\]`)
)

// clean removes markup that a reader of the rendered page does not see: link targets, images, tags,
// reStructuredText roles, templates. It keeps every word, and code spans unchanged.
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
		case "&lt;", "&gt;", "&amp;", "&#60;", "&#62;": // characters with a meaning in Markdown
			return m
		case "&shy;":
			return ""
		}
		return html.UnescapeString(m)
	})
	return held.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.Atoi(strings.Trim(m, "\x00"))
		if n >= len(spans) {
			return m
		}
		return spans[n]
	})
}

// guarded escapes bracketed numbers in quoted text, so that they are not read as citations.
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
		n, _ := strconv.Atoi(strings.Trim(m, "\x00"))
		if n >= len(spans) {
			return m
		}
		return spans[n]
	})
}

// balanced removes emphasis markers whose counterpart is in another sentence, except in code spans.
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
