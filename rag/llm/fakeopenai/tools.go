package fakeopenai

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A scriptedCall is a tool call as the option tools has it. Arguments is a JSON object, or a string
// that is sent as it is, such as one that is no JSON.
type scriptedCall struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// text returns the arguments as the protocol sends them, in a string.
func (s scriptedCall) text() string {
	var text string
	if json.Unmarshal(s.Arguments, &text) == nil {
		return text
	}
	return string(s.Arguments)
}

// toolCalls returns the tool calls of a request, from the options tool and tools.
func (c *call) toolCalls() (calls []scriptedCall) {
	if name, arguments, ok := strings.Cut(c.o["tool"], ":"); ok {
		text, _ := json.Marshal(arguments) // strings have a JSON form
		calls = append(calls, scriptedCall{Name: name, Arguments: text})
	}
	if list := c.o["tools"]; list != "" {
		var more []scriptedCall
		if err := json.Unmarshal([]byte(list), &more); err != nil {
			panic(fmt.Sprintf("fakeopenai: tools is %s: %v", list, err))
		}
		calls = append(calls, more...)
	}
	for i := range calls {
		if calls[i].ID == "" {
			calls[i].ID = fmt.Sprintf("call_%d", i+1)
		}
	}
	return calls
}

// whole returns the tool calls of a message that is not streamed.
func (c *call) whole(calls []scriptedCall) (out []any) {
	for _, k := range calls {
		if c.o["tools_form"] == "bare" {
			out = append(out, map[string]any{"function": map[string]any{"name": k.Name, "arguments": k.Arguments}})
			continue
		}
		out = append(out, map[string]any{"id": k.ID, "type": "function",
			"function": map[string]any{"name": k.Name, "arguments": k.text()}})
	}
	return out
}

// fragment is the number of bytes of arguments in a piece of a stream.
const fragment = 5

// streamed returns the tool calls as the pieces of a stream: the beginnings of all calls, and then
// fragments of the arguments of each call in turn. Of the other forms, each call is one piece.
func (c *call) streamed(calls []scriptedCall) (pieces [][]any) {
	if form := c.o["tools_form"]; form != "openai" {
		for _, k := range c.whole(calls) {
			if form == "id" {
				k.(map[string]any)["index"] = 0
			}
			pieces = append(pieces, []any{k})
		}
		return pieces
	}
	longest := 0
	for i, k := range calls {
		longest = max(longest, len(k.text()))
		pieces = append(pieces, []any{map[string]any{"index": i, "id": k.ID, "type": "function",
			"function": map[string]any{"name": k.Name, "arguments": ""}}})
	}
	for at := 0; at < longest; at += fragment {
		for i, k := range calls {
			if text := k.text(); at < len(text) {
				pieces = append(pieces, []any{map[string]any{"index": i,
					"function": map[string]any{"arguments": text[at:min(at+fragment, len(text))]}}})
			}
		}
	}
	return pieces
}
