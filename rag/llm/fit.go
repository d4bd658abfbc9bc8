package llm

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"weft/flow/show"
)

// A Prompt is what is sent, and what was left out so that it fits.
type Prompt struct {
	show.Prompt
	Passages []Passage // as they are in it, possibly shortened
}

// leastPassage is how many tokens of a passage are worth showing.
const leastPassage = 48

// Fit fills a prompt so that reserve tokens of the context remain for the answer: passages, which come best first, are shortened from the
// last one upwards, and left out where hardly anything of them would remain. The error says that the rest of the prompt is too long by
// itself.
func (p *Prompts) Fit(name string, d PromptData, context, reserve int) (Prompt, error) {
	passages := d.Passages
	d.Passages = nil
	bare, err := p.Render(name, d)
	if err != nil {
		return Prompt{}, fmt.Errorf("llm: prompt %s: %w", name, err)
	}
	d.Passages = passages
	room := context - reserve - PromptTokens(bare)
	if room < 0 {
		return Prompt{}, fmt.Errorf("llm: the question with its instructions is longer than the context of %d tokens, of which %d are kept for the answer", context, reserve)
	}
	out := Prompt{Prompt: show.Prompt{Context: context, Reserve: reserve}}
	out.Passages, out.LeftOut = Fit(passages, room)
	d.Passages = out.Passages
	if out.Messages, err = p.Render(name, d); err != nil {
		return Prompt{}, fmt.Errorf("llm: prompt %s: %w", name, err)
	}
	out.Tokens = PromptTokens(out.Messages)
	return out, nil
}

// Fit keeps as much of the passages, which come best first, as fits into so many tokens: whole ones from the first on, then one that is
// shortened, then none. What is kept is a prefix of the passages, so their numbers stay.
func Fit(passages []Passage, tokens int) (kept []Passage, left []show.LeftOut) {
	fences := 2 * (Tokens(fence(PromptData{Passages: passages})) + 1)
	full := false
	for i, p := range passages {
		around := Tokens(fmt.Sprintf("[%d] %s\n\n", i+1, p.Source)) + fences + 4
		size := Tokens(p.Text)
		room := tokens - around
		switch {
		case !full && size <= room:
			kept = append(kept, p)
			tokens = room - size
			continue
		case !full && room >= leastPassage:
			short := Shorten(p.Text, room)
			kept = append(kept, Passage{p.Source, short})
			left = append(left, show.LeftOut{Number: i + 1, Source: p.Source, Tokens: size - Tokens(short)})
		default:
			left = append(left, show.LeftOut{Number: i + 1, Source: p.Source, Tokens: size, Whole: true})
		}
		full = true
	}
	return kept, left
}

// Shorten cuts a text to at most so many tokens, by [Tokens]: at the end of a line or a sentence if one is near, and with "…" at the cut.
func Shorten(text string, tokens int) string {
	if Tokens(text) <= tokens {
		return text
	}
	// The longest prefix that fits, by halving: Tokens grows with its text.
	low, high := 0, len(text)
	for low < high {
		mid := (low + high + 1) / 2
		if Tokens(text[:mid]) < tokens { // one is for the dots
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
	for cut = strings.TrimRight(cut, " \n"); cut != "" && Tokens(cut+"…") > tokens; {
		_, n := utf8.DecodeLastRuneInString(cut)
		cut = cut[:len(cut)-n]
	}
	if cut == "" {
		return ""
	}
	return cut + "…"
}
