package explorer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/conversation"
	"weft/ui/markdown"
	"weft/ui/run"
	"weft/ui/sources"
	"weft/ui/timeline"
)

// A track is one run on the screen, with the question that it answers, if any.
type track struct {
	id       uint64 // identifies the track in the pump's batches
	run      Run    // nil until the engine has started it
	fold     run.Run
	workflow string
	graph    flow.Graph // of a workflow that answers no questions; empty if it is not known
	title    string     // the question, or what the run is for
	exchange *conversation.Exchange
	asked    time.Time
	opens    bool                  // its question is the first of a new talk
	parent   string                // the run that it was forked from; "": it is not a fork
	offers   bool                  // when it ends, a note offers to compare it with that run
	failed   error                 // the engine would not start it
	ended    bool                  // its journal has no more records
	last     time.Time             // of its last record
	sent     []int                 // positions of the events that the run's own steps sent
	found    map[int][]show.Source // passages of the events that were decoded, by position
	partial  bool                  // a part of the answer is not shown yet
	stale    bool                  // the exchange is out of date
	instant  int                   // the position that the exchange shows; negative: the present

	typewriter typewriter

	result *conversation.Content // decoded from the stop event, once
}

// maxLooked limits how many events are searched for passages: a fan-out may send thousands, and
// only the last ones matter.
const maxLooked = 64

// apply applies records.
func (t *track) apply(recs []flow.Record) {
	for _, rec := range recs {
		t.fold.Apply(rec)
		t.last = rec.Time
		if rec.Kind == flow.EventSent && strings.Count(rec.Run, "/") == 0 {
			t.sent = append(t.sent, t.fold.Len())
		}
	}
	t.stale = true
}

// view returns the run at a position, or as it is now if at is negative.
func (t *track) view(at int) run.View {
	if at < 0 {
		return t.fold.Now()
	}
	return t.fold.At(at)
}

// clock returns the time up to which the run is shown: the last record of one that has no more.
func (t *track) clock(now time.Time) time.Time {
	if t == nil || !t.ended || t.last.IsZero() {
		return now
	}
	return t.last
}

// over reports whether the run has ended, or never began.
func (t *track) over() bool { return t.ended || t.failed != nil || t.fold.Now().Ended() }

// awaits reports whether a wait is open.
func (t *track) awaits(id uint64) bool {
	return !t.over() && slices.ContainsFunc(t.view(-1).Awaiting(), func(a *run.Await) bool { return a.ID == id })
}

// incomplete reports whether the run is done but its answer is not what was asked for. It is false
// for a nil track.
func (t *track) incomplete() bool { return t != nil && t.exchange != nil && t.exchange.Incomplete() }

// waiting reports whether the run does nothing but wait for a person.
func (t *track) waiting() bool { return t.view(-1).Status() == run.Blocked }

// due reports whether a wait of the run ends by itself.
func (t *track) due() bool {
	return slices.ContainsFunc(t.view(-1).Awaiting(), func(a *run.Await) bool { return !a.Due.IsZero() })
}

// refresh sets the exchange to what is known at position at (negative: now), unless it shows that
// already.
func (t *track) refresh(at int, now time.Time) {
	if t.exchange != nil && (t.stale || t.instant != at || !t.over() || t.partial) {
		t.exchange.Set(t.content(at, now))
		t.stale, t.instant = false, at
	}
}

// content returns what the conversation shows of the run at a position (negative: now). It also
// records whether some of the shown text is delayed: the last draft may be shorter than the answer,
// and would be complete before it.
func (t *track) content(at int, now time.Time) conversation.Content {
	t.partial = false
	v := t.view(at)
	c := conversation.Content{Question: t.title, Elapsed: v.ActiveTime(t.clock(now)), Past: at >= 0, Opens: t.opens}
	if t.failed != nil {
		c.State, c.Error = conversation.Failed, brief(t.failed.Error())
		return c
	}
	c.Usage.PromptTokens, c.Usage.CompletionTokens = v.Usage()
	text, _, by := v.Streaming()
	c.Text, c.Open = text, !v.Ended()
	if by != nil {
		c.Sources = t.passages(v.Position())
	}
	if t.ended && !v.Ended() && at < 0 {
		c.State, c.Open, c.Error = conversation.Interrupted, false, "the history continues it"
		return c
	}
	switch v.Status() {
	case run.NotStarted:
		c.State = conversation.Asked
		c.Elapsed = max(now.Sub(t.asked), 0)
	case run.Working, run.Paused:
		if c.State, c.Doing = conversation.Running, heldWords(v); c.Doing == "" {
			c.Doing = doing(v, now)
		} else if v.Idle() {
			c.State = conversation.Paused
		}
	case run.Blocked:
		c.State = conversation.Waiting
	case run.Succeeded:
		c.State = conversation.Done
		if t.result == nil {
			t.result = &conversation.Content{Text: c.Text}
			finish(t.result, v)
		}
		c.Text, c.By, c.Notes, c.Meant = t.result.Text, t.result.By, t.result.Notes, t.result.Meant
		c.Abstained, c.Warned, c.Suggest = t.result.Abstained, t.result.Warned, t.result.Suggest
		if len(t.result.Sources) > 0 {
			c.Sources = t.result.Sources
		}
	case run.Broken:
		reason, step := v.Reason()
		if c.State, c.Error = conversation.Failed, brief(reason); step != "" {
			c.Error += " · step " + step
		}
	case run.Stopped:
		msg, _ := v.Error()
		c.State, c.Error = conversation.Cancelled, brief(msg)
	}
	c.Cited = conversation.Citations(c.Sources, c.State != conversation.Done)
	if at < 0 && c.Text != "" {
		if shown := t.typewriter.visible(c.Text, now); len(shown) < len(c.Text) {
			t.partial = true
			c.Text, c.Open, c.Sources, c.Notes = shown, true, nil, nil
			if c.State == conversation.Done {
				c.State, c.Doing = conversation.Running, "writing"
			}
		}
	}
	return c
}

// finish fills in the fields that the stop event has.
func finish(c *conversation.Content, v run.View) {
	a, ok := v.Answer()
	if !ok {
		if res := v.Result(); len(res) > 0 && string(res) != "null" && c.Text == "" {
			c.Text = "```json\n" + indent(res) + "\n```"
		}
		return
	}
	if a.Text != "" {
		c.Text = a.Text
	}
	c.By = brief(a.By)
	if list := sources.Parse(v.Result()); len(list) > 0 {
		c.Sources = list
	}
	if a.Typed != "" {
		c.Meant = brief(a.Question)
	}
	c.Abstained, c.Suggest = a.Abstained, a.Suggest
	c.Warned = a.CutOff != "" || a.Degraded != "" || len(a.Notes) > 0
	if a.CutOff != "" {
		c.Notes = append(c.Notes, "the answer was cut off: "+brief(a.CutOff))
	}
	if a.Degraded != "" {
		c.Notes = append(c.Notes, brief(a.Degraded))
	}
	for _, n := range append(slices.Clone(a.Notes), show.Unread(c.Sources)...) {
		c.Notes = append(c.Notes, brief(markdown.Plain(n)))
	}
}

// passages returns the last passages that were found up to position n.
func (t *track) passages(n int) []show.Source {
	if t.found == nil || len(t.found) > 16*maxLooked {
		t.found = map[int][]show.Source{}
	}
	last, exact := slices.BinarySearch(t.sent, n)
	if exact {
		last++
	}
	for _, at := range slices.Backward(t.sent[max(last-maxLooked, 0):last]) {
		list, looked := t.found[at]
		if !looked {
			list = sources.Parse(t.fold.JSON(at))
			t.found[at] = list
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// retryWidth is the room for a retry in the status of a question, in cells.
const retryWidth = 60

// doing returns the names of the running steps, with their progress. If a step is tried again, it
// returns the reason.
func doing(v run.View, now time.Time) string {
	if again, ok := v.Root().Retrying(v, v.Elapsed(now)); ok {
		return timeline.RetryText(again, retryWidth)
	}
	var names []string
	for _, s := range v.Steps(v.Root()) {
		c := s.Lane.Count(v)
		switch {
		case c.In[run.Running] > 1:
			names = append(names, fmt.Sprintf("%s ×%d", s.Name, c.In[run.Running]))
		case c.In[run.Running] > 0:
			names = append(names, s.Name)
		case c.In[run.Pending] > 0:
			names = append(names, s.Name)
		}
	}
	text := strings.Join(names, ", ")
	if p, ok := v.Progress(); ok && p.Message != "" && len(names) > 0 {
		text += ": " + p.Message
		if p.Waits != "" && p.Total > 0 {
			text += fmt.Sprintf(", %d of %d %s", p.Done, p.Total, p.Unit)
		}
	}
	return brief(text)
}
