package fakeopenai

import "strings"

// neighbours returns variations of the common quirks: what a service does in one place, another does
// in the next.
func neighbours() map[string]quirk {
	return map[string]quirk{
		// Streams without an answer, or with other things between its pieces.
		"choices-empty": streams(strings.Repeat(event(object{"id": "x", "choices": []any{}}), 3), counted(300, 0, nil), doneEvent),
		"choices-null":  streams(event(object{"choices": nil}), say(QuirkAnswer), event(object{"choices": nil}), finish("stop"), doneEvent),
		"content-null":  streams(delta(object{"role": "assistant", "content": nil}, nil), say(QuirkAnswer), delta(object{"content": nil}, "stop"), doneEvent),
		"usage-first":   streams(counted(300, 0, nil), say(QuirkAnswer), finish("stop"), counted(300, 12, nil), doneEvent),
		"usage-null":    streams(event(object{"choices": []any{object{"index": 0, "delta": object{"content": QuirkAnswer}}}, "usage": nil}), finish("stop"), doneEvent),
		"content-parts": streams(delta(object{"content": object{"type": "text", "text": QuirkAnswer}}, nil), finish("stop"), doneEvent),
		"output-text":   streams(delta(object{"content": []any{object{"type": "output_text", "text": QuirkAnswer}}}, nil), finish("stop"), doneEvent),
		"stream-ignored": func(int, *request) reply {
			return wholeReply(QuirkAnswer)
		},
		"stream-ignored-parts": func(int, *request) reply {
			return wholeReply([]any{thought, object{"type": "text", "text": QuirkAnswer}})
		},

		// How events are written.
		"no-blank-lines": streams(strings.ReplaceAll(say(QuirkAnswer)+finish("stop")+doneEvent, "\n\n", "\n")),
		"bom-crlf":       streams("\ufeff" + strings.ReplaceAll(say(QuirkAnswer)+finish("stop")+doneEvent, "\n", "\r\n")),
		"cut-runes": func(int, *request) reply {
			return reply{body: rawDelta("Grüße: 400 hours \xe2\x82") + rawDelta("\xac [1]") + finish("stop") + doneEvent}
		},

		// Ends of streams.
		"no-end": streams(say(QuirkAnswer)),

		// Calls of tools in the text.
		"tool-text":          answers("<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"filter\"}}\n</tool_call>"),
		"tool-text-mistral":  answers(`[TOOL_CALLS][{"name": "search", "arguments": {"q": "filter"}}]`),
		"tool-text-function": answers(`<function=search>{"q": "filter"}</function>`),
		"tool-text-thought":  answers("<think>I should search.</think>\n<tool_call>\n{\"name\": \"search\", \"arguments\": {}}\n</tool_call>"),
		"tool-text-told": unless(func(r *request) bool { return !strings.Contains(r.Messages[0].text(), "There are no tools") },
			answers("<tool_call>\n{\"name\": \"search\", \"arguments\": {}}\n</tool_call>")),
		"tool-text-after": answers(QuirkAnswer + "\n\n<tool_call>\n{\"name\": \"search\", \"arguments\": {}}\n</tool_call>"),

		// Reasoning.
		"reasoning-field": streams(said("reasoning", "Let me think about the filter."), say(QuirkAnswer), finish("stop"), doneEvent),
		"thinking-field":  streams(said("thinking", "Let me think about the filter."), say(QuirkAnswer), finish("stop"), doneEvent),
		"reasoning-twice": streams(delta(object{"reasoning": "The filter is mentioned.", "reasoning_content": "The filter is mentioned."}, nil), say(QuirkAnswer), finish("stop"), doneEvent),
		"think-empty":     answers("<think>\n\n</think>\n\n" + QuirkAnswer),
		"think-unclosed":  answers("<think>\nThe filter is mentioned, and the answer is 400 hours."),
		"harmony-bare":    answers("<|channel|>final<|message|>" + QuirkAnswer + "<|return|>"),

		// The answer in another dress.
		"json-fenced": answers("```json\n{\"answer\": \"Replace the filter every 400 hours [1].\"}\n```"),

		// Failures in the body of a success.
		"html-200": func(int, *request) reply {
			return refusal(200, "<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>", nil)
		},
		"error-text":  streams(event(object{"error": "the model crashed"}), doneEvent),
		"error-event": streams("event: error\ndata: {\"message\":\"the backend went away\",\"type\":\"server_error\"}\n\n"),
		"error-late":  streams(say("Replace the filter "), event(object{"error": "the model crashed"}), doneEvent),
		"code-200":    streams(event(object{"code": 500, "msg": "the backend went away", "success": false})),

		// Quotas and credit.
		"402-afford":  refuses(402, failure("This request requires more credits, or fewer max_tokens. You requested up to 2048 tokens, but can only afford 300.", object{"code": 402})),
		"403-quota":   refuses(403, failure("You have exceeded your monthly included credits for Inference Providers.", nil)),
		"403-billing": refuses(403, []any{failure("This API method requires billing to be enabled. Please enable billing on project 1.", object{"code": 403, "status": "PERMISSION_DENIED"})}),
		"429-ms": once(func(int, *request) reply {
			return refusal(429, failure("slow down", nil), map[string]string{"Retry-After-Ms": "150"})
		}),

		// Prompts that are too long, in the words of several services.
		"413-page": refuses(413, "<html><head><title>413 Request Entity Too Large</title></head><body></body></html>"),
		"overflow-openai": tooLong(failure("This model's maximum context length is 700 tokens. However, you requested 3248 tokens (1200 in the messages, 2048 in the completion). Please reduce the length of the messages or completion.",
			object{"type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"})),
		"overflow-anthropic": tooLong(object{"type": "error", "error": object{"type": "invalid_request_error", "message": "prompt is too long: 1200 tokens > 700 maximum"}}),
		"overflow-gemini":    tooLong([]any{failure("The input token count (1200) exceeds the maximum number of tokens allowed (700).", object{"code": 400, "status": "INVALID_ARGUMENT"})}),
		"overflow-tgi":       tooLong(object{"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 700. Given: 1200 `inputs` tokens and 2048 `max_new_tokens`", "error_type": "validation"}),
		"overflow-window":    tooLong(failure("Requested tokens (1200) exceed context window of 700", object{"type": "invalid_request_error"})),
		"overflow-vllm":      tooLong(object{"object": "error", "message": "The decoder prompt (length 1200) is longer than the maximum model length of 700. Make sure that `max_model_len` is no smaller than the number of text tokens.", "type": "BadRequestError", "code": 400}),
		"overflow-mistral":   tooLong(object{"object": "error", "message": "Prompt contains 1200 tokens and 0 draft tokens, too large for model with 700 maximum context length", "type": "invalid_request_error"}),
		"overflow-lmstudio":  tooLong(failure("Trying to keep the first 1200 tokens when context the overflows. However, the model is loaded with context length of only 700 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input", nil)),
		"overflow-bedrock":   tooLong(failure("Input is too long for requested model.", nil)),
	}
}

// rawDelta returns the event of a text whose bytes are kept, also where they are not valid UTF-8.
func rawDelta(text string) string {
	return `data: {"choices":[{"index":0,"delta":{"content":"` + text + `"},"finish_reason":null}]}` + "\n\n"
}

// tooLong returns a quirk with a context of 700 tokens, which counts one token per three bytes and
// refuses what is longer in its own words.
func tooLong(body any) quirk {
	return unless(func(r *request) bool {
		prompt := 0
		for _, m := range r.Messages {
			prompt += len(m.text()) / 3
		}
		return prompt+r.limit() > 700
	}, refuses(400, body))
}
