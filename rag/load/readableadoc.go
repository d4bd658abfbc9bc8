package load

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

var (
	adocSetting = lazyregexp.New(`^\[[^\]\n]*\]$|^\[[^\[\]\n]*(?:"[^"\n]*"[^\[\]"\n]*)+\]$`)
	adocTarget  = lazyregexp.New(`^\[\[[^\]\n]+\]\]$`)
	adocMacro   = lazyregexp.New(`^(?:include|ifdef|ifndef|ifeval|endif|toc|video|audio)::`)
	adocTitled  = lazyregexp.New(`^\.([A-Z\pL][^.].*)$`)
	adocSource  = lazyregexp.New(`^\[(?:source|,)(?:%\w+)?,?[ ]*([\w+#-]*)`)
	adocAdvice  = lazyregexp.New(`^\[(NOTE|TIP|WARNING|IMPORTANT|CAUTION)\]$`)
	adocHeading = lazyregexp.New(`^(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+=+)?$`)
	adocItem    = lazyregexp.New(`^[ \t]*(\*{1,6}|\.{1,6}|-|\d{1,9}\.)[ \t]+(\S.*)$`)
	adocTerm    = lazyregexp.New(`^[ \t]*(\S.*?)(:{2,4}|;;)(?:[ \t]+(\S.*))?$`)
)

// An adocReader turns AsciiDoc into Markdown. It keeps the number of lines.
type adocReader struct {
	ctx     context.Context
	lines   []string // of Markdown up to the next line to convert, of AsciiDoc from there
	fields  fieldList
	grown   expansion // by attributes and repeated cells
	margins expansion // by the margins of lists

	items    []adocListItem
	blocks   []adocBlock
	blanks   int    // blank lines before the next line
	attached bool   // the next block belongs to the innermost item
	language string // of the next listing
	settings string // attribute lists above the next block

	places   map[int]string // lines of the file that rows of tables come from, by line
	tableEnd int            // last line of the table that is written line by line
	barred   int            // line up to which lines may have the marks of such a table
}

// An adocListItem is an open item of a list.
type adocListItem struct {
	marker string // "**", ".", "1.", "::"
	width  int    // columns of the marker in Markdown, with the blank after it
	count  int    // items of the list so far
}

// An adocBlock is an open delimited block of text.
type adocBlock struct {
	delimiter string
	end       int // line of the delimiter that ends the block
	items     int // items that are open around the block
}

const (
	maxAdocBlocks = 8      // depth of blocks in each other
	adocReach     = 50_000 // lines that a table or a comment may have
)

// readableAsciiDoc converts an AsciiDoc file to Markdown. The marks name the lines of the file that
// the rows of tables come from, where these lines are not those of the text.
func readableAsciiDoc(ctx context.Context, _, text string, fields fieldList) (string, []Mark) {
	a := adocReader{ctx: ctx, lines: strings.Split(text, "\n"), fields: fields, places: map[int]string{}}
	for i, steps := 0, 0; i < len(a.lines); steps++ {
		if steps%1000 == 0 && ctx.Err() != nil {
			break
		}
		i = a.line(i)
	}
	return strings.Join(a.lines, "\n"), a.marks()
}

// marks returns the places of the rows that are not on their own lines. A mark without a place
// follows each table.
func (a *adocReader) marks() []Mark {
	if len(a.places) == 0 {
		return nil
	}
	marks := []Mark{{}}
	at, placed := 0, false
	for i, line := range a.lines {
		if place, ok := a.places[i]; ok || placed {
			if marks[len(marks)-1].Offset == at {
				marks = marks[:0]
			}
			marks, placed = append(marks, Mark{Offset: at, Place: place}), ok
		}
		at += len(line) + 1
	}
	return marks
}

// line converts the line or block that begins at line i and returns the index of the next line.
func (a *adocReader) line(i int) int {
	trimmed := strings.TrimRight(a.lines[i], " \t")
	a.lines[i] = ""
	if trimmed == "" {
		a.blanks++
		return i + 1
	}
	blanks := a.blanks
	a.blanks = 0
	for n := len(a.blocks); n > 0 && a.blocks[n-1].end < i; n-- {
		a.blocks = a.blocks[:n-1]
	}
	ruled := len(trimmed) >= 4 && strings.Trim(trimmed, trimmed[:1]) == ""
	switch {
	case i == a.tableEnd && i > 0, trimmed == "'''", trimmed == "<<<", trimmed == "---", trimmed == "***":
		a.endLists()
	case adocTarget.MatchString(trimmed):
	case ruled && trimmed[0] == '/':
		end := i + 2 + linesBefore(a.lines[i+1:], trimmed, adocReach)
		clear(a.lines[i:end])
		return end
	case strings.HasPrefix(trimmed, "//"), adocMacro.MatchString(trimmed), adocAttribute.MatchString(trimmed):
	case len(trimmed) >= 4 && strings.IndexByte("|!,:", trimmed[0]) >= 0 && strings.Trim(trimmed[1:], "=") == "":
		return a.table(i, trimmed)
	case ruled && (trimmed[0] == '-' || trimmed[0] == '.') || strings.HasPrefix(trimmed, "```"):
		return a.listing(i, trimmed)
	case ruled && strings.IndexByte("=*_+", trimmed[0]) >= 0 || trimmed == "--":
		a.delimiter(i, trimmed)
	case trimmed == "+":
		a.attach(blanks)
	case adocAdvice.MatchString(trimmed):
		a.label(i, adviceLine(strings.ToLower(adocAdvice.FindStringSubmatch(trimmed)[1]), ""))
	case adocSetting.MatchString(trimmed):
		if m := adocSource.FindStringSubmatch(trimmed); m != nil {
			a.language = m[1]
		}
		if len(a.settings) < maxOpenTag {
			a.settings += trimmed
		}
	default:
		return a.text(i, trimmed)
	}
	return i + 1
}

// linesBefore returns how many of the first most lines come before the one that closes a block, or
// -1 if none of them closes it.
func linesBefore(lines []string, closer string, most int) int {
	for i, l := range lines[:min(len(lines), most)] {
		if len(l) < len(closer) || l[0] != closer[0] {
			continue
		}
		if strings.TrimRight(l, " \t") == closer {
			return i
		}
		if closer == "```" && strings.HasPrefix(l, closer) { // another one begins
			return -1
		}
	}
	return -1
}

// listing writes a listing as a fence that is longer than the ones in it.
func (a *adocReader) listing(i int, delimiter string) int {
	closer := delimiter
	if delimiter[0] == '`' {
		closer = "```"
	}
	n := linesBefore(a.lines[i+1:], closer, blockReach)
	if n < 0 {
		a.endLists()
		return i + 1
	}
	language := a.language
	if delimiter[0] == '`' {
		language = strings.TrimSpace(strings.Trim(delimiter, "`"))
	}
	fence := "```"
	for _, l := range a.lines[i+1 : i+1+n] {
		l = strings.TrimLeft(l, " \t")
		if ticks := len(l) - len(strings.TrimLeft(l, "`")); ticks >= len(fence) && ticks < 1000 {
			fence = strings.Repeat("`", ticks+1)
		}
	}
	margin := a.begin(i)
	a.lines[i], a.lines[i+1+n] = margin+fence+language, margin+fence
	for j := i + 1; j < i+1+n; j++ {
		if a.lines[j] != "" {
			a.lines[j] = margin + a.lines[j]
		}
	}
	return i + 2 + n
}

// text converts a line of text: a heading, an item of a list, or a line of a paragraph.
func (a *adocReader) text(i int, trimmed string) int {
	if m := adocHeading.FindStringSubmatch(trimmed); m != nil {
		a.endLists()
		a.lines[i] = strings.Repeat("#", len(m[1])) + " " + a.inline(m[2])
		return i + 1
	}
	if level := a.underlined(i, trimmed); level > 0 {
		a.endLists()
		a.lines[i], a.lines[i+1] = strings.Repeat("#", level)+" "+a.inline(trimmed), ""
		return i + 2
	}
	short := trimmed[:min(len(trimmed), maxCleanedLine)]
	if m := adocItem.FindStringSubmatch(short); m != nil {
		text := m[2] + trimmed[len(short):]
		switch c := m[1][0]; {
		case c == '*' || c == '-':
			a.item(i, m[1], "- ", text)
		case c == '.':
			a.item(i, m[1], "", text)
		default:
			a.item(i, "1.", m[1]+" ", text)
		}
	} else if m := adocTerm.FindStringSubmatch(short); m != nil && len(short) == len(trimmed) {
		a.item(i, m[2], "- ", strings.TrimRight(m[1]+": "+m[3], " "))
		a.attached = m[3] == ""
	} else if m := adocTitled.FindStringSubmatch(trimmed); m != nil {
		a.label(i, m[1])
	} else {
		a.paragraph(i, trimmed)
	}
	return i + 1
}

// underlined returns the level of a heading of two lines, or 0 if line i is none: the second line
// consists of a mark and is about as long as the first.
func (a *adocReader) underlined(i int, title string) int {
	if i+1 >= len(a.lines) || i > 0 && a.lines[i-1] != "" {
		return 0
	}
	under := strings.TrimRight(a.lines[i+1], " \t")
	if len(under) < 3 || strings.Trim(under, under[:1]) != "" || strings.HasSuffix(title, ":") ||
		strings.IndexFunc(title, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) != 0 {
		return 0
	}
	if slices.ContainsFunc(a.blocks, func(b adocBlock) bool { return b.delimiter == under }) {
		return 0
	}
	if over := utf8.RuneCountInString(title) - len(under); over < -1 || over > 1 {
		return 0
	}
	return strings.IndexByte("=-~^+", under[0]) + 1
}

// paragraph writes a line of a paragraph. One that follows an item without a blank line, or is
// indented, belongs to the item.
func (a *adocReader) paragraph(i int, text string) {
	continues := i > 0 && a.lines[i-1] != ""
	indented := text[0] == ' ' || text[0] == '\t'
	if !continues && !a.attached && !indented {
		a.endLists()
	}
	if text = a.cells(i, text); len(a.items) > 0 {
		text = strings.TrimLeft(text, " \t")
	}
	a.write(i, text)
}

// write writes a line of text at the margin of the open lists.
func (a *adocReader) write(i int, text string) {
	a.lines[i] = a.margin() + a.inline(text)
	a.attached, a.language, a.settings = false, "", ""
}

// label writes the title or the kind of the block below it.
func (a *adocReader) label(i int, text string) {
	if !a.attached {
		a.items = a.items[:a.floor()]
	}
	a.lines[i] = a.margin() + a.inline(text)
}

// item writes an item of a list. An item whose marker is already open belongs to that list, any
// other begins a list within the innermost item. mark is empty for numbers that are counted.
func (a *adocReader) item(i int, marker, mark, text string) {
	floor := a.floor()
	count := 1
	for at := len(a.items) - 1; at >= floor; at-- {
		if a.items[at].marker == marker {
			count = a.items[at].count + 1
			a.items = a.items[:at]
			break
		}
	}
	if mark == "" {
		mark = strconv.Itoa(count) + ". "
	}
	a.lines[i] = a.margin() + mark + a.inline(text)
	a.attached, a.language, a.settings = false, "", ""
	a.items = append(a.items, adocListItem{marker, len(mark), count})
}

// margin returns the blanks before the content of the innermost item; "" when the margins of the
// document have become too many.
func (a *adocReader) margin() string {
	width := 0
	for _, item := range a.items {
		width += item.width
	}
	return a.margins.replace("", strings.Repeat(" ", width))
}

// floor returns the number of items around the innermost open block.
func (a *adocReader) floor() int {
	if n := len(a.blocks); n > 0 {
		return a.blocks[n-1].items
	}
	return 0
}

// endLists ends the lists within the innermost open block.
func (a *adocReader) endLists() {
	a.items = a.items[:a.floor()]
	a.attached, a.language, a.settings = false, "", ""
}

// begin begins a block that is not a paragraph and returns the margin of its lines.
func (a *adocReader) begin(i int) string {
	if !a.attached {
		a.endLists()
	}
	a.attached, a.language, a.settings = false, "", ""
	return a.margin()
}

// attach makes the next block part of an item: of the innermost one, or of an outer one after blank
// lines.
func (a *adocReader) attach(blanks int) {
	a.items = a.items[:max(len(a.items)-blanks, min(len(a.items), a.floor()+1))]
	a.attached = len(a.items) > 0
}

// delimiter removes a line that begins or ends a block of text.
func (a *adocReader) delimiter(i int, delimiter string) {
	if n := len(a.blocks); n > 0 && a.blocks[n-1].delimiter == delimiter {
		a.endLists()
		a.blocks = a.blocks[:n-1]
		return
	}
	if !a.attached {
		a.endLists()
	}
	if len(a.blocks) < maxAdocBlocks {
		if lines := linesBefore(a.lines[i+1:], delimiter, blockReach); lines >= 0 {
			a.blocks = append(a.blocks, adocBlock{delimiter, i + 1 + lines, len(a.items)})
		}
	}
	a.attached, a.language, a.settings = false, "", ""
}
