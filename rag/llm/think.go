package llm

import "strings"

const (
	openThink  = "<think>"
	closeThink = "</think>"
)

// A thinkSplitter separates the answer from reasoning that a model writes between <think> and
// </think> at its start. A later tag is part of the answer. A piece may end anywhere within a tag.
type thinkSplitter struct {
	state thinkState
	held  string // the last input, while it may be part of a tag
}

type thinkState int

const (
	beforeThink thinkState = iota
	inThink
	afterThink // skips white space after the tag
	inText
)

// add consumes the next piece and returns the text and reasoning that are decided.
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
				return text, reasoning // not decided yet
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

// end returns the text that was held back.
func (s *thinkSplitter) end() (text, reasoning string) {
	held := s.held
	s.held = ""
	if s.state == inThink {
		return "", held
	}
	return held, ""
}

// tail returns the length of the longest suffix of s that is a proper prefix of tag.
func tail(s, tag string) int {
	for n := min(len(s), len(tag)-1); n > 0; n-- {
		if strings.HasSuffix(s, tag[:n]) {
			return n
		}
	}
	return 0
}
