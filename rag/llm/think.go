package llm

import "strings"

const (
	openThink  = "<think>"
	closeThink = "</think>"
)

// A thinkSplitter tells reasoning that a model writes into its answer, between <think> and </think> at the beginning, from the answer.
// Only the beginning counts: later on, the tag is something that the answer speaks of. Pieces may break anywhere in a tag.
type thinkSplitter struct {
	state thinkState
	held  string // the end of what came, while it may be a part of a tag
}

type thinkState int

const (
	beforeThink thinkState = iota
	inThink
	afterThink // white space behind the tag is not part of the answer
	inText
)

// add takes the next piece and returns what can be told of it.
func (s *thinkSplitter) add(piece string) (text, reasoning string) {
	s.held += piece
	for {
		switch s.state {
		case beforeThink:
			trimmed := strings.TrimLeft(s.held, " \t\r\n")
			if strings.HasPrefix(trimmed, openThink) {
				s.held, s.state = trimmed[len(openThink):], inThink
				continue
			}
			if strings.HasPrefix(openThink, trimmed) {
				return text, reasoning // too early to say
			}
			s.state = inText
		case inThink:
			before, after, found := strings.Cut(s.held, closeThink)
			if found {
				reasoning += before
				s.held, s.state = after, afterThink
				continue
			}
			keep := tail(s.held, closeThink)
			reasoning += s.held[:len(s.held)-keep]
			s.held = s.held[len(s.held)-keep:]
			return text, reasoning
		case afterThink:
			if s.held = strings.TrimLeft(s.held, " \t\r\n"); s.held == "" {
				return text, reasoning
			}
			s.state = inText
		case inText:
			text += s.held
			s.held = ""
			return text, reasoning
		}
	}
}

// end returns what was held back.
func (s *thinkSplitter) end() (text, reasoning string) {
	held := s.held
	s.held = ""
	if s.state == inThink {
		return "", held
	}
	return held, ""
}

// tail is the length of the longest end of s that tag begins with.
func tail(s, tag string) int {
	for n := min(len(s), len(tag)-1); n > 0; n-- {
		if strings.HasSuffix(s, tag[:n]) {
			return n
		}
	}
	return 0
}
