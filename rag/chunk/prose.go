package chunk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// A line is one line of a text and its position.
type line struct {
	start int
	text  string // without the line end
}

func linesOf(text string) []line {
	list := make([]line, 0, strings.Count(text, "\n")+1)
	at := 0
	for l := range strings.Lines(text) {
		list = append(list, line{at, strings.TrimRight(l, "\n")})
		at += len(l)
	}
	return list
}

func (l line) blank() bool { return strings.TrimSpace(l.text) == "" }

// proseBlocks returns the blocks of a text that is not Markdown: plain text, reStructuredText, Org,
// logs, the text of PDF pages. A blank line ends a block, a list item starts one, and each kind of
// text has its own headings and code. adornments holds the heading levels of the underlines seen so
// far; proseBlocks adds to it.
func proseBlocks(kind, text string, adornments map[string]int) []block {
	if kind == "log" {
		return partition(text, []block{{form: lines, kind: Lines}})
	}
	all := linesOf(text)
	list := []block{{}}
	grammar := proseGrammar{kind: kind, levels: adornments, searched: map[string]int{}}
	fresh := true // the next line starts a block
	depths := itemDepths{}
	for i := 0; i < len(all); i++ {
		l := all[i]
		if l.blank() {
			fresh = true
			continue
		}
		if kind == "rst" && fresh || kind == "rst" && len(list) > 0 && list[len(list)-1].kind == Markup {
			if found, n := rstBlock(all, i); n > 0 {
				list = append(list, found...)
				i += n - 1
				fresh = true
				continue
			}
		}
		if n := grammar.code(all, i); n > 0 {
			list = append(list, block{start: l.start, form: fence, kind: Code, depth: depths.within(indent(l.text))})
			i += n - 1
			fresh = true
			continue
		}
		if n, level, title := grammar.heading(all, i, fresh); n > 0 {
			depths.clear()
			list = append(list, block{start: l.start, form: heading, kind: Heading, level: level, title: title})
			i += n - 1
			fresh = true
			continue
		}
		switch in := indent(l.text); {
		case listItem.MatchString(l.text[:min(len(l.text), 80)]):
			list = append(list, block{start: l.start, kind: Item, depth: depths.item(in)})
		case fresh && i+1 < len(all) && !all[i+1].blank() && indent(all[i+1].text) > in && definable(l.text) &&
			!(kind == "rst" && rstComment.MatchString(l.text)):
			list = append(list, block{start: l.start, kind: Definition, depth: depths.within(in)})
		case fresh:
			list = append(list, block{start: l.start, depth: depths.within(in)})
		}
		fresh = false
	}
	return partition(text, list)
}

// definable reports whether s can be the term of a definition: short, and not a whole sentence.
func definable(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) < 80 && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ",")
}

// itemDepths holds the indentations of the open list items, outermost first.
type itemDepths []int

func (d *itemDepths) clear() { *d = (*d)[:0] }

// item opens an item at indentation in and returns its depth, from 1.
func (d *itemDepths) item(in int) int {
	d.within(in)
	*d = append(*d, in)
	return len(*d)
}

// within closes the items that do not contain text at indentation in, and returns how many remain
// open.
func (d *itemDepths) within(in int) int {
	for len(*d) > 0 && (*d)[len(*d)-1] >= in {
		*d = (*d)[:len(*d)-1]
	}
	return len(*d)
}

var (
	listItem     = lazyregexp.New(`^\s*(?:[-*+•‣◦–]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S`)
	orgHeading   = lazyregexp.New(`^(\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING)\s+)?(?:\[#[A-Z]\]\s+)?(.+?)(?:\s+:[\w@:]+:)?\s*$`)
	atxHeading   = lazyregexp.New(`^(#{1,6})\s+(\S.*)$`)
	numbered2    = lazyregexp.New(`^(\d{1,2}(?:\.\d{1,3}){1,4})\.?\s+(\p{L}\S*(?:\s\S+){0,11})$`)
	chapterTitle = lazyregexp.New(`^(?i:chapter|part|appendix|kapitel|chapitre)\s+(?:\d{1,3}|[IVXLC]{1,7}|[A-Z])\b.{0,80}$`)
)

// A proseGrammar finds the headings and code of one kind of text.
type proseGrammar struct {
	kind     string
	levels   map[string]int // reStructuredText: adornment → heading level
	searched map[string]int // closing marker of code → line before which it is known not to occur
}

// heading returns the number of lines, level and text of the heading that starts at line i. n is 0
// if there is none. fresh says that the line starts a block.
func (g *proseGrammar) heading(all []line, i int, fresh bool) (n, level int, title string) {
	text := all[i].text
	if len(text) > 300 {
		return 0, 0, ""
	}
	switch g.kind {
	case "org":
		if m := orgHeading.FindStringSubmatch(text); m != nil {
			return 1, len(m[1]), m[2]
		}
		return 0, 0, ""
	case "pdf": // headings that the file's outline names; others are guessed below
		if m := atxHeading.FindStringSubmatch(text); m != nil {
			return 1, len(m[1]), m[2]
		}
	}
	if !fresh {
		return 0, 0, ""
	}
	// Underlined; in reStructuredText by any punctuation mark, and possibly overlined as well.
	if over := adornment(text); over != 0 && g.kind == "rst" && i+2 < len(all) &&
		adornment(all[i+2].text) == over && !all[i+1].blank() {
		return 3, g.level(string([]byte{over, over})), strings.TrimSpace(all[i+1].text)
	}
	if i+1 < len(all) && adornment(text) == 0 {
		under := adornment(all[i+1].text)
		long := utf8.RuneCountInString(strings.TrimSpace(all[i+1].text)) >= utf8.RuneCountInString(strings.TrimSpace(text))*3/4
		if under != 0 && long && (g.kind == "rst" || under == '=' || under == '-' || under == '~') {
			return 2, g.level(string(under)), strings.TrimSpace(text)
		}
	}
	if g.kind == "rst" {
		return 0, 0, ""
	}
	// Alone between blank lines: numbered, "Chapter 3", or in capitals.
	alone := i+1 == len(all) || all[i+1].blank()
	trimmed := strings.TrimSpace(text)
	if !alone || len(trimmed) > 100 || len(trimmed) < 3 ||
		strings.HasSuffix(trimmed, ".") && !chapterTitle.MatchString(trimmed) {
		return 0, 0, ""
	}
	if m := numbered2.FindStringSubmatch(trimmed); m != nil {
		return 1, strings.Count(m[1], ".") + 2, trimmed
	}
	if chapterTitle.MatchString(trimmed) {
		return 1, 1, trimmed
	}
	if capitals(trimmed) {
		return 1, 2, trimmed
	}
	return 0, 0, ""
}

// level returns the heading level of an adornment, and assigns the next one to a new adornment.
func (g *proseGrammar) level(adornment string) int {
	if g.kind != "rst" {
		return strings.Index("=-~", adornment) + 1
	}
	if g.levels[adornment] == 0 {
		g.levels[adornment] = len(g.levels) + 1
	}
	return g.levels[adornment]
}

// adornment returns the punctuation mark that s consists of, or 0 if s is not an adornment.
func adornment(s string) byte {
	s = strings.TrimRight(s, " \t")
	if len(s) < 3 || !strings.ContainsRune("=-~^\"'`:.*+#_<>", rune(s[0])) || strings.Trim(s, s[:1]) != "" {
		return 0
	}
	return s[0]
}

func capitals(s string) bool {
	upper := 0
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper >= 3 && upper*2 > utf8.RuneCountInString(s)
}

// code returns the number of lines of the code that starts at line i, or 0 if there is none.
func (g *proseGrammar) code(all []line, i int) int {
	text := strings.TrimSpace(all[i].text)
	switch g.kind {
	case "org":
		if name, ok := cutPrefixFold(text, "#+begin_"); ok {
			name, _, _ = strings.Cut(name, " ")
			return g.closing(all, i, "#+end_"+name)
		}
	case "rst":
		if i > 0 && indent(all[i].text) > 0 {
			before := i - 1
			for before > 0 && all[before].blank() {
				before--
			}
			if b := strings.TrimSpace(all[before].text); before < i-1 && strings.HasSuffix(b, "::") && !rstComment.MatchString(b) && indent(all[before].text) < indent(all[i].text) {
				n := 1
				for j := i + 1; j < len(all) && (all[j].blank() || indent(all[j].text) > indent(all[before].text)); j++ {
					if !all[j].blank() {
						n = j - i + 1
					}
				}
				return n
			}
		}
	}
	if strings.HasPrefix(text, "```") {
		return g.closing(all, i, "```")
	}
	return 0
}

// closing returns the number of lines from line i to the one that closes the code, or 0 if there is
// none within reach. It remembers failed searches, so that a text full of opening markers takes no
// more than linear time.
func (g *proseGrammar) closing(all []line, i int, closer string) int {
	reach := min(len(all), i+5000)
	for j := max(i+1, g.searched[closer]); j < reach; j++ {
		if strings.EqualFold(strings.TrimSpace(all[j].text), closer) {
			return j - i + 1
		}
	}
	g.searched[closer] = reach
	return 0
}

func indent(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			n++
		case '\t':
			n += 4
		default:
			return n
		}
	}
	return n
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// rowBlocks returns the blocks of tables with one row per line. A line that starts with # is a
// heading: # names a sheet, ## is the title of a table.
func rowBlocks(text string) []block {
	list := []block{{form: row, kind: Row}}
	for _, l := range linesOf(text) {
		if m := atxHeading.FindStringSubmatch(l.text); m != nil && len(l.text) < 1000 {
			list = append(list, block{start: l.start, form: heading, kind: Heading, level: len(m[1]), title: strings.TrimSpace(m[2])})
		} else if !l.blank() {
			list = append(list, block{start: l.start, form: row, kind: Row})
		}
	}
	return partition(text, list)
}
