package inspect

import (
	"fmt"
	"time"

	"weft/flow/show"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// timing writes how the time of an execution was spent.
func (b *builder) timing(e *run.Execution, as []run.Attempt, elapsed time.Duration, critical bool) {
	var queued, ran, waited, backoff, pending, held time.Duration
	for s := range e.Spans(b.v) {
		to := elapsed
		if s.To != 0 {
			to = b.v.Time(s.To)
		}
		switch d := to - b.v.Time(s.From); s.Phase {
		case run.Queued:
			queued += d
			for _, h := range b.v.Paused(b.v.Time(s.From), to) {
				queued, held = queued-(h.To-h.From), held+h.To-h.From
			}
		case run.Running:
			ran += d
		case run.Waiting:
			waited += d
		case run.Pending:
			pending += d
		case run.Backoff:
			backoff += d
		}
	}
	text := "ran " + units.Duration(ran)
	if queued >= time.Millisecond {
		text += " · waited " + units.Duration(queued) + " for a worker"
	}
	if held >= time.Millisecond {
		text += " · paused for " + units.Duration(held)
	}
	if pending > 0 {
		text += " · waited " + units.Duration(pending) + " for " + e.WaitsFor(b.v)
	}
	if backoff > 0 {
		text += " · " + units.Duration(backoff) + " between attempts"
	}
	var pauses time.Duration
	for _, t := range e.Tries(b.v) {
		pauses += max(0, min(t.Next, elapsed)-t.To)
	}
	if pauses > 0 {
		text += " · " + units.Duration(pauses) + " of it between requests to the model"
	}
	if waited > 0 {
		text += " · " + units.Duration(waited) + " for you"
	}
	b.label("time", text, b.th.Text)
	if elapsed > 0 {
		text = percent(ran+backoff, elapsed) + " of the run"
		if backoff > 0 {
			text += " (" + percent(ran, elapsed) + " running, " + percent(backoff, elapsed) + " between attempts)"
		}
		if critical {
			text += ", on its critical path"
		}
		b.label("share", text, b.th.Text)
	}
	if n := len(as); n > 0 && as[n-1].Worker > 0 {
		b.label("worker", fmt.Sprint(as[n-1].Worker), b.th.Text)
	}
}

func percent(part, of time.Duration) string {
	if of <= 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.0f %%", float64(part)/float64(of)*100)
}

func (b *builder) attempts(as []run.Attempt) {
	b.heading("attempts")
	for i, a := range as {
		b.add(b.attempt(a.Outcome), p(fmt.Sprintf("%d  at %s, ran %s", a.Number, units.Duration(a.Started), units.Duration(a.Ended-a.Started-a.Waited)), b.th.Text))
		if a.Error != "" {
			b.indent += 5
			b.text(a.Error, b.th.Error, 12)
			b.indent -= 5
		}
		if i+1 < len(as) {
			b.add(b.pause(), p("   waits "+units.Duration(as[i+1].Started-a.Ended), b.th.Muted))
		}
	}
}

// calls writes the requests of an execution to language models.
func (b *builder) calls(e *run.Execution, as []run.Attempt, elapsed time.Duration) {
	cs := e.Calls(b.v)
	if len(cs) == 0 {
		return
	}
	b.heading("model")
	b.label("name", cs[0].Model+" at "+cs[0].Endpoint, b.th.Text)
	tries := e.Tries(b.v)
	ph, _, _ := e.Phase(b.v)
	b.tries(tries, elapsed, ph != run.Ended)
	mixed := tries == nil && atOnce(cs) > 1
	if mixed {
		b.label("at once", fmt.Sprintf("%d calls: what each waited, and how fast it wrote, cannot be told apart", atOnce(cs)), b.th.Muted)
	}
	began := cs[0].When
	first := time.Duration(0)
	for _, c := range cs {
		switch c.State {
		case show.CallQueued:
			began = c.When
		case show.CallRetry:
			if tries == nil {
				b.label("again", fmt.Sprintf("in %s: %s", units.Duration(time.Duration(c.WaitMS)*time.Millisecond), c.Reason), b.th.Warn)
			}
		case show.CallFirstToken:
			if mixed {
				continue
			}
			first = c.When
			b.label("first token", "after "+units.Duration(c.When-began), b.th.Text)
		case show.CallDone:
			if c.Finish == "" && c.Reason != "" {
				if len(tries) < 2 {
					b.label(status.Failed.Word(), c.Reason, b.th.Warn)
				}
				continue
			}
			text := fmt.Sprintf("%d read, %d written", c.PromptTokens, c.CompletionTokens)
			if c.ReasoningTokens > 0 {
				text += fmt.Sprintf(" (%d of them thinking)", c.ReasoningTokens)
			}
			b.label("tokens", text, b.th.Text)
			if d := c.When - max(first, began); d > 0 && c.CompletionTokens > 0 && !mixed {
				b.label("speed", fmt.Sprintf("%.0f tokens a second", float64(c.CompletionTokens)/d.Seconds()), b.th.Tokens)
			}
			if c.Cost > 0 {
				b.label("cost", units.Price(c.Cost, c.Currency), b.th.Text)
			}
			if c.Finish != "" && c.Finish != "stop" {
				b.label("ended", c.Finish, b.th.Warn)
			}
		}
	}
	if last := cs[len(cs)-1]; last.State == show.CallFirstToken && len(as) > 0 && !mixed {
		n := e.Tokens(b.v, as[len(as)-1].Number, 0, elapsed+1)
		if d := elapsed - first; d > 0 && n > 0 {
			b.label("speed", fmt.Sprintf("about %.0f tokens a second", n/d.Seconds()), b.th.Tokens)
		}
	}
}

// atOnce returns how many calls of a model ran at the same time, at most.
func atOnce(cs []run.Call) (most int) {
	open := 0
	for _, c := range cs {
		switch c.State {
		case show.CallQueued:
			open++
			most = max(most, open)
		case show.CallDone:
			open--
		}
	}
	return most
}

// tries lists the requests of a call that was made more than once.
func (b *builder) tries(ts []run.Try, now time.Duration, going bool) {
	for i, t := range ts {
		if t.Number == 1 && (i+1 == len(ts) || ts[i+1].Number == 1) {
			continue // the first request was answered: there is nothing to list
		}
		if t.From > now {
			if going {
				b.label("next", "in "+units.Duration(t.From-now), b.th.Backoff)
			}
			continue
		}
		outcome, text := run.Going, fmt.Sprintf("request %d  at %s", t.Number, units.Duration(t.From))
		if t.To != 0 {
			text += ", ran " + units.Duration(t.To-t.From)
			outcome = run.Finished
		}
		if t.Failed {
			outcome = run.Failed
			text += ": " + t.Reason
		}
		b.marked(b.attempt(outcome), text)
		if t.Next > t.To {
			next := t.Next
			if !going {
				next = min(next, now)
			}
			b.add(b.pause(), p("waits "+units.Duration(next-t.To), b.th.Muted))
		}
	}
}

// attempt returns the mark of an attempt by its outcome. While the attempt runs, or if it failed,
// the mark is its glyph on the time axis.
func (b *builder) attempt(o run.Outcome) part {
	is := status.OfOutcome(o)
	st := is.Style(b.th)
	if is == status.Running || is == status.Failed {
		return mark(is.Bar(), is.Spoken()+" attempt", st)
	}
	return mark(is.Glyph(), is.Spoken()+":", st)
}

// pause returns the mark of the time between two attempts.
func (b *builder) pause() part {
	return mark(status.Retrying.Bar(), "pause,", status.Retrying.Style(b.th))
}
