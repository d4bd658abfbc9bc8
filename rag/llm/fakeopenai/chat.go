package fakeopenai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

func (c *call) chat(req *request) {
	if len(req.Messages) == 0 {
		c.fail(400, "invalid_request_error", "'messages' is required", nil)
		return
	}
	prompt := 0
	for _, m := range req.Messages {
		prompt += c.s.tokens(m.text())
	}
	if n := c.o.i("ctx"); n > 0 && prompt >= n {
		c.json(400, map[string]any{"error": map[string]any{"code": 400, "type": "exceed_context_size_error",
			"message":         fmt.Sprintf("request (%d tokens) exceeds the available context size (%d tokens), try increasing it", prompt, n),
			"n_prompt_tokens": prompt, "n_ctx": n}})
		return
	}
	var think []string
	if n := c.o.i("reasoning"); n > 0 {
		think = pieces(lorem(hash("reasoning", req.Messages), n))
	}
	text := c.answer(req)
	if n := c.o.i("think"); n > 0 {
		text = "<think>\n" + lorem(hash("think", req.Messages), n) + "\n</think>\n\n" + text
	}
	finish := "stop"
	for _, st := range stops(req.Stop) {
		if i := strings.Index(text, st); i >= 0 {
			text = text[:i]
		}
	}
	out := pieces(text)
	limit := max(req.MaxTokens, req.MaxCompletionTokens)
	if n := c.o.i("ctx"); n > 0 && (limit == 0 || limit > n-prompt) {
		limit = n - prompt
	}
	if limit > 0 && len(out) > limit {
		out, finish = out[:limit], "length"
	}
	calls := c.toolCalls()
	if len(calls) > 0 {
		finish = "tool_calls"
		if c.o["say"] == "" {
			out = nil
		}
	}
	if f := c.o["finish"]; f != "" {
		finish = f
	}
	if n := c.o.i("prompt_tokens"); n > 0 {
		prompt = n
	}
	usage := map[string]int{"prompt_tokens": prompt, "completion_tokens": len(out) + len(think),
		"total_tokens": prompt + len(out) + len(think)}
	field := "content"
	if c.o.on("refusal") {
		field = "refusal"
	}

	if !req.Stream || c.o.on("stream_as_json") {
		if tps := c.o.f("tps"); tps > 0 && !c.sleep(time.Duration(float64(len(out)+len(think))/tps*float64(time.Second))) {
			return
		}
		msg := map[string]any{"role": "assistant", "content": nil}
		msg[field] = strings.Join(out, "")
		if think != nil {
			msg[c.o["reasoning_field"]] = strings.Join(think, "")
		}
		if len(calls) > 0 {
			if len(out) == 0 {
				msg["content"] = nil
			}
			msg["tool_calls"] = c.whole(calls)
		}
		c.count(len(out))
		c.json(200, map[string]any{"id": c.id, "object": "chat.completion",
			"created": time.Now().Unix(), "model": c.model,
			"choices": []any{map[string]any{"index": 0, "message": msg, "finish_reason": finish,
				"logprobs": nil}}, "usage": usage})
		return
	}

	c.s.mu.Lock()
	c.s.stats.Streams++
	c.s.mu.Unlock()
	ct := c.o["content_type"]
	if ct == "" {
		ct = "text/event-stream"
	}
	c.status = 200
	c.w.Header().Set("Content-Type", ct)
	c.w.Header().Set("Cache-Control", "no-cache")
	c.w.WriteHeader(200)
	c.flush()
	if c.o.on("empty_choices") {
		c.event(c.chunk(nil, nil, nil))
	}
	if !c.pause(c.o.d("ttft")) {
		return
	}
	first := map[string]any{"role": "assistant", "content": ""}
	if c.o.on("null_content") {
		first["content"] = nil
	}
	c.event(c.chunk(first, nil, nil))

	type delta struct {
		field string
		val   any
	}
	var deltas []delta
	for _, t := range think {
		deltas = append(deltas, delta{c.o["reasoning_field"], t})
	}
	if n := c.o.i("long_line"); n > 0 {
		c.fault("long_line")
		deltas = append(deltas, delta{field, strings.Repeat("x", n)})
	}
	for _, t := range out {
		deltas = append(deltas, delta{field, t})
	}
	for _, piece := range c.streamed(calls) {
		deltas = append(deltas, delta{"tool_calls", piece})
	}
	// due is when the next token is due, so the time that sending takes is not added to the delay.
	due := time.Now()
	for i := 0; ; i++ {
		at := func(k string) bool { return c.o.i(k) == i }
		switch {
		case at("drop_after"):
			c.fault("drop_after")
			c.flush()
			panic(http.ErrAbortHandler)
		case at("reset_after"):
			c.fault("reset_after")
			time.Sleep(20 * time.Millisecond) // let the data reach the peer
			c.reset()
			return
		case at("end_after"):
			c.fault("end_after")
			if l := c.o["end_line"]; l != "" {
				c.line(l)
			}
			return
		case at("hang_after"):
			c.fault("hang_after")
			<-c.r.Context().Done()
			return
		case at("error_after"):
			c.fault("error_after")
			e := map[string]any{"code": 500, "message": "injected error in the stream", "type": "server_error"}
			if c.o["error_style"] == "field" {
				b, _ := json.Marshal(e)
				for _, l := range []string{"error: " + string(b), "", "data: [DONE]", ""} {
					c.line(l)
				}
				return
			}
			c.event(map[string]any{"error": e})
			return
		case at("malformed_after"):
			c.fault("malformed_after")
			c.line(`data: {"id":"broken","choices":[{"index":0,"del`)
			c.line("")
		}
		if i >= len(deltas) {
			break
		}
		if n := c.o.i("junk_line"); n > 0 && i == 1 {
			c.fault("junk_line")
			for range c.o.i("junk_lines") {
				c.line(strings.Repeat("junk ", n/5+1)[:n])
			}
		}
		if i > 0 {
			due = due.Add(c.tokenDelay())
		}
		if i > 0 && !c.pause(time.Until(due)) || c.r.Context().Err() != nil {
			return
		}
		c.count(1)
		if err := c.event(c.chunk(map[string]any{deltas[i].field: deltas[i].val}, nil, nil)); err != nil {
			return
		}
	}
	c.event(c.chunk(map[string]any{}, finish, nil))
	if c.o.on("open_after") {
		c.fault("open_after")
		c.flush()
		<-c.r.Context().Done()
		return
	}
	if u := c.o["usage"]; u == "always" || u == "asked" && req.StreamOptions != nil &&
		req.StreamOptions.IncludeUsage {
		c.event(c.chunk(nil, nil, usage))
	}
	if c.o["done"] != "0" {
		c.line("data: [DONE]")
		c.line("")
	}
}

func (c *call) count(n int) {
	c.s.mu.Lock()
	c.s.stats.Tokens += n
	c.s.mu.Unlock()
}

func (c *call) tokenDelay() time.Duration {
	tps := c.o.f("tps")
	if tps <= 0 {
		return 0
	}
	d := float64(time.Second) / tps
	return time.Duration(d * (1 + c.o.f("jitter")*(2*c.rnd.Float64()-1)))
}

// pause sleeps, sending comment lines meanwhile if ping is set.
func (c *call) pause(d time.Duration) bool {
	for p := c.o.d("ping"); p > 0 && d > p; d -= p {
		if !c.sleep(p) {
			return false
		}
		c.line(":")
		c.line("")
	}
	return c.sleep(d)
}

func (c *call) chunk(delta map[string]any, finish any, usage any) map[string]any {
	m := map[string]any{"id": c.id, "object": "chat.completion.chunk", "created": time.Now().Unix(),
		"model": c.model, "choices": []any{}}
	if delta != nil {
		m["choices"] = []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}
	}
	if usage != nil {
		m["usage"] = usage
	}
	return m
}

func (c *call) event(v any) error {
	b, _ := json.Marshal(v)
	if e := c.o["event"]; e != "" {
		c.line("event: " + e)
	}
	sp := " "
	if c.o.on("nospace") {
		sp = ""
	}
	c.line("data:" + sp + string(b))
	return c.line("")
}

func (c *call) line(s string) error {
	nl := "\n"
	if c.o.on("crlf") {
		nl = "\r\n"
	}
	if c.o.on("bytewise") {
		for _, b := range []byte(s + nl) {
			if _, err := c.w.Write([]byte{b}); err != nil {
				return err
			}
			c.flush()
		}
		return nil
	}
	_, err := io.WriteString(c.w, s+nl)
	if s == "" {
		c.flush()
	}
	return err
}

func (c *call) flush() {
	if f, ok := c.w.(http.Flusher); ok {
		f.Flush()
	}
}
