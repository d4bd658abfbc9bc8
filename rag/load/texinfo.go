package load

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"weft/rag/lazyregexp"
)

var (
	texiCommand  = lazyregexp.New(`^\s*@([a-zA-Z]+)\b[ \t]*(.*)$`)
	texiInline   = lazyregexp.New(`@([a-zA-Z]+)\{([^{}@]*)\}`)
	texiAccent   = lazyregexp.New("@([\"'`^~,=])\\{?([A-Za-z])\\}?")
	texiBraced   = lazyregexp.New(`^\{([^{}]*)\}[ \t]*`)
	texiAccents  = map[string]string{`"`: "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", ",": "\u0327", "=": "\u0304"}
	texiHeadings = map[string]int{"top": 1, "chapter": 1, "unnumbered": 1, "appendix": 1,
		"chapheading": 1, "majorheading": 1, "section": 2, "unnumberedsec": 2,
		"appendixsec": 2, "heading": 2, "subsection": 3, "unnumberedsubsec": 3, "appendixsubsec": 3,
		"subheading": 3, "subsubsection": 4, "unnumberedsubsubsec": 4,
		"subsubheading": 4}
)

// texiBlocks classifies the environments of Texinfo by how their content is written.
var texiBlocks = func() map[string]string {
	all := map[string]string{}
	for kind, names := range map[string]string{
		"none": "ignore tex html iftex ifhtml ifxml ifdocbook ifplaintext menu detailmenu direntry macro rmacro titlepage docbook xml",
		"code": "example smallexample lisp smalllisp verbatim",
		"list": "itemize", "numbers": "enumerate", "terms": "table ftable vtable", "rows": "multitable",
		"text": "quotation smallquotation group display smalldisplay format smallformat copying documentdescription cartouche flushleft flushright raggedright float " +
			"ifinfo ifnottex ifnothtml ifset ifclear ifnotinfo ifnotplaintext indentedblock",
	} {
		for name := range strings.FieldsSeq(names) {
			all[name] = kind
		}
	}
	return all
}()

// takeTexinfoFields returns the title, subtitles and authors of a Texinfo file as fields. The text
// is returned unchanged.
func takeTexinfoFields(text string) (fieldList, string) {
	var fields fieldList
	for line := range strings.Lines(text[:min(len(text), 64<<10)]) {
		m := texiCommand.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		switch value := texinfoText(m[2]); {
		case m[1] == "settitle" || m[1] == "title" && fields.value("title") == "":
			fields.add("title", value)
		case m[1] == "author", m[1] == "subtitle":
			fields.add(m[1], value)
		}
	}
	return fields, text
}

// readableTexinfo converts a Texinfo file to Markdown, line by line.
func readableTexinfo(ctx context.Context, text string) string {
	lines := strings.Split(text, "\n")
	dropped, code := "", ""
	var open []string
	for i, line := range untilDone(ctx, lines) {
		m := texiCommand.FindStringSubmatch(line)
		name, argument := "", ""
		if m != nil {
			name, argument = m[1], m[2]
		}
		ends := name == "end" && strings.TrimSpace(argument) != ""
		switch {
		case dropped != "":
			if ends && strings.TrimSpace(argument) == dropped {
				dropped = ""
			}
			lines[i] = ""
		case code != "":
			if ends && strings.TrimSpace(argument) == code {
				code, lines[i] = "", "```"
			} else if code != "verbatim" {
				lines[i] = texinfoText(strings.TrimPrefix(strings.TrimPrefix(line, "@group"), "@end group"))
			}
		case ends:
			open = open[:max(len(open)-1, 0)]
			lines[i] = ""
		case texiBlocks[name] == "none" && endsBelow(lines[i+1:], name):
			dropped, lines[i] = name, ""
		case texiBlocks[name] == "code" && endsBelow(lines[i+1:], name):
			code, lines[i] = name, "```"
		case texiBlocks[name] != "" && texiBlocks[name] != "none" && texiBlocks[name] != "code":
			open, lines[i] = append(open, texiBlocks[name]), ""
		default:
			inner := ""
			if len(open) > 0 {
				inner = open[len(open)-1]
			}
			lines[i] = texinfoLine(line, name, argument, inner)
		}
	}
	return strings.Join(lines, "\n")
}

func endsBelow(lines []string, name string) bool {
	for _, l := range lines[:min(len(lines), blockReach)] {
		if strings.HasPrefix(l, "@end ") && strings.TrimSpace(l[5:]) == name {
			return true
		}
		// These environments cannot be nested.
		if strings.HasPrefix(l, "@"+name) && strings.TrimSpace(l[1:]) == name {
			return false
		}
	}
	return false
}

// texinfoLine converts a line outside the environments that have their own rules.
func texinfoLine(line, name, argument, inner string) string {
	switch {
	case strings.HasPrefix(line, `\input`):
		return ""
	case texiHeadings[name] > 0:
		return strings.Repeat("#", texiHeadings[name]) + " " + texinfoText(argument)
	case name == "item" || name == "itemx" || name == "headitem":
		switch text := texinfoText(argument); inner {
		case "list":
			return "- " + text
		case "numbers":
			return "1. " + text
		case "rows":
			return strings.ReplaceAll(text, "@tab", "|")
		default:
			return text
		}
	case name == "tab":
		return "| " + texinfoText(argument)
	case strings.HasPrefix(name, "def") && len(name) > 4:
		if m := texiBraced.FindStringSubmatch(argument); m != nil {
			argument = m[1] + ": " + argument[len(m[0]):]
		}
		return texinfoText(argument)
	case name == "noindent" || name == "indent" || name == "center" || name == "exdent":
		return texinfoText(argument)
	case name != "" && !strings.HasPrefix(strings.TrimSpace(line), "@"+name+"{"):
		return ""
	}
	return texinfoText(line)
}

var texiSigns = strings.NewReplacer("@@", "\x00", "@{", "\x01", "@}", "\x02", "@dots{}", "…",
	"@enddots{}", "…", "@copyright{}", "©", "@result{}", "⇒", "@minus{}", "-",
	"@bullet{}", "•", "@TeX{}", "TeX", "@LaTeX{}", "LaTeX", "@tie{}", " ", "@*", " ", "@.", ".",
	"@:", "", "@-", "", "@/", "", "---", "—", "``", `"`, "''", `"`)

var texiBack = strings.NewReplacer("\x00", "@", "\x01", "{", "\x02", "}")

// texinfoText replaces the commands in a line by their displayed text.
func texinfoText(s string) string {
	if i := strings.Index(s, "@c "); i >= 0 && (i == 0 || s[i-1] != '@') {
		s = s[:i]
	}
	if len(s) > maxCleanedLine || !strings.ContainsAny(s, "@`'-") {
		return s
	}
	s = texiSigns.Replace(s)
	s = texiAccent.ReplaceAllStringFunc(s, func(accent string) string {
		m := texiAccent.FindStringSubmatch(accent)
		return norm.NFC.String(m[2] + texiAccents[m[1]])
	})
	for range 8 { // nested commands
		next := texiInline.ReplaceAllStringFunc(s, texinfoCommand)
		if next == s {
			break
		}
		s = next
	}
	return texiBack.Replace(s)
}

// texinfoCommand returns the displayed text of a command with its argument in braces.
func texinfoCommand(s string) string {
	m := texiInline.FindStringSubmatch(s)
	part := func(n int) string {
		if list := strings.Split(m[2], ","); n < len(list) {
			return strings.TrimSpace(list[n])
		}
		return ""
	}
	switch m[1] {
	case "code", "command", "option", "file", "samp", "kbd", "env", "verb":
		return "`" + m[2] + "`"
	case "xref", "ref", "pxref", "inforef":
		shown := part(2)
		for n := 1; shown == "" && n >= 0; n-- {
			shown = part(n)
		}
		return map[string]string{"xref": "See ", "pxref": "see "}[m[1]] + shown
	case "uref", "url", "email":
		if text := part(1); text != "" {
			return text + " (" + part(0) + ")"
		}
		return part(0)
	case "footnote":
		return " (" + m[2] + ")"
	case "anchor", "image", "cindex", "findex", "value":
		return ""
	}
	return m[2]
}
