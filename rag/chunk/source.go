package chunk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// The patterns match the first line of a definition in common languages. They are heuristics: a
// definition that they do not match stays part of the definition above it, so no text is lost.
var (
	modifiers  = `(?:(?:export|default|public|private|protected|internal|static|async|final|abstract|pub(?:\([^)]*\))?|unsafe|override|virtual|inline|constexpr|const|extern(?:\s+"C")?|local|data|sealed|open|suspend|partial|readonly|declare|global|pure|elemental|recursive|OR REPLACE|TEMP(?:ORARY)?)\s+)*`
	keywords   = `(?:func|fn|def|defp|defmodule|defmacro|class|interface|struct|enum|trait|impl|module|namespace|type|function|sub|subroutine|object|record|protocol|extension|macro_rules!|mod|union|program|procedure|message|service|resource|(?i:create)\s+(?i:or\s+replace\s+|temp(?:orary)?\s+|unique\s+)*(?i:table|view|function|procedure|index|trigger|type))`
	definition = lazyregexp.New(`^` + modifiers + keywords + `(?:\s*[(<]|\s+[\w$&*'"@.-]+\s*(?:[({:<\[=]|$))`)
	bodied     = lazyregexp.New(`^` + modifiers + keywords + `\s+[\w$&*'"\[<@:.-]+[^;.]*(?:[{:]|\b(?:do|is|as|begin))$`)
	goType     = lazyregexp.New(`^type\s+\w+(?:\[[^\]]*\])?\s+=?\s*[\w*\[(]\S*(?:\s[\w*{\[(]\S*)*$`)
	typedFunc  = lazyregexp.New(`^` + modifiers + `[A-Za-z_](?:[\w<>*&\[\]?, ]|::)*[\s*&>\]]~?[A-Za-z_](?:\w|::~?)*\s*\([^;{}` + "`" + `]*\)?(?:\s*(?:const|override|noexcept|throws\s+[\w., ]+))*\s*(\{)?$`)
	accessible = lazyregexp.New(`^(?:public|private|protected|internal|static|override|virtual)\s`)
	arrowFunc  = lazyregexp.New(`^(?:export\s+)?(?:default\s+)?(?:const|let|var)\s+\w+\s*(?::[^=]+)?=\s*(?:async\s*)?(?:\([^)]*\)|\w+)?\s*(?::[^=]+)?(?:=>|function)`)
	shellFunc  = lazyregexp.New(`^(?:function\s+)?[\w:-]+\s*\(\)\s*\{?\s*$`)
	texSection = lazyregexp.New(`^\\(chapter|section|subsection|subsubsection|begin\{(?:theorem|lemma|abstract)\})\*?(?:\{([^}]*)\})?`)
)

// statements are the words that start a line of a function's body, never a definition.
var statements = wordSet(`if else elif for while switch case return catch try do with using import from include require throw
	raise yield await new delete goto go defer select assert print echo`)

func wordSet(list string) map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		words[w] = true
	}
	return words
}

// isStatement reports whether a line starts with a word of statements.
func isStatement(s string) bool {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '_' && !isDigitOrLetter(r) })
	if end < 0 {
		end = len(s)
	}
	return end <= len("include") && statements[s[:end]]
}

func isDigitOrLetter(r rune) bool {
	return r < utf8.RuneSelf && (isLower(byte(r)) || isUpper(byte(r)) || isDigit(byte(r)))
}

// isAttached reports whether a line is a comment, annotation or attribute of the definition below
// it.
func isAttached(s string) bool {
	s = strings.TrimLeft(s, " \t\f\r\n")
	if s == "" {
		return false
	}
	switch s[0] {
	case '#', '*', ';', '%', '@', '[':
		return true
	case 't':
		rest, ok := strings.CutPrefix(s, "template")
		return ok && strings.HasPrefix(strings.TrimLeft(rest, " \t\f\r\n"), "<")
	}
	for _, mark := range [...]string{"//", "--", "/*", `"""`, "'''", "(*", "{-"} {
		if strings.HasPrefix(s, mark) {
			return true
		}
	}
	return false
}

// maxDefinitionIndent is the maximum indentation of a definition, such as a method of a class.
const maxDefinitionIndent = 8

// sourceBlocks returns the blocks of source code: it cuts at definitions, and inside them at blank
// lines.
func sourceBlocks(text string) []block {
	all := linesOf(text)
	list := []block{{form: lines, kind: Lines}}
	var levels []int // indentations of the definitions around the current line
	last := -1       // line of the last definition; the next one's comments start after it
	comment := ""    // end marker of the multi-line comment or string around the current line
	for i, l := range all {
		if l.blank() {
			continue
		}
		var title string
		var in int
		if comment == "" {
			title, in = definitionAt(l.text)
		}
		comment = commentAfter(l.text, comment)
		if title == "" {
			if i > 0 && all[i-1].blank() {
				list = append(list, block{start: l.start, form: lines, kind: Lines})
			}
			continue
		}
		for len(levels) > 0 && levels[len(levels)-1] >= in {
			levels = levels[:len(levels)-1]
		}
		levels = append(levels, in)
		first := i
		for first-1 > last && !all[first-1].blank() && indent(all[first-1].text) == in && isAttached(all[first-1].text) {
			first--
		}
		last = i
		for len(list) > 0 && list[len(list)-1].start > all[first].start {
			list = list[:len(list)-1]
		}
		b := block{start: all[first].start, form: heading, kind: Heading, level: len(levels), title: title}
		if n := len(list) - 1; list[n].start == b.start {
			list[n] = b
		} else {
			list = append(list, b)
		}
	}
	return headings(partition(text, list), text)
}

// commentAfter returns the end marker of the multi-line comment or string that is open after line
// s, or "". comment is the marker that is open before it.
func commentAfter(s, comment string) string {
	if comment == "" {
		switch trimmed := strings.TrimSpace(s); {
		case strings.HasPrefix(trimmed, "/*") && !strings.Contains(trimmed, "*/"):
			return "*/"
		case strings.Count(trimmed, `"""`)%2 == 1:
			return `"""`
		case strings.HasPrefix(trimmed, "'''") && strings.Count(trimmed, "'''")%2 == 1:
			return "'''"
		}
		return ""
	}
	if strings.Contains(s, comment) {
		return ""
	}
	return comment
}

// headings splits each block that starts with a definition into a heading, the definition's line,
// and the body, because a heading is never cut.
func headings(list []block, text string) []block {
	var out []block
	for _, b := range list {
		out = append(out, block{start: b.start, end: b.start, form: b.form, kind: b.kind, level: b.level, title: b.title})
		if b.form != heading {
			out[len(out)-1].end = b.end
			continue
		}
		end := b.end
		if i := strings.IndexByte(text[b.start:b.end], '\n'); i >= 0 {
			end = b.start + i
		}
		out[len(out)-1].end = end
		if start, stop := trim(text, end, b.end); start < stop {
			out = append(out, block{start: start, end: stop, form: lines, kind: Lines})
		}
	}
	return out
}

// definitionAt returns the signature and indentation of the definition that line s starts; title is
// "" if there is none.
func definitionAt(s string) (title string, in int) {
	if len(s) > 400 {
		return "", 0
	}
	in = indent(s)
	if in > maxDefinitionIndent {
		return "", 0
	}
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, `\`) { // fast path for nearly every line
	} else if m := texSection.FindStringSubmatch(s); m != nil {
		if m[2] != "" {
			return m[2], strings.Index("csu", m[1][:1])
		}
		return m[1], 0
	}
	switch {
	case isStatement(s) || isAttached(s):
		return "", 0
	case strings.HasSuffix(s, ".") || strings.HasSuffix(s, ";"):
		return "", 0
	case plainlyDefines(s) || defines(s) && (definition.MatchString(s) || bodied.MatchString(s)):
	case in == 0 && goType.MatchString(s):
	case typed(s, in):
	case in == 0 && (arrowFunc.MatchString(s) || shellFunc.MatchString(s)):
	default:
		return "", 0
	}
	s = strings.TrimRight(s, " \t{:=(,")
	if i := strings.Index(s, "=>"); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	if len(s) > 100 {
		s = strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s, in
}

// defining are the keywords of the definitions that are recognised by a keyword.
var defining = wordSet(`func fn def defp defmodule defmacro class interface struct enum trait impl module namespace type function sub subroutine
		object record protocol extension macro_rules mod union program procedure message service resource create`)

// plainlyDefines reports whether s starts with a keyword of defining and the definition pattern
// matches it. It is a fast path: most definitions start so, and the pattern is much slower.
func plainlyDefines(s string) bool {
	const blanks = " \t\f\r\n"
	end := strings.IndexFunc(s, func(r rune) bool { return !isDigitOrLetter(r) })
	if end < 0 || !defining[s[:end]] || s[:end] == "create" {
		return false
	}
	rest := strings.TrimLeft(s[end:], blanks)
	if rest != "" && (rest[0] == '(' || rest[0] == '<') {
		return true
	}
	name := strings.TrimLeftFunc(rest, func(r rune) bool { return isDigitOrLetter(r) || strings.ContainsRune(`_$&*'"@.-`, r) })
	if len(rest) == len(s)-end || len(name) == len(rest) {
		return false
	}
	name = strings.TrimLeft(name, blanks)
	return name == "" || strings.IndexByte("({:<[=", name[0]) >= 0
}

// defines reports whether the words of s include a keyword of defining. Most lines have none, so
// that the slow pattern is skipped for them.
func defines(s string) bool {
	for n := 0; n < 16; n++ {
		s = strings.TrimLeftFunc(s, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
		end := strings.IndexFunc(s, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
		if end < 0 {
			end = len(s)
		}
		if word := s[:end]; word == "" {
			return false
		} else if len(word) <= len("macro_rules") && (defining[word] || strings.EqualFold(word, "create")) {
			return true
		}
		s = s[end:]
	}
	return false
}

// typed reports whether s is the head of a function that starts with its return type, as in C and
// Java. An indented head must open a body or have an access modifier, because the fields of a
// structure look the same otherwise.
func typed(s string, in int) bool {
	if strings.IndexByte(s, '(') < 0 || strings.HasSuffix(s, ",") && in > 0 {
		return false
	}
	m := typedFunc.FindStringSubmatch(s)
	return m != nil && (in == 0 && strings.HasSuffix(strings.TrimRight(s, " {"), ")") || m[1] != "" || accessible.MatchString(s))
}

var (
	tomlTable = lazyregexp.New(`^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$`)
	yamlKey   = lazyregexp.New(`^(?:"([^"]+)"|'([^']+)'|([^\s#:'"{\[&*!|>%@-][^:#]*?))\s*:(?:\s|$)`)
	jsonKey   = lazyregexp.New(`^(\t| {1,8})"((?:[^"\\]|\\.)+)"\s*:`)
)

// settingsBlocks returns the blocks of JSON, YAML or TOML: it cuts at the outermost keys and
// tables.
func settingsBlocks(kind, text string) []block {
	list := []block{{form: lines, kind: Lines}}
	outermost := "" // the indentation of JSON's first key
	for _, l := range linesOf(text) {
		s := l.text[:min(len(l.text), 300)]
		title := ""
		switch kind {
		case "toml":
			if m := tomlTable.FindStringSubmatch(s); m != nil {
				title = m[1]
			}
		case "yaml":
			if m := yamlKey.FindStringSubmatch(s); m != nil {
				title = m[1] + m[2] + m[3]
			}
		case "json":
			if m := jsonKey.FindStringSubmatch(s); m != nil && (outermost == "" || m[1] == outermost) {
				outermost, title = m[1], m[2]
			}
		}
		b := block{start: l.start, form: lines, kind: Lines}
		if title != "" {
			b.form, b.kind, b.level, b.title = heading, Heading, 1, title
		} else if list[len(list)-1].form == lines && !strings.HasPrefix(s, "---") {
			continue
		}
		if n := len(list) - 1; list[n].start == b.start {
			list[n] = b
		} else {
			list = append(list, b)
		}
	}
	return headings(partition(text, list), text)
}
