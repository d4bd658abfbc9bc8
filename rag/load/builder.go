package load

import (
	"fmt"
	"strings"
	"unicode"
)

// A builder writes the text of a document that is not text itself, as Markdown, and remembers where
// the places of the file begin in it.
type builder struct {
	b      strings.Builder
	marks  []Mark
	max    int  // bytes; beyond it the caller stops
	item   bool // the last block was an item or row, which the next one follows without a blank line
	tables []*table
	held   int // bytes in tables that are not written yet
	inner  int // tables that were begun beyond the limit
}

// full tells that no more text is wanted.
func (b *builder) full() bool { return b.b.Len()+b.held > b.max }

// place says where in the file the text comes from that is written next.
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

// placeLines says from which lines of the file the text comes that is written next. Passages take
// the lines of their citation from it.
func (b *builder) placeLines(from, to int) {
	b.place(placeOfLines(from, to))
}

// placeOfLines names lines of a file as a place: "line 7", "lines 7–9".
func placeOfLines(from, to int) string {
	if to > from {
		return fmt.Sprintf("lines %d–%d", from, to)
	}
	return fmt.Sprintf("line %d", from)
}

// A builderMark is a state of a builder to which it can be set back.
type builderMark struct {
	length, marks int
	item          bool
}

func (b *builder) mark() builderMark { return builderMark{b.b.Len(), len(b.marks), b.item} }

// reset takes back what was written since a mark.
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

// heading writes a heading.
func (b *builder) heading(level int, s string) {
	if s = tidy(s); s != "" && !b.cell(s) {
		b.write(strings.Repeat("#", min(max(level, 1), 6))+" "+s, false)
	}
}

// paragraph writes a paragraph; its lines may be broken by \n.
func (b *builder) paragraph(s string) {
	if s = tidyLines(s); s != "" && !b.cell(s) {
		b.write(s, false)
	}
}

// listItem writes an item of a list, depth from 0.
func (b *builder) listItem(depth int, s string) {
	if s = strings.ReplaceAll(tidyLines(s), "\n", " "); s != "" && !b.cell(s) {
		b.write(strings.Repeat("  ", min(max(depth, 0), 8))+"- "+s, true)
	}
}

// numbered writes a paragraph with the number that it has in its document: "1.2. text", "(a) text".
func (b *builder) numbered(label, s string) {
	s = label + " " + strings.ReplaceAll(tidyLines(s), "\n", " ")
	if !b.cell(s) {
		b.write(s, markdownNumber(label))
	}
}

// markdownNumber reports whether a number begins an item of a list in Markdown too: "1." and "1)".
func markdownNumber(label string) bool {
	digits := strings.TrimRight(label, ".)")
	return len(label) == len(digits)+1 && digits != "" && len(digits) < 9 && strings.Trim(digits, "0123456789") == ""
}

// markdown writes text that is Markdown already: that of a document inside this one.
func (b *builder) markdown(s string) {
	if s = strings.TrimSpace(s); s != "" && !b.cell(tidy(s)) {
		b.write(s, false)
	}
}

// code writes lines as they stand.
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

// document ends the writing.
func (b *builder) document() Document {
	b.endTables()
	return Document{Text: b.b.String(), Marks: b.marks}
}

// tidy makes one line of a text.
func tidy(s string) string { return collapse(clean(s)) }

// collapse makes one blank of each run of them, and none at the ends.
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

// tidyLines takes the blanks around each line and the empty lines away, and keeps what begins a line from being taken for a heading, quote or fence.
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
