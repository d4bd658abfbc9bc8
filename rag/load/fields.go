package load

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"

	"weft/rag/lazyregexp"
)

// Limits of front matter. A block longer than maxFrontMatter is not front matter. Fields and values
// beyond the other limits are dropped.
const (
	maxFrontMatter = 64 << 10 // bytes
	maxFields      = 200
	maxFieldValue  = 2 << 10 // bytes of one value
	maxFieldDepth  = 6
)

// A fieldList collects the fields of a document, within the limits.
type fieldList []Field

// add appends a field unless its name or value is empty.
func (l *fieldList) add(name, value string) {
	name = strings.ToLower(tidy(name))
	value = tidy(value)
	if name == "" || value == "" || len(name) > 100 || len(*l) >= maxFields {
		return
	}
	*l = append(*l, Field{name, clipped(value, maxFieldValue)})
}

// addList appends one field for each entry of a separated list.
func (l *fieldList) addList(name, values, separators string) {
	for _, v := range strings.FieldsFunc(values, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		l.add(name, v)
	}
}

// value returns the first value of a name, or "".
func (l fieldList) value(name string) string {
	i := slices.IndexFunc(l, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return l[i].Value
}

// takeFrontMatter reads the settings at the start of a Markdown file: YAML between lines of ---,
// TOML between lines of +++, or Pandoc's three lines that begin with %.
func takeFrontMatter(text string) (fieldList, string) {
	var fields fieldList
	start := len(text) - len(strings.TrimLeft(text, "\n"))
	settings, body, isTOML, ok := frontMatter(text[start:])
	if !ok {
		return takePandocTitle(text)
	}
	if isTOML {
		ok = fields.fromTOML(settings)
	} else {
		ok = fields.fromYAML(settings)
	}
	if !ok && !fields.fromLines(settings) {
		return nil, text
	}
	return fields, blankLines(text[:start+body]) + text[start+body:]
}

// frontMatter returns the settings at the start of a text, and the offset of the text after them.
func frontMatter(text string) (settings string, body int, isTOML, ok bool) {
	for _, fence := range [2]string{"---", "+++"} {
		first, _, _ := strings.Cut(text, "\n")
		if strings.TrimRight(first, " \t") != fence {
			continue
		}
		begin := min(len(first)+1, len(text))
		at := begin
		for line := range strings.Lines(text[begin:]) {
			end := strings.TrimRight(line, " \t\n")
			if end == fence || fence == "---" && end == "..." {
				return text[begin:at], at + len(line), fence == "+++", true
			}
			if at += len(line); at > maxFrontMatter {
				break
			}
		}
	}
	return "", 0, false, false
}

// blankLines returns only the line ends of a text.
func blankLines(text string) string { return strings.Repeat("\n", strings.Count(text, "\n")) }

// fromYAML adds settings in YAML. It returns false if they are not a mapping. Aliases are not
// followed, so that they cannot multiply.
func (l *fieldList) fromYAML(settings string) bool {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(settings), &root); err != nil {
		return false
	}
	if root.Kind == 0 { // empty, or comments only
		return true
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return false
	}
	l.fromNode("", root.Content[0], 0)
	return true
}

func (l *fieldList) fromNode(name string, n *yaml.Node, depth int) {
	if depth > maxFieldDepth {
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag != "!!null" {
			l.add(name, n.Value)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			l.fromNode(name, c, depth+1)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			l.fromNode(joinName(name, n.Content[i].Value), n.Content[i+1], depth+1)
		}
	}
}

func joinName(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "." + inner
}

// fromTOML adds settings in TOML. It returns false if they are not TOML.
func (l *fieldList) fromTOML(settings string) bool {
	values := map[string]any{}
	if err := toml.Unmarshal([]byte(settings), &values); err != nil {
		return false
	}
	l.fromMap("", values, settings, 0)
	return true
}

// fromMap adds the values of a table in the order in which their names occur in the source.
func (l *fieldList) fromMap(name string, values map[string]any, source string, depth int) {
	names := make([]string, 0, len(values))
	for key := range values {
		names = append(names, key)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := strings.Index(source, a) - strings.Index(source, b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, key := range names {
		l.fromValue(joinName(name, key), values[key], source, depth)
	}
}

func (l *fieldList) fromValue(name string, value any, source string, depth int) {
	if depth > maxFieldDepth {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		l.fromMap(name, v, source, depth+1)
	case []any:
		for _, entry := range v {
			l.fromValue(name, entry, source, depth+1)
		}
	default:
		l.add(name, fmt.Sprint(v))
	}
}

var settingLine = lazyregexp.New(`^([\pL][\pL\pN _.-]{0,40}?)[ \t]*[:=](?:[ \t]+(.*))?$`)

// fromLines adds settings that are neither valid YAML nor TOML although most lines have the form
// "name: value": templates, a title with a colon, tabs. It returns false for prose.
func (l *fieldList) fromLines(settings string) bool {
	var found fieldList
	name, named, others := "", 0, 0
	for line := range strings.Lines(settings) {
		line = strings.TrimRight(line, " \t\n")
		m := settingLine.FindStringSubmatch(line)
		entry, isEntry := strings.CutPrefix(strings.TrimSpace(line), "- ")
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case m != nil:
			named++
			name = m[1]
			value := strings.TrimSpace(m[2])
			if list, ok := strings.CutPrefix(value, "["); ok && strings.HasSuffix(list, "]") {
				for v := range strings.SplitSeq(strings.TrimSuffix(list, "]"), ",") {
					found.add(name, unquote(v))
				}
				continue
			}
			found.add(name, unquote(value))
		case name != "" && isEntry:
			found.add(name, unquote(entry))
		case name != "" && (line[0] == ' ' || line[0] == '\t'):
		default:
			others++
		}
	}
	if named == 0 || others > named/4 {
		return false
	}
	*l = append(*l, found...)
	return true
}

// unquote removes the quotes around a value.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// takePandocTitle reads "% title", "% authors; and more" and "% date" from the first lines of a
// text.
func takePandocTitle(text string) (fieldList, string) {
	if !strings.HasPrefix(text, "% ") {
		return nil, text
	}
	var fields fieldList
	rest := text
	for _, name := range [3]string{"title", "author", "date"} {
		line, after, _ := strings.Cut(rest, "\n")
		value, ok := strings.CutPrefix(line, "%")
		if !ok {
			break
		}
		if rest = after; name == "author" {
			fields.addList(name, value, ";")
		} else {
			fields.add(name, value)
		}
	}
	head := text[:len(text)-len(rest)]
	return fields, blankLines(head) + rest
}

// addMeta adds a <meta name=… content=…> of a web page if its name is known. Only the first value
// of a name is added, except that keywords add up.
func (l *fieldList) addMeta(name, value string) {
	name = strings.ToLower(name)
	for _, vocabulary := range []string{"dc.", "dcterms.", "article:", "citation_"} {
		name = strings.TrimPrefix(name, vocabulary)
	}
	switch name {
	case "author", "creator", "description", "date", "published_time":
		if l.value(name) == "" {
			l.add(name, value)
		}
	case "keywords", "tag", "subject":
		l.addList("keywords", value, ",;")
	}
}
