package fakeopenai

import (
	"maps"
	"strings"
	"sync"
)

// quirks maps a model's name to its behaviour. Each behaviour comes from a public report about a
// service or a gateway. The name says what happens, or which service does it. The table is made at
// its first use, because every process that a test starts would otherwise make it.
var quirks = sync.OnceValue(func() map[string]quirk {
	table := commonQuirks()
	maps.Copy(table, neighbours())
	return table
})

func commonQuirks() map[string]quirk {
	return map[string]quirk{
		"ok":   well,
		"slow": streams(": processing\n\n", ": processing\n\n", say(QuirkAnswer), finish("stop"), doneEvent),

		// Reasoning inside the text, and in fields of its own.
		"think":             answers("<think>\nThe filter is mentioned.\n</think>\n\n" + QuirkAnswer),
		"think-noopen":      answers("Okay, the user asks about the filter. Passage 1 says 400 hours.\n</think>\n\n" + QuirkAnswer),
		"think-unusual":     answers("Passage 1 is about the pump; the filter is mentioned.\n</think>\n\n" + QuirkAnswer),
		"think-inline":      answers("Passage 1 is about the pump, and the filter is mentioned.</think>" + QuirkAnswer),
		"think-thinking":    answers("<thinking>\nThe filter is mentioned.\n</thinking>\n\n" + QuirkAnswer),
		"think-thought":     answers("<thought>The filter is mentioned.</thought>" + QuirkAnswer),
		"think-magistral":   answers("[THINK]The filter is mentioned.[/THINK]" + QuirkAnswer),
		"think-harmony":     answers("<|channel|>analysis<|message|>The filter is mentioned.<|end|><|start|>assistant<|channel|>final<|message|>" + QuirkAnswer + "<|return|>"),
		"reasoning-content": streams(said("reasoning_content", "Let me think about the filter."), say(QuirkAnswer), finish("stop"), counted(300, 20, object{"completion_tokens_details": object{"reasoning_tokens": 8}}), doneEvent),
		"reasoning-details": streams(delta(object{"role": "assistant", "content": "", "reasoning": nil, "reasoning_details": []any{object{"type": "reasoning.encrypted", "data": "gAAAAA"}}}, nil), say(QuirkAnswer), finish("stop"), counted(300, 20, nil), doneEvent),
		"reasoning-only":    streams(said("reasoning_content", "Let me think. The answer is 400 hours."), finish("stop"), counted(300, 20, nil), doneEvent),
		"long-think": func(_ int, r *request) reply {
			const thoughts = 5000
			n, end := thoughts, say(QuirkAnswer)+finish("stop")
			if limit := r.limit(); limit > 0 && limit <= thoughts {
				n, end = limit, finish("length")
			}
			return reply{body: strings.Repeat(delta(object{"reasoning_content": "hm "}, nil), n) + end + counted(300, n, nil) + doneEvent}
		},
		"content-array":       streams(delta(object{"content": []any{thought}}, nil), delta(object{"content": []any{object{"type": "text", "text": QuirkAnswer}}}, nil), finish("stop"), doneEvent),
		"content-array-think": streams(delta(object{"content": []any{thought}}, nil), say(QuirkAnswer), finish("stop"), doneEvent),

		// Shapes of streams.
		"azure-filter":  streams(event(object{"choices": []any{}, "prompt_filter_results": []any{object{"prompt_index": 0}}}), say(QuirkAnswer), finish("stop"), doneEvent),
		"delta-missing": streams(event(object{"choices": []any{object{"index": 0, "message": object{"content": QuirkAnswer}, "finish_reason": "stop"}}}), doneEvent),
		"multi-data":    streams("event: message\ndata: {\"id\":\"x\",\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\""+QuirkAnswer+"\"},\"finish_reason\":\"stop\"}]}\n\n", doneEvent),
		"crlf-nospace":  streams(strings.NewReplacer("data: ", "data:", "\n", "\r\n").Replace(say(QuirkAnswer) + finish("stop") + doneEvent)),
		"bom-gzip": func(int, *request) reply {
			return reply{header: map[string]string{"Content-Encoding": "gzip"}, body: zipped("\ufeff" + say(QuirkAnswer) + finish("stop") + doneEvent)}
		},
		"surrogates": streams(`data: {"choices":[{"index":0,"delta":{"content":"400 hours \ud83d"},"finish_reason":null}]}`+"\n\n", `data: {"choices":[{"index":0,"delta":{"content":"\ude00 [1]"},"finish_reason":"stop"}]}`+"\n\n", doneEvent),
		"big-chunk": func(int, *request) reply {
			return reply{body: delta(object{"content": strings.Repeat("x ", 700_000)}, nil) + finish("stop") + doneEvent}
		},
		"repeat": func(int, *request) reply {
			words := delta(object{"content": "the "}, nil) + delta(object{"content": "filter "}, nil)
			return reply{body: strings.Repeat(words, 20_000) + finish("stop") + doneEvent}
		},
		"ansi":    answers("Replace \x1b[31mred\x1b[0m \x1b]0;title\a \u202eevil [1]"),
		"empty":   streams(finish("stop"), counted(300, 0, nil), doneEvent),
		"decline": answers("The passages do not contain the answer."),

		// Ends of streams.
		"nofinish-done":       streams(say(QuirkAnswer), doneEvent),
		"finish-empty":        streams(delta(object{"content": QuirkAnswer}, ""), finish(""), doneEvent),
		"finish-nodone":       streams(say(QuirkAnswer), finish("stop")),
		"finish-STOP":         streams(say(QuirkAnswer), finish("STOP"), doneEvent),
		"finish-model_length": streams(say("Replace the"), finish("model_length"), doneEvent),
		"finish-max_tokens":   streams(say("Replace the"), finish("max_tokens"), doneEvent),
		"finish-error":        streams(say("Replace the"), finish("error"), doneEvent),
		"finish-tool":         streams(delta(object{"content": nil, "tool_calls": []any{object{"index": 0, "id": "c1", "type": "function", "function": object{"name": "search", "arguments": `{"q":"filter"}`}}}}, nil), finish("tool_calls"), doneEvent),
		"tool-unless-told":    unless(func(r *request) bool { return !strings.Contains(r.Messages[0].text(), "There are no tools") }, streams(delta(object{"content": nil, "tool_calls": []any{object{"index": 0, "id": "c1", "type": "function", "function": object{"name": "search", "arguments": `{}`}}}}, nil), finish("tool_calls"), doneEvent)),
		"finish-tool-text":    streams(say(QuirkAnswer), finish("tool_calls"), doneEvent),
		"finish-done-word":    streams(say(QuirkAnswer), finish("completed"), doneEvent),
		"midstream-error":     streams(say("Replace the filter "), event(object{"error": object{"code": "server_error", "message": "Provider disconnected unexpectedly"}, "choices": []any{object{"index": 0, "delta": object{"content": ""}, "finish_reason": "error"}}})),

		// Token counts.
		"usage-cached":   streams(say(QuirkAnswer), finish("stop"), counted(4, 12, object{"prompt_tokens_details": object{"cached_tokens": 412}}), doneEvent),
		"usage-uncached": streams(say(QuirkAnswer), finish("stop"), counted(9, 12, nil), doneEvent),
		"usage-each":     streams(event(object{"choices": []any{object{"index": 0, "delta": object{"content": QuirkAnswer}}}, "usage": object{"prompt_tokens": 300, "completion_tokens": 1, "total_tokens": 301}}), finish("stop"), doneEvent),
		"usage-string":   streams(say(QuirkAnswer), finish("stop"), counted("300", "12", nil), doneEvent),

		// Citations.
		"cite-interval": answers("The score lies in the range [0, 1], ids match [0-9]+ and argv[1] is the name; see RFC [12]. " + QuirkAnswer),
		"cite-none":     answers("Replace the filter every 400 hours."),
		"cite-path":     answers("Replace the filter every 400 hours [pump.md:5-11]."),
		"cite-src":      answers("Replace the filter every 400 hours [Source: 1]. It is FP-2231 [source 1]. See [1: pump.md]."),
		"cite-wrong":    answers("Jon Okafor answers for the budget of 42,000 euros [7]. The warranty lasts 99 months [1]."),
		"sources-list":  answers(QuirkAnswer + "\n\nSources:\n[1] pump.md:5-11\n[2] team.md"),

		// Refused roles, parameters and streams.
		"nosystem-o1":     unless(hasSystem, refuses(400, failure("Unsupported value: 'messages[0].role' does not support 'system' with this model.", object{"param": "messages[0].role", "code": "unsupported_value"}))),
		"nosystem-gemma":  unless(hasSystem, refuses(400, []any{failure("Developer instruction is not enabled for models/gemma-3-27b-it", object{"code": 400, "status": "INVALID_ARGUMENT"})})),
		"gpt5":            gpt5,
		"maxtok-toolarge": unless(func(r *request) bool { return r.limit() > 1024 }, refuses(400, failure("max_tokens is too large: 2048. This model supports at most 1024 completion tokens, whereas you provided 2048.", object{"param": "max_tokens"}))),
		"extra-forbidden": unless(func(r *request) bool { return r.StreamOptions != nil }, refuses(422, object{"detail": []any{object{"type": "extra_forbidden", "loc": []any{"body", "stream_options"}, "msg": "Extra inputs are not permitted"}}})),
		"nostream-org": func(try int, r *request) reply {
			if r.Stream {
				return refusal(400, failure("Your organization must be verified to stream this model. Please go to: https://platform.example/settings and click on Verify Organization.", object{"param": "stream", "code": "unsupported_value"}), nil)
			}
			return wholeReply(QuirkAnswer)
		},

		// Temporary failures: busy servers and short rate limits.
		"gemini-503":    refuses(503, []any{failure("The model is overloaded. Please try again later.", object{"code": 503, "status": "UNAVAILABLE"})}),
		"err-first-429": once(streams(event(failure("Rate limit reached for requests", object{"type": "requests", "code": 429})), doneEvent)),
		"err-first-503": once(streams(event(failure("The engine is currently overloaded, please try again later", object{"type": "server_error", "code": 503})))),
		"429-date": once(func(int, *request) reply {
			return refusal(429, failure("slow down", nil), map[string]string{"Retry-After": later()})
		}),
		"429-frac": once(func(int, *request) reply {
			return refusal(429, failure("Please try again in 0.2s.", nil), map[string]string{"Retry-After": "0.2"})
		}),
		"429-hour": func(int, *request) reply {
			return refusal(429, failure("Daily limit reached", nil), map[string]string{"Retry-After": "3600"})
		},
		"gemini-429": once(refuses(429, []any{failure("Resource has been exhausted", object{"code": 429, "status": "RESOURCE_EXHAUSTED", "details": []any{object{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.2s"}}})})),
		"529":        once(refuses(529, object{"type": "error", "error": object{"type": "overloaded_error", "message": "Overloaded"}})),
		"500-once":   once(refuses(500, failure("The server had an error while processing your request. Sorry about that!", object{"type": "server_error"}))),
		"524":        once(refuses(524, "<html><title>524: A timeout occurred</title></html>")),
		"408":        once(refuses(408, failure("Request timeout", nil))),

		// Prompts that are too long.
		"413-groq": refuses(413, failure("Request too large for model `llama` on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size and try again.", object{"type": "tokens", "code": "rate_limit_exceeded"})),
		"overflow": overflow,

		// Failures that the user has to fix.
		"gemini-badkey": refuses(400, []any{failure("API key not valid. Please pass a valid API key.", object{"code": 400, "status": "INVALID_ARGUMENT", "details": []any{object{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}}})}),
		"key-expired":   refuses(401, failure("The API key has expired.", object{"code": "invalid_api_key"})),
		"region":        refuses(403, failure("Country, region, or territory not supported", object{"code": "unsupported_country_region_territory"})),
		"err-code-200":  func(int, *request) reply { return refusal(200, failure("Invalid model", object{"code": 400}), nil) },
		"minimax": func(int, *request) reply {
			return refusal(200, object{"base_resp": object{"status_code": 1008, "status_msg": "insufficient balance"}}, nil)
		},
		"mistral-detail":   refuses(401, object{"detail": "Unauthorized: the key was revoked"}),
		"azure-filter-400": refuses(400, failure("The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", object{"param": "prompt", "code": "content_filter", "status": 400})),
		"responses-only":   refuses(404, failure("This model is only supported in v1/responses and not in v1/chat/completions.", object{"type": "invalid_request_error", "param": "model"})),
		"403-model":        refuses(403, failure("Project `proj_x` does not have access to model `gpt-5`", object{"type": "invalid_request_error", "code": "model_not_found"})),
		"403-moderation":   refuses(403, failure(`Your chosen model requires moderation and your input was flagged for "violence"`, object{"code": 403})),
		"403-cloudflare":   refuses(403, "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body>Sorry, you have been blocked</body></html>"),
		"402":              refuses(402, failure("Insufficient Balance", object{"type": "unknown_error", "code": "invalid_request_error"})),
		"429-quota":        refuses(429, failure("You exceeded your current quota, please check your plan and billing details.", object{"type": "insufficient_quota", "code": "insufficient_quota"})),
		"redirect": func(int, *request) reply {
			return reply{status: 308, header: map[string]string{"Location": "http://elsewhere.test/v2/chat/completions"}}
		},
	}
}

// thought is reasoning sent as an element of a content array.
var thought = object{"type": "thinking", "thinking": []any{object{"type": "text", "text": "Let me look at the passages."}}}

// gpt5 is a quirk that refuses the parameter max_tokens, and then any temperature.
func gpt5(try int, r *request) reply {
	switch {
	case r.MaxTokens > 0:
		return refusal(400, failure("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", object{"param": "max_tokens", "code": "unsupported_parameter"}), nil)
	case r.Temperature != nil && *r.Temperature != 1:
		return refusal(400, failure("Unsupported value: 'temperature' does not support 1e-06 with this model. Only the default (1) value is supported.", object{"param": "temperature", "code": "unsupported_value"}), nil)
	}
	return well(try, r)
}

// overflow is a quirk with a context of 700 tokens that counts one token per three bytes.
func overflow(try int, r *request) reply {
	const context = 700
	prompt := 0
	for _, m := range r.Messages {
		prompt += len(m.text()) / 3
	}
	if prompt+r.limit() <= context {
		return well(try, r)
	}
	return refusal(400, failure("request exceeds the available context size, try increasing it", object{"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": prompt, "n_ctx": context}), nil)
}
