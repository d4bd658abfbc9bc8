package inspect

import (
	"encoding/json"
	"fmt"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/markdown"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// all writes everything about a selection.
func (b *builder) all(s Selection) {
	switch {
	case s.View.Run() == nil || s.View.Position() == 0:
		b.add(p("nothing has run yet", b.th.Faint))
	case s.Execution != nil:
		b.execution(s)
	case s.Step != nil:
		b.heading(s.Step.Name)
		b.add(p("has not started at this moment", b.th.Faint))
	default:
		b.run(s)
	}
}

// instant writes which record is at the moment that is shown, unless that is the present.
func (b *builder) instant() {
	if b.v.Live() {
		return
	}
	at := b.v.Position()
	rec := b.v.Record(at)
	what := rec.Kind.String()
	if rec.Step != "" {
		what += " " + rec.Step
	}
	if rec.Type != "" {
		what += " " + rec.Type
	}
	b.label("at "+units.Duration(b.v.Elapsed(time.Time{})), fmt.Sprintf("record %d: %s", at, what), b.th.Now)
	if rec.Kind == flow.StateChanged {
		if e := b.v.Execution(rec.Execution); e != nil {
			for _, c := range e.Changes(b.v) {
				if c.Changed == at {
					b.change(c, true)
				}
			}
		}
	}
}

// why writes why the run does not move.
func (b *builder) why(lines []string) {
	for i, l := range lines {
		name := ""
		if i == 0 {
			name = "why"
		}
		b.label(name, l, b.th.Warn)
	}
}

func (b *builder) run(s Selection) {
	v, th := b.v, b.th
	w := v.Root()
	b.heading(w.Name, p("  ", th.Text), b.status(status.OfRun(v.Status())))
	b.instant()
	elapsed := v.ActiveTime(s.Now)
	if q := w.Question(v); q != "" {
		b.label("question", q, th.Text)
	}
	b.why(s.Why)
	b.label("started", v.Start().Local().Format("2006-01-02 15:04:05"), th.Text)
	b.label("took", units.Duration(elapsed), th.Text)
	if arrival, ok := v.Arrival(); ok {
		text := "when events arrived: the server sends none"
		if arrival.Missed > 0 {
			text += "; " + plural(arrival.Missed, "event is missing", "events are missing")
		}
		b.label("times", text, th.Warn)
	}
	b.label("records", fmt.Sprintf("%d, %s", v.Position(), plural(v.Events(), "event", "events")), th.Text)
	if in, out := v.Usage(); in+out > 0 {
		b.label("tokens", fmt.Sprintf("%d read, %d written", in, out), th.Text)
	}
	if msg, by := v.Error(); msg != "" {
		name, st := "error", th.Error
		if v.Status() == run.Stopped { // a cancellation is not an error
			name, st = status.Cancelled.Word(), th.Text
		}
		l := b.label(name, msg, st)
		if by != nil && l != nil {
			l.target = Target{Execution: by}
		}
	}
	for _, a := range v.Awaiting() {
		b.await(a, false)
	}
	b.heading("steps")
	for _, st := range v.Steps(w) {
		c := st.Lane.Count(v)
		sum := st.Lane.Until(v, elapsed)
		text := fmt.Sprintf("%9s  %5s", units.Duration(sum.Busy+sum.Rest), percent(sum.Busy+sum.Rest, elapsed))
		if c.Started > 1 {
			text += fmt.Sprintf("  ×%d", c.Started)
		}
		if n := c.Failures; n > 0 {
			text += "  " + plural(int(n), "failed attempt", "failed attempts")
		}
		if sum.Rest > 0 {
			text += ", paused " + units.Duration(sum.Rest)
		}
		b.add(p(fmt.Sprintf("%-20s", st.Name), th.Text), part{text: text, style: th.Muted, at: b.indent + 22})
		if es := v.Executions(st); len(es) > 0 {
			b.lines[len(b.lines)-1].target = Target{Execution: es[len(es)-1]}
		}
	}
	b.event(eventAlone, "started by", 1, nil)
	if res := v.Result(); res != nil {
		for at := v.Position(); at > 0; at-- {
			if v.Record(at).Kind == flow.RunFinished && v.Record(at).Run == w.ID {
				b.event(eventAlone, "gave", at, nil)
				break
			}
		}
	}
	b.state(w)
}

func (b *builder) execution(s Selection) {
	v, th, e := b.v, b.th, s.Execution
	elapsed := v.ActiveTime(s.Now)
	ph, since, end := e.Phase(v)
	is := status.OfPhase(ph, end)
	if is == status.Queued && v.Status() == run.Paused {
		is = status.Paused
	}
	title := b.status(is)
	if what := e.WaitsFor(v); is == status.Pending && what != "" {
		title.text, title.spoken = is.Glyph()+" "+is.For(what), is.SpokenFor(what)
	}
	extra := []part{p("  ", th.Text), title}
	if n := len(v.Executions(e.Step)); n > 1 {
		extra = append(extra, p(fmt.Sprintf("  %d of %d", e.Number, n), th.Muted))
	}
	if w := e.Step.Workflow; w.Depth > 0 {
		in := "  in " + w.Name
		if w.Parent != nil && len(v.SubWorkflows(w.Parent)) > 1 {
			in += fmt.Sprintf(", attempt %d", w.Attempt)
		}
		extra = append(extra, p(in, th.Muted))
	}
	b.heading(e.Step.Name, extra...)
	b.instant()
	b.why(s.Why)
	as := e.Attempts(v, elapsed)
	b.timing(e, as, elapsed, s.Critical)
	if p, ok := e.Progress(v); ok {
		text := p.Message
		if p.Total > 0 {
			text = fmt.Sprintf("%s %d of %d %s", text, p.Done, p.Total, p.Unit)
		}
		if r := units.Rate(p.Rate); r != "" {
			text += ", " + r
		}
		b.label("progress", text, th.Text)
	}
	if ph == run.Backoff {
		b.label("next", "in "+units.Duration(v.Record(since).Due.Sub(v.Start().Add(elapsed))), th.Backoff)
	}
	for a, over := range e.Awaits(v) {
		b.await(a, over)
	}
	if len(as) > 1 || len(as) == 1 && as[0].Outcome == run.Failed {
		b.attempts(as)
	}
	b.calls(e, as, elapsed)
	b.prompts(e)

	var given []show.Passage
	if ev := v.Event(e.Cause); ev != nil {
		given = v.Passages(ev.Position)
		b.event(eventTaken, "takes", ev.Position, nil)
	} else if cs := e.Causes(v); len(cs) > 0 {
		b.heading("takes")
		b.add(p("what the fan-out of ", th.Muted), p(cs[len(cs)-1].Step.Name, th.Text), p(" gave", th.Muted)).target = Target{Execution: cs[len(cs)-1]}
	}
	sent := e.Sent(v)
	const shown = 20
	for i, at := range sent {
		if i == shown {
			b.add(p(fmt.Sprintf("… and %d events more", len(sent)-shown), b.th.Faint))
			break
		}
		b.event(eventGiven, "gives", at, given)
	}
	if text, reasoning := e.Written(v); text != "" || reasoning != "" {
		b.reasoning(e, reasoning)
		b.heading("writes")
		b.text(markdown.Plain(text), th.Text, 400)
	}
	b.logs(e)
	b.notes(e)
	if cs := e.Changes(v); len(cs) > 0 {
		b.heading("changes the state")
		for _, c := range cs[max(0, len(cs)-20):] {
			b.change(c, c.Changed == v.Position())
		}
	}
	b.state(e.Step.Workflow)
}

func (b *builder) await(a *run.Await, over bool) {
	b.heading("asks", p("  "+b.v.Record(a.Position).Type, b.th.Event))
	if !over {
		sign := b.status(status.Waiting)
		if !a.Due.IsZero() {
			until := " until " + a.Due.Local().Format("15:04:05")
			sign.text, sign.spoken = sign.text+until, sign.spoken+until
		}
		b.add(sign)
	}
	// The prompt is a field of the engine's record of the wait
	n := b.tree(a.Position).child("prompt")
	if n == nil || !n.container() {
		if n == nil {
			n = b.tree(a.Position)
		}
		b.content(fmt.Sprintf("%d/prompt", a.Position), n)
		return
	}
	for i, c := range n.children {
		if c.key != "passages" {
			// Depth 2 folds nested values at first, such as the schema of a form.
			b.node(fmt.Sprintf("%d/prompt/%d", a.Position, i), c, 2, len(b.lines))
		}
	}
	b.passages(b.v.Passages(a.Position), nil, fmt.Sprint(a.Position), true)
}

// An eventRole is the role of an event for the execution that is shown.
type eventRole uint8

const (
	eventAlone eventRole = iota // of the run as a whole
	eventTaken                  // its sender is named
	eventGiven                  // its takers are named
)

// event writes an event: its sender or its takers, and its payload.
func (b *builder) event(role eventRole, title string, at int, given []show.Passage) {
	v, th := b.v, b.th
	rec := v.Record(at)
	extra := []part{p("  ◆ "+rec.Type, th.Event)}
	var target Target
	if ev := v.Event(rec.Event); ev != nil {
		if ev.Cause != nil && role == eventTaken {
			extra = append(extra, p("  from "+ev.Cause.Step.Name, th.Muted))
			target.Execution = ev.Cause
		}
		if ts := ev.Triggered(v); len(ts) > 0 && role == eventGiven {
			extra = append(extra, p("  to "+ts[0].Step.Name, th.Muted))
			target.Execution = ts[0]
			if len(ts) > 1 {
				extra = append(extra, p(fmt.Sprintf(" and %d more", len(ts)-1), th.Muted))
			}
		}
	}
	extra = append(extra, p("  at "+units.Duration(v.Time(at)), th.Faint))
	b.heading(title, extra...).target = target
	if ps := v.Passages(at); len(ps) > 0 {
		n := b.tree(at)
		for i, c := range n.children {
			if c.key != "passages" && c.key != "sources" {
				b.node(fmt.Sprintf("%d/%d", at, i), c, 1, len(b.lines))
			}
		}
		b.passages(ps, given, fmt.Sprint(at), role == eventTaken)
		return
	}
	b.payload(at)
}

// notes lists what an execution emitted for readers, except what other sections show.
func (b *builder) notes(e *run.Execution) {
	var at []int
	for _, n := range e.Emitted(b.v) {
		if t := b.v.Record(n).Type; t != show.TypeModelCall && t != show.TypeProgress && t != show.TypePrompt && t != show.TypeLog {
			at = append(at, n)
		}
	}
	if len(at) == 0 {
		return
	}
	b.heading("emits")
	for _, n := range at[max(0, len(at)-20):] {
		rec := b.v.Record(n)
		st, extra := b.th.Event, ""
		if b.v.Hidden(n) {
			st, extra = b.th.Faint, "  void: its attempt failed"
		}
		if b.fold(fmt.Sprintf("n%d", n), false, p("◆ "+rec.Type, st), p("  at "+units.Duration(b.v.Time(n))+extra, b.th.Faint)) {
			b.indent += 2
			b.payload(n)
			b.indent -= 2
		}
	}
}

// state writes the state of a workflow at the moment that is shown.
func (b *builder) state(w *run.Workflow) {
	vs := w.State(b.v)
	if len(vs) == 0 {
		return
	}
	b.heading("state", p("  at "+units.Duration(b.v.Time(b.v.Position())), b.th.Faint))
	for _, c := range vs {
		b.change(c, c.Changed == b.v.Position())
	}
}

// change writes a key of the state with its value; if fresh is set, also how it changed.
func (b *builder) change(c run.Value, fresh bool) {
	if n := treeOf(c.Is); n.container() {
		n.key = c.Key
		if fresh { // only the new value is shown: in one line the old one would lose its structure
			what := "+ new"
			if compact(c.Was) != "null" {
				what = "+ changed"
			}
			b.label(c.Key, what, b.th.Added)
		}
		b.node("state/"+c.Key, n, 2, len(b.lines))
		return
	}
	value := compact(c.Is)
	if !fresh {
		b.label(c.Key, value, b.th.Text)
		return
	}
	if was := compact(c.Was); was != "null" {
		b.label(c.Key, "- "+was, b.th.Removed)
		b.label("", "+ "+value, b.th.Added)
		return
	}
	b.label(c.Key, "+ "+value, b.th.Added)
}

// compact formats a value for one or a few lines: a string without its quotes.
func compact(j json.RawMessage) string {
	var s string
	if json.Unmarshal(j, &s) == nil && s != "" {
		return s
	}
	if n := treeOf(j); n.container() {
		if s, ok := n.inline(200); ok {
			return s
		}
	}
	return string(j)
}
