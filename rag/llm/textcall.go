package llm

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/rag/lazyregexp"
)

// howToCall explains to a model that takes no tools how to call them in its text.
const howToCall = `You can call these tools. To call one, write a line for each call, and nothing after the last:
<tool_call>{"name": "NAME", "arguments": {...}}</tool_call>
The results come with the next message. To answer, write the answer without a call.

The tools, each with the JSON schema of its arguments:`

// asText returns a conversation with tool calls as plain text: all of it if tools are given, which
// are then described in the first message; otherwise only the calls that the model wrote into its
// text, with their results.
func asText(messages []show.Message, tools []Tool) []show.Message {
	all := len(tools) > 0
	written := map[string]bool{} // identifiers of calls that are written as text
	var out []show.Message
	afterResult := false
	for i, m := range messages {
		if i == 0 && all {
			m.Content += "\n\n" + howToCall
			for _, t := range tools {
				m.Content += "\n- " + t.Name + ": " + t.Description + " " + string(t.Schema)
			}
		}
		if len(m.Calls) > 0 && (all || m.Calls[0].InText) {
			for _, c := range m.Calls {
				written[c.ID] = true
				m.Content += "\n" + callText(c)
			}
			m.Content, m.Calls = strings.TrimPrefix(m.Content, "\n"), nil
		}
		result := m.Role == show.RoleTool && (written[m.CallID] || all)
		if result {
			m.Role, m.CallID = show.RoleUser, ""
		}
		// Roles must alternate: results, and a question behind them, are one message.
		if n := len(out) - 1; afterResult && m.Role == show.RoleUser {
			out[n].Content += "\n\n" + m.Content
		} else {
			out = append(out, m)
		}
		afterResult = result || afterResult && m.Role == show.RoleUser
	}
	return out
}

// callText returns a call as a model writes it into its text.
func callText(c show.ToolCall) string {
	if c.Name == "" {
		return c.Arguments // it could not be read
	}
	arguments := json.RawMessage("{}")
	if isObject(c.Arguments) {
		arguments = json.RawMessage(c.Arguments)
	}
	data, err := json.Marshal(struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}{c.Name, arguments})
	if err != nil { // the arguments are valid JSON
		panic(err)
	}
	return "<tool_call>" + string(data) + "</tool_call>"
}

// namedCalls match the beginning of a call whose name stands before its arguments. The arguments are
// the JSON object that follows, or parameters between tags.
var namedCalls = lazyregexp.New(`<function=([\w.-]+)>|<invoke name="([\w.-]+)">|` +
	`(?:<\|tool_call_begin\|>\s*)?functions\.([\w.-]+)(?::\d+)?\s*<\|tool_call_argument_begin\|>|` +
	`<｜tool▁sep｜>([\w.-]+)|\[TOOL_CALLS\]\s*([\w.-]+)\s*(?:\[ARGS\])?`)

// parameters match a parameter of a call between tags.
var parameters = lazyregexp.New(`(?s)<parameter(?:=| name=")([\w-]+)"?>(.*?)</parameter>`)

// callEnd matches the end of a call whose parameters stand between tags.
var callEnd = lazyregexp.New(`</function>|</invoke>|</tool_call>`)

// textCalls finds the calls that a model wrote into its text: after the marker of a chat template,
// or as JSON that is the whole text or its last block of code. It returns the text before the first
// call, and the calls, or one without a name if there is a marker and the call behind it cannot be
// read. A mention of a call in a sentence or in other code is not a call.
func textCalls(text string, tools []Tool) (rest string, calls []show.ToolCall) {
	if at := markedCall(text); at >= 0 {
		rest = strings.TrimSpace(text[:at])
		calls = callsIn(text[at:])
		if len(calls) == 0 {
			calls = []show.ToolCall{{Arguments: strings.TrimSpace(text[at:])}}
		}
	} else if at := bareCall(text); at >= 0 {
		rest = strings.TrimSpace(text[:at])
		calls = callsIn(text[at:])
		// Without a marker, JSON of another kind may be the answer.
		if !slices.ContainsFunc(calls, func(c show.ToolCall) bool {
			return slices.ContainsFunc(tools, func(t Tool) bool { return strings.EqualFold(t.Name, c.Name) })
		}) {
			return text, nil
		}
	}
	if len(calls) == 0 {
		return text, nil
	}
	for i := range calls {
		calls[i].InText = true
	}
	return rest, calls[:min(len(calls), mostCalls)]
}

// callMarker matches the markers of toolCall, wherever the text ends.
var callMarker = lazyregexp.New(`(?m)^[ \t]*(?:<tool_call>|<\|tool_call\|>|<\|tool_calls?_(?:section_)?begin\|>|<｜tool▁calls?▁begin｜>|` +
	`\[TOOL_CALLS\]|<function=|<function_calls?>|<tool_use>|<invoke name=)`)

// markedCall returns the offset of the first marker of a call outside of code, or -1. A marker in a
// sentence is none: JSON, or another tag, must follow somewhere.
func markedCall(text string) int {
	for _, m := range callMarker.FindAllStringIndex(text, -1) {
		behind := strings.TrimLeft(text[m[1]:], " \t\r\n")
		begins := behind != "" && strings.ContainsRune("{[<", rune(behind[0]))
		if strings.Count(text[:m[0]], "```")%2 == 0 && (begins || toolCall.MatchString(text[m[0]:])) {
			return m[0]
		}
	}
	return -1
}

var codeBlock = lazyregexp.New("(?s)```(?:json|tool_call|tool_code)?\\s*\n([{\\[].*?)\n?```\\s*$")

// bareCall returns the offset of JSON without a marker that may be a call: the whole text, or the
// block of code at its end. It returns -1 if there is none.
func bareCall(text string) int {
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[{") {
		return strings.Index(text, trimmed[:1])
	}
	if m := codeBlock.FindStringIndex(text); m != nil {
		return m[0]
	}
	return -1
}

// callsIn returns the calls in a text that consists of them and their markers.
func callsIn(text string) (calls []show.ToolCall) {
	for text != "" {
		named := namedCalls.FindStringSubmatchIndex(text)
		object := strings.IndexByte(text, '{')
		switch {
		case named != nil && (object < 0 || named[0] < object):
			name := ""
			for i := 2; i < len(named); i += 2 {
				if named[i] >= 0 {
					name = text[named[i]:named[i+1]]
				}
			}
			arguments, behind := argumentsOf(text[named[1]:])
			calls = append(calls, show.ToolCall{Name: name, Arguments: arguments})
			text = behind
		case object >= 0:
			raw, behind := firstObject(text[object:])
			if call, ok := callOf(raw); ok {
				calls = append(calls, call)
			}
			text = behind
		default:
			return calls
		}
	}
	return calls
}

// argumentsOf returns the arguments at the beginning of a text, and the text behind them.
func argumentsOf(text string) (arguments, behind string) {
	end := len(text)
	if m := callEnd.FindStringIndex(text); m != nil {
		end = m[0]
	}
	if found := parameters.FindAllStringSubmatch(text[:end], -1); found != nil {
		values := map[string]string{}
		for _, p := range found {
			values[p[1]] = strings.TrimSpace(p[2])
		}
		data, err := json.Marshal(values)
		if err != nil { // strings have a JSON form
			panic(err)
		}
		return string(data), text[end:]
	}
	if at := strings.IndexByte(text[:end], '{'); at >= 0 {
		raw, behind := firstObject(text[at:])
		return string(raw), behind
	}
	return "{}", text[end:]
}

// firstObject returns the JSON object at the beginning of a text and the text behind it. If the text
// is no JSON, raw is nil and the brace is skipped.
func firstObject(text string) (raw json.RawMessage, behind string) {
	d := json.NewDecoder(strings.NewReader(text))
	if d.Decode(&raw) != nil {
		return nil, text[1:]
	}
	return raw, text[d.InputOffset():]
}

// The fields in which models write the name and the arguments of a call.
var (
	nameFields     = []string{"name", "tool", "tool_name", "function", "action"}
	argumentFields = []string{"arguments", "parameters", "args", "input", "action_input"}
)

// callOf returns the call that a JSON object describes.
func callOf(raw json.RawMessage) (c show.ToolCall, ok bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return c, false
	}
	for _, f := range nameFields {
		if json.Unmarshal(fields[f], &c.Name) == nil && c.Name != "" {
			break
		}
		if inner, is := callOf(fields[f]); is { // {"function": {"name": …, "arguments": …}}
			return inner, true
		}
	}
	if c.Name == "" {
		return c, false
	}
	for _, f := range argumentFields {
		if given := bytes.TrimSpace(fields[f]); len(given) > 0 {
			c.Arguments = functionPiece{Arguments: given}.text()
			return c, true
		}
	}
	// {"tool": "search", "query": "…"}
	maps.DeleteFunc(fields, func(name string, _ json.RawMessage) bool { return slices.Contains(nameFields, name) })
	data, err := json.Marshal(fields)
	if err != nil { // they were JSON before
		panic(err)
	}
	c.Arguments = string(data)
	return c, true
}
