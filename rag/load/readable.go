package load

import (
	"html"
	"path"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

// withoutMarkup takes the markup out of a text that is none to its reader: tags, directives, identifiers.
// Each line stays in its place, and code stays as it stands.
func withoutMarkup(name, kind, text string, fields fieldList) string {
	switch kind {
	case "markdown":
		m := markdownCleaner{components: strings.EqualFold(path.Ext(name), ".mdx")}
		return m.clean(text)
	case "rst":
		return readableRST(text)
	case "org":
		return readableOrg(text)
	case "asciidoc":
		return readableAsciiDoc(text, fields)
	case "texinfo":
		return readableTexinfo(text)
	case "typst":
		return readableTypst(text)
	case "mediawiki":
		return readableMediaWiki(text)
	}
	return text
}

// maxCleanedLine is how long a line may be that is cleaned: longer ones are data, which no person wrote
// as a line.
const maxCleanedLine = 64 << 10

// maxOpenTag is how long a tag may be that goes over several lines.
const maxOpenTag = 2 << 10

// A markdownCleaner takes what is no text to a reader out of Markdown, line by line.
type markdownCleaner struct {
	components bool // MDX: imports, and elements with capitals

	fence   string // what closes the open fence
	column  int    // where the list item begins that holds it
	advice  bool   // the open fence is a note (MyST): its lines are text
	comment bool   // in <!-- … -->
	skip    string // in an element whose text is not shown: its end
	tag     string // a tag that is not closed yet
	links   []string
	inner   bool // in the indented text of an admonition
	blank   bool // the last line was blank
	code    bool // the last line was indented code
	list    bool // since a list began, no line has begun at the margin
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

// htmlNames are the elements that are taken for HTML in Markdown: List<String> is none.
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

func (m *markdownCleaner) clean(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for l := range strings.Lines(text) {
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
	if m.fence != "" && m.column > 0 && !blank && indentOf(line) < m.column && !strings.HasPrefix(strings.TrimLeft(trimmed, "> "), m.fence) {
		m.fence = "" // the list item has ended, and the fence with it
	}
	switch {
	case m.fence != "":
		if rest := strings.TrimLeft(trimmed, "> "); strings.HasPrefix(rest, m.fence) && strings.Trim(rest, m.fence[:1]) == "" {
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
	} else if margin >= 4 && !m.list && (m.blank || m.code) && !m.comment && m.tag == "" && m.skip == "" {
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

// indentOf counts the columns of blanks that a line begins with.
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

// adviceLine names a note, as its text begins: "Note: title".
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

// text cleans a line that is no code.
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
	if m.tag != "" {
		end := strings.IndexByte(line, '>')
		if end < 0 {
			if m.tag += " " + line; len(m.tag) > maxOpenTag { // not a tag
				line, m.tag = m.tag, ""
				return line
			}
			return ""
		}
		line, m.tag = m.tag+" "+line[:end+1]+line[end+1:], ""
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

// isAdvice tells the containers that are notes, as against those that only arrange what is in them.
func isAdvice(name string) bool {
	switch strings.TrimPrefix(name, "callout-") {
	case "note", "tip", "warning", "danger", "info", "caution", "important", "hint", "attention", "error", "details":
		return true
	}
	return false
}

// inline cleans what stands within a line, but for code.
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
			m.tag = line[open[0]:]
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

// restoreSpans puts the code back that was held out of a line, and passes what stands between.
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

// element gives what a tag leaves behind: a description, a link, a blank.
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

// shownIn gives what a tag of a template shows: its title or caption.
func shownIn(tag string) string {
	if m := shownValue.FindStringSubmatch(tag); m != nil {
		return m[1]
	}
	return ""
}

// wikiText gives what a link between notes shows.
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

// roleText gives what a role shows: "text <target>" shows text, "~module.name" name.
func roleText(s string) string {
	if i := strings.LastIndex(s, "<"); i > 0 && strings.HasSuffix(s, ">") {
		return strings.TrimSpace(s[:i])
	}
	if s, short := strings.CutPrefix(s, "~"); short {
		return s[strings.LastIndex(s, ".")+1:]
	}
	return strings.TrimPrefix(s, "!")
}
