package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/units"
)

// Plain writes a run as lines of text, one per event, as it happens. Control characters in text
// from documents and models are made harmless, because the output may be a terminal.
type plain struct {
	w       io.Writer
	begin   time.Time
	names   map[string]string    // workflow by run
	steps   map[uint64]string    // step by execution
	started map[uint64]time.Time // start of the current attempt, by execution
	why     string               // error of the last failed step
	all     bool                 // also print records that repeat the content of others
}

func newPlain(w io.Writer, all bool) *plain {
	return &plain{w: w, names: map[string]string{}, steps: map[uint64]string{},
		started: map[uint64]time.Time{}, all: all}
}

// record prints the line of a record, if it has one.
func (p *plain) record(r flow.Record) {
	if p.begin.IsZero() {
		p.begin = r.Time
	}
	who, what := r.Step, ""
	switch r.Kind {
	case flow.RunStarted:
		p.names[r.Run] = r.Step
		what = "started with " + summary(r)
	case flow.RunFinished:
		who, what = p.names[r.Run], status.Done.Word()+" in "+units.Duration(r.Time.Sub(p.begin))
	case flow.RunFailed:
		who, what = p.names[r.Run], status.Failed.Word()
		// The step's line does not have the error
		if p.why == "" || !strings.HasSuffix(r.Error, p.why) {
			what += ": " + r.Error
		}
	case flow.RunCancelled:
		who, what = p.names[r.Run], status.Cancelled.Word()+": "+r.Error
	case flow.StepQueued:
		what = status.Queued.Word()
	case flow.StepStarted:
		p.steps[r.Execution], p.started[r.Execution] = r.Step, r.Time
		what = "started"
		if r.Attempt > 1 {
			what = fmt.Sprintf("attempt %d started", r.Attempt)
		}
	case flow.StepFinished:
		what = status.Done.Word() + " in " + units.Duration(r.Time.Sub(p.started[r.Execution]))
	case flow.StepFailed:
		what, p.why = status.Failed.Word()+": "+r.Error, r.Error
		if !r.Due.IsZero() {
			what += ", again in " + units.Duration(r.Due.Sub(r.Time))
		}
	case flow.StepCancelled:
		what = status.Cancelled.Word()
	case flow.EventSent:
		if who = p.steps[r.Cause]; who == "" {
			who = "outside"
		}
		what = "→ " + summary(r)
	case flow.EventEmitted:
		if r.Type == show.TypeDelta && !p.all {
			return // the whole answer is printed at the end
		}
		what = "· " + summary(r)
	case flow.AwaitOpened:
		what = "waits for " + summary(r)
	case flow.AwaitResolved:
		what = "continues"
	default:
		if !p.all {
			return
		}
		what = r.Kind.String() + " " + summary(r)
	}
	fmt.Fprintf(p.w, "%8.3fs  %-12s %s\n", r.Time.Sub(p.begin).Seconds(), canvas.Line(who), canvas.Line(what))
}

// summary describes an event's payload in a few words.
func summary(r flow.Record) string {
	data, err := r.JSON()
	if err != nil {
		return r.Type
	}
	var e struct {
		Text, Message, Unit, State, Model, Reason, Prompt string
		Question, Query, Source, Error                    string
		Passages                                          []json.RawMessage
		Done, Total, Tokens                               int
		Round                                             json.RawMessage
		TookMS                                            float64 `json:"took_ms"`
		Verdict                                           *struct {
			Supported bool
			Reason    string
		}
	}
	_ = json.Unmarshal(data, &e) // fields of other types are left out
	switch {
	case e.Error != "":
		return strings.TrimSpace(fmt.Sprintf("%s %s: %s", r.Type, e.Source, shorten(e.Error, 100)))
	case e.Passages != nil && e.Source != "":
		return fmt.Sprintf("%s %s: %d passages in %s", r.Type, e.Source, len(e.Passages),
			units.Duration(time.Duration(e.TookMS*float64(time.Millisecond))))
	case e.Passages != nil:
		return fmt.Sprintf("%s: %d passages", r.Type, len(e.Passages))
	case e.Total > 0:
		return fmt.Sprintf("%s %d of %d %s", e.Message, e.Done, e.Total, e.Unit)
	case e.Message != "":
		return e.Message
	case e.State != "":
		return strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", r.Type, e.Model,
			strings.ReplaceAll(e.State, "_", " "), e.Reason))
	case e.Verdict != nil && r.Type == "Accepted" && !e.Verdict.Supported:
		return "Accepted as the best draft, although: " + e.Verdict.Reason
	case e.Verdict != nil:
		if e.Verdict.Reason == "" {
			return r.Type
		}
		return r.Type + ": " + e.Verdict.Reason
	case e.Query != "":
		return fmt.Sprintf("%s %s %q", r.Type, e.Round, shorten(e.Query, 60))
	case e.Tokens > 0:
		return fmt.Sprintf("%s of %d tokens", r.Type, e.Tokens)
	case e.Text != "":
		return fmt.Sprintf("%s %q", r.Type, shorten(e.Text, 60))
	case e.Source != "":
		return r.Type + " " + e.Source
	case e.Question != "":
		return fmt.Sprintf("%s %q", r.Type, shorten(e.Question, 60))
	}
	return r.Type
}

func shorten(s string, runes int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return s
}

// printRest prints the parts of an answer after its text: how the question was understood,
// what went wrong, and the sources.
func printRest(w io.Writer, a show.Answer) {
	if a.Typed != "" {
		printAside(w, asideUnderstood, a.Question)
	}
	if a.CutOff != "" {
		printAside(w, asideCutOff, a.CutOff)
	}
	if a.Degraded != "" {
		printAside(w, asideDegraded, a.Degraded)
	}
	for _, n := range append(slices.Clone(a.Notes), show.Unread(a.Sources)...) {
		printAside(w, asideNote, n)
	}
	if len(a.Sources) == 0 {
		return
	}
	fmt.Fprintln(w, "\n"+sourcesTitle)
	for _, s := range a.Sources {
		fmt.Fprintf(w, "%s %-4s %s  %s  %s\n", citedMark(s), fmt.Sprintf("[%d]", s.N),
			canvas.Line(place(s.Passage)), canvas.Line(strings.Join(s.Heading, " › ")), rated(s.Passage))
	}
}

func citedMark(s show.Source) string {
	if s.Cited {
		return "*"
	}
	return " "
}

// place returns the location of a source: path and page or lines.
func place(s show.Passage) string {
	switch {
	case s.Place != "":
		return s.Path + ", " + s.Place
	case s.EndLine > s.Line:
		return fmt.Sprintf("%s:%d-%d", s.Path, s.Line, s.EndLine)
	}
	return fmt.Sprintf("%s:%d", s.Path, s.Line)
}

// rated returns the score of a passage and, if it was judged, its relevance in a word.
func rated(p show.Passage) string {
	if p.Relevance == "" {
		return fmt.Sprintf("%.2f", p.Score)
	}
	return fmt.Sprintf("%.2f %s", p.Score, canvas.Line(string(p.Relevance)))
}
