package fakeopenai

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// A quirk is the scripted behaviour of one model, as reported of a public service or gateway. try
// counts the requests for that model, from 1.
type quirk func(try int, r *request) reply

// A reply is a whole response. A zero status means 200. Without a Content-Type in header, the
// response is an event stream.
type reply struct {
	status int
	header map[string]string
	body   string
}

// QuirkAnswer is the answer text of most quirks.
const QuirkAnswer = "Replace the filter every 400 hours [1]."

// Quirks returns the names of the models that have a quirk, sorted.
func Quirks() []string { return slices.Sorted(maps.Keys(quirks())) }

// quirked answers a chat request if its model has a quirk, and reports whether it has.
func (c *call) quirked(req *request) bool {
	q := quirks()[c.model]
	if q == nil {
		return false
	}
	c.s.mu.Lock()
	c.s.tries[c.model]++
	try := c.s.tries[c.model]
	c.s.mu.Unlock()
	r := q(try, req)
	if r.status == 0 {
		r.status = 200
	}
	c.status = r.status
	c.w.Header().Set("Content-Type", "text/event-stream")
	for k, v := range r.header {
		c.w.Header().Set(k, v)
	}
	c.w.WriteHeader(r.status)
	c.w.Write([]byte(r.body))
	return true
}

// object is a JSON object.
type object = map[string]any

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// event returns one event of a stream.
func event(v any) string { return "data: " + toJSON(v) + "\n\n" }

const doneEvent = "data: [DONE]\n\n"

// delta returns the event of one delta. A nil finish is null.
func delta(d object, finish any) string {
	return event(object{"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
		"choices": []any{object{"index": 0, "delta": d, "finish_reason": finish}}})
}

// said returns events that stream a text word by word in a field of the delta.
func said(field, text string) string {
	var b strings.Builder
	for _, word := range strings.SplitAfter(text, " ") {
		b.WriteString(delta(object{field: word}, nil))
	}
	return b.String()
}

func say(text string) string { return said("content", text) }

func finish(reason any) string { return delta(object{}, reason) }

// counted returns the event that reports token counts. more holds further fields.
func counted(prompt, completion any, more object) string {
	u := object{"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": 312}
	maps.Copy(u, more)
	return event(object{"id": "x", "choices": []any{}, "usage": u})
}

// streams returns a quirk that always answers with the same stream.
func streams(parts ...string) quirk {
	body := strings.Join(parts, "")
	return func(int, *request) reply { return reply{body: body} }
}

// answers returns a quirk that streams a text and finishes properly.
func answers(text string) quirk { return streams(say(text), finish("stop"), doneEvent) }

// refuses returns a quirk that always refuses with a status and a body: JSON, or a text as HTML.
func refuses(status int, body any) quirk {
	return func(int, *request) reply { return refusal(status, body, nil) }
}

func refusal(status int, body any, header map[string]string) reply {
	h := map[string]string{"Content-Type": "application/json"}
	text, isText := body.(string)
	if isText {
		h["Content-Type"] = "text/html"
	} else {
		text = toJSON(body)
	}
	maps.Copy(h, header)
	return reply{status, h, text}
}

// once returns a quirk that behaves like bad at the first request and answers properly from then
// on.
func once(bad quirk) quirk {
	return func(try int, r *request) reply {
		if try == 1 {
			return bad(try, r)
		}
		return well(try, r)
	}
}

// unless returns a quirk that refuses the requests to which a condition applies.
func unless(bad func(*request) bool, refuse quirk) quirk {
	return func(try int, r *request) reply {
		if bad(r) {
			return refuse(try, r)
		}
		return well(try, r)
	}
}

func well(int, *request) reply {
	return reply{body: say(QuirkAnswer) + finish("stop") + counted(300, 12, nil) + doneEvent}
}

// wholeReply returns a completion that is one JSON object.
func wholeReply(content any) reply {
	return refusal(200, object{"id": "x", "object": "chat.completion", "model": "m",
		"choices": []any{object{"index": 0, "finish_reason": "stop",
			"message": object{"role": "assistant", "content": content}}},
		"usage": object{"prompt_tokens": 300, "completion_tokens": 12, "total_tokens": 312}}, nil)
}

// failure returns the usual error object; more adds to it.
func failure(text string, more object) object {
	e := object{"message": text}
	maps.Copy(e, more)
	return object{"error": e}
}

// later returns an HTTP date a second from now, in whole seconds.
func later() string { return time.Now().Add(time.Second).UTC().Format(timeFormat) }

const timeFormat = "Mon, 02 Jan 2006 15:04:05 GMT"

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text)) // writing to memory does not fail
	w.Close()
	return b.String()
}

func hasSystem(r *request) bool {
	return slices.ContainsFunc(r.Messages, func(m message) bool { return m.Role == "system" })
}

func (r *request) limit() int { return max(r.MaxTokens, r.MaxCompletionTokens) }
