package chunk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"weft/rag/load"
)

// Options bound the size of chunks. The zero value means the defaults.
type Options struct {
	// Tokens is the maximum size of a chunk, as counted by [Tokens]; 0 means [DefaultTokens].
	Tokens int
	// Overlap is the number of tokens repeated from the chunk before, inside a section; 0 means
	// Tokens/8, negative none.
	Overlap int
	// Fence is the maximum number of tokens of a code fence that is not cut; 0 means 8*Tokens.
	Fence int
	// Most is the approximate maximum number of tokens of a document; the rest of the document is
	// dropped. A chunk counts as at least Tokens/3. 0 means [DefaultMost].
	Most int
}

// The defaults of Options. DefaultMost is about five megabytes of prose, more than the longest
// novels; a larger document is usually data.
const (
	DefaultTokens = 300
	DefaultMost   = 1_250_000
)

func (o Options) withDefaults() Options {
	if o.Tokens <= 0 {
		o.Tokens = DefaultTokens
	}
	o.Tokens = max(o.Tokens, 16)
	if o.Overlap == 0 {
		o.Overlap = o.Tokens / 8
	}
	o.Overlap = min(max(o.Overlap, 0), o.Tokens/2)
	if o.Fence <= 0 {
		o.Fence = 8 * o.Tokens
	}
	o.Fence = max(o.Fence, o.Tokens)
	if o.Most <= 0 {
		o.Most = DefaultMost
	}
	return o
}

// Split splits a document into chunks. The chunks come in order, cover all of the text except
// blanks up to Options.Most, and overlap only inside a section. No chunk starts or ends inside a
// code fence, except for fences beyond Options.Fence, which are cut between lines. For every chunk,
// doc.Text[c.Start:c.End] == c.Text.
func Split(doc load.Document, opts Options) []Chunk { return split(doc, opts, window) }

// window is the size in bytes of the pieces in which a text is parsed. Nearly all documents are
// shorter. For longer ones the window bounds memory, and the time of steps that take more than
// linear time.
const window = 256 << 10

func split(doc load.Document, opts Options, window int) []Chunk {
	s := splitter{doc: doc, opts: opts.withDefaults(), seen: map[string]int{}}
	o := outline{adornments: map[string]int{}}
	for start := 0; start < len(doc.Text) && s.spent < s.opts.Most; {
		end := windowEnd(doc.Text, start, window)
		list := blocks(doc.Kind, doc.Text[start:end], o.adornments)
		for i := range list {
			list[i].start += start
			list[i].end += start
		}
		for _, sec := range mergeTiny(o.sections(doc.Text, list, s.opts), s.opts) {
			if s.spent < s.opts.Most {
				s.section(sec)
			}
		}
		start = end
	}
	return s.chunks
}

// windowEnd returns the end of the window that starts at start: after a blank line outside fences,
// else after a line, else after a word.
func windowEnd(text string, start, window int) int {
	if len(text)-start <= window {
		return len(text)
	}
	head := text[start : start+window]
	fence, at, found, line := "", 0, 0, 0
	for l := range strings.Lines(head) {
		trimmed := strings.TrimSpace(l)
		at += len(l)
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence):
			fence = ""
		case fence == "" && (strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~")):
			fence = trimmed[:3]
		case fence == "" && trimmed == "":
			found = at
		}
		if strings.HasSuffix(l, "\n") {
			line = at
		}
	}
	switch {
	case found > window/8:
		return start + found
	case line > window/8:
		return start + line
	}
	return start + wordCut(head, len(head))
}

// A splitter packs the sections of one document into chunks.
type splitter struct {
	doc    load.Document
	opts   Options
	chunks []Chunk
	seen   map[string]int // number of chunks so far with the same hash, before the occurrence number
	spent  int            // tokens counted towards Options.Most

	at, line int // byte offset up to which lines are counted, and the line there, from 0
	mark     int // index of the last mark at or before the last chunk's start
}

// section emits the chunks of one section. If it needs several, they are of about equal size.
func (s *splitter) section(sec section) {
	units := s.units(sec)
	total := 0
	for _, u := range units {
		total += u.tokens
	}
	goal := s.opts.Tokens
	if total > s.opts.Tokens {
		step := s.opts.Tokens - s.opts.Overlap
		n := (total - s.opts.Overlap + step - 1) / step
		goal = min(total/n+s.opts.Overlap, s.opts.Tokens)
	}
	start, first, tokens := -1, 0, 0 // first byte, first unit and tokens of the open chunk; start is -1 if none is open
	for i, u := range units {
		if start >= 0 {
			over := tokens+u.tokens > s.opts.Tokens
			full := u.opens && tokens >= goal*4/5 && tokens+u.blockTokens > s.opts.Tokens
			enough := u.opens && tokens >= goal && total > s.opts.Tokens
			if over || full || enough {
				s.emit(sec, start, units[i-1].end, units[first].header)
				s.spent += max(tokens, s.opts.Tokens/3)
				first, start, tokens = s.overlap(units, first, i)
				if start >= 0 && tokens+u.tokens > s.opts.Tokens {
					start = -1
				}
			}
		}
		if start < 0 {
			start, first, tokens = u.start, i, 0
		}
		tokens += u.tokens
	}
	if start >= 0 {
		s.emit(sec, start, units[len(units)-1].end, units[first].header)
		s.spent += max(tokens, s.opts.Tokens/3)
	}
}

// overlap returns where the chunk after the cut before units[cut] starts: some sentences earlier,
// but never inside a fence or before the last chunk. start is -1 if nothing is repeated.
func (s *splitter) overlap(units []unit, first, cut int) (i, start, tokens int) {
	i, start = cut, -1
	for i-1 > first && !units[i-1].whole && tokens+units[i-1].tokens <= s.opts.Overlap*6/5 {
		i--
		start, tokens = units[i].start, tokens+units[i].tokens
		if tokens >= s.opts.Overlap*4/5 {
			return i, start, tokens
		}
	}
	if last := units[cut-1]; i == cut && !last.whole && s.opts.Overlap > 0 && last.tokens > s.opts.Overlap {
		at := tail(s.doc.Text[last.start:last.end], s.opts.Overlap)
		if at > 0 {
			at += last.start
			return cut - 1, at, Tokens(s.doc.Text[at:units[cut].start])
		}
	}
	return i, start, tokens
}

func (s *splitter) emit(sec section, start, end int, header string) {
	text := s.doc.Text[start:end]
	c := Chunk{Path: s.doc.Path, Date: s.doc.Date, Heading: s.heading(sec.path), Text: text, Header: header, Start: start, End: end}
	if strings.HasPrefix(text, header) {
		c.Header = ""
	}
	s.line += strings.Count(s.doc.Text[s.at:start], "\n")
	s.at = start
	c.Line = s.line + 1
	c.EndLine = c.Line + strings.Count(text, "\n")
	s.place(&c)
	c.Blocks = s.blocks(sec, &c)
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00%s", c.Path, strings.Join(c.Heading, "\x1f"), text)
	base := string(sum.Sum(nil))
	fmt.Fprintf(sum, "\x00%d", s.seen[base])
	s.seen[base]++
	c.ID = hex.EncodeToString(sum.Sum(nil)[:16])
	s.chunks = append(s.chunks, c)
}

// blocks returns the parts of the section's blocks that lie in chunk c, relative to its text.
func (s *splitter) blocks(sec section, c *Chunk) []Block {
	var out []Block
	var path, under []string // path and Block.Under of the last block
	first, _ := slices.BinarySearchFunc(sec.blocks, c.Start+1, func(b block, at int) int { return b.end - at })
	for _, b := range sec.blocks[first:] {
		from, to := max(b.start, c.Start), min(b.end, c.End)
		if from >= to {
			break
		}
		if out == nil || !slices.Equal(b.path, path) {
			path, under = b.path, nil
			if full := s.heading(path); !slices.Equal(full, c.Heading) {
				under = full
			}
		}
		out = append(out, Block{Kind: b.kind, Start: from - c.Start, End: to - c.Start, Depth: b.depth, Under: under})
	}
	return out
}

// heading returns path after the document's title, unless path already starts with the title.
func (s *splitter) heading(path []string) []string {
	title := s.doc.Title
	if title == "" || len(path) > 0 && strings.EqualFold(path[0], title) {
		return slices.Clone(path)
	}
	return append([]string{title}, path...)
}

// place sets the chunk's lines or Place from the document's marks.
func (s *splitter) place(c *Chunk) {
	marks := s.doc.Marks
	if len(marks) == 0 {
		return
	}
	for s.mark+1 < len(marks) && marks[s.mark+1].Offset <= c.Start {
		s.mark++
	}
	last := s.mark
	for last+1 < len(marks) && marks[last+1].Offset < c.End {
		last++
	}
	first := marks[s.mark]
	if first.Offset > c.Start && s.mark == 0 {
		first = marks[min(last, len(marks)-1)]
	}
	from, _, begins := lineRange(first.Place)
	_, to, ends := lineRange(marks[last].Place)
	if (begins || first.Place == "") && (ends || marks[last].Place == "") {
		if begins {
			c.Line = from
		}
		if ends {
			c.EndLine = to
		}
		c.EndLine = max(c.Line, c.EndLine)
		return
	}
	kind, low, ok := numbered(first.Place)
	kind2, high, ok2 := numbered(marks[last].Place)
	switch {
	case ok && ok2 && kind == kind2 && low != high:
		c.Place = kind + "s " + low + "–" + high
	default:
		c.Place = first.Place
	}
}

// lineRange parses the lines of a place such as "line 7" or "lines 7–9".
func lineRange(place string) (from, to int, ok bool) {
	numbers, several := strings.CutPrefix(place, "lines ")
	if !several {
		if numbers, ok = strings.CutPrefix(place, "line "); !ok {
			return 0, 0, false
		}
	}
	first, last, _ := strings.Cut(numbers, "–")
	from = atoi(first)
	return from, max(from, atoi(last)), from > 0
}

// numbered splits "sheet Costs row 7" into "sheet Costs row" and "7".
func numbered(place string) (kind, number string, ok bool) {
	i := strings.LastIndexByte(place, ' ')
	if i < 0 || i+1 == len(place) {
		return place, "", false
	}
	for _, c := range place[i+1:] {
		if c < '0' || c > '9' {
			return place, "", false
		}
	}
	return place[:i], place[i+1:], true
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}
