// Package status defines how a step, an execution or a run is shown: one table from status to
// glyph, word, spoken word and style. The timeline, the inspector, the conversation, the graph, the
// help, the screen reader and weft doctor use it. No code parses the words back.
package status

import (
	"cmp"

	"weft/ui/history"
	"weft/ui/run"
	"weft/ui/theme"
)

// A Status is what a step, an execution or a run is doing, or how it ended.
type Status uint8

// The statuses.
const (
	NotStarted Status = iota
	Queued            // waits for a worker
	Pending           // has a worker, and waits for something external, such as the index
	Running
	Retrying    // failed, and waits for its next attempt
	Waiting     // waits for a person
	Paused      // held by a debugger
	Interrupted // its process has ended, and it can be continued
	Done
	Failed
	Cancelled
)

// A Sign holds the ways to show a status.
type Sign struct {
	Glyph  string // distinct in shape, without colour
	Bar    string // the glyph on a time axis; "": the status takes no time
	Word   string
	Short  string // used instead of Word where few cells are left; "": Word
	Spoken string // what a screen reader says instead of glyph and word
	Axis   string // what Bar means, for the help
	Style  func(*theme.Theme) theme.Style
}

// Incomplete is the glyph in place of that of Done where a result is not what was asked for, and the
// reason is shown.
const Incomplete = "!"

// Past is the glyph in place of that of a status where a moment in the past is shown. It differs from
// that of Paused, because the run may be going meanwhile.
const Past = "◂"

// Declined is the glyph in place of that of Done where a run found nothing that answers its question.
const Declined = "∅"

// Playing is the glyph in place of Past while the run is played back.
const Playing = "▸"

// Table holds the sign of every status. No behaviour depends on its texts: a test or a translation
// may replace the words before the first frame.
var Table = [...]Sign{
	NotStarted: {Glyph: "·", Word: "not started", Spoken: "not started",
		Style: func(t *theme.Theme) theme.Style { return t.Idle }},
	Queued: {Glyph: "╌", Bar: "╌", Word: "queued", Spoken: "queued", Axis: "queued for a worker, or waiting for the index",
		Style: func(t *theme.Theme) theme.Style { return t.Queued }},
	Pending: {Glyph: "╌", Bar: "╌", Word: "waiting", Short: "waits", Spoken: "waiting", Axis: "waiting for the index",
		Style: func(t *theme.Theme) theme.Style { return t.Queued }},
	Running: {Glyph: "●", Bar: "█", Word: "running", Spoken: "running", Axis: "running",
		Style: func(t *theme.Theme) theme.Style { return t.Running }},
	Retrying: {Glyph: "┈", Bar: "┈", Word: "retrying", Spoken: "waiting to try again", Axis: "waiting to try again",
		Style: func(t *theme.Theme) theme.Style { return t.Backoff }},
	Waiting: {Glyph: "?", Bar: "▒", Word: "waiting for you", Short: "waits", Spoken: "waiting for you", Axis: "waiting for you, or paused by you",
		Style: func(t *theme.Theme) theme.Style { return t.Waiting }},
	Paused: {Glyph: "❚❚", Bar: "▒", Word: "paused", Spoken: "paused", Axis: "paused by you",
		Style: func(t *theme.Theme) theme.Style { return t.Now }},
	Interrupted: {Glyph: "↯", Word: "interrupted", Spoken: "interrupted",
		Style: func(t *theme.Theme) theme.Style { return t.Warn }},
	Done: {Glyph: "✓", Word: "done", Spoken: "done",
		Style: func(t *theme.Theme) theme.Style { return t.Done }},
	Failed: {Glyph: "✗", Bar: "▚", Word: "failed", Spoken: "failed", Axis: "an attempt that failed",
		Style: func(t *theme.Theme) theme.Style { return t.Failed }},
	Cancelled: {Glyph: "⊘", Word: "cancelled", Spoken: "cancelled",
		Style: func(t *theme.Theme) theme.Style { return t.Cancelled }},
}

// Glyph returns the glyph of the status.
func (s Status) Glyph() string { return Table[s].Glyph }

// Cell returns the first character of the glyph, which takes one cell.
func (s Status) Cell() string {
	for _, r := range Table[s].Glyph {
		return string(r)
	}
	return " "
}

// Word returns the word for the status.
func (s Status) Word() string { return Table[s].Word }

// Short returns a word for the status that takes few cells.
func (s Status) Short() string { return cmp.Or(Table[s].Short, Table[s].Word) }

// Spoken returns what a screen reader says.
func (s Status) Spoken() string { return Table[s].Spoken }

// Label returns glyph and word: "✓ done".
func (s Status) Label() string { return Table[s].Glyph + " " + Table[s].Word }

// For returns the word of the status with its object: "waiting for the index".
func (s Status) For(what string) string { return Table[s].Word + " for " + what }

// SpokenFor is For with the spoken word.
func (s Status) SpokenFor(what string) string { return Table[s].Spoken + " for " + what }

// Bar returns the glyph of the status on a time axis.
func (s Status) Bar() string { return Table[s].Bar }

// Style returns the style of the status in a theme.
func (s Status) Style(t *theme.Theme) theme.Style { return Table[s].Style(t) }

// Moves reports whether the status changes without a person. A spinner may replace its glyph.
func (s Status) Moves() bool { return s == Running || s == Pending || s == Retrying }

// OfCount returns the status of a step from the phases of its executions. A wait for a person takes
// precedence, then any work, then the ways in which executions have ended.
func OfCount(c run.Count) Status {
	switch {
	case c.In[run.Waiting] > 0:
		return Waiting
	case c.In[run.Running] > 0:
		return Running
	case c.In[run.Pending] > 0:
		return Pending
	case c.In[run.Backoff] > 0:
		return Retrying
	case c.Failed > 0:
		return Failed
	case c.In[run.Queued] > 0:
		return Queued
	case c.Finished > 0:
		return Done
	case c.Cancelled > 0:
		return Cancelled
	// An attempt failed on this worker, and the execution continues on another one
	case c.Failures > 0:
		return Failed
	}
	return NotStarted
}

// OfPhase returns the status of an execution in a phase; end is its outcome if the phase is Ended.
func OfPhase(p run.Phase, end run.Outcome) Status {
	switch p {
	case run.Idle:
		return NotStarted
	case run.Queued:
		return Queued
	case run.Pending:
		return Pending
	case run.Running:
		return Running
	case run.Backoff:
		return Retrying
	case run.Waiting:
		return Waiting
	}
	return OfOutcome(end)
}

// OfOutcome returns the status of an attempt with an outcome; one that has not ended is running.
func OfOutcome(o run.Outcome) Status {
	return [...]Status{run.Going: Running, run.Finished: Done, run.Failed: Failed, run.Cancelled: Cancelled}[o]
}

// OfKept returns the status of a run in the history, of which an incomplete or declined answer is
// Done.
func OfKept(o history.Outcome) Status {
	switch o {
	case history.Running:
		return Running
	case history.Waiting:
		return Waiting
	case history.Interrupted:
		return Interrupted
	case history.Failed, history.Unreadable:
		return Failed
	case history.Cancelled:
		return Cancelled
	}
	return Done
}

// OfRun returns the status of a run.
func OfRun(s run.Status) Status {
	return [...]Status{
		run.NotStarted: NotStarted, run.Working: Running, run.Blocked: Waiting, run.Paused: Paused, run.Interrupted: Interrupted,
		run.Succeeded: Done, run.Broken: Failed, run.Stopped: Cancelled,
	}[s]
}
