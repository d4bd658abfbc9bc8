package load

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"weft/rag/lazyregexp"
)

// readMan reads manual pages (roff with the man or mdoc macros): headings, paragraphs, lists of
// terms with their explanations, examples. The place of each block is the line where it begins.
func readMan(ctx context.Context, _ *Loader, in input) (Document, error) {
	text, cut, encoding, ok := decodeText(in.data, 2*in.opts.MaxText) // half of it is markup
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no manual page: it holds zero bytes"}
	}
	m := &manReader{out: &builder{max: in.opts.MaxText}, strings: map[string]string{}}
	n := 0
	for line := range strings.Lines(clean(text)) {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return Document{}, ctx.Err()
		}
		if m.out.full() {
			break
		}
		m.line = n
		m.read(strings.TrimRight(line, "\n"))
	}
	m.flush()
	m.endCode()
	doc := m.out.document()
	doc.Title, doc.Notes = m.title, m.notes
	doc.decoded(encoding)
	if cut {
		doc.Notes = append(doc.Notes, "only the beginning of its markup is read")
	}
	return doc, nil
}

// A manReader writes a manual page block by block, line by line.
type manReader struct {
	out     *builder
	title   string
	name    string // of the command; .Nm inserts it
	line    int
	began   int
	text    []string // lines of the open block
	tag     bool     // the next line is the term of a list
	termed  bool     // the first line of the open block is a term
	code    []string
	inCode  bool
	codeAt  int               // line where the code begins
	until   string            // the request that ends the skipped lines, such as the end of a macro definition
	braces  int               // open braces of a condition that is false
	strings map[string]string // strings defined by the page
	table   bool
	other   bool // the last condition was false, so .el applies
	notes   []string
}

// looksLikeMan reports whether a text begins like a manual page: with a request of roff, and with a
// title or the heading NAME.
func looksLikeMan(head []byte) bool {
	first := bytes.TrimLeft(head, " \t\r\n")
	return len(first) > 0 && (first[0] == '.' || first[0] == '\'') && manHead.Match(head)
}

var manHead = lazyregexp.New(`(?m)^\.[ \t]*(?:TH|Dd|Dt|S[Hh][ \t]+"?NAME)\b`)

func (m *manReader) read(line string) {
	if m.until != "" {
		if strings.TrimSpace(line) == m.until || strings.HasPrefix(line, m.until) && m.until != ".." {
			m.until = ""
		}
		return
	}
	if m.braces > 0 {
		m.braces += strings.Count(line, `\{`) - strings.Count(line, `\}`)
		return
	}
	if line != "" && (line[0] == '.' || line[0] == '\'') {
		request, arguments := cutRequest(line[1:])
		m.request(request, arguments)
		return
	}
	line = strings.TrimSuffix(line, `\}`)
	switch {
	case m.table:
		m.row(line)
	case m.inCode:
		m.code = append(m.code, m.unescape(line))
	case strings.TrimSpace(line) == "":
		m.flush()
	default:
		m.add(m.unescape(line))
	}
}

// cutRequest separates a request from its arguments. It returns nothing for a comment.
func cutRequest(s string) (request, arguments string) {
	s = strings.TrimLeft(s, " \t")
	if strings.HasPrefix(s, `\"`) {
		return "", ""
	}
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// add adds a line to the open block.
func (m *manReader) add(s string) {
	s = tidy(s)
	if m.tag {
		m.flush()
		m.tag, m.termed = false, true
	}
	if s == "" {
		return
	}
	if m.began == 0 {
		m.began = m.line
	}
	m.text = append(m.text, s)
}

// flush writes the open block as a paragraph. If its first line is a term, the other lines explain
// it.
func (m *manReader) flush() {
	if len(m.text) > 0 {
		m.out.placeLines(m.began, m.began)
		first := m.text[0]
		if rest := m.text[1:]; m.termed && len(rest) > 0 {
			m.out.paragraph(first + "\n" + strings.Join(rest, " "))
		} else {
			m.out.paragraph(strings.Join(m.text, " "))
		}
	}
	m.text, m.began, m.termed = m.text[:0], 0, false
}

func (m *manReader) endCode() {
	if len(m.code) > 0 {
		m.out.placeLines(m.codeAt, m.codeAt)
		m.out.code("", strings.Join(m.code, "\n"))
	}
	m.code, m.inCode = nil, false
}

func (m *manReader) beginCode() {
	m.flush()
	m.inCode, m.codeAt = true, m.line+1
}

func (m *manReader) heading(level int, s string) {
	m.flush()
	m.endCode()
	m.tag = false
	m.out.placeLines(m.line, m.line)
	m.out.heading(level, s)
}

// term opens a block with the term of a list.
func (m *manReader) term(s string) {
	m.flush()
	m.add(s)
	m.termed = s != "•"
}

// request executes a request of roff, or a macro of man or mdoc.
func (m *manReader) request(request, arguments string) {
	if i := strings.Index(arguments, `\"`); i >= 0 && request != "ds" {
		arguments = strings.TrimSpace(arguments[:i])
	}
	switch request {
	case "de", "am", "de1", "ig":
		m.until = ".."
		if _, end, ok := strings.Cut(arguments, " "); ok && request != "ig" {
			m.until = "." + strings.TrimSpace(end)
		}
	case "ds", "as":
		name, value, _ := strings.Cut(arguments, " ")
		if len(m.strings) < 1000 && len(value) < 1000 {
			m.strings[name] = m.unescape(strings.TrimPrefix(strings.TrimSpace(value), `"`))
		}
	case "if", "ie", "el", "while":
		m.condition(request, arguments)
	case "so":
		m.notes = append(m.notes, "it includes another page that is not read: "+tidy(arguments))
	case "TS":
		m.flush()
		m.table = true
	case "TE":
		m.table = false
		m.out.endTables()
	case "PS", "EQ", "GS", "PSPIC":
		m.until = map[string]string{"PS": ".PE", "EQ": ".EN", "GS": ".GE"}[request]
		m.notes = append(m.notes, fmt.Sprintf("line %d: a drawing or equation that is not read", m.line))
	default:
		if !m.man(request, arguments) {
			m.mdoc(request, arguments)
		}
	}
}

// condition executes the body of a condition that is true for terminal output, and skips other
// bodies.
func (m *manReader) condition(request, arguments string) {
	holds := m.other
	body := arguments
	if request != "el" {
		not := strings.HasPrefix(body, "!")
		body = strings.TrimPrefix(body, "!")
		holds = strings.HasPrefix(body, "n ") || strings.HasPrefix(body, `n\{`)
		if holds {
			body = body[1:]
		} else if i := strings.IndexAny(body, " \t"); i >= 0 {
			body = body[i:]
		} else if i := strings.Index(body, `\{`); i >= 0 {
			body = body[i:]
		}
		holds = holds != not
		m.other = !holds
	}
	body = strings.TrimSpace(body)
	if !holds {
		m.braces = max(strings.Count(body, `\{`)-strings.Count(body, `\}`), 0)
		return
	}
	body = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(body, `\{`), `\`))
	if body != "" && len(body) < 10_000 && !strings.HasPrefix(body, ".if") && !strings.HasPrefix(body, ".ie") {
		m.read(body)
	}
}

// man executes a macro of man(7). It returns false for other macros.
func (m *manReader) man(request, arguments string) bool {
	args := func() string { return strings.Join(m.arguments(arguments), " ") }
	switch request {
	case "TH":
		if list := m.arguments(arguments); len(list) > 0 {
			if m.title = list[0]; len(list) > 1 {
				m.title += "(" + list[1] + ")"
			}
		}
	case "SH":
		m.headingOr(1, args())
	case "SS":
		m.headingOr(2, args())
	case "PP", "P", "LP", "sp", "HP", "RS", "RE":
		m.flush()
		if m.inCode && request == "sp" {
			m.code = append(m.code, "")
		}
	case "TP", "TQ":
		if request == "TP" {
			m.flush()
		}
		m.tag = request == "TP"
	case "IP":
		m.flush()
		if list := m.arguments(arguments); len(list) > 0 {
			m.term(bullet(list[0]))
		}
	case "B", "I", "SM", "SB":
		m.addText(args())
	case "BR", "RB", "IR", "RI", "BI", "IB":
		m.addText(strings.Join(m.arguments(arguments), ""))
	case "OP":
		m.addText("[" + args() + "]")
	case "SY":
		m.flush()
		m.addText(args())
	case "YS":
		m.flush()
	case "UR", "MT":
		m.addText(args())
	case "nf", "EX", "Vb":
		m.beginCode()
	case "fi", "EE", "Ve":
		m.endCode()
	case "br":
		if m.tag {
			m.tag = false
		}
	case "":
	default:
		return false
	}
	return true
}

// headingOr writes a heading. If s is empty, the heading is on the next line.
func (m *manReader) headingOr(level int, s string) {
	if s != "" {
		m.heading(level, s)
	}
}

// addText adds the text of a macro to the open block, or to the code.
func (m *manReader) addText(s string) {
	if m.inCode {
		m.code = append(m.code, s)
		return
	}
	m.add(s)
}

// bullet normalises the marker of a list item.
func bullet(s string) string {
	if s == "•" || s == "*" || s == "o" || s == "-" {
		return "•"
	}
	return s
}

// row writes a row of a table. Lines up to one that ends with a full stop are the format of the
// table.
func (m *manReader) row(line string) {
	if len(m.out.tables) == 0 {
		if strings.HasSuffix(strings.TrimSpace(line), ".") && !strings.Contains(line, "\t") {
			m.out.placeLines(m.line+1, m.line+1)
			m.out.beginTable()
		}
		return
	}
	if t := strings.TrimSpace(line); t == "" || t == "_" || t == "=" || t == "T}" {
		return
	}
	m.out.beginRow()
	for cell := range strings.SplitSeq(line, "\t") {
		m.out.beginCell()
		m.out.paragraph(m.unescape(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(cell), "T{"), "T}")))
	}
}

// arguments splits the arguments of a macro, each of which may be quoted.
func (m *manReader) arguments(s string) []string {
	var list []string
	for s = strings.TrimLeft(s, " \t"); s != "" && len(list) < 200; s = strings.TrimLeft(s, " \t") {
		if s[0] == '"' {
			var b strings.Builder
			i := 1
			for ; i < len(s); i++ {
				if s[i] == '"' {
					if i+1 < len(s) && s[i+1] == '"' {
						i++
					} else {
						break
					}
				}
				b.WriteByte(s[i])
			}
			list = append(list, m.unescape(b.String()))
			s = s[min(i+1, len(s)):]
			continue
		}
		i := 0
		for i < len(s) && s[i] != ' ' && s[i] != '\t' {
			if s[i] == '\\' && i+1 < len(s) {
				i++
			}
			i++
		}
		i = min(i, len(s))
		list = append(list, m.unescape(s[:i]))
		s = s[i:]
	}
	return list
}
