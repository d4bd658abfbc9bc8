package llm

import (
	"strings"
	"unicode/utf8"
)

// A CiteStream normalises the citations of an answer while it arrives, as [Cite] does for the whole
// text. Text that may still become part of a citation is held back. If later text changes the
// meaning of a bracket that was already emitted, the emitted text differs from the result of Cite,
// which takes precedence.
type CiteStream struct {
	given []Passage
	emit  func(string)
	raw   strings.Builder
	taken int    // bytes of raw that have been processed
	sent  string // the emitted text
	// asIs is set once later text has changed the meaning of an emitted bracket. The rest is then
	// emitted unchanged.
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

func (s *CiteStream) upTo(end int) {
	raw := s.raw.String()
	fresh := raw[s.taken:end]
	if fresh == "" {
		return
	}
	s.taken = end
	if !s.asIs && len(s.given) > 0 && strings.ContainsAny(fresh, brackets) {
		// Normalise the whole text so far, because code fences and citations in earlier pieces
		// decide how this piece is read.
		clean := Cite(raw[:end], s.given).Text
		rest, ok := strings.CutPrefix(clean, s.sent)
		if s.asIs = !ok; ok {
			fresh = rest
		}
	}
	if fresh != "" {
		s.sent += fresh
		s.emit(fresh)
	}
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
