package llm

import (
	"regexp"
	"strings"

	"weft/flow/show"
)

// toolCall matches a call of a tool that a model writes into its text, at the start of a line and up
// to the end of the text, with the markers of the common chat templates.
var toolCall = regexp.MustCompile(`(?s)(?:^|\n)[ \t]*(?:<tool_call>|<\|tool_call\|>|<\|tool_calls?_(?:section_)?begin\|>|<｜tool▁calls?▁begin｜>|` +
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
