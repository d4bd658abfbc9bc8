package llm

import (
	"unicode"
	"unicode/utf8"

	"weft/flow/show"
)

// Tokens estimates the number of tokens of a text. The estimate tends to be too high, so that text
// fitted by it does fit. A word costs one token per four letters, or part thereof, and per three
// from the thirteenth letter on; digits and punctuation cost one each. A character of a script
// written without spaces, or of an uncommon script, costs its bytes minus one.
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
		case r == ' ': // one space belongs to the next word; several are a token
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

// tokensAtLeast returns a lower bound for every tokenizer: the number of words, because a token
// never spans two words. It serves to detect that a server has read less than it was sent.
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

// PromptTokens estimates the tokens of messages, from above, including the chat template.
func PromptTokens(messages []show.Message) int {
	n := 3
	for _, m := range messages {
		n += Tokens(m.Content) + 6
	}
	return n
}
