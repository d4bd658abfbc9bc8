package llm

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"

	"weft/rag/llm/dialect"
	"weft/rag/llm/fakeopenai"
)

var toolSearch = Tool{Name: "search", Description: "Find passages.",
	Schema: json.RawMessage(`{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}`)}

func toolRequest(messages ...show.Message) Request {
	all := append([]show.Message{{Role: show.RoleSystem, Content: "Use the tools."}, {Role: show.RoleUser, Content: "How?"}}, messages...)
	return Request{Messages: all, Tools: []Tool{toolSearch, {Name: "read", Schema: json.RawMessage(`{"type":"object"}`)}}}
}

// toolClient returns a client of a scripted server.
func toolClient(t *testing.T, script ...string) (*Client, *fakeopenai.Server) {
	t.Helper()
	server, base := fakeopenai.Start(t, "", "m")
	server.Script(script...)
	c, err := New(Config{BaseURL: base, Model: "m", Retry: Retry{Attempts: 1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, server
}

const twoTools = `[{"name":"search","arguments":{"query":"cancel a run"}},{"name":"read","id":"r","arguments":{"path":"a.md","line":3}}]`

// TestToolCallsArePutTogether checks that the calls of an answer are the same however they arrive.
func TestToolCallsArePutTogether(t *testing.T) {
	for _, form := range []string{"", "&tools_form=id", "&tools_form=bare", "&stream_as_json=1", "&stream_as_json=1&tools_form=bare",
		"&say=I+look+it+up.", "&bytewise=1", "&finish=stop", "&reasoning=5", "&null_content=1"} {
		c, _ := toolClient(t, "tools="+url.QueryEscape(twoTools)+form)
		text, reset := "", false
		got, err := c.Chat(t.Context(), toolRequest(), func(d show.Delta) { text += d.Text; reset = reset || d.Restart })
		if err != nil || got.CutOff != "" || len(got.Calls) != 2 || got.Usage.CompletionTokens < 0 {
			t.Errorf("%s: %v, cut off %q, calls %+v", form, err, got.CutOff, got.Calls)
			continue
		}
		for i, want := range []show.ToolCall{{Name: "search", Arguments: `{"query":"cancel a run"}`}, {Name: "read", Arguments: `{"path":"a.md","line":3}`}} {
			call := got.Calls[i]
			if call.Name != want.Name || call.Arguments != want.Arguments || call.ID == "" || call.InText {
				t.Errorf("%s: call %d is %+v", form, i, call)
			}
		}
		if got.Calls[0].ID == got.Calls[1].ID {
			t.Errorf("%s: both calls are %s", form, got.Calls[0].ID)
		}
		if said := strings.Contains(form, "say"); said != (got.Text != "") || text != got.Text || reset {
			t.Errorf("%s: the text is %q, streamed %q", form, got.Text, text)
		}
	}
}

// TestToolCallsInTextAreFound checks the forms in which models write calls into their text.
func TestToolCallsInTextAreFound(t *testing.T) {
	search := `{"query":"a b"}`
	for name, c := range map[string]struct{ text, rest, calls string }{
		"Hermes":           {"Let me see.\n<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\":\"a b\"}}\n</tool_call>", "Let me see.", "search" + search},
		"two":              {"<tool_call>{\"name\":\"search\",\"arguments\":{\"query\":\"a b\"}}</tool_call>\n<tool_call>{\"name\":\"read\",\"arguments\":{}}</tool_call>", "", "search" + search + " read{}"},
		"unclosed":         {"<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\":\"a b\"}}", "", "search" + search},
		"text behind":      {"<tool_call>{\"name\":\"search\",\"arguments\":{\"query\":\"a b\"}}</tool_call>\nI wait for it.", "", "search" + search},
		"Granite":          {"<|tool_call|>[{\"name\": \"search\", \"arguments\": {\"query\":\"a b\"}}]", "", "search" + search},
		"Mistral":          {"[TOOL_CALLS][{\"name\": \"search\", \"arguments\": {\"query\":\"a b\"}}]", "", "search" + search},
		"Mistral, named":   {"[TOOL_CALLS]search[ARGS]{\"query\":\"a b\"}", "", "search" + search},
		"Llama":            {"<function=search>{\"query\":\"a b\"}</function>", "", "search" + search},
		"Qwen coder":       {"<tool_call>\n<function=search>\n<parameter=query>\na b\n</parameter>\n</function>\n</tool_call>", "", "search" + search},
		"invoke":           {"<function_calls>\n<invoke name=\"search\">\n<parameter name=\"query\">a b</parameter>\n</invoke>\n</function_calls>", "", "search" + search},
		"Kimi":             {"<|tool_calls_section_begin|><|tool_call_begin|>functions.search:0<|tool_call_argument_begin|>{\"query\":\"a b\"}<|tool_call_end|><|tool_calls_section_end|>", "", "search" + search},
		"DeepSeek":         {"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>search\n```json\n{\"query\":\"a b\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "", "search" + search},
		"bare JSON":        {"{\"name\": \"search\", \"parameters\": {\"query\":\"a b\"}}", "", "search" + search},
		"bare list":        {"[{\"name\": \"search\", \"arguments\": {\"query\":\"a b\"}}]", "", "search" + search},
		"block of code":    {"I search.\n```json\n{\"tool\": \"search\", \"args\": {\"query\":\"a b\"}}\n```", "I search.", "search" + search},
		"flat":             {"{\"tool\": \"search\", \"query\":\"a b\"}", "", "search" + search},
		"as a string":      {"<tool_call>{\"name\":\"search\",\"arguments\":\"{\\\"query\\\":\\\"a b\\\"}\"}</tool_call>", "", "search" + search},
		"nested":           {"<tool_call>{\"type\":\"function\",\"function\":{\"name\":\"search\",\"arguments\":{\"query\":\"a b\"}}}</tool_call>", "", "search" + search},
		"another name":     {"<tool_call>{\"name\":\"look\",\"arguments\":{}}</tool_call>", "", "look{}"},
		"unreadable":       {"<tool_call>{\"name\": search}</tool_call>", "", "<tool_call>{\"name\": search}</tool_call>"},
		"JSON answer":      {"{\"port\": 80}", "{\"port\": 80}", ""},
		"other JSON names": {"{\"name\": \"Ada\", \"input\": 3}", "{\"name\": \"Ada\", \"input\": 3}", ""},
		"a sentence":       {"A model writes <tool_call> into its text [1].", "A model writes <tool_call> into its text [1].", ""},
		"about one":        {"<tool_call> begins a call [1].", "<tool_call> begins a call [1].", ""},
		"in code":          {"As in\n\n```\n<tool_call>{\"name\": \"a\"}</tool_call>\n```\n", "As in\n\n```\n<tool_call>{\"name\": \"a\"}</tool_call>\n```\n", ""},
	} {
		c2, _ := toolClient(t, "say="+url.QueryEscape(c.text))
		streamed := ""
		got, err := c2.Chat(t.Context(), toolRequest(), func(d show.Delta) {
			if d.Restart {
				streamed = ""
			}
			streamed += d.Text
		})
		var calls []string
		for _, k := range got.Calls {
			calls = append(calls, k.Name+k.Arguments)
			if !k.InText || k.ID == "" {
				t.Errorf("%s: %+v", name, k)
			}
		}
		if err != nil || strings.Join(calls, " ") != c.calls || strings.TrimSpace(got.Text) != strings.TrimSpace(c.rest) || streamed != got.Text || got.CutOff != "" {
			t.Errorf("%s: %v, cut off %q\ncalls %q\nwant  %q\ntext %q, streamed %q", name, err, got.CutOff, strings.Join(calls, " "), c.calls, got.Text, streamed)
		}
	}
}

// TestAModelThatRefusesToolsIsAskedInText checks the text protocol and that it is remembered.
func TestAModelThatRefusesToolsIsAskedInText(t *testing.T) {
	for _, refusal := range []string{"no_tools=1", "unsupported=tools"} {
		said := url.QueryEscape(`<tool_call>{"name":"search","arguments":{"query":"a"}}</tool_call>`)
		c, server := toolClient(t, refusal, "say="+said, "say=Done.")
		got, err := c.Chat(t.Context(), toolRequest(), nil)
		if err != nil || len(got.Calls) != 1 || got.Calls[0].Name != "search" || !got.Calls[0].InText {
			t.Fatalf("%s: %v %+v", refusal, err, got)
		}
		if !c.Dialect("m").Refuses(dialect.ToolList) {
			t.Errorf("%s: it is not learned", refusal)
		}
		again := toolRequest(show.Message{Role: show.RoleAssistant, Calls: got.Calls},
			show.Message{Role: show.RoleTool, CallID: got.Calls[0].ID, Content: "[1] a.md"},
			show.Message{Role: show.RoleUser, Content: "Answer now."})
		if got, err = c.Chat(t.Context(), again, nil); err != nil || got.Text != "Done." {
			t.Fatalf("%s: %v %+v", refusal, err, got)
		}
		requests := server.Requests()
		if len(requests) != 3 {
			t.Fatalf("%s: %d requests", refusal, len(requests))
		}
		var sent struct {
			Tools    []any
			Messages []struct{ Role, Content string }
		}
		if err := json.Unmarshal(requests[2].Body, &sent); err != nil {
			t.Fatal(err)
		}
		var roles []string
		for _, m := range sent.Messages {
			roles = append(roles, m.Role)
		}
		if want := []string{"system", "user", "assistant", "user"}; !slices.Equal(roles, want) || sent.Tools != nil {
			t.Errorf("%s: roles %v, tools %v", refusal, roles, sent.Tools)
		}
		if m := sent.Messages; !strings.Contains(m[0].Content, `- search: Find passages. {"type":"object"`) || !strings.Contains(m[2].Content, `<tool_call>{"name":"search"`) ||
			m[3].Content != "[1] a.md\n\nAnswer now." {
			t.Errorf("%s: %q", refusal, m)
		}
	}
}

// TestAToolConversationIsSentInTheProtocol checks the messages of calls and results.
func TestAToolConversationIsSentInTheProtocol(t *testing.T) {
	c, server := toolClient(t, "say=Done.")
	calls := []show.ToolCall{{ID: "1", Name: "search", Arguments: `{"query":"a"}`}, {ID: "2", Name: "read", Arguments: "{broken"}}
	_, err := c.Chat(t.Context(), toolRequest(show.Message{Role: show.RoleAssistant, Content: "I look.", Calls: calls},
		show.Message{Role: show.RoleTool, CallID: "1", Content: "one"}, show.Message{Role: show.RoleTool, CallID: "2", Content: "two"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	body := string(server.Requests()[0].Body)
	for _, want := range []string{`"tools":[{"function":{"name":"search"`, `"role":"tool","content":"one","tool_call_id":"1"`,
		`"tool_calls":[{"id":"1","type":"function","function":{"name":"search","arguments":"{\"query\":\"a\"}"}},{"id":"2","type":"function","function":{"name":"read","arguments":"{}"}}]`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in the request:\n%s", want, body)
		}
	}
	// A model that calls tools although it gets none any more does not do so unasked.
	c2, _ := toolClient(t, "tools="+url.QueryEscape(twoTools))
	req := toolRequest(show.Message{Role: show.RoleAssistant, Calls: calls[:1]}, show.Message{Role: show.RoleTool, CallID: "1", Content: "one"})
	req.Tools = nil
	got, err := c2.Chat(t.Context(), req, nil)
	if err != nil || len(got.Calls) != 0 || c2.Dialect("m").Value(dialect.Tools) != "" {
		t.Errorf("%v %+v, %v", err, got, c2.Dialect("m").Facts())
	}
}

// TestABrokenAnswerWithACallIsNotRepeated checks that the calls of an answer that broke off are not
// mixed with those of another.
func TestABrokenAnswerWithACallIsNotRepeated(t *testing.T) {
	c, server := toolClient(t, "drop_after=2&tools="+url.QueryEscape(twoTools))
	got, err := c.Chat(t.Context(), toolRequest(), nil)
	if err == nil || got.CutOff == "" || len(server.Requests()) != 1 {
		t.Errorf("%v %+v after %d requests", err, got, len(server.Requests()))
	}
}
