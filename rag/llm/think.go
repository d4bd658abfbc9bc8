package llm

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// A tag encloses reasoning in the text of an answer.
type tag struct{ open, close string }

// The channels of the harmony format. Everything before the final channel is reasoning.
const harmonyFinal = "<|channel|>final<|message|>"

// tags are the pairs of tags between which models write their reasoning.
var tags = [...]tag{
	{"<think>", "</think>"}, {"<thinking>", "</thinking>"}, {"<thought>", "</thought>"},
	{"<reasoning>", "</reasoning>"}, {"<seed:think>", "</seed:think>"},
	{"[THINK]", "[/THINK]"}, {"◁think▷", "◁/think▷"},
	{"<|channel|>analysis<|message|>", harmonyFinal},
	{"<|channel|>commentary<|message|>", harmonyFinal},
	{"<|start|>assistant<|channel|>analysis<|message|>", harmonyFinal},
	{harmonyFinal, ""},
}

// harmonySigns matches the control tokens of the harmony format, which are not part of the text.
var harmonySigns = lazyregexp.New(`<\|(?:end|return|start|call)\|>(?:assistant)?|<\|channel\|>\w+<\|message\|>`)

// orphans are the tags whose closing one is recognised without an opening one: the chat template of
// many models puts the opening tag into the prompt.
var orphans = tags[:6]

// A thinkSplitter separates the answer from reasoning that a model writes between tags at its
// start. A later opening tag is part of the answer. A piece may end anywhere within a tag.
//
// A text whose beginning is typical of reasoning is held back until a closing tag or the end of the
// text decides whether it is reasoning, unless the model is known to begin answers in that way.
type thinkSplitter struct {
	state thinkState
	held  string // the last input, while it may be part of a tag
	close string // inThink: the tag that ends it
	// unopened is the closing tag of a model that is known to end its reasoning with a tag but not
	// to begin it with one. It is "" if that is not known, and noTag if the model's answers have no
	// tags.
	unopened string
	// orphan is the closing tag that was found without an opening tag.
	orphan string
	// assumed is set while the text counts as reasoning only because of unopened.
	assumed bool
	quotes  int             // backticks in the text so far
	opened  [len(tags)]bool // the text has the opening tag, so a closing tag is not an orphan
	seen    int             // inDoubt: how much of held has no closing tag
	newline bool            // the text so far ends with a line end, or is empty
	ended   bool            // the text so far ends with a sentence
}

// longestTag exceeds the length of every closing tag, with the white space that may follow it.
const longestTag = 64

// noTag is the value of dialect.Unopened for a model that reasons without tags, or not at all.
const noTag = "none"

type thinkState int

const (
	beforeThink thinkState = iota
	inThink
	inDoubt // held back until a closing tag
	inText
)

// openings are beginnings of text that is more likely reasoning than an answer. The next character
// must not be a letter.
var openings = []string{"ok", "okay", "alright", "hmm", "wait", "let me", "let's", "let us", "we need", "we are asked",
	"we are given", "we have to", "the user", "first, i", "first, let", "so the user", "so, the user", "so i", "so we",
	"i need to", "i should", "i have to", "looking at the", "thinking"}

// opening reports whether a text begins with one of openings. undecided is true while the text is
// too short to decide.
func opening(text string) (is, undecided bool) {
	for _, o := range openings {
		switch {
		case len(text) <= len(o):
			undecided = undecided || strings.EqualFold(text, o[:len(text)])
		case strings.EqualFold(text[:len(o)], o):
			r, _ := utf8.DecodeRuneInString(text[len(o):])
			is = is || !unicode.IsLetter(r)
		}
	}
	return is, undecided && !is
}

// add consumes the next piece and returns the text and reasoning that are decided. undo reports
// that all text returned before was reasoning.
func (s *thinkSplitter) add(piece string) (text, reasoning string, undo bool) {
	s.held += piece
	for {
		switch s.state {
		case beforeThink:
			decided := s.begin(false)
			if !decided {
				return text, reasoning, undo
			}
		case inThink:
			before, after, found := cutFold(s.held, s.close)
			if !found {
				keep := tail(s.held, s.close)
				if sign := strings.Index(s.held, "<|"); s.close == harmonyFinal && sign >= 0 {
					keep = len(s.held) - sign // several control tokens precede the final channel
				}
				reasoning += s.held[:len(s.held)-keep]
				s.held = s.held[len(s.held)-keep:]
				return text, reasoning, undo
			}
			if s.close == harmonyFinal {
				before = harmonySigns.ReplaceAllString(before, "")
			}
			if s.assumed {
				s.orphan, s.assumed = s.close, false
			}
			reasoning += before
			s.held, s.state = after, beforeThink
			s.unopened = noTag // the text after the reasoning is the answer, even if it begins like reasoning
		case inDoubt:
			before, after, close := s.cutOrphan(s.seen)
			if close == "" {
				s.seen = max(0, len(s.held)-longestTag)
				return text, reasoning, undo
			}
			s.orphan = close
			reasoning += before
			s.held, s.state, s.unopened = after, beforeThink, noTag
		case inText:
			before, after, close := s.cutOrphan(0)
			if close != "" {
				reasoning += text + before
				text, undo = "", true
				s.orphan = close
				s.held, s.state, s.unopened = after, beforeThink, noTag
				continue
			}
			keep := s.undecided()
			out := s.held[:len(s.held)-keep]
			s.held = s.held[len(s.held)-keep:]
			s.quotes += strings.Count(out, "`")
			for i, o := range orphans {
				s.opened[i] = s.opened[i] || containsFold(out, o.open)
			}
			if out != "" {
				s.newline = strings.HasSuffix(out, "\n")
			}
			if strings.TrimSpace(out) != "" {
				s.ended = endsSentence(out)
			}
			text += out
			return text, reasoning, undo
		}
	}
}

// begin decides whether the beginning of a text is reasoning, if it can. last says that the text is
// complete.
func (s *thinkSplitter) begin(last bool) (decided bool) {
	trimmed := strings.TrimLeft(s.held, " \t\r\n")
	for _, t := range tags {
		switch {
		case len(trimmed) >= len(t.open) && strings.EqualFold(trimmed[:len(t.open)], t.open):
			s.held, s.state, s.close = trimmed[len(t.open):], inThink, t.close
			if t.close == "" {
				s.state = inText
			}
			return true
		case !last && len(trimmed) < len(t.open) && strings.EqualFold(trimmed, t.open[:len(trimmed)]):
			return false
		}
	}
	if s.orphan != "" || s.close != "" {
		s.held = trimmed // white space between reasoning and answer
	}
	switch {
	case s.unopened != "" && s.unopened != noTag:
		s.state, s.close, s.assumed = inThink, s.unopened, true
	case s.unopened == "":
		is, undecided := opening(trimmed)
		if undecided && !last {
			return false
		}
		if is {
			s.state = inDoubt
			return true
		}
	}
	if s.state == beforeThink {
		s.state, s.newline = inText, true
	}
	return true
}

// cutOrphan divides the held text at the first closing tag at or after a position that has no
// opening tag. The tag must be at the start or end of a line or after a sentence, and outside code.
func (s *thinkSplitter) cutOrphan(from int) (before, after, close string) {
	for i, o := range orphans {
		b, a, found := cutFold(s.held[from:], o.close)
		b = s.held[:from+len(b)]
		if !found || (s.quotes+strings.Count(b, "`"))%2 == 1 || s.opened[i] || containsFold(b, o.open) {
			continue
		}
		begins := b == "" && s.newline || strings.HasSuffix(strings.TrimRight(b, " \t"), "\n")
		ends := strings.HasPrefix(strings.TrimLeft(a, " \t\r"), "\n")
		after := endsSentence(b) || strings.TrimSpace(b) == "" && s.ended
		if begins || ends || after {
			return b, a, o.close
		}
	}
	return "", "", ""
}

// endsSentence reports whether a text ends with the mark of the end of a sentence.
func endsSentence(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, " \t\r\n"))
	return strings.ContainsRune(".!?…。！？", r)
}

// undecided returns how many of the last bytes of the held text may belong to a closing tag.
func (s *thinkSplitter) undecided() (keep int) {
	for _, o := range orphans {
		keep = max(keep, tail(s.held, o.close), tail(s.held, o.open))
		if rest := strings.TrimRight(s.held, " \t\r"); hasSuffixFold(rest, o.close) {
			keep = max(keep, len(s.held)-len(rest)+len(o.close)) // the next characters decide
		}
	}
	for _, sign := range []string{"<|return|>", "<|end|>"} {
		keep = max(keep, tail(s.held, sign))
		if strings.HasSuffix(s.held, sign) {
			keep = max(keep, len(sign))
		}
	}
	return keep
}

// end returns the text that was held back. misread reports that the text returned as reasoning is
// in fact the answer, because the expected closing tag did not come. stopped says that the model
// finished by itself.
func (s *thinkSplitter) end(stopped bool) (text, reasoning string, undo, misread bool) {
	if s.state == beforeThink && s.held != "" {
		s.begin(true)
	}
	held := s.held
	s.held = ""
	switch {
	case s.state == inThink:
		return "", harmonySigns.ReplaceAllString(held, ""), false, s.assumed && stopped
	case s.state == inText || s.state == inDoubt:
		// The text may end with the tag, after reasoning alone.
		for i, o := range orphans {
			b, found := cutSuffixFold(strings.TrimRight(held, " \t\r\n"), o.close)
			if found && !s.opened[i] && !containsFold(b, o.open) && (s.quotes+strings.Count(b, "`"))%2 == 0 &&
				(strings.HasSuffix(b, "\n") || b == "" && s.newline || endsSentence(b) || strings.TrimSpace(b) == "" && s.ended) {
				s.orphan = o.close
				return "", b, true, false
			}
		}
	}
	for _, sign := range []string{"<|return|>", "<|end|>"} {
		held = strings.TrimSuffix(held, sign)
	}
	return held, "", false, false
}

// tail returns the length of the longest suffix of s that is a proper prefix of tag.
func tail(s, tag string) int {
	for n := min(len(s), len(tag)-1); n > 0; n-- {
		if strings.EqualFold(s[len(s)-n:], tag[:n]) {
			return n
		}
	}
	return 0
}

// cutFold is strings.Cut without regard to the case of ASCII letters.
func cutFold(s, sep string) (before, after string, found bool) {
	for i := 0; i+len(sep) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(sep)], sep) {
			return s[:i], s[i+len(sep):], true
		}
	}
	return s, "", false
}

func containsFold(s, sub string) bool {
	_, _, found := cutFold(s, sub)
	return found
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

func cutSuffixFold(s, suffix string) (before string, found bool) {
	if !hasSuffixFold(s, suffix) {
		return s, false
	}
	return s[:len(s)-len(suffix)], true
}
