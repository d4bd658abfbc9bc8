package load

import (
	"context"
	"html"
	"strings"

	"weft/rag/lazyregexp"
)

var (
	wikiComment  = lazyregexp.New(`(?s)<!--.*?-->|<ref[^<>]*/>|<ref[^<>]*>.*?</ref>`)
	wikiNote     = lazyregexp.New(`(?s)^<ref(?:[^<>]*[^<>/])?>(.*?)</ref>$`)
	wikiTemplate = lazyregexp.New(`\{\{([^{}]*)\}\}`)
	wikiDropped  = lazyregexp.New(`(?i)^\s*(?:cite\b|citation|reflist|defaultsort|use \w+ dates|` +
		`authority control|portal|commons|navbox|sfn|toc\b|clear\b|refbegin|refend|stub|pp-)`)
	wikiNamed    = lazyregexp.New(`^\s*([\pL][\pL\pN _.-]{0,40}?)\s*=\s*(.*)$`)
	wikiHeading  = lazyregexp.New(`^(={1,6})\s*(.+?)\s*={1,6}\s*$`)
	wikiFile     = lazyregexp.New(`\[\[(?:File|Image|Datei|Fichier|Archivo|Bild):(?:[^\[\]]*\|)?([^\[\]|]*)\]\]`)
	wikiCategory = lazyregexp.New(`\[\[(?:Category|Kategorie|Catégorie|Categoría):\s*([^\[\]|]+)(?:\|[^\[\]]*)?\]\]`)
	wikiPage     = lazyregexp.New(`\[\[:?([^\[\]|]+)(?:\|([^\[\]]*))?\]\]`)
	wikiAddress  = lazyregexp.New(`\[((?:https?:)?//[^\s\[\]]+)(?:\s+([^\[\]]+))?\]`)
	wikiSwitch   = lazyregexp.New(`__[A-Z]+__|'{2,5}`)
	wikiCode     = lazyregexp.New(`(?i)^\s*<(?:syntaxhighlight|source|pre)(?:[^<>]*lang="?([\w+#-]+)"?)?[^<>]*>\s*$`)
	wikiCodeEnd  = lazyregexp.New(`(?i)^\s*</(?:syntaxhighlight|source|pre)>\s*$`)
	wikiItem     = lazyregexp.New(`^([*#:;]+)\s*(.*)$`)
	wikiCell     = lazyregexp.New(`^\s*(?:[\w-]+\s*=\s*(?:"[^"]*"|[\w%-]+)\s*)+\|\s*`)
)

// maxTemplates is the depth of nested templates that are expanded.
const maxTemplates = 12

// takeCategories returns the categories of a MediaWiki page as tags, and the page without them.
func takeCategories(text string) (fieldList, string) {
	var fields fieldList
	for _, m := range wikiCategory.FindAllStringSubmatch(text, maxFields) {
		fields.add("tags", m[1])
	}
	return fields, wikiCategory.ReplaceAllString(text, "")
}

// wikiNoteText returns a footnote in parentheses if it contains prose. Comments, and footnotes that
// only cite a source, become blank lines.
func wikiNoteText(s string) string {
	note := wikiNote.FindStringSubmatch(s)
	if note == nil || strings.Contains(note[1], "{{") || strings.Contains(note[1], "//") ||
		len(strings.Fields(note[1])) < 4 {
		return blankLines(s)
	}
	return " (" + note[1] + ")"
}

// readableMediaWiki converts a MediaWiki page to Markdown line by line. A template is replaced by
// its values. One that spans several lines, such as an infobox, keeps the names of its values; in a
// single line, named values are dropped.
func readableMediaWiki(ctx context.Context, text string) string {
	text = wikiComment.ReplaceAllStringFunc(text, wikiNoteText)
	for range maxTemplates {
		next := wikiTemplate.ReplaceAllStringFunc(text, templateText)
		if next == text || ctx.Err() != nil {
			break
		}
		text = next
	}
	lines := strings.Split(text, "\n")
	code := false
	for i, line := range untilDone(ctx, lines) {
		switch {
		case code:
			if wikiCodeEnd.MatchString(line) {
				code, lines[i] = false, "```"
			}
		case wikiCode.MatchString(line) && closedBelow(lines[i+1:]):
			code, lines[i] = true, "```"+wikiCode.FindStringSubmatch(line)[1]
		default:
			lines[i] = wikiLine(line)
		}
	}
	return strings.Join(lines, "\n")
}

func closedBelow(lines []string) bool {
	for _, l := range lines[:min(len(lines), blockReach)] {
		if strings.Contains(l, "</") && wikiCodeEnd.MatchString(l) {
			return true
		}
		if strings.Contains(l, "<") && wikiCode.MatchString(l) {
			return false
		}
	}
	return false
}

// templateText returns the text of a template that contains no other template. It keeps all line
// ends.
func templateText(s string) string {
	name, rest, _ := strings.Cut(s[2:len(s)-2], "|")
	if wikiDropped.MatchString(name) || strings.HasPrefix(name, "#") {
		return blankLines(s)
	}
	var out strings.Builder
	out.WriteString(blankLines(name))
	for i, argument := range splitArguments(rest) {
		shown := strings.TrimSpace(argument)
		if m := wikiNamed.FindStringSubmatch(strings.ReplaceAll(shown, "\n", " ")); m != nil {
			if shown = m[1] + ": " + m[2]; m[2] == "" || !strings.Contains(s, "\n") {
				shown = ""
			}
		}
		if i > 0 && shown != "" && !strings.HasSuffix(out.String(), "\n") {
			out.WriteByte(' ')
		}
		out.WriteString(strings.ReplaceAll(shown, "\n", " "))
		out.WriteString(blankLines(argument))
	}
	return out.String()
}

// splitArguments splits the arguments of a template. A bar inside a link does not separate
// arguments.
func splitArguments(s string) []string {
	if s == "" {
		return nil
	}
	var list []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth = max(depth-1, 0)
		case '|':
			if depth == 0 {
				list = append(list, s[start:i])
				start = i + 1
			}
		}
	}
	return append(list, s[start:])
}

// wikiLine converts a line to Markdown.
func wikiLine(line string) string {
	trimmed := strings.TrimSpace(line)
	switch {
	case trimmed == "", len(line) > maxCleanedLine:
		return line
	case strings.HasPrefix(trimmed, "{|"), strings.HasPrefix(trimmed, "|}"), strings.HasPrefix(trimmed, "|-"):
		return ""
	case strings.HasPrefix(trimmed, "|+"):
		return wikiInline(strings.TrimSpace(trimmed[2:]))
	case trimmed[0] == '|' || trimmed[0] == '!':
		cells := strings.Split(strings.ReplaceAll(trimmed[1:], "!!", "||"), "||")
		for i, c := range cells {
			cells[i] = strings.TrimSpace(wikiInline(wikiCell.ReplaceAllString(c, "")))
		}
		return strings.Join(cells, " | ")
	}
	if m := wikiHeading.FindStringSubmatch(trimmed); m != nil {
		return strings.Repeat("#", len(m[1])) + " " + wikiInline(m[2])
	}
	if m := wikiItem.FindStringSubmatch(line); m != nil {
		margin := strings.Repeat("  ", len(m[1])-1)
		switch m[1][len(m[1])-1] {
		case '*':
			return margin + "- " + wikiInline(m[2])
		case '#':
			return margin + "1. " + wikiInline(m[2])
		}
		return wikiInline(m[2])
	}
	return wikiInline(line)
}

// wikiInline removes the markup within a line.
func wikiInline(s string) string {
	if strings.Contains(s, "[") {
		s = wikiFile.ReplaceAllString(s, "$1")
		s = wikiPage.ReplaceAllStringFunc(s, func(link string) string {
			m := wikiPage.FindStringSubmatch(link)
			if m[2] != "" {
				return m[2]
			}
			return m[1]
		})
		s = wikiAddress.ReplaceAllStringFunc(s, func(link string) string {
			m := wikiAddress.FindStringSubmatch(link)
			if m[2] == "" {
				return m[1]
			}
			return m[2] + " (" + m[1] + ")"
		})
	}
	s = wikiSwitch.ReplaceAllString(s, "")
	if strings.Contains(s, "<") {
		s = htmlTag.ReplaceAllStringFunc(s, func(tag string) string {
			name := strings.ToLower(htmlTag.FindStringSubmatch(tag)[1])
			switch {
			case name == "br":
				return " "
			case htmlNames[name], name == "nowiki", name == "math", name == "gallery",
				name == "references", name == "noinclude", name == "includeonly", name == "onlyinclude":
				return ""
			}
			return tag
		})
	}
	if strings.Contains(s, "&") {
		s = clean(html.UnescapeString(s))
	}
	return s
}
