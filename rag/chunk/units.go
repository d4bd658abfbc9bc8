package chunk

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// A unit is the smallest part of a section that is packed into a chunk: a sentence, a fence, a row,
// a line.
type unit struct {
	start, end int
	// tokens includes the blanks up to the next unit.
	tokens int
	// whole marks a fence, which is never repeated as overlap, not even in part.
	whole bool
	// opens marks a good place to cut: the first unit of a block, unless the block follows a
	// heading.
	opens bool
	// blockTokens counts the tokens from here to the next unit that opens.
	blockTokens int
	header      string
}

// units splits the blocks of a section into units.
func (s *splitter) units(sec section) []unit {
	var out []unit
	glued := false // the previous block is a heading, which must stay with the block after it
	for _, b := range sec.blocks {
		first := len(out)
		switch b.form {
		case heading, row:
			out = s.bounded(out, b.start, b.end, wordCut)
		case fence:
			if within(s.doc.Text[b.start:b.end], s.opts.Fence) {
				out = append(out, unit{start: b.start, end: b.end, whole: true})
			} else {
				out = s.byLines(out, b.start, b.end)
			}
		case lines:
			out = s.byLines(out, b.start, b.end)
		default:
			out = s.bySentences(out, b.start, b.end)
		}
		for i := first; i < len(out); i++ {
			out[i].header = b.header
		}
		if first < len(out) {
			out[first].opens = !glued
		}
		glued = b.form == heading
	}
	for i := range out {
		next := out[i].end
		if i+1 < len(out) {
			next = out[i+1].start
		}
		out[i].tokens = Tokens(s.doc.Text[out[i].start:next])
	}
	for i := len(out) - 1; i >= 0; i-- { // sum the tokens up to the next good place to cut
		out[i].blockTokens = out[i].tokens
		if i+1 < len(out) && !out[i+1].opens {
			out[i].blockTokens += out[i+1].blockTokens
		}
	}
	return out
}

// bySentences appends the sentences of a range (Unicode Standard Annex 29). A line end inside a
// paragraph does not end a sentence.
func (s *splitter) bySentences(out []unit, start, end int) []unit {
	text := s.doc.Text[start:end]
	if within(text, s.opts.Overlap) {
		return s.bounded(out, start, end, wordCut)
	}
	at := start
	for it := sentences.FromString(strings.ReplaceAll(text, "\n", " ")); it.Next(); {
		stop := start + it.End()
		if from, to := trim(s.doc.Text, at, stop); from < to {
			out = s.bounded(out, from, to, wordCut)
		}
		at = stop
	}
	return out
}

// byLines appends the non-blank lines of a range.
func (s *splitter) byLines(out []unit, start, end int) []unit {
	for start < end {
		stop := end
		if i := strings.IndexByte(s.doc.Text[start:end], '\n'); i >= 0 {
			stop = start + i
		}
		if from, to := trim(s.doc.Text, start, stop); from < to {
			out = s.bounded(out, from, to, wordCut)
		}
		start = stop + 1
	}
	return out
}

// bounded appends a range as one unit, or as several if it is longer than a chunk.
func (s *splitter) bounded(out []unit, start, end int, cut func(string, int) int) []unit {
	for {
		n, _ := scan(s.doc.Text[start:end], s.opts.Tokens-1)
		if start+n >= end {
			return append(out, unit{start: start, end: end})
		}
		n = cut(s.doc.Text[start:end], n)
		from, to := trim(s.doc.Text, start, start+n)
		if from < to {
			out = append(out, unit{start: from, end: to})
		}
		start, end = trim(s.doc.Text, start+n, end)
		for start < end && (s.doc.Text[start] == ' ' || s.doc.Text[start] == '\t') {
			start++
		}
		if start >= end {
			return out
		}
	}
}

// separators are the strings that a text may be cut after, best first.
var separators = [...]string{"\n", "; ", ", ", "，", "、", " "}

// wordCut returns the best place to cut s in its second half, up to n: after a line, a clause or a
// word, or else between two characters.
func wordCut(s string, n int) int {
	for n < len(s) && n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	half := min(n/2+1, n)
	for _, sep := range separators {
		if i := strings.LastIndex(s[half:n], sep); i >= 0 {
			return half + i + len(sep)
		}
	}
	return max(n, 1)
}

// tail returns the offset at which about the last tokens of s start, after a clause or a word. It
// returns 0 if there is no such place.
func tail(s string, tokens int) int {
	total := Tokens(s)
	from, before := scan(s, total-tokens*6/5)
	size, _ := scan(s[from:], total-tokens*3/5-before)
	to := from + size
	if from >= to {
		return 0
	}
	for _, sep := range separators {
		if i := strings.Index(s[from:to], sep); i >= 0 {
			at := from + i + len(sep)
			for at < len(s) && isBlank(s[at]) {
				at++
			}
			if at < len(s) {
				return at
			}
		}
	}
	for from < len(s) && !utf8.RuneStart(s[from]) {
		from++
	}
	return from
}
