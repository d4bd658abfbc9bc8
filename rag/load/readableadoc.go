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
	adocSetting  = lazyregexp.New(`^\[[^\]\n]*\]$`)
	adocMacro    = lazyregexp.New(`^(?:include|ifdef|ifndef|ifeval|endif|toc|video|audio)::`)
	adocValue    = lazyregexp.New(`\{([A-Za-z][\w-]*)\}`)
	adocTitled   = lazyregexp.New(`^\.([A-Z\pL][^.].*)$`)
	adocSource   = lazyregexp.New(`^\[(?:source|,)(?:%\w+)?,?[ ]*([\w+#-]*)`)
	adocAdvice   = lazyregexp.New(`^\[(NOTE|TIP|WARNING|IMPORTANT|CAUTION)\]$`)
)

// readableAsciiDoc removes attributes, anchors and link markup from an AsciiDoc file and turns its
// listings into fences.
func readableAsciiDoc(_, text string, fields fieldList) string {
	lines := strings.Split(text, "\n")
	fence, language, comment := "", "", false
	var attributes expansion
	for i, line := range lines {
		trimmed := strings.TrimRight(line, " \t")
		isDelimiter := len(trimmed) >= 4 && strings.Trim(trimmed, trimmed[:1]) == ""
		switch {
		case fence != "":
			if trimmed == fence {
				fence, lines[i] = "", "```"
			}
		case comment || isDelimiter && trimmed[0] == '/':
			comment = comment != (isDelimiter && trimmed[0] == '/')
			lines[i] = ""
		case isDelimiter && (trimmed[0] == '-' || trimmed[0] == '.') && closesWithin(lines[i+1:], trimmed):
			fence, lines[i] = trimmed, "```"+language
			language = ""
		case isDelimiter && strings.ContainsRune("=*_+", rune(trimmed[0])) &&
			(i == 0 || strings.TrimSpace(lines[i-1]) == "" || len(trimmed) == 4), trimmed == "--", trimmed == "+":
			lines[i] = ""
		case adocAdvice.MatchString(trimmed):
			lines[i] = adviceLine(strings.ToLower(adocAdvice.FindStringSubmatch(trimmed)[1]), "")
		case adocSetting.MatchString(trimmed):
			if m := adocSource.FindStringSubmatch(trimmed); m != nil {
				language = m[1]
			}
			lines[i] = ""
		case strings.HasPrefix(trimmed, "//"), adocMacro.MatchString(trimmed), adocAttribute.MatchString(trimmed):
			lines[i] = ""
		default:
			lines[i] = adocText(line, fields, &attributes)
		}
	}
	return strings.Join(lines, "\n")
}

func closesWithin(lines []string, closer string) bool {
	for _, l := range lines[:min(len(lines), blockReach)] {
		if len(l) >= len(closer) && l[0] == closer[0] && strings.TrimRight(l, " \t") == closer {
			return true
		}
	}
	return false
}

// adocText cleans a line of text.
func adocText(line string, fields fieldList, attributes *expansion) string {
	if m := adocTitled.FindStringSubmatch(line); m != nil {
		line = m[1]
	}
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
	if attributes.full() {
		return line
	}
	return adocValue.ReplaceAllStringFunc(line, func(s string) string {
		name := strings.Trim(s, "{}")
		if value := fields.value(strings.ToLower(name)); value != "" {
			return attributes.replace(s, value)
		}
		return s
	})
}
