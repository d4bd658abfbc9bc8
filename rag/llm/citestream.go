package llm

import (
	"strings"
	"unicode/utf8"
)

// A CiteStream normalises the citations of an answer while it arrives, as [Cite] does for the whole
// text. Text that may still become part of a citation is held back. If later text changes the
// meaning of a bracket that was already emitted, the emitted text differs from the result of Cite,
// which takes precedence.
//
// Each piece with a bracket is read together with a window of the text before it. The window is
// bounded, so that the work grows in proportion to the text; a long text is normalised in several
// windows, which know nothing of each other.
type CiteStream struct {
	given []Passage
	emit  func(string)
	raw   strings.Builder
	taken int    // bytes of raw that have been processed
	from  int    // offset in raw at which the window begins
	sent  string // the text of the window as emitted
	fence string // the mark that opened the code block that is being written, or ""
	line  int    // offset in raw at which the current line begins
	// asIs is set once later text has changed the meaning of an emitted bracket. The rest of the
	// window is then emitted unchanged.
	asIs bool
}

// NewCiteStream returns a stream for an answer that was given these passages.
func NewCiteStream(given []Passage, emit func(text string)) *CiteStream {
	return &CiteStream{given: given, emit: emit}
}

// Add takes a piece of text as it arrived.
func (s *CiteStream) Add(piece string) {
	s.raw.WriteString(piece)
	raw := s.raw.String()
	s.upTo(s.taken + stable(raw[s.taken:]))
}

// End emits the text that was held back.
func (s *CiteStream) End() { s.upTo(s.raw.Len()) }

// brackets are the characters with which a citation begins or ends.
const brackets = "[]【】［］〔〕()（）"

// window is the number of bytes from which a window ends with its line; a single line ends it at
// longestLine bytes.
const (
	window      = 2 << 10
	longestLine = 2 * window
)

// upTo processes the text up to an offset, line by line.
func (s *CiteStream) upTo(end int) {
	var out strings.Builder
	raw := s.raw.String()
	for s.taken < end {
		next := end
		if i := strings.IndexByte(raw[s.taken:end], '\n'); i >= 0 {
			next = s.taken + i + 1
		}
		out.WriteString(s.step(raw, next))
	}
	if out.Len() > 0 {
		s.emit(out.String())
	}
}

// step returns the normalised text up to an offset in the current line, or at its end.
func (s *CiteStream) step(raw string, end int) string {
	fresh := raw[s.taken:end]
	s.taken = end
	if s.fence == "" && !s.asIs && len(s.given) > 0 && strings.ContainsAny(fresh, brackets) {
		// Code spans and citations earlier in the window decide how this piece is read.
		clean := Cite(raw[s.from:end], s.given).Text
		rest, ok := strings.CutPrefix(clean, s.sent)
		if s.asIs = !ok; ok {
			fresh = rest
		}
	}
	if s.fence == "" {
		s.sent += fresh
	}
	whole := raw[end-1] == '\n'
	closed := false
	if whole {
		closed = s.endLine(raw[s.line:end])
		s.line = end
	}
	if size := end - s.from; closed || s.fence == "" && (whole && size >= window || size >= longestLine) {
		s.from, s.sent, s.asIs = end, "", false
	}
	return fresh
}

// endLine follows the code blocks of the text, and reports whether a line closes one.
func (s *CiteStream) endLine(line string) (closed bool) {
	m := fenceLine.FindStringSubmatch(line)
	switch {
	case m == nil:
	case s.fence == "":
		s.fence = m[1]
	case strings.HasPrefix(m[1], s.fence) && strings.Trim(strings.TrimSpace(line), s.fence[:1]) == "":
		s.fence = ""
		return true
	}
	return false
}

// mostHeld is the maximum number of bytes held back.
const mostHeld = 256

// stable returns the length of the prefix of a growing text that cannot become part of a citation
// any more. A bracket is undecided until it has closed and two characters follow it, or the line
// ends. Spaces at the end are undecided too, because they are removed together with a citation
// after them.
func stable(text string) int {
	begin := max(0, len(text)-mostHeld)
	first := strings.IndexAny(text[begin:], brackets)
	settled := len(strings.TrimRight(text, " \t"))
	if first < 0 {
		return settled
	}
	last := strings.LastIndexAny(text, brackets)
	_, size := utf8.DecodeRuneInString(text[last:])
	after := text[last+size:]
	if strings.ContainsAny(text[last:last+size], "[【［〔(（") {
		if strings.Contains(after, "\n") {
			return settled
		}
	} else if utf8.RuneCountInString(after) >= 2 && strings.TrimSpace(after) != "" {
		return settled
	}
	return len(strings.TrimRight(text[:begin+first], " \t"))
}
