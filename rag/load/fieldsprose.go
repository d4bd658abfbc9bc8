package load

import (
	"strings"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// fieldReach is how many lines at the start of a text are searched for fields between other lines.
const fieldReach = 400

var rstField = lazyregexp.New(`^:([^:\s](?:[^:\n]*[^:\s])?):(?:[ \t]+(.*))?$`)

// takeDocinfo reads the field list (:author: Ada) before or after the title of a reStructuredText
// file. A field that Docutils treats as a list yields one field per entry.
func takeDocinfo(text string) (fieldList, string) {
	lines := strings.SplitAfterN(text, "\n", fieldReach+1)
	i := skipToFields(lines)
	first := i
	var fields fieldList
	for i < len(lines) {
		m := rstField.FindStringSubmatch(strings.TrimRight(lines[i], " \t\n"))
		if m == nil {
			break
		}
		value := m[2]
		for i++; i < len(lines) && isIndented(lines[i]); i++ {
			value += "\n" + strings.TrimSpace(lines[i])
		}
		switch name := strings.ToLower(m[1]); name {
		case "tags", "keywords", "category", "categories", "aliases", "authors":
			fields.addList(name, strings.ReplaceAll(value, "\n- ", ","), ",;\n")
		default:
			fields.add(name, value)
		}
	}
	if len(fields) == 0 {
		return nil, text
	}
	for j := first; j < i; j++ {
		lines[j] = blankLines(lines[j])
	}
	return fields, strings.Join(lines, "")
}

// skipToFields returns the index of the line after the comments and the title of a reStructuredText
// file.
func skipToFields(lines []string) int {
	i := 0
	blanks := func() {
		for i < len(lines) && strings.TrimSpace(lines[i]) == "" {
			i++
		}
	}
	for blanks(); i < len(lines) && strings.HasPrefix(lines[i], ".. "); blanks() {
		for i++; i < len(lines) && isIndented(lines[i]); i++ {
		}
	}
	ruled := func(at int) bool {
		return at < len(lines) && rstRule.MatchString(strings.TrimRight(lines[at], " \t\n"))
	}
	switch {
	case ruled(i) && ruled(i+2):
		i += 3
	case ruled(i + 1):
		i += 2
	}
	blanks()
	return i
}

var rstRule = lazyregexp.New("^(?:={3,}|-{3,}|~{3,}|\\^{3,}|\"{3,}|'{3,}|`{3,}|:{3,}|\\+{3,}|\\*{3,}|#{3,}|\\.{3,}|_{3,}|<{3,}|>{3,})$")

func isIndented(line string) bool {
	return (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) && strings.TrimSpace(line) != ""
}

var (
	orgKeyword  = lazyregexp.New(`^#\+([A-Za-z_-]+):[ \t]*(.*)$`)
	orgProperty = lazyregexp.New(`^[ \t]*:([A-Za-z][\w-]*)\+?:(?:[ \t]+(.*))?$`)
	orgQuoted   = lazyregexp.New(`"([^"]*)"|(\S+)`)
)

// takeOrgKeywords reads the keywords (#+title: …) and property drawers of an Org file, up to its
// first heading. Keywords that belong to a block of the text (#+caption:) stay in the text.
func takeOrgKeywords(text string) (fieldList, string) {
	lines := strings.SplitAfterN(text, "\n", fieldReach+1)
	var fields fieldList
	drawer := false
	for i, line := range lines {
		line = strings.TrimRight(line, " \t\n")
		if i == fieldReach || strings.HasPrefix(line, "* ") {
			break
		}
		if drawer || strings.EqualFold(strings.TrimSpace(line), ":properties:") {
			m := orgProperty.FindStringSubmatch(line)
			if m == nil { // not a drawer
				drawer = false
				continue
			}
			drawer = !strings.EqualFold(m[1], "end")
			lines[i] = blankLines(lines[i])
			if name := strings.ToLower(m[1]); name != "properties" && name != "end" {
				fields.addOrg(name, m[2])
			}
			continue
		}
		m := orgKeyword.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		switch name := strings.ToLower(m[1]); name {
		case "caption", "results", "header", "name", "tblfm", "include", "call":
			continue
		default:
			fields.addOrg(name, m[2])
		}
		lines[i] = blankLines(lines[i])
	}
	if len(fields) == 0 {
		return nil, text
	}
	return fields, strings.Join(lines, "")
}

// addOrg adds a keyword or property of an Org file under the name that other formats use.
func (l *fieldList) addOrg(name, value string) {
	switch name {
	case "filetags":
		l.addList("tags", value, ": \t")
	case "keywords", "hugo_tags":
		l.addList(strings.TrimPrefix(name, "hugo_"), value, ",;")
	case "roam_aliases", "aliases":
		for _, m := range orgQuoted.FindAllStringSubmatch(value, -1) {
			l.add("aliases", m[1]+m[2])
		}
	case "options", "startup", "property", "latex_header", "latex_class", "html_head", "setupfile", "todo":
	default:
		l.add(name, value)
	}
}

var (
	adocAttribute = lazyregexp.New(`^:([A-Za-z0-9_][\w-]*):(?:[ \t]+(.*))?$`)
	adocAuthor    = lazyregexp.New(`^[\pL][\pL.'-]*(?: [\pL.'-]+){0,2}(?: <[^<>\s]+>)?(?:; .+)?$`)
	adocRevision  = lazyregexp.New(`^v?\d[\w.]*(?:,? .*)?$`)
)

// takeAsciiDocHeader reads the header of an AsciiDoc file up to the first blank line: the author
// and revision lines below the title, and attributes (:description: …).
func takeAsciiDocHeader(text string) (fieldList, string) {
	lines := strings.SplitAfterN(text, "\n", fieldReach+1)
	var fields fieldList
	took := false
	title := -1
	for i, line := range lines {
		line = strings.TrimRight(line, " \t\n")
		m := adocAttribute.FindStringSubmatch(line)
		switch {
		case i == fieldReach:
		case m != nil:
			switch name := strings.ToLower(m[1]); name {
			case "keywords", "tags", "page-tags":
				fields.addList(strings.TrimPrefix(name, "page-"), m[2], ",;")
			default:
				fields.add(strings.TrimPrefix(name, "page-"), m[2])
			}
			lines[i], took = blankLines(lines[i]), true
			continue
		case strings.HasPrefix(line, "//") || line == "" && title < 0:
			continue
		case title < 0 && strings.HasPrefix(line, "= "):
			title = i
			continue
		case title < 0 && i+1 < len(lines) && isAdocTitle(line, strings.TrimRight(lines[i+1], " \t\n")):
			title = i + 1
			continue
		case i == title:
			continue
		case title >= 0 && i == title+1 && adocAuthor.MatchString(line):
			fields.addList("author", line, ";")
			lines[i], took = blankLines(lines[i]), true
			continue
		case title >= 0 && i == title+2 && took && adocRevision.MatchString(line):
			fields.add("revision", line)
			lines[i] = blankLines(lines[i])
			continue
		}
		break
	}
	if !took {
		return nil, text
	}
	return fields, strings.Join(lines, "")
}

// isAdocTitle reports whether two lines are the title of an AsciiDoc file, underlined.
func isAdocTitle(title, under string) bool {
	over := utf8.RuneCountInString(title) - len(under)
	return len(under) >= 3 && strings.Trim(under, "=") == "" && over >= -1 && over <= 1 &&
		title[0] != '=' && title[0] != '['
}
