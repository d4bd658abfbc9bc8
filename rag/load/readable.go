package load

import (
	"context"
	"html"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

// maxCleanedLine is the length in bytes of the longest line that is cleaned. Longer lines are data.
const maxCleanedLine = 64 << 10

// maxOpenTag is the length in bytes of the longest tag that extends over several lines.
const maxOpenTag = 2 << 10

// maxExpansion is the number of bytes by which a document may grow through values that it defines
// once and names many times: attributes of AsciiDoc, substitutions and targets of reStructuredText.
// Without it a file of 1 MB could become a text of gigabytes.
const maxExpansion = 1 << 20

// An expansion counts the bytes that the values of a document's names have taken.
type expansion int

// full reports whether a value did not fit. No value is written after it.
func (e *expansion) full() bool { return *e > maxExpansion }

// replace returns the value of a name, or the name as it is written when the values of the document
// would take more than maxExpansion.
func (e *expansion) replace(written, value string) string {
	if int(*e)+len(value) > maxExpansion {
		*e = maxExpansion + 1
		return written
	}
	*e += expansion(len(value))
	return value
}

// A markdownCleaner removes invisible markup from Markdown, line by line.
type markdownCleaner struct {
	components bool // MDX: remove imports and capitalised elements

	fence   string // marker that closes the open fence; "" outside fences
	column  int    // column of the list item that contains the fence; 0: none
	advice  bool   // the open fence is a MyST admonition, whose lines are text
	comment bool   // inside <!-- … -->
	skip    string // end tag of the open element with hidden text; "" outside
	tag     []byte // start of a tag that continues on the next line
	links   []string
	inner   bool // inside the indented text of an admonition
	blank   bool // the last line was blank
	code    bool // the last line was indented code
	list    bool // inside a list: indented lines are not code
}

var (
	fenceOpen    = lazyregexp.New("^((?:[ \t]*(?:>|[-*+]|\\d{1,9}[.)])(?:[ \t]+|$))*[ \t]*)(`{3,}|~{3,})[ \t]*(.*)$")
	listMarker   = lazyregexp.New(`^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]`)
	adviceFence  = lazyregexp.New(`^\{(note|tip|hint|warning|caution|danger|important|attention|error|seealso|admonition|versionadded|versionchanged|deprecated)\}[ \t]*(.*)$`)
	admonition   = lazyregexp.New(`^[ \t]*(?:!!!|\?\?\?\+?)[ \t]+([\w-]+)(?:[ \t]+"(.*)")?[ \t]*$`)
	container    = lazyregexp.New(`^[ \t]*:{3,}[ \t]*(?:\{\.?([A-Za-z][\w-]*)?[^}\n]*\}|([A-Za-z][\w-]*))?[ \t]*(.*)$`)
	alert        = lazyregexp.New(`^([ \t]*>[ \t>]*)\[!(\w+)\][+-]?[ \t]*(.*)$`)
	codeSpan     = lazyregexp.New("``[^\n]+?``|`[^`\n]+`")
	heldSpan     = lazyregexp.New("\x00(\\d+)\x00")
	mystRole     = lazyregexp.New("\\{[\\w:+-]+\\}\x00(\\d+)\x00")
	lineComment  = lazyregexp.New(`<!--.*?-->|%%[^%\n]+%%`)
	wikiLink     = lazyregexp.New(`(!?)\[\[([^\[\]|\n \t-][^\[\]|\n]*)(?:\|([^\[\]\n]+))?\]\]`)
	shortcode    = lazyregexp.New(`\{\{[<%]\s*/?\s*(.*?)\s*/?[>%]\}\}`)
	shownValue   = lazyregexp.New(`\b(?:title|caption|alt|text|label|summary)\s*=\s*"([^"]+)"`)
	liquidTag    = lazyregexp.New(`\{%.*?%\}|\{#-?\s.*?\s-?#\}`)
	liquidValue  = lazyregexp.New(`\{\{-?\s*(.*?)\s*-?\}\}`)
	plainName    = lazyregexp.New(`^[\w.$-]+$`)
	headingAttrs = lazyregexp.New(`^(#{1,6}[ \t].*?)[ \t]*\{:?[ \t]*[#.][^{}]*\}[ \t]*#*[ \t]*$`)
	attrList     = lazyregexp.New(`\{:[^{}]*\}|([\])])\{[^{}\n]*[#.=][^{}\n]*\}`)
	blockID      = lazyregexp.New(`[ \t]\^[A-Za-z0-9][A-Za-z0-9-]{2,}[ \t]*$`)
	htmlTag      = lazyregexp.New(`</?([A-Za-z][A-Za-z0-9.-]*)((?:\s[^<>]*)?)/?>`)
	openTag      = lazyregexp.New(`<([A-Za-z][A-Za-z0-9-]*)(?:\s[^<>]*)?$`)
	tagAttribute = lazyregexp.New(`\b(alt|href|title|label|summary)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	moduleLine   = lazyregexp.New(`^(?:import\s.*['"]|export\s+(?:const|default|function|let)\b)`)
)

// htmlNames are the element names that count as HTML in Markdown. Other names in angle brackets, as
// in List<String>, are text.
var htmlNames = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(`a abbr address article aside b bdi bdo big blockquote br button caption center cite code col colgroup
		data dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i iframe img input ins kbd label li
		main mark nav ol p picture pre q rp rt ruby s samp script section small source span strike strong style sub summary sup svg table
		tbody td tfoot th thead time tr tt u ul var video wbr`) {
		all[name] = true
	}
	return all
}()

func (m *markdownCleaner) clean(ctx context.Context, text string) string {
	var out strings.Builder
	out.Grow(len(text))
	n := 0
	for l := range strings.Lines(text) {
		if n++; n%1000 == 0 && ctx.Err() != nil {
			break
		}
		line := strings.TrimRight(l, "\n")
		out.WriteString(m.line(line))
		if len(line) < len(l) {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func (m *markdownCleaner) line(line string) string {
	if len(line) > maxCleanedLine {
		return line
	}
	trimmed := strings.TrimSpace(line)
	blank := trimmed == ""
	defer func() { m.blank = blank }()
	if m.fence != "" && m.column > 0 && !blank && indentOf(line) < m.column &&
		!strings.HasPrefix(strings.TrimLeft(trimmed, "> "), m.fence) {
		m.fence = "" // the end of the list item closes the fence
	}
	switch {
	case m.fence != "":
		if rest := strings.TrimLeft(trimmed, "> "); strings.HasPrefix(rest, m.fence) &&
			strings.Trim(rest, m.fence[:1]) == "" {
			m.fence = ""
			if m.advice {
				m.advice = false
				return ""
			}
		} else if m.advice {
			return m.text(line)
		}
		return line
	case blank:
		m.code = m.code && m.blank
		return line
	}
	if open := fenceOpen.FindStringSubmatch(line); open != nil && !m.comment && m.skip == "" && (open[2][0] == '~' || !strings.Contains(open[3], "`")) {
		return m.openFence(line, open)
	}
	margin := indentOf(line)
	if margin == 0 {
		m.inner = false
		m.list = m.list && !m.blank
	}
	if listMarker.MatchString(line) {
		m.list = true
	} else if m.inner && margin >= 4 {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "\t"), "    ")
	} else if margin >= 4 && !m.list && (m.blank || m.code) && !m.comment && len(m.tag) == 0 && m.skip == "" {
		m.code = true
		return line
	}
	m.code = false
	return m.text(line)
}

func (m *markdownCleaner) openFence(line string, open []string) string {
	m.fence, m.column = open[2], 0
	if listMarker.MatchString(open[1]) || m.list && len(open[1]) > 0 {
		m.column = len(open[1])
	}
	if a := adviceFence.FindStringSubmatch(open[3]); a != nil {
		m.advice = true
		return open[1] + adviceLine(a[1], a[2])
	}
	return line
}

// indentOf returns the width in columns of the blanks at the start of a line.
func indentOf(line string) int {
	n := 0
	for _, c := range []byte(line) {
		switch c {
		case ' ':
			n++
		case '\t':
			n += 4 - n%4
		default:
			return n
		}
	}
	return n
}

// adviceLine returns the first line of an admonition: "Note: title".
func adviceLine(kind, title string) string {
	name := strings.ReplaceAll(kind, "-", " ")
	switch kind {
	case "versionadded":
		return "Added in version " + title
	case "versionchanged":
		return "Changed in version " + title
	case "deprecated":
		return "Deprecated since version " + title
	case "seealso":
		name = "see also"
	case "admonition", "topic", "details", "sidebar":
		if title != "" {
			return title + ":"
		}
		return ""
	}
	return strings.TrimSpace(strings.ToUpper(name[:1]) + strings.ToLower(name[1:]) + ": " + title)
}

// text cleans a line that is not code.
func (m *markdownCleaner) text(line string) string {
	if m.comment || m.skip != "" {
		end := m.skip
		if m.comment {
			end = "-->"
		}
		i := strings.Index(strings.ToLower(line), end)
		if i < 0 {
			return ""
		}
		m.comment, m.skip = false, ""
		line = line[i+len(end):]
	}
	if len(m.tag) > 0 {
		m.tag = append(append(m.tag, ' '), line...)
		closed := strings.IndexByte(line, '>') >= 0
		if !closed && len(m.tag) <= maxOpenTag {
			return ""
		}
		line, m.tag = string(m.tag), m.tag[:0]
		if !closed { // too long for a tag
			return line
		}
	}
	if a := admonition.FindStringSubmatch(line); a != nil {
		m.inner = true
		return adviceLine(a[1], a[2])
	}
	if a := container.FindStringSubmatch(line); a != nil {
		if !isAdvice(a[1] + a[2]) {
			return a[3]
		}
		return adviceLine(strings.TrimPrefix(a[1]+a[2], "callout-"), a[3])
	}
	if a := alert.FindStringSubmatch(line); a != nil {
		line = a[1] + adviceLine(a[2], a[3])
	}
	if m.components && moduleLine.MatchString(line) {
		return ""
	}
	if !strings.ContainsAny(line, "<{[%&^") {
		return line
	}
	return strings.TrimRight(m.inline(line), " \t")
}

// isAdvice reports whether a container of a name is an admonition rather than a layout element.
func isAdvice(name string) bool {
	switch strings.TrimPrefix(name, "callout-") {
	case "note", "tip", "warning", "danger", "info", "caution", "important", "hint", "attention", "error", "details":
		return true
	}
	return false
}

// inline cleans a line outside code spans.
func (m *markdownCleaner) inline(line string) string {
	var spans []string
	if strings.Contains(line, "`") {
		line = codeSpan.ReplaceAllStringFunc(line, func(s string) string {
			spans = append(spans, s)
			return "\x00" + strconv.Itoa(len(spans)-1) + "\x00"
		})
	}
	if strings.Contains(line, "<!--") || strings.Contains(line, "%%") {
		line = lineComment.ReplaceAllString(line, "")
	}
	if i := strings.Index(line, "<!--"); i >= 0 {
		m.comment = true
		line = line[:i]
	}
	if strings.Contains(line, "{") {
		line = mystRole.ReplaceAllStringFunc(line, func(s string) string {
			n, _ := strconv.Atoi(mystRole.FindStringSubmatch(s)[1])
			return roleText(strings.Trim(spans[n], "`"))
		})
		line = shortcode.ReplaceAllStringFunc(line, shownIn)
		line = liquidTag.ReplaceAllString(line, "")
		line = liquidValue.ReplaceAllStringFunc(line, func(s string) string {
			if value := liquidValue.FindStringSubmatch(s)[1]; plainName.MatchString(value) {
				return value
			}
			return ""
		})
		line = headingAttrs.ReplaceAllString(line, "$1")
		line = attrList.ReplaceAllString(line, "$1")
	}
	if strings.Contains(line, "[[") {
		line = wikiLink.ReplaceAllStringFunc(line, wikiText)
	}
	if strings.Contains(line, " ^") {
		line = blockID.ReplaceAllString(line, "")
	}
	if strings.Contains(line, "<") {
		line = htmlTag.ReplaceAllStringFunc(line, m.element)
		if open := openTag.FindStringSubmatchIndex(line); open != nil && htmlNames[strings.ToLower(line[open[2]:open[3]])] {
			m.tag = append(m.tag[:0], line[open[0]:]...)
			line = line[:open[0]]
		}
	}
	return restoreSpans(line, spans, func(text string) string {
		if strings.Contains(text, "&") {
			return clean(html.UnescapeString(text))
		}
		return text
	})
}

// restoreSpans replaces placeholders by their code spans and applies pass to the text between them.
func restoreSpans(line string, spans []string, pass func(string) string) string {
	var out strings.Builder
	at := 0
	for _, held := range heldSpan.FindAllStringSubmatchIndex(line, -1) {
		out.WriteString(pass(line[at:held[0]]))
		at = held[1]
		if n, err := strconv.Atoi(line[held[2]:held[3]]); err == nil && n < len(spans) {
			out.WriteString(spans[n])
		}
	}
	out.WriteString(pass(line[at:]))
	return out.String()
}

// element returns the replacement for an HTML tag: a description, a part of a link, or a separator.
func (m *markdownCleaner) element(tag string) string {
	parts := htmlTag.FindStringSubmatch(tag)
	name := strings.ToLower(parts[1])
	ends := strings.HasPrefix(tag, "</")
	if !htmlNames[name] {
		if m.components && parts[1][0] >= 'A' && parts[1][0] <= 'Z' || strings.Contains(parts[1], ".") && m.components {
			return shownIn(tag)
		}
		return tag
	}
	values := map[string]string{}
	for _, a := range tagAttribute.FindAllStringSubmatch(parts[2], 10) {
		values[a[1]] = a[2] + a[3]
	}
	switch {
	case name == "img":
		return values["alt"]
	case (name == "script" || name == "style") && !ends && !strings.HasSuffix(tag, "/>"):
		m.skip = "</" + name + ">"
		return ""
	case name == "a" && !ends:
		m.links = append(m.links, values["href"])
		if strings.HasPrefix(values["href"], "http") {
			return "["
		}
		return ""
	case name == "a" && len(m.links) > 0:
		href := m.links[len(m.links)-1]
		m.links = m.links[:len(m.links)-1]
		if strings.HasPrefix(href, "http") {
			return "](" + href + ")"
		}
		return ""
	case (name == "td" || name == "th") && ends:
		return " | "
	case name == "br" || ends && (name == "p" || name == "div" || name == "li" || name == "summary" || name == "dt" || name == "dd"):
		return " "
	}
	return ""
}

// shownIn returns the visible attribute of a template tag, such as its title or caption; "" when it
// has none.
func shownIn(tag string) string {
	if m := shownValue.FindStringSubmatch(tag); m != nil {
		return m[1]
	}
	return ""
}

// wikiText returns the displayed text of a wiki link.
func wikiText(link string) string {
	m := wikiLink.FindStringSubmatch(link)
	target, shown := strings.TrimSuffix(m[2], `\`), strings.TrimSpace(m[3])
	if shown != "" && strings.Trim(shown, "0123456789x") != "" {
		return shown
	}
	if t := strings.ToLower(target); t == "toc" || t == "_toc_" {
		return ""
	}
	note, heading, _ := strings.Cut(target, "#")
	switch {
	case heading == "" || strings.HasPrefix(heading, "^"):
		return strings.TrimSpace(note)
	case note == "":
		return heading
	}
	return note + ", " + heading
}

// roleText returns the displayed text of a role: "text" for "text <target>", and "name" for
// "~module.name".
func roleText(s string) string {
	if i := strings.LastIndex(s, "<"); i > 0 && strings.HasSuffix(s, ">") {
		return strings.TrimSpace(s[:i])
	}
	if s, short := strings.CutPrefix(s, "~"); short {
		return s[strings.LastIndex(s, ".")+1:]
	}
	return strings.TrimPrefix(s, "!")
}
