package llm

import (
	"math"
	"unicode"

	"weft/flow/show"
	"weft/rag/llm/dialect"
)

// A Counter estimates the number of tokens of a text. It errs on the high side, so that a text that
// fits by its count does fit.
type Counter func(text string) int

// Tokens is a [Counter] for an unknown model.
func Tokens(text string) int { return above(dialect.Scale{}, text) }

// Tokens is a [Counter] for the client's chat model. It follows the counts that the server reports.
func (c *Client) Tokens(text string) int { return above(c.Dialect(c.cfg.Model), text) }

// scale is a [dialect.Scale] or a [dialect.Dialect].
type scale interface {
	Estimate(dialect.Units) (tokens, deviation float64)
}

// margin is added to every estimate that must not be too low.
const margin = 0.03

// above returns an estimate that most texts do not exceed: one standard deviation above the
// expected number, and at least one token per word.
func above(s scale, text string) int {
	var u dialect.Units
	u.Add(text)
	n, deviation := s.Estimate(u)
	return max(int(math.Ceil(n*(1+margin)+deviation)), tokensAtLeast(text))
}

// estimate returns the expected number of tokens of a text.
func estimate(s scale, text string) int {
	var u dialect.Units
	u.Add(text)
	n, _ := s.Estimate(u)
	return int(math.Round(n))
}

// estimatePrompt returns the expected number of tokens of a prompt, with its chat template.
func estimatePrompt(s scale, messages []show.Message) int {
	n, _ := s.Estimate(unitsOf(messages))
	return int(math.Round(n))
}

func unitsOf(messages []show.Message) (u dialect.Units) {
	for _, m := range messages {
		u.AddMessage(textOf(m))
	}
	return u
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

// prompt returns the tokens of messages, including the chat template.
func (count Counter) prompt(messages []show.Message) int {
	n := 3
	for _, m := range messages {
		n += count(textOf(m)) + 6
	}
	return n
}
