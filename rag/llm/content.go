package llm

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// A chunk is one event of a stream, or a whole completion, with the fields of the various servers.
type chunk struct {
	Model   string `json:"model"`
	Choices []struct {
		Delta   piece          `json:"delta"`
		Message piece          `json:"message"` // in place of delta
		Text    flexibleString `json:"text"`    // of the older protocol
		Finish  flexibleString `json:"finish_reason"`
	} `json:"choices"`
	Usage *tokenCounts `json:"usage"`
	Groq  struct {
		Usage *tokenCounts `json:"usage"`
	} `json:"x_groq"`
}

// A piece is a piece of an answer. Content and reasoning are kept raw, because servers send a text,
// null, or an array of parts.
type piece struct {
	Content          json.RawMessage `json:"content"`
	Reasoning        json.RawMessage `json:"reasoning"`         // Ollama, vLLM, OpenRouter
	ReasoningContent json.RawMessage `json:"reasoning_content"` // llama.cpp, DeepSeek
	Thinking         json.RawMessage `json:"thinking"`
	Refusal          json.RawMessage `json:"refusal"`
	ToolCalls        []callPiece     `json:"tool_calls"`
	FunctionCall     *functionPiece  `json:"function_call"` // of the older protocol
}

// part is an element of an array of contents. Thinking holds text, or parts in turn.
type part struct {
	Type     string          `json:"type"`
	Text     flexibleString  `json:"text"`
	Thinking json.RawMessage `json:"thinking"`
}

// contents returns the text and the reasoning in a raw content.
func contents(raw json.RawMessage) (text, reasoning string) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "", ""
	}
	var parts []part
	switch raw[0] {
	case '"':
		json.Unmarshal(raw, &text) // cannot fail: raw is part of a decoded chunk
		return text, ""
	case '{':
		parts = make([]part, 1)
		json.Unmarshal(raw, &parts[0]) // fields of other types stay empty
	case '[':
		json.Unmarshal(raw, &parts) // as above
	}
	for _, p := range parts {
		inner, deeper := contents(p.Thinking)
		reasoning += inner + deeper
		if strings.Contains(p.Type, "think") || strings.Contains(p.Type, "reason") {
			reasoning += string(p.Text)
		} else {
			text += string(p.Text)
		}
	}
	return text, reasoning
}

// highSurrogate matches the first half of a UTF-16 pair at the end of a JSON string.
var highSurrogate = lazyregexp.New(`(?:^|[^\\])(\\u[dD][89abAB][0-9a-fA-F]{2})"$`)

// joined repairs characters that a server has split between two events: surrogate pairs of UTF-16,
// and bytes of UTF-8. It removes the first part of a character from the end of a raw content, keeps
// it, and puts it before the next content.
func (a *answer) joined(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || raw[0] != '"' {
		return raw
	}
	if a.half != "" {
		raw = append([]byte(`"`+a.half), raw[1:]...)
		a.half = ""
	}
	if m := highSurrogate.FindSubmatchIndex(raw); m != nil {
		a.half = string(raw[m[2]:m[3]])
		raw = append(bytes.Clone(raw[:m[2]]), '"')
	}
	text := raw[:len(raw)-1]
	for n := 1; n < utf8.UTFMax && n < len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				a.half = string(last)
				raw = append(bytes.Clone(text[:len(text)-n]), '"')
			}
			break
		}
	}
	return raw
}

// A flexibleString is a JSON string. Anything else reads as "".
type flexibleString string

func (s *flexibleString) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = flexibleString(text)
	}
	return nil
}

// A flexibleInt is a JSON number, also as a string or with a fraction. Anything else reads as 0.
type flexibleInt int

func (n *flexibleInt) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil && f >= 0 && f < 1<<31 {
		*n = flexibleInt(f)
	}
	return nil
}

// tokenCounts are the counts that a server reports, under OpenAI's or Anthropic's names.
type tokenCounts struct {
	Prompt     flexibleInt `json:"prompt_tokens"`
	Input      flexibleInt `json:"input_tokens"`
	Completion flexibleInt `json:"completion_tokens"`
	Output     flexibleInt `json:"output_tokens"`
	CacheRead  flexibleInt `json:"cache_read_input_tokens"`
	Details    struct {
		Cached flexibleInt `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionDetails struct {
		Reasoning flexibleInt `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// prompt returns the tokens of the whole prompt. Some gateways count only the uncached part, and
// report the cached part separately.
func (t tokenCounts) prompt() int {
	n := max(t.Prompt, t.Input)
	if cached := max(t.Details.Cached, t.CacheRead); cached > n || t.Prompt == 0 {
		n += cached
	}
	return int(n)
}

func (t tokenCounts) completion() int { return int(max(t.Completion, t.Output)) }

// isEmpty reports whether an event has no part of an answer. The first event of most streams is
// empty: it has only the role.
func (k chunk) isEmpty() bool {
	for _, c := range k.Choices {
		if c.Finish != "" || c.Text != "" {
			return false
		}
		for _, p := range []piece{c.Delta, c.Message} {
			if len(p.ToolCalls) > 0 || p.FunctionCall != nil {
				return false
			}
			for _, raw := range []json.RawMessage{p.Content, p.Reasoning, p.ReasoningContent, p.Thinking, p.Refusal} {
				if text, reasoning := contents(raw); text+reasoning != "" {
					return false
				}
			}
		}
	}
	return k.Usage == nil
}
