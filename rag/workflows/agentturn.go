package workflows

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// Limits are the budgets of the workflow agent for one question. A zero field means its default.
type Limits struct {
	Rounds int // turns with tools; 8
	Calls  int // calls of tools; 24
	Tokens int // prompts and replies together; 0: no limit
	// Time limits the turns and the tools together; 0: no limit. A turn or a call that is still
	// under way at the limit is ended. The model's last reply, without tools, may take half as long
	// again. Time spent waiting for the user does not count.
	Time time.Duration
}

// The default budgets.
const (
	DefaultRounds = 8
	DefaultCalls  = 24
)

func (l Limits) withDefaults() Limits {
	if l.Rounds == 0 {
		l.Rounds = DefaultRounds
	}
	if l.Calls == 0 {
		l.Calls = DefaultCalls
	}
	return l
}

// exceeded says which budget is used up; "" if none is.
func (l Limits) exceeded(used ledger) string {
	tokens, calls, spent := used.spent()
	switch {
	case len(used.Rounds) >= l.Rounds:
		return fmt.Sprintf("the budget of %d rounds is used up", l.Rounds)
	case calls >= l.Calls:
		return fmt.Sprintf("the budget of %d calls is used up", l.Calls)
	case l.Tokens > 0 && tokens >= l.Tokens:
		return fmt.Sprintf("the budget of %d tokens is used up", l.Tokens)
	case l.Time > 0 && spent >= l.Time:
		return l.late().Error()
	}
	return ""
}

// late is the error of a turn or a call that was ended because the time is used up.
func (l Limits) late() error { return fmt.Errorf("the budget of %s is used up", l.Time) }

// timer returns a timer with a share of the time that is left.
func (l Limits) timer(used ledger, share func(left time.Duration) time.Duration) *answer.Timer {
	t := &answer.Timer{Late: l.late()}
	if l.Time > 0 {
		_, _, spent := used.spent()
		t.Limit = max(share(l.Time-spent), 1) // 0 would be no limit
	}
	return t
}

// timer returns the timer of one call. If a turn has more calls than can be made at once, they share
// the time that is left.
func (w agent) timer(ctx *flow.Context, c Call) *answer.Timer {
	l := flow.State[ledger](ctx)
	together := 1
	if n := c.Round - 1; n < len(l.Rounds) {
		together = max(1, (len(l.Rounds[n].Calls)+toolWorkers-1)/toolWorkers)
	}
	return w.Limits.timer(l, func(left time.Duration) time.Duration { return left / time.Duration(together) })
}

// Messages to the model in the conversation, apart from results.
const (
	remindTools = "You have not looked into the documents yet, so there is nothing to cite. Call a tool first."
	answerNow   = "There are no more calls of tools: %s. Answer now from what you have read, with citations. If it has only a part of the answer, say what is missing."
)

// turn asks the model what to do next. Only its end changes the ledger, so a turn that is repeated
// after a restart counts once.
func (w agent) turn(ctx *flow.Context, t Think) (Move, error) {
	l := flow.State[ledger](ctx)
	l.Rounds = l.Rounds[:min(t.Round-1, len(l.Rounds))] // this turn may have been cut off before
	ask := answer.Turn{Question: question(ctx), Read: l.Read, Messages: func(tokens int, count llm.Counter) []show.Message {
		return l.messages(tokens, count, t.Last)
	}}
	if t.Last == "" {
		ask.Tools = w.tools.offered(ctx)
	}
	if err := w.inject(ctx, Writer); err != nil {
		return nil, err
	}
	ask.Timer = w.Limits.timer(l, func(left time.Duration) time.Duration {
		if t.Last != "" {
			return max(left, w.Limits.Time/2)
		}
		return left
	})
	done, err := w.inConversation(ctx).Turn(ctx, ask)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if ask.Timer.Ended && len(l.calls()) == 0 {
		if done.Text != "" { // the text is based on nothing that was read
			ctx.Emit(show.Delta{Restart: true})
		}
		scope, _ := flow.Get[[]string](ctx, "scope")
		found, err := w.byKeyword(ctx, Asked{Question: ask.Question, Scope: scope})
		return Drafted{Error: ask.Timer.Late.Error(), Found: found}, err
	}
	if err != nil {
		return w.failed(ctx, t, l, err)
	}
	r := round{Text: done.Text, Before: len(l.Read), Tokens: done.Usage.PromptTokens + done.Usage.CompletionTokens,
		SpentMS: ask.Timer.Spent.Milliseconds()}
	move := w.decide(ctx, t, l, done, &r)
	return move, flow.Update(ctx, func(l *ledger) error {
		l.Rounds = append(l.Rounds[:min(t.Round-1, len(l.Rounds))], r)
		return nil
	})
}

// decide returns what follows from a reply, and completes the record of its round.
func (w agent) decide(ctx *flow.Context, t Think, l ledger, done llm.Completion, r *round) Move {
	next := Think{Round: t.Round + 1}
	if len(done.Calls) == 0 || t.Last != "" {
		if len(l.calls()) > 0 {
			return Drafted{Reply: done, Last: t.Last}
		}
		// The text is based on nothing that was read.
		if done.Text != "" {
			ctx.Emit(show.Delta{Restart: true})
		}
		if l.reminded() {
			return w.unaided(ctx, "the model called no tools")
		}
		r.Remind = true
		return next
	}
	calls, repeats := w.tools.resolve(ctx, t.Round, done.Calls, l)
	if repeats == len(done.Calls) {
		r.Text = "" // a repeated reply is not part of the conversation
		next.Last = "the model asked for the same again"
		return next
	}
	r.Calls = done.Calls
	for i := range r.Calls { // models number the calls of each reply from one again
		r.Calls[i].ID = fmt.Sprintf("call%02d%03d", t.Round, i+1)
	}
	_, made, _ := l.spent()
	if left := max(1, w.Limits.withDefaults().Calls-made); len(calls) > left {
		calls = calls[:left]
	}
	return Calls{Round: t.Round, Calls: calls}
}

// failed handles a turn without a reply: what was read is quoted, or, if nothing was, the question
// is answered without tools. An error that the user must fix is returned.
func (w agent) failed(ctx *flow.Context, t Think, l ledger, err error) (Move, error) {
	_, broke := errors.AsType[*answer.BudgetError](err)
	switch {
	case broke && len(l.Read) > 0:
		return Drafted{Last: err.Error(), Error: err.Error()}, nil
	case !answer.Replaceable(err):
		return nil, err
	case len(l.calls()) > 0:
		return Drafted{Last: t.Last, Error: err.Error()}, nil
	}
	return w.unaided(ctx, err.Error()), nil
}

// gather adds the results of a turn to the ledger.
func (w agent) gather(ctx *flow.Context, returned []Returned) (Think, error) {
	next := Think{Round: returned[0].Round + 1}
	err := flow.Update(ctx, func(l *ledger) error {
		l.add(returned)
		next.Last = w.Limits.withDefaults().exceeded(*l)
		return nil
	})
	return next, err
}

// check makes the answer of the last reply.
func (w agent) check(ctx *flow.Context, d Drafted) (show.Answer, error) {
	l := flow.State[ledger](ctx)
	q := question(ctx)
	var a show.Answer
	var err error
	switch {
	case len(d.Found) > 0:
		a, err = fallback{w.Parts}.graceful(ctx, FellBack{Asked{Question: q}, d.Error, d.Found})
	case len(l.Read) == 0 && (d.Error != "" || !l.listed()):
		a = answer.NothingFound(q, w.by())
	case d.Error == "":
		a = w.Model.Check(q, d.Reply, l.Read)
	default:
		var best []retrieve.Hit
		if best, err = w.best(ctx, q, l.Read, topK); err == nil {
			a, err = (answer.Extractive{}).Write(ctx, q, best)
		}
	}
	if err != nil {
		return a, err
	}
	a.Degraded = strings.Join(distinct(a.Degraded, d.Error, d.Last), "; ")
	if names := l.declined(); len(names) > 0 {
		a.Notes = append(a.Notes, "nothing is from "+strings.Join(names, ", ")+": the call was not permitted")
	}
	return w.complete(ctx, a), nil
}

// distinct returns the texts that are not empty, each once.
func distinct(texts ...string) (out []string) {
	seen := map[string]bool{"": true}
	for _, t := range texts {
		if !seen[t] {
			out = append(out, t)
		}
		seen[t] = true
	}
	return out
}
