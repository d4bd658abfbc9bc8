package load

import (
	"strings"

	"weft/rag/lazyregexp"
)

var (
	adocLink     = lazyregexp.New(`(?:link:|mailto:)?((?:https?|ftp)://[^\s\[\]]+)\[([^\]\n]*)\]`)
	adocNamed    = lazyregexp.New(`\b(?:link|xref|mailto):([^\s\[\]]*)\[([^\]\n]*)\]`)
	adocCross    = lazyregexp.New(`<<([^<>,\n]+)(?:,[ ]*([^<>\n]+))?>>`)
	adocKey      = lazyregexp.New(`\b(?:kbd|btn|pass|stem|latexmath):(?:[a-z]*)\[([^\]\n]*)\]`)
	adocMenu     = lazyregexp.New(`\bmenu:([^\[\n]+)\[([^\]\n]*)\]`)
	adocFootnote = lazyregexp.New(`footnote:[\w-]*\[([^\]\n]*)\]`)
	adocImage    = lazyregexp.New(`image::?[^\s\[\]]+\[([^\]\n]*)\]`)
	adocAnchor   = lazyregexp.New(`\[\[[^\]\n]+\]\]|\[#[^\]\n]+\]`)
	adocValue    = lazyregexp.New(`\{([A-Za-z][\w-]*)\}`)
)

// inline removes the markup within a line of text.
func (a *adocReader) inline(line string) string {
	if len(line) > maxCleanedLine || !strings.ContainsAny(line, "[{<") {
		return line
	}
	line = adocImage.ReplaceAllStringFunc(line, func(s string) string {
		alt, _, _ := strings.Cut(adocImage.FindStringSubmatch(s)[1], ",")
		return strings.Trim(alt, `"`)
	})
	line = adocLink.ReplaceAllStringFunc(line, func(s string) string {
		m := adocLink.FindStringSubmatch(s)
		if text := strings.TrimSuffix(m[2], "^"); text != "" {
			return text + " (" + m[1] + ")"
		}
		return m[1]
	})
	line = adocNamed.ReplaceAllStringFunc(line, func(s string) string {
		if m := adocNamed.FindStringSubmatch(s); m[2] != "" {
			return m[2]
		} else {
			return m[1]
		}
	})
	line = adocCross.ReplaceAllStringFunc(line, func(s string) string {
		if m := adocCross.FindStringSubmatch(s); m[2] != "" {
			return m[2]
		} else {
			return m[1]
		}
	})
	line = adocKey.ReplaceAllString(line, "$1")
	line = adocMenu.ReplaceAllString(line, "$1 > $2")
	line = adocFootnote.ReplaceAllString(line, " ($1)")
	line = adocAnchor.ReplaceAllString(line, "")
	if a.grown.full() {
		return line
	}
	return adocValue.ReplaceAllStringFunc(line, func(s string) string {
		name := strings.Trim(s, "{}")
		if value := a.fields.value(strings.ToLower(name)); value != "" {
			return a.grown.replace(s, value)
		}
		return s
	})
}
