package fakeopenai

import (
	"net/url"
	"strconv"
	"time"
)

// option is one option with its default and its effect. "" or "0" means off.
type option struct{ key, def, doc string }

var options = []option{
	// pace
	{"latency", "0s", "delay before the response headers"},
	{"ttft", "0s", "delay between the headers and the first token"},
	{"tps", "0", "tokens per second while streaming (0: as fast as possible)"},
	{"jitter", "0", "random share of each token delay, 0..1"},
	{"ping", "0s", "send ':' comment lines at this interval while waiting (llama-server does, every 30 s)"},
	{"bytewise", "0", "1: flush the stream byte by byte (splits UTF-8 and SSE fields)"},
	// content
	{"mode", "auto", "auto|echo|lorem|extract|markdown|unicode|json|empty"},
	{"say", "", "answer with this text, whatever the mode"},
	{"tokens", "64", "answer length for lorem"},
	{"reasoning", "0", "tokens of reasoning_content before the answer"},
	{"think", "0", "tokens of inline <think>...</think> before the answer"},
	{"tool", "", "name:json-arguments: answer with this tool call (streamed in fragments)"},
	{"tools", "", "JSON array of {name, arguments, id}: answer with these tool calls, after the text of say"},
	{"tools_form", "openai", "openai: fragments, those of all calls in turn; id: one fragment for each, all with index 0; bare: neither index nor id, arguments as objects"},
	{"no_tools", "0", "1: requests that offer tools get 400"},
	{"refusal", "0", "1: answer in the refusal field"},
	{"reasoning_field", "reasoning_content", "name of the reasoning field (Ollama, vLLM: reasoning)"},
	{"prompt_tokens", "0", "report this many prompt tokens (a server that truncates silently)"},
	{"context_length", "0", "context size shown in the model list"},
	{"usage", "asked", "asked|always|never: usage in streams"},
	{"finish", "", "force this finish_reason"},
	{"crlf", "0", "1: CRLF line ends in SSE"},
	{"nospace", "0", "1: 'data:{' without the space after the colon"},
	{"event", "", "add an 'event: NAME' line before each data line"},
	{"done", "1", "0: leave out the final [DONE]"},
	{"empty_choices", "0", "1: first chunk has no choices (Azure does this)"},
	{"null_content", "0", "1: role chunk has content null, as llama-server sends it"},
	{"stream_as_json", "0", "1: ignore stream=true and answer with one JSON object"},
	// limits
	{"ctx", "0", "context size in tokens; longer prompts get 400 exceed_context_size_error"},
	{"max_batch", "0", "largest embeddings batch; larger ones get 400"},
	{"max_input", "0", "tokens per embedding input; a longer one fails the whole batch"},
	{"max_input_status", "400", "status of that (llama-server: 500)"},
	{"dim", "256", "embedding dimensions"},
	{"shuffle", "0", "1: embeddings come back in reversed order (index tells)"},
	{"short_batch", "0", "1: leave out the last embedding of a batch"},
	{"nan", "0", "1: one embedding value is null"},
	{"strict_model", "0", "1: unknown models get 404 model_not_found"},
	{"api_key", "", "require this bearer token (401 otherwise)"},
	{"loading", "0s", "answer 503 'Loading model' for this long after start"},
	{"slots", "0", "requests served at once; others wait in line (0: unlimited)"},
	{"unsupported", "", "a parameter that is refused with 400, as hosted models refuse max_tokens"},
	{"no_embeddings", "0", "status of every embeddings request (chat-only servers: 501)"},
	{"max_docs", "0", "largest number of documents to rerank; more get 413"},
	{"rerank", "jina", "dialect of the rerank endpoint: jina|tei|none"},
	// faults
	{"fault_rate", "1", "probability that the faults below apply to a request"},
	{"error_rate", "0", "probability of error_status"},
	{"error_status", "500", "status for error_rate"},
	{"status", "0", "answer with this status"},
	{"html", "0", "1: error bodies are HTML, as a proxy sends them"},
	{"429", "0", "probability of 429"},
	{"retry_after", "1", "Retry-After of a 429: seconds, or 'date' for an HTTP date in 2 s, or 'none'"},
	{"hang", "0", "1: accept the request, never answer"},
	{"refuse", "0", "1: reset the connection before any answer"},
	{"drop_after", "-1", "after N tokens end the connection without the final chunk (unexpected EOF)"},
	{"reset_after", "-1", "after N tokens reset the connection (RST)"},
	{"end_after", "-1", "after N tokens end the body cleanly: no finish_reason, no [DONE]"},
	{"hang_after", "-1", "after N tokens go silent, connection open"},
	{"malformed_after", "-1", "after N tokens send one data line that is not JSON"},
	{"error_after", "-1", "after N tokens send an error object inside the stream and end"},
	{"open_after", "0", "1: after the finish chunk neither [DONE] nor the end of the body"},
	{"error_style", "data", "data: 'data: {\"error\":...}' and end; field: 'error: {...}' and [DONE] (llama-server of early 2025)"},
	{"end_line", "", "text line sent just before end_after ends the body (a proxy's 'proxy error: ...')"},
	{"long_line", "0", "make one delta this many bytes long"},
	{"junk_line", "0", "send a non-SSE text line of this many bytes"},
	{"junk_lines", "1", "how many of them"},
	{"redirect", "", "answer 307 to this address"},
	{"truncate", "0", "non-stream: announce Content-Length N more than is sent"},
	{"bad_json", "0", "1: non-stream: body is not JSON"},
	{"content_type", "", "override Content-Type"},
}

// spec is the behaviour of one request: the value of each option.
type spec map[string]string

func (s spec) merge(q string) spec {
	vals, _ := url.ParseQuery(q)
	out := make(spec, len(s)+len(vals))
	for k, v := range s {
		out[k] = v
	}
	for k := range vals {
		out[k] = vals.Get(k)
	}
	return out
}
func (s spec) i(k string) int           { n, _ := strconv.Atoi(s[k]); return n }
func (s spec) f(k string) float64       { f, _ := strconv.ParseFloat(s[k], 64); return f }
func (s spec) on(k string) bool         { return s[k] == "1" || s[k] == "true" }
func (s spec) d(k string) time.Duration { d, _ := time.ParseDuration(s[k]); return d }

// defaults returns the default options, overridden by a query string.
func defaults(query string) spec {
	d := make(spec, len(options))
	for _, o := range options {
		d[o.key] = o.def
	}
	return d.merge(query)
}
