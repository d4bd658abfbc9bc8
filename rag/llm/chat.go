package llm

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"weft/flow/show"
	"weft/rag/llm/dialect"
)

// A Request is a request to a chat model. Zero fields are taken from the configuration.
type Request struct {
	Messages    []show.Message
	Model       string
	MaxTokens   int
	Temperature float64
	Stop        []string // the answer ends before the first of these
	// Tools are what the model may call. For a model that refuses this
	// field, the prompt describes them, and the model writes its calls in its text.
	Tools []Tool
	// Brief asks a reasoning model to reason little. It is set for decisions, not for answers.
	Brief bool
}

// A Completion is an answer, or the part of it that arrived.
type Completion struct {
	Text string // without the reasoning
	// Reasoning is the text of the reasoning field, or the text between <think> tags or similar
	// markers at the start of the answer.
	Reasoning string
	// Calls are the tools that the model asks to be called, in its order. They are empty unless the
	// request has tools. Name and Arguments are the model's, and unchecked.
	Calls  []show.ToolCall
	Finish string // finish reason: "stop", "length" …; "" if none was seen
	// CutOff says in a few words why the text is incomplete. It is "" if the text is complete.
	CutOff string
	// Degraded is a message for the user, set if the server did not read the whole prompt.
	Degraded   string
	Model      string        // the model that answered, according to the server
	Usage      show.Usage    // tokens
	FirstToken time.Duration // from the call to the first piece
	Took       time.Duration // from the call to the end
}

// Chat requests an answer and passes its pieces to onDelta (which may be nil) as they arrive, in
// the calling goroutine.
//
// If the model refuses a part of the protocol, Chat repeats the request without that part. If the
// model spends all its tokens on reasoning, Chat repeats the request with a higher limit or asks
// for less reasoning. Each repetition is reported to the observer, and its cause is recorded in the
// model's dialect.
//
// The error is nil if and only if the server marked the answer as finished. Text that arrived
// before an error is in the Completion, with the reason in CutOff. A finished answer can be cut off
// too: by its token limit, by a filter, or by a piece that could not be parsed. Errors are an
// [*Error], or the context's.
func (c *Client) Chat(ctx context.Context, req Request, onDelta func(show.Delta)) (Completion, error) {
	fill(&req.Model, c.cfg.Model)
	cfg := c.configOf(req.Model)
	fill(&req.MaxTokens, cfg.MaxTokens)
	fill(&req.Temperature, cfg.Temperature)
	if onDelta == nil {
		onDelta = func(show.Delta) {}
	}
	d := c.Dialect(req.Model)
	room := cfg.Context - estimatePrompt(d, req.Messages)
	next := plan{limit: req.MaxTokens, low: req.Brief && d.Value(dialect.Reasoning) != ""}
	// The tokens for reasoning are added to those for the answer.
	next.limit = max(next.limit, min(next.limit+thinkingRoom(d), room))
	ctx, call := c.wire.begin(ctx, show.OperationChat, req.Model, cfg.BaseURL)
	for {
		a := newAnswer(call, req, next.limit, d, onDelta)
		err := c.attempt(ctx, call, d, a, next)
		out := a.complete(err)
		c.learn(d, a, next, err)
		again, why := next.after(a, err, room, cfg.guessed)
		if why == "" || ctx.Err() != nil {
			call.end(err, a.report(cfg.Prices))
			return out, err
		}
		call.report(show.ModelCall{State: show.CallRetry, Reason: why})
		call.attempt++
		call.finished, call.events = false, nil
		next = again
	}
}

// thinkingRoom returns how many tokens to allow for a model's reasoning: half more than the most
// that it has used so far, 0 if it is not known to reason.
func thinkingRoom(d *dialect.Dialect) int { return d.Number(dialect.Reasoning) * 3 / 2 }

// A plan holds the parameters of a request for an answer that vary between repetitions.
type plan struct {
	limit   int  // tokens, reasoning included
	low     bool // ask for little reasoning
	repeats int  // requests before this one that gave no text
}

// mostRepeats limits how often a request is repeated because the model returned no text.
const mostRepeats = 2

// after returns the plan for repeating a request, and the reason. why is "" if there is an answer,
// or if a repetition would not help. room is the number of tokens of the context that are left for
// an answer; if it is only guessed, the last repetition exceeds it.
func (p plan) after(a *answer, err error, room int, guessed bool) (next plan, why string) {
	next = p
	next.repeats++
	if a.out.Text != "" || len(a.out.Calls) > 0 || p.repeats >= mostRepeats {
		return p, ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Kind == Dropped && e.Attempts == 0 && a.out.Reasoning == "" && p.repeats == 0 {
			return next, e.short()
		}
		return p, ""
	}
	if err == nil && endOf(a.out.Finish) == endTool && !a.told && !a.knowsTools() && a.dialect.Learn(dialect.Tools, dialect.Unasked, "it called a tool, and there are none") {
		return next, a.out.CutOff + ": it is told so"
	}
	if err != nil || endOf(a.out.Finish) != endComplete && endOf(a.out.Finish) != endLimit {
		return p, ""
	}
	thought := a.out.Reasoning != "" || a.out.Usage.ReasoningTokens > 0
	switch more := min(4*p.limit, room); {
	case thought && endOf(a.out.Finish) == endLimit && more > p.limit*5/4:
		next.limit = more
		return next, fmt.Sprintf("%s: it gets %d", a.out.CutOff, more)
	case thought && !p.low:
		next.low = true
		if guessed {
			next.limit = 4 * p.limit
		}
		return next, a.out.CutOff + ": it is asked to reason less"
	case !thought && p.repeats == 0:
		return next, a.out.CutOff
	}
	return p, ""
}

// learn records in the dialect what a reply shows about its model.
func (c *Client) learn(d *dialect.Dialect, a *answer, p plan, err error) {
	u := a.out.Usage
	switch e, ok := errors.AsType[*Error](err); {
	case ok && e.Kind == TooLong:
		c.learnContext(d, a, e)
	case err != nil:
		return
	case a.out.Degraded != "":
		// If a prompt fits into the learned context and was still truncated, the learned context is
		// wrong.
		if known := d.Number(dialect.Context); known > 0 && known < c.cfg.Context {
			d.Forget(dialect.Context)
			d.Learn(dialect.Counting, "unreliable", "it counts fewer tokens than a short prompt has words")
		} else if n := u.PromptTokens + u.CompletionTokens; n >= 2*dialect.LeastContext {
			d.Learn(dialect.Context, strconv.Itoa(n), fmt.Sprintf("it read only %d tokens of a longer prompt", u.PromptTokens))
		}
	default:
		total := u.PromptTokens + u.CompletionTokens
		if n := d.Number(dialect.Context); n > 0 && !u.Estimated && total > n {
			d.Forget(dialect.Context)
		}
		if asked := c.configOf(a.req.Model).Context; c.cfg.guessed && !u.Estimated && total > asked {
			d.Learn(dialect.Context, strconv.Itoa(total*5/4), fmt.Sprintf("it used %d tokens at once", total))
		}
		switch counts := d.Value(dialect.Counting); {
		case a.usage != nil && counts == "":
			a.observe(u.PromptTokens)
		case a.usage != nil && u.PromptTokens >= a.leastTokens():
			d.Doubt(dialect.Counting, enoughDoubts)
		case a.usage != nil:
			d.Trust(dialect.Counting)
		}
		c.doubt(d, a, p)
	}
	spent := u.ReasoningTokens
	if a.usage != nil && a.out.Text == "" && a.out.Reasoning != "" {
		spent = u.CompletionTokens
	}
	switch known := d.Number(dialect.Reasoning); {
	case spent > known:
		d.Learn(dialect.Reasoning, strconv.Itoa(spent), "so many tokens were spent on reasoning")
	case err == nil && spent == 0 && known > 0 && a.out.Text != "" && !a.req.Brief:
		d.Forget(dialect.Reasoning)
	}
	if a.think.state == inDoubt && err == nil && endOf(a.out.Finish) == endComplete && a.out.Text != "" {
		d.Learn(dialect.Unopened, noTag, "an answer that began as reasoning does had no tag")
	}
}

// enoughDoubts is how often a fact must have been in the way before what it concerns is tried again.
const enoughDoubts = 3

// doubt records what a finished reply shows against the facts that shaped its request.
func (c *Client) doubt(d *dialect.Dialect, a *answer, p plan) {
	end := endOf(a.out.Finish)
	if end == endTool && a.told {
		d.Forget(dialect.Tools) // telling the model did not help
	}
	if most := d.Number(dialect.MaxOutput); most > 0 && a.out.Usage.CompletionTokens > most && !a.out.Usage.Estimated {
		d.Forget(dialect.MaxOutput)
	} else if end == endLimit && a.limit == most {
		d.Doubt(dialect.MaxOutput, enoughDoubts)
	}
	if p.low && a.out.Reasoning != "" && end == endLimit {
		d.Doubt(dialect.Effort, enoughDoubts)
		d.Doubt(dialect.Template, enoughDoubts)
	}
}

// learnContext learns from the error for a prompt that was too long: the context, if the server
// names it, and how it counts tokens. A context that is not smaller than the assumed one is
// ignored, because it does not explain the error.
func (c *Client) learnContext(d *dialect.Dialect, a *answer, e *Error) {
	a.observe(e.Prompt)
	asked := c.configOf(a.req.Model).Context
	if e.Context > 0 && e.Context < asked {
		d.Learn(dialect.Context, strconv.Itoa(e.Context), "it said so when a prompt was too long")
	}
}

// observe corrects the token estimate by the number of tokens that the server counted in the
// prompt.
func (a *answer) observe(tokens int) {
	words, bytes := 0, 0
	for _, m := range a.req.Messages {
		words += tokensAtLeast(m.Content)
		bytes += len(m.Content)
	}
	if tokens >= words {
		a.dialect.Observe(unitsOf(a.req.Messages), tokens, bytes)
	}
}
