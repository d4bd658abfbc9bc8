package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Block is the kind of text that contains a sentence.
type Block uint8

const (
	Prose   Block = iota // a sentence of a paragraph
	Item                 // a sentence of a list item
	Heading              // a heading: a title and not a statement
	Row                  // a row of a table
	Code                 // a whole code block, never split
)

// A Sentence is a piece of text that can be quoted by itself.
type Sentence struct {
	Start int   // byte offset of its first byte
	End   int   // byte offset after its last byte
	Block Block // the kind of text around it
}

// Sentences splits text into sentences, in order and without overlap. It understands Markdown,
// which other formats are converted to: fenced and indented code stays whole; list items, headings
// and table rows end a sentence; lines of a paragraph are joined. Markers of lists, headings and
// quotes are excluded from the ranges. White space belongs to no sentence.
func Sentences(text string) []Sentence {
	c := cutter{text: text}
	for c.at < len(text) {
		c.line()
	}
	c.flush()
	return c.out
}

// Paragraph splits one paragraph, whose line ends have no meaning, into sentences. It does not look
// for markers of lists, headings or code, but text between backticks is not split.
func Paragraph(text string) []Sentence {
	c := cutter{text: text, end: len(text), open: true}
	c.flush()
	return c.out
}

// A cutter collects the lines of a paragraph and splits it at its end.
type cutter struct {
	text       string
	at         int
	out        []Sentence
	start, end int // the open paragraph
	block      Block
	open       bool
}

func (c *cutter) line() {
	begin := c.at
	end := strings.IndexByte(c.text[begin:], '\n')
	if end < 0 {
		end = len(c.text)
	} else {
		end += begin
	}
	c.at = min(end+1, len(c.text))
	line := c.text[begin:end]
	body := strings.TrimLeft(line, " \t")
	indent := len(line) - len(body)
	body = strings.TrimRight(body, " \t\r")
	first := begin + indent
	switch {
	case body == "":
		c.flush()
	case strings.HasPrefix(body, "```") || strings.HasPrefix(body, "~~~"):
		c.flush()
		c.fence(begin, body[:3])
	case !c.open && (indent >= 4 || line[0] == '\t') && c.listless():
		c.indented(begin)
	case heading(body) > 0:
		c.flush()
		n := heading(body)
		c.add(first+n, first+len(strings.TrimRight(body, "# ")), Heading)
	case rule(body):
		if c.open && (body[0] == '=' || body[0] == '-') && c.block == Prose {
			c.block = Heading // underlined
		}
		c.flush()
	case body[0] == '|':
		c.flush()
		if strings.Trim(body, "|-: ") != "" {
			c.add(first, first+len(body), Row)
		}
	default:
		if n := marker(body); n > 0 {
			c.flush()
			c.block, c.open = Item, true
			c.start = first + n
		} else if body[0] == '>' {
			c.flush()
			n := len(body) - len(strings.TrimLeft(body, "> "))
			c.start, c.block, c.open = first+n, Prose, true
		} else if !c.open {
			c.start, c.block, c.open = first, Prose, true
		}
		c.end = first + len(body)
	}
}

// listless reports whether the last sentence is not in a list item. After an item, an indented line
// continues the item and is not code.
func (c *cutter) listless() bool { return len(c.out) == 0 || c.out[len(c.out)-1].Block != Item }

func (c *cutter) fence(begin int, mark string) {
	end := len(c.text)
	for c.at < len(c.text) {
		n := strings.IndexByte(c.text[c.at:], '\n')
		next := len(c.text)
		if n >= 0 {
			next = c.at + n + 1
		}
		l := c.text[c.at:next]
		c.at = next
		if strings.HasPrefix(strings.TrimSpace(l), mark) {
			end = next
			break
		}
	}
	c.add(begin, end, Code)
}

func (c *cutter) indented(begin int) {
	end := c.at
	for c.at < len(c.text) {
		n := strings.IndexByte(c.text[c.at:], '\n')
		next := len(c.text)
		if n >= 0 {
			next = c.at + n + 1
		}
		l := c.text[c.at:next]
		if strings.TrimSpace(l) != "" && !strings.HasPrefix(l, "    ") && l[0] != '\t' {
			break
		}
		if strings.TrimSpace(l) != "" {
			end = next
		}
		c.at = next
	}
	c.add(begin, end, Code)
}

// add appends a sentence, without surrounding white space.
func (c *cutter) add(start, end int, b Block) {
	for start < end {
		r, n := utf8.DecodeRuneInString(c.text[start:end])
		if !unicode.IsSpace(r) || b == Code && r != '\n' {
			break
		}
		start += n
	}
	for start < end {
		r, n := utf8.DecodeLastRuneInString(c.text[start:end])
		if !unicode.IsSpace(r) {
			break
		}
		end -= n
	}
	if start < end {
		c.out = append(c.out, Sentence{Start: start, End: end, Block: b})
	}
}

// flush splits the open paragraph into sentences.
func (c *cutter) flush() {
	if !c.open {
		return
	}
	c.open = false
	if c.block == Heading {
		c.add(c.start, c.end, Heading)
		return
	}
	from := c.start
	for i := c.start; i < c.end; {
		if c.text[i] == '`' { // inline code is opaque
			n := 1
			for i+n < c.end && c.text[i+n] == '`' {
				n++
			}
			if j := strings.Index(c.text[i+n:c.end], c.text[i:i+n]); j >= 0 {
				i += n + j + n
				continue
			}
			i += n
			continue
		}
		r, n := decode(c.text[i:])
		if !terminal(r) {
			i += n
			continue
		}
		if end, ok := c.boundary(from, i, r, n); ok {
			c.add(from, end, c.block)
			from, i = end, end
			continue
		}
		i += n
	}
	c.add(from, c.end, c.block)
}

func terminal(r rune) bool {
	switch r {
	case '.', '!', '?', '…', '。', '！', '？', '．', '｡', '؟', '।':
		return true
	}
	return false
}

// boundary reports whether the terminator at i ends the sentence that began at from, and where the
// sentence ends.
func (c *cutter) boundary(from, i int, r rune, n int) (int, bool) {
	end := i + n
	for end < c.end { // more terminators and closing punctuation
		q, m := decode(c.text[end:c.end])
		if !terminal(q) && !strings.ContainsRune(`"')]}”’»」』）*_`, q) {
			break
		}
		end += m
	}
	if r == '。' || r == '！' || r == '？' || r == '．' || r == '｡' || r == '।' {
		return end, true
	}
	if end == c.end {
		return end, true
	}
	next, _ := decode(c.text[end:c.end])
	if !unicode.IsSpace(next) {
		return 0, false
	}
	rest := strings.TrimLeft(c.text[end:c.end], " \t\r\n\"'([“‘«*_`-")
	if rest != "" {
		q, _ := decode(rest)
		if unicode.IsLower(q) && r != '!' && r != '?' { // "approx. five" is one sentence
			return 0, false
		}
	}
	if r == '.' && abbreviation(lastWord(c.text[from:i])) {
		return 0, false
	}
	return end, true
}

func lastWord(s string) string {
	i := strings.LastIndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("([\"'*_", r)
	})
	return s[i+1:]
}

// abbreviation reports whether a period after the word belongs to it: the word is an initial,
// letters with periods, or a known abbreviation.
func abbreviation(w string) bool {
	if n := utf8.RuneCountInString(w); n == 1 {
		r, _ := utf8.DecodeRuneInString(w)
		return unicode.IsLetter(r)
	}
	if strings.Contains(w, ".") && len(w) <= 6 {
		for p := range strings.SplitSeq(w, ".") {
			if len(p) > 1 {
				return false
			}
		}
		return true
	}
	switch strings.ToLower(w) {
	case "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "cf", "fig", "figs", "eq", "eqs",
		"sec", "ch", "vol", "no", "nos", "pp", "ed", "eds",
		"al", "approx", "ca", "dept", "inc", "ltd", "co", "corp", "resp", "incl", "excl", "esp",
		"min", "max", "jan", "feb", "mar", "apr", "jun", "jul",
		"aug", "sep", "sept", "oct", "nov", "dec", "bzw", "usw", "vgl", "evtl", "ggf", "abs", "nr",
		"bspw", "mme", "sig", "sra":
		return true
	}
	return false
}

// heading returns the length of an ATX heading's marker, or 0 if the line is not a heading.
func heading(l string) int {
	n := 0
	for n < len(l) && l[n] == '#' {
		n++
	}
	if n == 0 || n > 6 || n == len(l) || l[n] != ' ' {
		return 0
	}
	return n + 1
}

// rule reports whether a line is a thematic break or the underline of a heading.
func rule(l string) bool {
	if len(l) < 3 || !strings.ContainsRune("-=*_", rune(l[0])) {
		return false
	}
	return strings.Trim(l, string(l[0])+" ") == ""
}

// marker returns the length of a list marker with the following space ("- ", "* ", "1. ", "2) ", "-
// [x] "), or 0 if there is none.
func marker(l string) int {
	n := 0
	switch {
	case l[0] == '-' || l[0] == '*' || l[0] == '+':
		n = 1
	case strings.HasPrefix(l, "•"):
		n = len("•")
	default:
		for n < len(l) && n < 4 && l[n] >= '0' && l[n] <= '9' {
			n++
		}
		if n == 0 || n == len(l) || l[n] != '.' && l[n] != ')' {
			return 0
		}
		n++
	}
	if n >= len(l) || l[n] != ' ' {
		return 0
	}
	for n < len(l) && l[n] == ' ' {
		n++
	}
	for _, box := range []string{"[ ] ", "[x] ", "[X] "} {
		if strings.HasPrefix(l[n:], box) {
			n += len(box)
		}
	}
	return n
}
