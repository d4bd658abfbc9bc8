package load

import (
	"fmt"
	"strings"
	"unicode"
)

// A builder writes the text of a document as Markdown, and records where in the file it comes from.
type builder struct {
	b      strings.Builder
	marks  []Mark
	max    int  // bytes; writes beyond it are ignored, and callers stop once full is true
	item   bool // the last block was a list item or row; another one follows without a blank line
	tables []*table
	held   int // bytes buffered in open tables
	inner  int // tables begun beyond the nesting limit
	// remarks are those of embedded documents, after their places; see Document.Remarks.
	remarks     []string
	moreRemarks int // remarks beyond the first maxNotes
}

// full reports whether the text has reached its limit.
func (b *builder) full() bool { return b.b.Len()+b.held > b.max }

// place records the place in the file of the text that is written next.
func (b *builder) place(place string) {
	if n := len(b.marks); n > 0 {
		if b.marks[n-1].Place == place {
			return
		}
		if b.marks[n-1].Offset == b.b.Len() {
			b.marks[n-1].Place = place
			return
		}
	}
	b.marks = append(b.marks, Mark{Offset: b.b.Len(), Place: place})
}

// placeLines records the lines of the file of the text that is written next. Citations show them.
func (b *builder) placeLines(from, to int) {
	b.place(placeOfLines(from, to))
}

// placeOfLines returns the name of a range of lines as a place: "line 7", "lines 7–9".
func placeOfLines(from, to int) string {
	if to > from {
		return fmt.Sprintf("lines %d–%d", from, to)
	}
	return fmt.Sprintf("line %d", from)
}

// A builderMark is a state of a builder that reset can restore.
type builderMark struct {
	length, marks int
	item          bool
}

func (b *builder) mark() builderMark { return builderMark{b.b.Len(), len(b.marks), b.item} }

// reset removes the text written since a mark.
func (b *builder) reset(m builderMark) {
	kept := b.b.String()[:m.length]
	b.b.Reset()
	b.b.WriteString(kept)
	b.marks, b.item = b.marks[:min(m.marks, len(b.marks))], m.item
}

func (b *builder) write(s string, item bool) {
	if b.full() {
		return
	}
	if b.b.Len() > 0 && !(item && b.item) {
		b.b.WriteByte('\n')
	}
	b.item = item
	b.b.WriteString(s)
	b.b.WriteByte('\n')
}

func (b *builder) heading(level int, s string) {
	if s = tidy(s); s != "" && !b.cell(s) {
		b.write(strings.Repeat("#", min(max(level, 1), 6))+" "+s, false)
	}
}

// paragraph writes a paragraph, which may contain line breaks (\n).
func (b *builder) paragraph(s string) {
	if s = tidyLines(s); s != "" && !b.cell(s) {
		b.write(s, false)
	}
}

// listItem writes an item of a list. The outermost list has depth 0.
func (b *builder) listItem(depth int, s string) { b.orderedItem(depth, "", s) }

// orderedItem writes an item of a list with its number: "3.". Without a number it has a bullet.
func (b *builder) orderedItem(depth int, label, s string) {
	s = strings.ReplaceAll(tidyLines(s), "\n", " ")
	if s == "" {
		return
	}
	indent := strings.Repeat("  ", min(max(depth, 0), 8))
	switch {
	case label == "" && !b.cell(s):
		b.write(indent+"- "+s, true)
	case label != "" && !b.cell(label+" "+s):
		b.write(indent+label+" "+s, true)
	}
}

// numbered writes a paragraph with the number that it has in its document: "1.2. text", "(a) text".
func (b *builder) numbered(label, s string) {
	s = label + " " + strings.ReplaceAll(tidyLines(s), "\n", " ")
	if !b.cell(s) {
		b.write(s, markdownNumber(label))
	}
}

// markdownNumber reports whether a label such as "1." or "1)" begins a list item in Markdown as
// well.
func markdownNumber(label string) bool {
	digits := strings.TrimRight(label, ".)")
	return len(label) == len(digits)+1 && digits != "" && len(digits) < 9 && strings.Trim(digits, "0123456789") == ""
}

// markdown writes text that is already Markdown, such as that of a nested document.
func (b *builder) markdown(s string) {
	if s = strings.TrimSpace(s); s != "" && !b.cell(tidy(s)) {
		b.write(s, false)
	}
}

// meta writes the fields of a nested document that describe it, as lines of tags: they can be found
// with its text, and are not quoted as text.
func (b *builder) meta(fields []Field) {
	var lines []string
	shown := Describing(fields)
	if title := fieldList(fields).value("title"); title != "" {
		shown = append([]Field{{"title", title}}, shown...)
	}
	for _, f := range shown {
		lines = append(lines, fmt.Sprintf(`<meta name="%s" content="%s">`, inTag.Replace(f.Name), inTag.Replace(f.Value)))
	}
	b.markdown(strings.Join(lines, "\n"))
}

// inTag replaces the characters that would end an attribute or a tag.
var inTag = strings.NewReplacer(`"`, "'", "<", "‹", ">", "›", "`", "'")

// code writes lines unchanged, in a fenced code block.
func (b *builder) code(language, s string) {
	s = strings.Trim(clean(s), "\n")
	if strings.TrimSpace(s) == "" || b.cell(tidy(s)) {
		return
	}
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 64 {
		b.write(tidyLines(s), false)
		return
	}
	b.write(fence+language+"\n"+s+"\n"+fence, false)
}

// document closes all tables and returns the text as a document.
func (b *builder) document() Document {
	b.endTables()
	remarks := b.remarks
	if b.moreRemarks > 0 {
		remarks = append(remarks, fmt.Sprintf("%d more remarks on files in it", b.moreRemarks))
	}
	return Document{Text: b.b.String(), Marks: b.marks, Remarks: remarks}
}

// tidy cleans s and makes it a single line.
func tidy(s string) string { return collapse(clean(s)) }

// collapse replaces each run of white space by one space, and trims the ends.
func collapse(s string) string {
	var b strings.Builder
	start := -1
	for i, r := range s {
		if unicode.IsSpace(r) {
			if start >= 0 {
				b.WriteString(s[start:i])
				start = -1
			}
			continue
		}
		if start < 0 {
			if start = i; b.Len() > 0 {
				b.WriteByte(' ')
			}
		}
	}
	if start == 0 {
		return s
	}
	if start > 0 {
		b.WriteString(s[start:])
	}
	return b.String()
}

// tidyLines collapses white space within lines and drops empty lines. It escapes line starts that
// Markdown would take for a heading, quote, fence or rule.
func tidyLines(s string) string {
	s = clean(s)
	if strings.IndexByte(s, '\n') < 0 {
		return tidyLine(s)
	}
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if l = tidyLine(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func tidyLine(l string) string {
	l = collapse(l)
	if l == "" {
		return ""
	}
	if c := l[0]; c == '#' || c == '>' || strings.HasPrefix(l, "```") || strings.HasPrefix(l, "~~~") ||
		(c == '-' || c == '=') && strings.Trim(l, l[:1]) == "" {
		return `\` + l
	}
	return l
}
