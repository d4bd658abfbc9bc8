package llm

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"weft/flow/show"
)

// A Prompt is a rendered prompt, with the passages that fit and notes on the parts left out.
type Prompt struct {
	show.Prompt
	Passages []Passage // the passages in it, possibly shortened
}

// leastPassage is the minimum number of tokens for which a shortened passage is included.
const leastPassage = 48

// Fit renders a prompt so that reserve tokens of the context remain for the answer. Passages are
// ordered best first; from the last one upwards they are shortened, or left out if little of them
// would remain. The history has at most a sixth of the context: its last turns. The error reports that the prompt is too long even without passages.
func (p *Prompts) Fit(name string, d PromptData, context, reserve int, count Counter) (Prompt, error) {
	passages := d.Passages
	d.Passages = nil
	d.History = fitHistory(d.History, min(context/historyShare, mostHistory), count)
	bare, err := p.Render(name, d)
	if err != nil {
		return Prompt{}, fmt.Errorf("llm: prompt %s: %w", name, err)
	}
	d.Passages = passages
	room := context - reserve - count.prompt(bare)
	if room < 0 {
		return Prompt{}, fmt.Errorf("llm: the question with its instructions is longer than the context of %d tokens, of which %d are kept for the answer", context, reserve)
	}
	out := Prompt{Prompt: show.Prompt{Context: context, Reserve: reserve}}
	out.Passages, out.LeftOut = Fit(passages, room, count)
	d.Passages = out.Passages
	if out.Messages, err = p.Render(name, d); err != nil {
		return Prompt{}, fmt.Errorf("llm: prompt %s: %w", name, err)
	}
	out.Tokens = count.prompt(out.Messages)
	return out, nil
}

// The tokens for the history of a prompt: a share of the context, and at most mostHistory.
const (
	historyShare = 6
	mostHistory  = 1500
)

// fitHistory returns the last turns of a conversation within a number of tokens. Each answer may
// take half of the tokens that are left, so that the last turns are the most complete.
func fitHistory(history []show.Message, tokens int, count Counter) []show.Message {
	var kept []show.Message
	for end := len(history); end >= 2; end -= 2 {
		question, answer := history[end-2], history[end-1]
		tokens -= count(question.Content)
		if tokens < leastPassage {
			break
		}
		answer.Content = shorten(answer.Content, tokens/2, count)
		tokens -= count(answer.Content)
		kept = append([]show.Message{question, answer}, kept...)
	}
	return kept
}

// Fit selects as much of the passages, ordered best first, as fits into a number of tokens: whole
// ones first, then at most one that is shortened. The result is a prefix of the passages, so their
// numbers do not change.
func Fit(passages []Passage, tokens int, count Counter) (kept []Passage, left []show.LeftOut) {
	fences := 2 * (count(fence(PromptData{Passages: passages})) + 1)
	full := false
	for i, p := range passages {
		around := count(fmt.Sprintf("[%d] %s, %s\n\n", i+1, p.Source, p.Date)) + fences + 4
		size := count(p.Text)
		room := tokens - around
		switch {
		case !full && size <= room:
			kept = append(kept, p)
			tokens = room - size
			continue
		case !full && room >= leastPassage:
			short := shorten(p.Text, room, count)
			kept = append(kept, Passage{Source: p.Source, Date: p.Date, Text: short})
			left = append(left, show.LeftOut{Number: i + 1, Source: p.Source, Tokens: size - count(short)})
		default:
			left = append(left, show.LeftOut{Number: i + 1, Source: p.Source, Tokens: size, Whole: true})
		}
		full = true
	}
	return kept, left
}

// Shorten truncates a text to at most a number of tokens as counted by [Tokens]. It cuts at the end
// of a line or sentence if one is near, and appends "…".
func Shorten(text string, tokens int) string { return shorten(text, tokens, Tokens) }

func shorten(text string, tokens int, count Counter) string {
	if count(text) <= tokens {
		return text
	}
	// Binary search for the longest prefix that fits: the count grows with its text.
	low, high := 0, len(text)
	for low < high {
		mid := (low + high + 1) / 2
		if count(text[:mid]) < tokens { // one token is for the ellipsis
			low = mid
		} else {
			high = mid - 1
		}
	}
	for low > 0 && !utf8.RuneStart(text[low]) {
		low--
	}
	cut := text[:low]
	for _, end := range []string{"\n", ". ", "。", " "} {
		if i := strings.LastIndex(cut, end); i > len(cut)*2/3 {
			cut = cut[:i+len(strings.TrimRight(end, " \n"))]
			break
		}
	}
	for cut = strings.TrimRight(cut, " \n"); cut != "" && count(cut+"…") > tokens; {
		_, n := utf8.DecodeLastRuneInString(cut)
		cut = cut[:len(cut)-n]
	}
	if cut == "" {
		return ""
	}
	return cut + "…"
}
