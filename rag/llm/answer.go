package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"weft/flow/show"
	"weft/rag/llm/dialect"
)

// An answer collects the pieces of one reply.
type answer struct {
	call    *call
	req     Request
	limit   int  // tokens that were asked for, reasoning included
	told    bool // the request says that there are no tools
	dialect *dialect.Dialect
	onDelta func(show.Delta)

	think           thinkSplitter
	half            string // first half of a split UTF-16 pair, see joined
	text, reasoning strings.Builder
	calls           callAssembler
	checked         int // length of the text when it was last checked for repetition
	out             Completion
	usage           *tokenCounts
	pieces          int
	broken          int // number of unreadable events
}

func newAnswer(c *call, req Request, limit int, d *dialect.Dialect, onDelta func(show.Delta)) *answer {
	a := &answer{call: c, req: req, limit: limit, dialect: d, onDelta: onDelta}
	a.think.unopened = d.Value(dialect.Unopened)
	return a
}

// read reads the stream to its end. It stops early if the context ends, even if more data is
// buffered, and if the model only repeats itself. The error is nil if the server marked the answer
// as finished, by a finish reason or by the end of the protocol's stream.
func (a *answer) read(ctx context.Context, stream *openai.ChatCompletionStream) error {
	var err error
	for err == nil && a.out.CutOff == "" {
		var raw []byte
		if raw, err = stream.RecvRaw(); err != nil {
			break
		}
		if err = ctx.Err(); err != nil {
			break
		}
		a.takeRaw(raw)
	}
	return a.finish(err)
}

// finish ends the collection of pieces.
func (a *answer) finish(err error) error {
	if a.call.events != nil && a.call.events.done && a.out.Finish == "" {
		a.out.Finish, a.call.finished = "stop", true
	}
	text, reasoning, undo, misread := a.think.end(a.call.finished && endOf(a.out.Finish) == endComplete)
	a.emit(text, reasoning, undo)
	if misread {
		all := a.reasoning.String()
		a.reasoning.Reset()
		a.text.WriteString(all)
		a.onDelta(show.Delta{Text: all})
		a.dialect.Forget(dialect.Unopened)
	} else if a.think.orphan != "" {
		a.dialect.Learn(dialect.Unopened, a.think.orphan, "an answer had this tag without an opening one")
	}
	a.endCalls()
	if a.call.finished || a.out.CutOff != "" {
		return nil
	}
	if err == io.EOF {
		return a.call.fail(Dropped, a.ending(), nil)
	}
	return err
}

// takeRaw processes one event of a stream, or a whole completion.
func (a *answer) takeRaw(raw []byte) {
	var k chunk
	// A field of an unexpected type is skipped; the other fields are decoded.
	if err := json.Unmarshal(raw, &k); err != nil && !isTypeError(err) {
		a.broken++
		return
	}
	a.take(k)
}

func isTypeError(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

func (a *answer) take(k chunk) {
	if k.Model != "" {
		a.out.Model = k.Model
	}
	for _, u := range []*tokenCounts{k.Usage, k.Groq.Usage} {
		if u != nil && u.prompt() > 0 {
			a.usage = u
		}
	}
	if len(k.Choices) == 0 {
		return
	}
	c := k.Choices[0]
	for _, p := range []piece{c.Delta, c.Message} {
		text, beside := contents(a.joined(p.Content))
		refusal, _ := contents(p.Refusal)
		text, reasoning, undo := a.think.add(text + refusal)
		for _, raw := range []json.RawMessage{p.ReasoningContent, p.Reasoning, p.Thinking} {
			if beside != "" {
				break // servers repeat the same reasoning under two names
			}
			t, r := contents(raw)
			beside = t + r
		}
		a.emit(text, reasoning+beside, undo)
		a.takeCalls(p)
	}
	if c.Text != "" {
		a.emit(a.think.add(string(c.Text)))
	}
	if c.Finish != "" {
		a.out.Finish, a.call.finished = string(c.Finish), true
	}
}

// emit passes a piece to onDelta. restart says that all text so far was reasoning.
func (a *answer) emit(text, reasoning string, restart bool) {
	if restart = restart && a.text.Len() > 0; restart {
		so := a.text.String()
		a.text.Reset()
		a.reasoning.WriteString(so)
		a.checked = 0
	}
	if text == "" && reasoning == "" && !restart {
		return
	}
	a.arrived()
	a.text.WriteString(text)
	a.reasoning.WriteString(reasoning)
	a.onDelta(show.Delta{Restart: restart, Text: text, Reasoning: reasoning})
	if n := a.text.Len(); n-a.checked >= checkEvery {
		a.checked = n
		if repeats(a.text.String()) {
			a.out.CutOff = "the model only repeated itself"
		}
	}
}

// arrived counts a piece, and reports the first one.
func (a *answer) arrived() {
	if a.out.FirstToken == 0 {
		a.out.FirstToken = max(time.Since(a.call.begun), 1)
		a.call.report(show.ModelCall{State: show.CallFirstToken})
	}
	a.pieces++
}

// How a text is checked for repetition: its end, of repeatedLength bytes, after each checkEvery
// bytes, for a period of at most longestPeriod bytes.
const (
	checkEvery     = 4096
	repeatedLength = 3000
	longestPeriod  = 300
)

// repeats reports whether a text ends with one short passage over and over. A model in such a loop
// does not leave it, and some servers do not stop it at the token limit.
func repeats(text string) bool {
	end := text[max(0, len(text)-repeatedLength):]
	if len(end) < repeatedLength {
		return false
	}
	for period := 1; period <= longestPeriod; period++ {
		if end[period:] == end[:len(end)-period] {
			return true
		}
	}
	return false
}

// ending describes how an unfinished stream ended.
func (a *answer) ending() string {
	switch e := a.call.events; {
	case e == nil:
		return "the answer has no finish reason"
	case e.lastBad != "":
		return "the server said " + strconv.Quote(e.lastBad)
	case e.any:
		return "the stream ended without a finish reason"
	}
	return "the stream was empty"
}

// complete computes the token usage and the reason for a cut-off.
func (a *answer) complete(err error) Completion {
	out := &a.out
	out.Text, out.Reasoning = a.text.String(), a.reasoning.String()
	out.Took = time.Since(a.call.begun)
	out.Usage = a.count()
	if out.CutOff == "" {
		out.CutOff = a.cutOff(err)
	}
	out.Degraded = a.unread()
	return *out
}

// report returns the observation of the end of a call.
func (a *answer) report(prices Prices) show.ModelCall {
	out := a.out
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
	return m
}

// count returns the server's token counts, or an estimate if it sent none.
func (a *answer) count() show.Usage {
	if a.usage == nil {
		if a.out.FirstToken == 0 && !a.call.finished {
			return show.Usage{} // without an answer it is unknown whether the prompt was read
		}
		r := estimate(a.dialect, a.out.Reasoning)
		said := show.Message{Content: a.out.Text, Calls: a.out.Calls}
		return show.Usage{PromptTokens: estimatePrompt(a.dialect, a.req.Messages),
			CompletionTokens: estimate(a.dialect, textOf(said)) + r, ReasoningTokens: r, Estimated: true}
	}
	u := show.Usage{PromptTokens: a.usage.prompt(), CompletionTokens: a.usage.completion(),
		ReasoningTokens: int(a.usage.CompletionDetails.Reasoning)}
	if u.ReasoningTokens == 0 && a.out.Reasoning != "" {
		u.ReasoningTokens = min(estimate(a.dialect, a.out.Reasoning), u.CompletionTokens)
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
	switch endOf(a.out.Finish) {
	case endLimit:
		if a.out.Text == "" && a.out.Reasoning != "" {
			return fmt.Sprintf("the limit of %d tokens was reached while the model was still reasoning", a.limit)
		}
		return fmt.Sprintf("the limit of %d tokens, or the model's context, was reached", a.limit)
	case endFilter:
		return "the provider's filter stopped it"
	case endTool:
		if len(a.out.Calls) == 0 && len(a.req.Tools) > 0 {
			return "the model asked for a tool and did not say for which"
		}
		if len(a.req.Tools) == 0 {
			return "the model asked for a tool, and there are none"
		}
	case endFailure:
		return fmt.Sprintf("the server ended it: %q", oneLine(a.out.Finish))
	}
	switch {
	case a.broken > 0:
		return fmt.Sprintf("pieces of the stream could not be read and are missing: %d", a.broken)
	case len(a.out.Calls) > 0:
	case a.out.Text == "" && a.out.Reasoning != "":
		return "the model reasoned but gave no answer"
	case a.out.Text == "":
		return "the model gave an empty answer"
	}
	return ""
}

// An end is how an answer ended, according to its finish reason.
type end int

const (
	endComplete end = iota
	endLimit
	endFilter
	endTool
	endFailure
)

// endOf classifies a finish reason. Servers invent their own; a reason without a word for a limit,
// a filter, a tool or a failure counts as complete.
func endOf(finish string) end {
	f := strings.ToLower(finish)
	switch {
	case f == "stop", f == "":
		return endComplete
	case containsAny(f, []string{"length", "max", "limit", "truncat"}):
		return endLimit
	case containsAny(f, []string{"filter", "safety", "recitation", "blocklist", "prohibited", "spii", "moderation"}):
		return endFilter
	case containsAny(f, []string{"tool", "function"}):
		return endTool
	case containsAny(f, []string{"error", "abort", "cancel", "fail", "insufficient", "interrupt"}):
		return endFailure
	}
	return endComplete
}

// unread detects a prompt that the server truncated silently: the server counts fewer tokens than
// the prompt has words. A count below the smallest context of any model means something else, such
// as the uncached part of the prompt.
func (a *answer) unread() string {
	if a.usage == nil || a.dialect.Value(dialect.Counting) != "" {
		return ""
	}
	least, read := a.leastTokens(), a.usage.prompt()
	if read >= least || read < dialect.LeastContext {
		return ""
	}
	return fmt.Sprintf("the server read only %d of at least %d tokens of the prompt: its context is smaller than configured", read, least)
}

// leastTokens returns a lower bound of the tokens of the prompt.
func (a *answer) leastTokens() (n int) {
	for _, m := range a.req.Messages {
		n += tokensAtLeast(m.Content)
	}
	return n
}

func nonEmpty(ss ...string) (out []string) {
	for _, s := range ss {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
