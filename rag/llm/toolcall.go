package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"weft/flow/show"
	"weft/rag/lazyregexp"
)

// A Tool is a function that a model may ask to be called.
type Tool struct {
	Name        string
	Description string
	Schema      json.RawMessage // JSON schema of the arguments, an object
}

// A callPiece is a piece of a tool call in a stream, or a whole one.
type callPiece struct {
	Index    *flexibleInt   `json:"index"`
	ID       flexibleString `json:"id"`
	Function functionPiece  `json:"function"`
}

// A functionPiece is the function of a tool call. Arguments is a string with JSON, or with a part of
// it; some servers send the object itself.
type functionPiece struct {
	Name      flexibleString  `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// text returns the arguments as text.
func (f functionPiece) text() string {
	raw := bytes.TrimSpace(f.Arguments)
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}

// A callAssembler puts tool calls together from the pieces of a stream. Pieces belong together by
// their index. Some servers give all calls of an answer the index 0, or none: a piece with another
// identifier, or with a name where there is a whole call already, begins another call.
type callAssembler struct {
	calls []show.ToolCall
	index []int // of each call
}

// mostCalls is the number of tool calls in one answer beyond which the rest is ignored.
const mostCalls = 64

func (s *callAssembler) add(p callPiece) {
	at := len(s.calls) - 1
	if p.Index != nil {
		at = slices.Index(s.index, int(*p.Index))
		for i := at + 1; i < len(s.index) && at >= 0; i++ { // the last of those with this index
			if s.index[i] == int(*p.Index) {
				at = i
			}
		}
	}
	name, id := string(p.Function.Name), string(p.ID)
	if at >= 0 {
		c := &s.calls[at]
		other := id != "" && c.ID != "" && id != c.ID
		again := name != "" && id == "" && p.Index == nil && json.Valid([]byte(c.Arguments))
		if !other && !again {
			if c.Name == "" {
				c.Name = name
			}
			if c.ID == "" {
				c.ID = id
			}
			c.Arguments += p.Function.text()
			return
		}
	}
	if len(s.calls) == mostCalls {
		return
	}
	index := -1
	if p.Index != nil {
		index = int(*p.Index)
	}
	s.calls = append(s.calls, show.ToolCall{ID: id, Name: name, Arguments: p.Function.text()})
	s.index = append(s.index, index)
}

// takeCalls takes the tool calls of a piece of an answer.
func (a *answer) takeCalls(p piece) {
	pieces := p.ToolCalls
	if p.FunctionCall != nil {
		pieces = append(pieces, callPiece{Function: *p.FunctionCall})
	}
	for _, c := range pieces {
		if len(a.req.Tools) > 0 {
			a.arrived() // a broken answer with a call is not asked for again in secret
		}
		a.calls.add(c)
	}
}

// endCalls completes the tool calls of a finished answer. Calls that the model wrote into its text
// are moved out of it; if the request has no tools, the answer counts as one that ended with a call.
func (a *answer) endCalls() {
	if len(a.req.Tools) == 0 {
		a.cutToolCall()
		return
	}
	a.out.Calls = a.calls.calls
	if len(a.out.Calls) == 0 && a.call.finished {
		rest, calls := textCalls(a.text.String(), a.req.Tools)
		if len(calls) > 0 {
			a.text.Reset()
			a.text.WriteString(rest)
			a.onDelta(show.Delta{Restart: true, Text: rest})
			a.out.Calls = calls
		}
	}
	seen := map[string]bool{"": true}
	for i := range a.out.Calls {
		c := &a.out.Calls[i]
		if seen[c.ID] {
			c.ID = fmt.Sprintf("call%05d", i+1) // some servers take nine letters and digits only
		}
		seen[c.ID] = true
	}
}

// knowsTools reports whether the model has, or had, tools in this conversation.
func (a *answer) knowsTools() bool {
	return len(a.req.Tools) > 0 || slices.ContainsFunc(a.req.Messages, func(m show.Message) bool {
		return len(m.Calls) > 0 || m.Role == show.RoleTool
	})
}

// offered returns tools in the form of the protocol.
func offered(tools []Tool) (out []openai.Tool) {
	for _, t := range tools {
		out = append(out, openai.Tool{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: t.Name, Description: t.Description, Parameters: t.Schema}})
	}
	return out
}

// sentCalls returns the calls of an earlier answer in the form of the protocol. Arguments that are
// no JSON object become an empty one, because servers parse them again and refuse the request.
func sentCalls(calls []show.ToolCall) (out []openai.ToolCall) {
	for _, c := range calls {
		if !isObject(c.Arguments) {
			c.Arguments = "{}"
		}
		out = append(out, openai.ToolCall{ID: c.ID, Type: openai.ToolTypeFunction,
			Function: openai.FunctionCall{Name: c.Name, Arguments: c.Arguments}})
	}
	return out
}

func isObject(text string) bool {
	var fields map[string]json.RawMessage
	return json.Unmarshal([]byte(text), &fields) == nil && fields != nil
}

// textOf returns all text of a message, for counting tokens.
func textOf(m show.Message) string {
	text := m.Content
	for _, c := range m.Calls {
		text += "\n" + c.Name + " " + c.Arguments
	}
	return text
}

// toolsWord matches how servers name the parameter tools in an error.
var toolsWord = lazyregexp.New(`\btools?\b|tool_choice|tool-call|function.?call`)

// toolsRefused reports whether an error says that the model takes no tools. Gateways answer with a
// 404 if no provider of the model does.
func toolsRefused(e *Error, said string) bool {
	switch e.Kind {
	case Rejected, Unsupported, Failed, NotFound:
		return toolsWord.MatchString(said) || strings.HasPrefix(e.param, "tool")
	}
	return false
}

// toolCall matches a call of a tool that a model writes into its text, at the start of a line and up
// to the end of the text, with the markers of the common chat templates.
var toolCall = lazyregexp.New(`(?s)(?:^|\n)[ \t]*(?:<tool_call>|<\|tool_call\|>|<\|tool_calls?_(?:section_)?begin\|>|<｜tool▁calls?▁begin｜>|` +
	`\[TOOL_CALLS\]|<function=|<function_calls?>|<tool_use>).*[}\]>]\s*$`)

// cutToolCall removes a tool call from the end of a finished text and takes the answer for one that
// ended with a tool call. What is written in a code block is part of the answer.
func (a *answer) cutToolCall() {
	text := a.text.String()
	at := toolCall.FindStringIndex(text)
	if at == nil || !a.call.finished || endOf(a.out.Finish) != endComplete || strings.Count(text[:at[0]], "```")%2 == 1 {
		return
	}
	rest := strings.TrimRight(text[:at[0]], " \t\r\n")
	a.text.Reset()
	a.text.WriteString(rest)
	a.onDelta(show.Delta{Restart: true, Text: rest})
	a.out.Finish = "tool_calls"
}
