package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"weft/flow/show"
	"weft/rag/lazyregexp"
	"weft/rag/llm/dialect"
)

// attempt requests an answer and reads it. If the model refuses a part of the request, it sends the
// request again without that part.
func (c *Client) attempt(ctx context.Context, call *call, d *dialect.Dialect, a *answer, p plan) error {
	forgotten := false
	for {
		err := c.send(ctx, call, d, a, p)
		if err == nil || ctx.Err() != nil || a.out.FirstToken > 0 {
			return err
		}
		r := refused(err, d, a, p)
		why := r.why
		switch {
		case r.trait != "" && d.Learn(r.trait, r.value, r.why):
		case r.forget != "":
			d.Forget(r.forget)
		case isKind(err, Rejected) && !forgotten && d.ForgetRefusals():
			forgotten = true
			why = "it no longer takes what it took: what was learned about it is forgotten"
		default:
			return err
		}
		call.report(show.ModelCall{State: show.CallRetry, Reason: why})
		call.attempt++
		call.events = nil
	}
}

// send sends the request once, as the dialect says, and reads the answer.
func (c *Client) send(ctx context.Context, call *call, d *dialect.Dialect, a *answer, p plan) error {
	body := build(d, a, p)
	if d.Refuses(dialect.Streaming) {
		var raw json.RawMessage
		if err := c.wire.post(ctx, c.cfg.BaseURL+"/chat/completions", body, &raw); err != nil {
			return err
		}
		whole, err := completion(call, raw)
		if err != nil {
			return err
		}
		a.takeRaw(whole)
		if !call.finished && a.out.FirstToken > 0 {
			a.out.Finish, call.finished = "stop", true // the answer came as one JSON object
		}
		return a.finish(nil)
	}
	stream, err := c.api.CreateChatCompletionStream(ctx, body)
	if err != nil {
		if _, ok := errors.AsType[*Error](err); ok || ctx.Err() != nil {
			return err
		}
		return call.fail(Rejected, err.Error(), err) // by go-openai, before anything was sent
	}
	defer stream.Close() // the stream has been read; an error on close does not matter
	return a.read(ctx, stream)
}

// noTools is added to the prompt of a model that calls tools that it was not given.
const noTools = "There are no tools and no functions to call. Answer in text, from what is given here."

// The names of the parameter that limits an answer.
const (
	limitOld  = "max_tokens"
	limitNew  = "max_completion_tokens"
	limitNone = "none" // no limit is sent
)

// build returns the request in a model's dialect.
func build(d *dialect.Dialect, a *answer, p plan) openai.ChatCompletionRequest {
	r := openai.ChatCompletionRequest{Model: a.req.Model, Temperature: float32(a.req.Temperature)}
	if n := d.Number(dialect.MaxOutput); n > 0 && n < p.limit {
		p.limit, a.limit = n, n
	}
	switch d.Value(dialect.LimitName) {
	case limitNew:
		r.MaxCompletionTokens = p.limit
	case limitNone:
	default:
		//lint:ignore SA1019 almost all servers accept max_tokens, few accept max_completion_tokens
		r.MaxTokens = p.limit
	}
	if d.Refuses(dialect.Temperature) {
		r.Temperature = 0 // the library omits 0, so no temperature is sent
	}
	if !d.Refuses(dialect.Stops) {
		r.Stop = a.req.Stop
	}
	if !d.Refuses(dialect.StreamUsage) && !d.Refuses(dialect.Streaming) {
		r.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	if p.low && !d.Refuses(dialect.Effort) {
		r.ReasoningEffort = openai.ReasoningEffortLow
	}
	if p.low && !d.Refuses(dialect.Template) {
		r.ChatTemplateKwargs = map[string]any{"enable_thinking": false}
	}
	instructions := ""
	a.told = d.Value(dialect.Tools) == dialect.Unasked && !a.knowsTools()
	messages := a.req.Messages
	if d.Refuses(dialect.ToolList) {
		messages = asText(messages, a.req.Tools)
	} else {
		messages = asText(messages, nil)
		r.Tools = offered(a.req.Tools)
	}
	for i, m := range messages {
		if a.told && i == 0 { // the instructions, or else the question
			m.Content += "\n\n" + noTools
		}
		if m.Role == show.RoleSystem && d.Refuses(dialect.System) {
			instructions += m.Content + "\n\n"
			continue
		}
		if m.Role == show.RoleUser {
			m.Content, instructions = instructions+m.Content, ""
		}
		r.Messages = append(r.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content,
			ToolCalls: sentCalls(m.Calls), ToolCallID: m.CallID})
	}
	return r
}

// A refusal is the change of a model's dialect that an error response implies.
type refusal struct {
	trait  dialect.Trait // to be learned
	value  string
	forget dialect.Trait // to be forgotten
	why    string
}

var (
	systemRefused = lazyregexp.New(`system.{0,30}(?:role|message|prompt|instruction)|role.{0,40}'?system|` +
		`developer (?:instruction|role|message)|roles must alternate`)
	tooLarge     = lazyregexp.New(`too (?:large|big|high)|at most|maximum|less than|exceed|range|between|<=|≤|greater than|up to`)
	streamOnly   = lazyregexp.New(`only (?:supports?|with) stream|stream.{0,20}(?:must be true|required|only)`)
	streamWord   = lazyregexp.New(`\bstream(?:ing|ed)?\b`)
	messageCount = lazyregexp.New(`\d[\d,_]*`)
)

// refused returns which part of the request an error says that the model does not accept. It
// returns the zero refusal for other errors.
func refused(err error, d *dialect.Dialect, a *answer, p plan) refusal {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return refusal{}
	}
	said := strings.ToLower(e.Message)
	if a.knowsTools() && !d.Refuses(dialect.ToolList) && toolsRefused(e, said) {
		return refusal{trait: dialect.ToolList, value: dialect.Refused,
			why: "the model does not take tools: they are described in the prompt"}
	}
	if e.Kind != Rejected && e.Kind != Unsupported && e.Kind != Failed {
		return refusal{}
	}
	names := func(words ...string) bool { return slices.Contains(words, e.param) || containsAny(said, words) }
	without := func(t dialect.Trait, what string) refusal {
		return refusal{trait: t, value: dialect.Refused, why: "the model does not take " + what}
	}
	switch {
	case errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated):
		return refusal{trait: dialect.LimitName, value: limitNew, why: "the model does not take max_tokens but max_completion_tokens"}
	case errors.Is(err, openai.ErrReasoningModelLimitationsOther), errors.Is(err, openai.ErrReasoningSamplingUnsupported):
		return without(dialect.Temperature, "a temperature")
	case names("max_tokens", "max_completion_tokens", "max_new_tokens", "completion tokens", "output tokens"):
		return limitRefused(said, d, p)
	case names("temperature"):
		return without(dialect.Temperature, "a temperature")
	case names("stream_options", "include_usage"):
		return without(dialect.StreamUsage, "stream_options")
	case names("reasoning_effort", "reasoning effort"):
		return without(dialect.Effort, "reasoning_effort")
	case names("chat_template_kwargs", "enable_thinking"):
		return without(dialect.Template, "chat_template_kwargs")
	case d.Refuses(dialect.Streaming) && streamOnly.MatchString(said):
		return refusal{forget: dialect.Streaming, why: "the model only streams"}
	case !d.Refuses(dialect.Streaming) && (e.param == "stream" || e.Kind != Failed && streamWord.MatchString(said)):
		return without(dialect.Streaming, "requests for a stream")
	case len(a.req.Stop) > 0 && (e.param == "stop" || strings.Contains(said, "'stop'")):
		return without(dialect.Stops, "stop")
	case a.hasSystem() && !d.Refuses(dialect.System) && systemRefused.MatchString(said+" "+e.param):
		return without(dialect.System, "a system message: it is put before the question")
	}
	return refusal{}
}

// limitRefused handles an error about the parameter that limits the answer: its name or its value.
func limitRefused(said string, d *dialect.Dialect, p plan) refusal {
	if tooLarge.MatchString(said) {
		best := 0
		for _, m := range messageCount.FindAllString(said, -1) {
			n, err := strconv.Atoi(strings.NewReplacer(",", "", "_", "").Replace(m))
			if err == nil && n < p.limit && n > best {
				best = n
			}
		}
		if best >= dialect.LeastOutput {
			return refusal{trait: dialect.MaxOutput, value: strconv.Itoa(best),
				why: fmt.Sprintf("the model answers with at most %d tokens", best)}
		}
	}
	name, next := limitOld, limitNew
	switch d.Value(dialect.LimitName) {
	case limitNew:
		name, next = limitNew, limitNone
	case limitNone:
		return refusal{forget: dialect.LimitName, why: "the model wants a limit"}
	}
	what := name
	if next != limitNone {
		what += " but " + next
	}
	return refusal{trait: dialect.LimitName, value: next, why: "the model does not take " + what}
}

func (a *answer) hasSystem() bool {
	return slices.ContainsFunc(a.req.Messages, func(m show.Message) bool { return m.Role == show.RoleSystem })
}

func isKind(err error, kinds ...Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(kinds, e.Kind)
}
