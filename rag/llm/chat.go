package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"weft/flow/show"
)

// A Request is a request to a chat model. Zero fields are taken from the configuration.
type Request struct {
	Messages    []show.Message
	Model       string
	MaxTokens   int
	Temperature float64
	Stop        []string // the answer ends before the first of these
}

// A Completion is an answer, or the part of it that arrived.
type Completion struct {
	Text string // without the reasoning
	// Reasoning is the text of the reasoning field, or of <think>…</think> at the start of the
	// answer.
	Reasoning string
	Finish    string // finish reason: "stop", "length" …; "" if none was seen
	// CutOff says in a few words why the text is incomplete. It is "" if the text is complete.
	CutOff string
	// Degraded is set if the server did not read the whole prompt. It is meant for the person.
	Degraded   string
	Model      string        // the model that answered, according to the server
	Usage      show.Usage    // tokens
	FirstToken time.Duration // from the call to the first piece
	Took       time.Duration // from the call to the end
}

// Chat requests an answer and passes its pieces to onDelta (which may be nil) as they arrive, in
// the calling goroutine.
//
// The error is nil if and only if the server marked the answer as finished. Whatever arrived before
// an error is in the Completion, with the reason in CutOff. A finished answer can be cut off too:
// by its token limit, by a filter, or by a piece that could not be parsed. Errors are an [*Error],
// or the context's.
func (c *Client) Chat(ctx context.Context, req Request, onDelta func(show.Delta)) (Completion, error) {
	fill(&req.Model, c.cfg.Model)
	fill(&req.MaxTokens, c.Config().MaxTokens)
	fill(&req.Temperature, c.cfg.Temperature)
	if onDelta == nil {
		onDelta = func(show.Delta) {}
	}
	ctx, call := c.wire.begin(ctx, "chat", req.Model, c.cfg.BaseURL)
	a := &answer{call: call, req: req, onDelta: onDelta}
	stream, err := c.open(ctx, call, req)
	if err == nil {
		err = a.read(ctx, stream)
		stream.Close() // the connection is done with; the error has no meaning
	}
	out, err := a.complete(err, c.cfg.Prices)
	switch e, ok := errors.AsType[*Error](err); {
	case ok && e.Kind == TooLong && e.Context > 0:
		c.learnedContext.Store(int64(e.Context))
	case out.Degraded != "":
		c.learnedContext.Store(int64(out.Usage.PromptTokens + out.Usage.CompletionTokens))
	}
	return out, err
}

// open sends the request. If the model rejects a parameter, it sends the request again without it.
func (c *Client) open(ctx context.Context, call *call, req Request) (*openai.ChatCompletionStream, error) {
	for {
		var s shape
		if v, ok := c.shapes.Load(req.Model); ok {
			s = v.(shape)
		}
		stream, err := c.api.CreateChatCompletionStream(ctx, s.request(req))
		if err == nil {
			return stream, nil
		}
		next, lacks := s.without(err)
		if next == s {
			if e, ok := errors.AsType[*Error](err); ok {
				return nil, e
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, call.fail(Rejected, err.Error(), err)
		}
		c.shapes.Store(req.Model, next)
		call.report(show.ModelCall{State: show.CallRetry, Reason: "the model does not take " + lacks})
		call.attempt++
	}
}

// A shape records which parameters a model rejects. Nearly all models accept those of the zero
// shape; reasoning models of hosted services do not.
type shape struct{ newLimit, noTemperature, noUsage bool }

func (s shape) request(req Request) openai.ChatCompletionRequest {
	r := openai.ChatCompletionRequest{Model: req.Model, Stop: req.Stop,
		Temperature: float32(req.Temperature)}
	//lint:ignore SA1019 all servers but the newest hosted models know this limit, few the other one
	r.MaxTokens = req.MaxTokens
	for _, m := range req.Messages {
		r.Messages = append(r.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content})
	}
	if s.newLimit {
		//lint:ignore SA1019 see above
		r.MaxTokens, r.MaxCompletionTokens = 0, req.MaxTokens
	}
	if s.noTemperature {
		r.Temperature = 0 // the library leaves it out
	}
	if !s.noUsage {
		r.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	return r
}

// without returns the shape that avoids the rejected parameter, and a description of that
// parameter. If the error has another cause, it returns s and "".
func (s shape) without(err error) (next shape, lacks string) {
	said := ""
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Rejected {
		said = e.Message
	}
	switch {
	case !s.newLimit && (errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated) ||
		strings.Contains(said, "max_tokens")):
		s.newLimit = true
		return s, "max_tokens but max_completion_tokens"
	case !s.noTemperature && (errors.Is(err, openai.ErrReasoningModelLimitationsOther) ||
		errors.Is(err, openai.ErrReasoningSamplingUnsupported) || strings.Contains(said, "temperature")):
		s.noTemperature = true
		return s, "a temperature"
	case !s.noUsage && strings.Contains(said, "stream_options"):
		s.noUsage = true
		return s, "stream_options"
	}
	return s, ""
}

// A chunk is one event of a stream, with the fields of the various servers.
type chunk struct {
	Model   string `json:"model"`
	Choices []struct {
		Delta struct {
			Content          string `json:"content"`
			Reasoning        string `json:"reasoning"`         // Ollama, vLLM, OpenRouter
			ReasoningContent string `json:"reasoning_content"` // llama.cpp, DeepSeek
			Refusal          string `json:"refusal"`
		} `json:"delta"`
		Finish string `json:"finish_reason"`
	} `json:"choices"`
	Usage *openai.Usage `json:"usage"`
}

// An answer collects the pieces of a stream.
type answer struct {
	call    *call
	req     Request
	onDelta func(show.Delta)

	think           thinkSplitter
	text, reasoning strings.Builder
	out             Completion
	usage           *openai.Usage
	pieces          int
	broken          int // number of unreadable events
}

// read reads the stream to its end. It stops early if the context ends, even if more data is
// buffered. The error is nil if a finish reason was seen.
func (a *answer) read(ctx context.Context, stream *openai.ChatCompletionStream) error {
	var err error
	for err == nil {
		var raw []byte
		if raw, err = stream.RecvRaw(); err != nil {
			break
		}
		if err = ctx.Err(); err != nil {
			break
		}
		var k chunk
		// A field of an unexpected type leaves the others readable.
		if err := json.Unmarshal(raw, &k); err != nil && !isTypeError(err) {
			a.broken++
			continue
		}
		a.take(k)
	}
	a.emit(a.think.end())
	if a.call.finished {
		return nil
	}
	if err == io.EOF {
		return a.call.fail(Dropped, a.ending(), nil)
	}
	return err
}

func isTypeError(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

func (a *answer) take(k chunk) {
	if k.Model != "" {
		a.out.Model = k.Model
	}
	if k.Usage != nil && k.Usage.TotalTokens > 0 {
		a.usage = k.Usage
	}
	if len(k.Choices) == 0 {
		return
	}
	c := k.Choices[0]
	text, reasoning := a.think.add(c.Delta.Content + c.Delta.Refusal)
	if c.Delta.ReasoningContent != "" {
		reasoning += c.Delta.ReasoningContent
	} else {
		reasoning += c.Delta.Reasoning
	}
	a.emit(text, reasoning)
	if c.Finish != "" {
		a.out.Finish, a.call.finished = c.Finish, true
	}
}

// emit passes a piece to onDelta.
func (a *answer) emit(text, reasoning string) {
	if text == "" && reasoning == "" {
		return
	}
	if a.out.FirstToken == 0 {
		a.out.FirstToken = max(time.Since(a.call.begun), 1)
		a.call.report(show.ModelCall{State: show.CallFirstToken})
	}
	a.pieces++
	a.text.WriteString(text)
	a.reasoning.WriteString(reasoning)
	a.onDelta(show.Delta{Text: text, Reasoning: reasoning})
}

// ending describes how an unfinished stream ended.
func (a *answer) ending() string {
	switch {
	case a.call.events.lastBad != "":
		return "the server said " + fmt.Sprintf("%q", a.call.events.lastBad)
	case a.call.events.any:
		return "the stream ended without a finish reason"
	}
	return "the stream was empty"
}

// complete computes the token usage and the reason for a cut-off, and reports the end of the call.
func (a *answer) complete(err error, prices Prices) (Completion, error) {
	out := &a.out
	out.Text, out.Reasoning = a.text.String(), a.reasoning.String()
	out.Took = time.Since(a.call.begun)
	out.Usage = a.count()
	out.CutOff = a.cutOff(err)
	out.Degraded = a.unread()
	m := show.ModelCall{
		PromptTokens: out.Usage.PromptTokens, CompletionTokens: out.Usage.CompletionTokens,
		ReasoningTokens: out.Usage.ReasoningTokens,
		Estimated:       out.Usage.Estimated, Finish: out.Finish,
		Reason: strings.Join(nonEmpty(out.CutOff, out.Degraded), "; "),
	}
	// An answer that came in one piece has no rate.
	if d := out.Took - out.FirstToken; a.pieces > 1 && d > 0 {
		m.Rate = float64(out.Usage.CompletionTokens) / d.Seconds()
	}
	if cost, known := prices.Cost(out.Usage); known {
		m.Cost, m.Currency = cost, prices.Currency
	}
	a.call.end(err, m)
	return *out, err
}

// count returns the server's token counts, or an estimate if it sent none.
func (a *answer) count() show.Usage {
	if a.usage == nil {
		if a.out.FirstToken == 0 && !a.call.finished {
			return show.Usage{} // without an answer it is unknown whether the prompt was read
		}
		r := Tokens(a.out.Reasoning)
		return show.Usage{PromptTokens: PromptTokens(a.req.Messages),
			CompletionTokens: Tokens(a.out.Text) + r, ReasoningTokens: r, Estimated: true}
	}
	u := show.Usage{PromptTokens: a.usage.PromptTokens, CompletionTokens: a.usage.CompletionTokens}
	if d := a.usage.CompletionTokensDetails; d != nil {
		u.ReasoningTokens = d.ReasoningTokens
	}
	if u.ReasoningTokens == 0 && a.out.Reasoning != "" {
		u.ReasoningTokens = min(Tokens(a.out.Reasoning), u.CompletionTokens)
	}
	return u
}

// cutOff says why the text is incomplete, or returns "".
func (a *answer) cutOff(err error) string {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.short()
	case errors.Is(err, context.DeadlineExceeded):
		return "the time was up"
	case err != nil:
		return "it was cancelled"
	}
	switch a.out.Finish {
	case "stop", "eos", "eos_token", "stop_sequence", "end_turn":
		switch {
		case a.broken > 0:
			return fmt.Sprintf("pieces of the stream could not be read and are missing: %d", a.broken)
		case a.out.Text == "" && a.out.Reasoning != "":
			return "the model reasoned but gave no answer"
		case a.out.Text == "":
			return "the model gave an empty answer"
		}
		return ""
	case "length":
		if a.out.Text == "" && a.out.Reasoning != "" {
			return fmt.Sprintf("the limit of %d tokens was reached while the model was still reasoning", a.req.MaxTokens)
		}
		return fmt.Sprintf("the limit of %d tokens, or the model's context, was reached", a.req.MaxTokens)
	case "content_filter":
		return "the provider's filter stopped it"
	case "tool_calls", "function_call":
		return "the model asked for a tool, and there are none"
	}
	return fmt.Sprintf("the server ended it: %q", oneLine(a.out.Finish))
}

// unread detects a prompt that the server truncated silently: it counts fewer tokens than the
// prompt has words.
func (a *answer) unread() string {
	if a.usage == nil || a.usage.PromptTokens == 0 {
		return ""
	}
	least := 0
	for _, m := range a.req.Messages {
		least += tokensAtLeast(m.Content)
	}
	if a.usage.PromptTokens >= least {
		return ""
	}
	return fmt.Sprintf("the server read only %d of at least %d tokens of the prompt: its context is smaller than configured", a.usage.PromptTokens, least)
}

func nonEmpty(ss ...string) (out []string) {
	for _, s := range ss {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
