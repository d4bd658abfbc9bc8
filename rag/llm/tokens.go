package llm

import (
	"unicode"
	"unicode/utf8"

	"weft/flow/show"
)

// Tokens estimates how many tokens a text has, from above: the estimate is meant to be too high rather than too low, so that what is
// fitted by it fits. A word costs a token for each four letters begun, from its thirteenth letter on for each three; digits and other signs one each; a character of
// a script that is written without spaces, or outside the common ones, its bytes but one.
func Tokens(text string) int {
	n, word, spaces := 0, 0, 0
	for _, r := range text {
		if r != ' ' {
			spaces = 0
		}
		switch {
		case r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z'):
			if word < 12 && word%4 == 0 || word >= 12 && word%3 == 0 {
				n++
			}
			word++
			continue
		case r == ' ': // one belongs to the word behind it, more of them are a token
			if spaces++; spaces == 2 {
				n++
			}
		case r < utf8.RuneSelf:
			n++
		case unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic):
			if word%2 == 0 {
				n++
			}
			word++
			continue
		default:
			n += max(1, utf8.RuneLen(r)-1)
		}
		word = 0
	}
	return n
}

// tokensAtLeast is what no tokenizer goes below: a token never spans two words. It serves to notice that a server has read less than it
// was sent.
func tokensAtLeast(text string) int {
	n, in := 0, false
	for _, r := range text {
		space := unicode.IsSpace(r)
		if !space && !in {
			n++
		}
		in = !space
	}
	return n
}

// PromptTokens estimates the tokens of messages, from above, with what a chat template puts around each.
func PromptTokens(messages []show.Message) int {
	n := 3
	for _, m := range messages {
		n += Tokens(m.Content) + 6
	}
	return n
}
