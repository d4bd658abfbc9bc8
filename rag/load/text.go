package load

import (
	"context"
	"strings"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// readText reads plain text and text markup. Line numbers of the text are those of the file.
func readText(ctx context.Context, l *Loader, in input) (Document, error) {
	format := textFormats[in.kind]
	read := decodeNoted
	if format.sevenBit {
		read = decodeText
	}
	text, cut, encoding, ok := read(in.data, in.opts.MaxText)
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is neither text nor a document: it holds zero bytes"}
	}
	if err := ctx.Err(); err != nil {
		return Document{}, err
	}
	text = clean(text)
	text, embedded := cutDataURIs(in.kind, text)
	if in.kind == "json" {
		text = decodeJSON(text)
	}
	if !in.opts.Generated {
		if detail := generatedText(in, text); detail != "" {
			return Document{}, &Error{Reason: Generated, Detail: detail}
		}
	}
	doc := Document{Text: text}
	if format.fields != nil {
		doc.Fields, doc.Text = format.fields(text)
	}
	const headOfText = 64 << 10
	if doc.Title = fieldList(doc.Fields).value("title"); doc.Title == "" && format.title != nil {
		doc.Title = format.title(doc.Text[:min(len(doc.Text), headOfText)])
	}
	if format.clean != nil {
		doc.Text, doc.Marks = format.clean(ctx, in.path, doc.Text, doc.Fields)
	}
	if err := ctx.Err(); err != nil {
		return Document{}, err
	}
	if doc.Title == "" && format.toMarkdown {
		doc.Title = titleOfMarkdown(doc.Text[:min(len(doc.Text), headOfText)])
	}
	if strings.TrimSpace(doc.Text) == "" && len(doc.Fields) > 0 {
		doc.Text = settingsAsText(text)
	}
	text = doc.Text
	doc.decoded(encoding)
	if embedded > 0 {
		doc.Notes = append(doc.Notes, dataURINote(embedded))
	}
	switch {
	case cut && strings.TrimSpace(text) == "":
		doc.Notes = append(doc.Notes, "only its beginning is read, which holds markup alone")
	case cut:
		doc.cutAt(min(len(text), in.opts.MaxText))
	}
	return doc, nil
}

// settingsAsText returns the front matter of a file that has no other content as its text, so that
// its title and description can be searched. The delimiter lines become blank.
func settingsAsText(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(line) {
		case "---", "+++", "...":
			line = "\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

// madeByProgram matches the Go project's marker for generated files, and similar markers of other
// tools, in the first lines of a file.
var madeByProgram = lazyregexp.New(`(?m)\A(?:.*\n){0,20}?(?://|#|--|/\*|;|%)+\s*(?:Code generated .* DO NOT EDIT\.?|@generated|This file (?:is|was) (?:automatically|auto-?) ?generated)`)

// generatedText returns the reason why a source file counts as generated; "" when it does not.
func generatedText(in input, text string) string {
	if in.kind != "source" {
		return ""
	}
	if madeByProgram.MatchString(text[:min(len(text), 4096)]) {
		return "says that a program wrote it"
	}
	if lines := strings.Count(text, "\n") + 1; len(text) > 20_000 && len(text)/lines > 1000 {
		return "is minified: its lines are longer than any that people write"
	}
	return ""
}

// clean makes text safe to store and to display and keeps its lines. Every line end becomes \n.
// Escape sequences of terminals, other control characters and characters that reorder the text
// around them are removed or become blanks.
func clean(s string) string {
	if !needsCleaning(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	loneCR := byte(' ') // progress bars use it to overwrite their line
	if strings.IndexByte(s, '\n') < 0 {
		loneCR = '\n' // the line end of classic Mac OS
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c >= ' ' && c != 0x7f || c == '\n' || c == '\t':
				b.WriteByte(c)
			case c == '\r':
				if i+1 < len(s) && s[i+1] == '\n' {
					break
				}
				b.WriteByte(loneCR)
			case c == 0x1b:
				i += escapeLen(s[i:])
				continue
			case c == '\b' || c == 0 || c == 0x7f:
			default:
				b.WriteByte(' ')
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteRune(utf8.RuneError)
		case r < 0xa0 || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		case r == '\ufeff' || r == '\u00ad' || isBidiControl(r):
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func needsCleaning(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' && c != '\n' && c != '\t', c == 0x7f:
			return true
		case c == 0xc2 && i+1 < len(s) && (s[i+1] < 0xa0 || s[i+1] == 0xad):
			// C1 controls and the soft hyphen.
			return true
		case c == 0xe2 && i+2 < len(s) && (s[i+1] == 0x80 && s[i+2] >= 0xa8 && s[i+2] <= 0xae ||
			s[i+1] == 0x81 && s[i+2] >= 0xa6 && s[i+2] <= 0xa9):
			return true
		case c == 0xef && i+2 < len(s) && s[i+1] == 0xbb && s[i+2] == 0xbf:
			return true
		}
	}
	return !utf8.ValidString(s)
}

// escapeLen returns the length of the escape sequence (ECMA-48) at the start of s, in bytes. A
// sequence never crosses the end of a line.
func escapeLen(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[': // control sequence: parameters, intermediates, one final byte
		for i := 2; i < len(s) && i < 256 && s[i] >= 0x20 && s[i] <= 0x7e; i++ {
			if s[i] >= 0x40 {
				return i + 1
			}
		}
		return 2
	case ']', 'P', 'X', '^', '_': // a string up to BEL or ESC \
		for i := 2; i < len(s) && i < 4096 && s[i] != '\n'; i++ {
			if s[i] == 7 {
				return i + 1
			}
			if s[i] == 0x1b {
				if i+1 < len(s) && s[i+1] == '\\' {
					return i + 2
				}
				break
			}
		}
		return 2
	}
	// Intermediates and one final byte: a choice of character sets.
	for i := 1; i < len(s) && i < 8 && s[i] >= 0x20 && s[i] <= 0x7e; i++ {
		if s[i] >= 0x30 {
			return i + 1
		}
	}
	return 1
}

// titleOfAsciiDoc returns the heading of level 0 that an AsciiDoc file begins with, or "".
func titleOfAsciiDoc(text string) string {
	if m := adocTitle.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// titleOfRST returns the underlined heading that a reStructuredText file begins with, or "".
func titleOfRST(text string) string {
	if m := rstTitle.FindStringSubmatch(text); m != nil && (m[1] == "" || m[1][0] == m[3][0]) &&
		len(m[3]) >= utf8.RuneCountInString(m[2]) {
		return m[2]
	}
	return ""
}

var (
	adocTitle = lazyregexp.New(`(?m)\A(?:\s*(?://.*)?\n)*= (\S.*)$`)
	rstTitle  = lazyregexp.New("\\A\\s*(?:\\.\\. .*\\n(?:[ \\t]+.*\\n)*\\s*)*([=\\-~^\"'`:+*#]{3,}\\n)?[ \\t]*(\\S.*)\\n([=\\-~^\"'`:+*#]{3,})\\s*(?:\\n|\\z)")
	atxOne    = lazyregexp.New(`^ {0,3}#[ \t]+(.*?)[ \t]*#*[ \t]*$`)
	setextOne = lazyregexp.New(`^ {0,3}=+[ \t]*$`)
)

// titleOfMarkdown returns the only heading of the first level of a text in Markdown. Two such
// headings are chapters, and then there is no title.
func titleOfMarkdown(text string) string {
	found, previous, fence := "", "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimLeft(line, " ")
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			if fence == "" {
				fence = trimmed[:3]
			} else if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		}
		title := ""
		if m := atxOne.FindStringSubmatch(line); m != nil && fence == "" {
			title = m[1]
		} else if fence == "" && setextOne.MatchString(line) {
			title = strings.TrimSpace(previous)
		}
		if title != "" && found != "" {
			return ""
		} else if title != "" {
			found = title
		}
		previous = line
	}
	return PlainHeading(found)
}

var (
	markdownImage = lazyregexp.New(`!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
	emptyLink     = lazyregexp.New(`\[\s*\](?:\([^)]*\)|\[[^\]]*\])`)
	markdownLink  = lazyregexp.New(`!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
	headingID     = lazyregexp.New(`[ \t]*\{#?[^}]*\}[ \t]*$`)
	markup        = strings.NewReplacer("**", "", "__", "", "`", "", `\`, "")
)

// PlainHeading removes the markup from a Markdown heading: "[The *Loader*](x.md) {#id}" becomes
// "The Loader". Images next to other text, such as badges, are removed too.
func PlainHeading(s string) string {
	s = headingID.ReplaceAllString(s, "")
	if rest := emptyLink.ReplaceAllString(markdownImage.ReplaceAllString(s, ""), ""); strings.TrimSpace(rest) != "" {
		s = rest
	} else {
		s = markdownImage.ReplaceAllString(s, "$1")
	}
	s = markdownLink.ReplaceAllString(s, "$1")
	s = markup.Replace(s)
	if strings.Count(s, "*")%2 == 0 {
		s = strings.ReplaceAll(s, "*", "")
	}
	return strings.Join(strings.Fields(s), " ")
}
