package history

import (
	"encoding/json"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/show"
)

// An Outcome is how a run ended or, if it has not ended, its state.
type Outcome string

// The outcomes of runs.
const (
	Running     Outcome = "running"     // a process owns it
	Waiting     Outcome = "waiting"     // for a person, whether a process owns it or not
	Interrupted Outcome = "interrupted" // its process has ended; it can be continued
	Done        Outcome = "done"
	Incomplete  Outcome = "incomplete" // done, but the answer is cut off or degraded; see Reason
	Declined    Outcome = "declined"   // done, but nothing relevant was found
	Failed      Outcome = "failed"
	Cancelled   Outcome = "cancelled"
	Unreadable  Outcome = "unreadable" // its journal is damaged, or of a newer version; see Reason
)

// Ended reports whether nothing can follow in the journal.
func (o Outcome) Ended() bool {
	switch o {
	case Done, Incomplete, Declined, Failed, Cancelled:
		return true
	}
	return false
}

// A Run is what a list shows of a run.
type Run struct {
	ID        string       `json:"id"`
	Workflow  string       `json:"workflow"`
	Question  string       `json:"question"`            // as typed
	Talk      string       `json:"talk,omitempty"`      // the first run of the conversation
	Title     string       `json:"title,omitempty"`     // of the conversation, if a person has given it one
	Directory string       `json:"directory,omitempty"` // absolute paths, separated as in PATH
	Model     string       `json:"model,omitempty"`     // none: answered without a model
	Provider  string       `json:"provider,omitempty"`
	Origin    string       `json:"origin,omitempty"` // the program whose agent has asked; none: a person
	Parent    *flow.Parent `json:"parent,omitempty"` // of a fork
	Started   time.Time    `json:"started"`
	Ended     time.Time    `json:"ended,omitzero"` // the time of the last record
	Outcome   Outcome      `json:"outcome"`
	Reason    string       `json:"reason,omitempty"`  // why it is not simply done
	Sources   int          `json:"sources,omitempty"` // that the answer was given
	Read      int          `json:"read,omitempty"`    // tokens of prompts
	Written   int          `json:"written,omitempty"` // tokens of answers
	Records   int          `json:"records"`
	Bytes     int64        `json:"bytes"` // of the journal
	Marked    bool         `json:"marked,omitempty"`
	Deleted   time.Time    `json:"deleted,omitzero"` // when it was deleted; it can be restored
	Waits     []Wait       `json:"waits,omitempty"`  // what it waits for

	Owner *journal.Owner `json:"owner,omitempty"` // the process that owns it
}

// A Wait is an open wait of a run for a reply.
type Wait struct {
	Await  uint64          `json:"await"` // its number, for flow.Message
	Step   string          `json:"step"`
	Type   string          `json:"type"`   // of the reply
	Text   string          `json:"text"`   // what is asked
	Prompt json.RawMessage `json:"prompt"` // with the schema of the reply, as show.Asking
	Shared bool            `json:"shared,omitempty"`
}

// Took returns the time from the first record to the last.
func (r Run) Took() time.Duration { return r.Ended.Sub(r.Started) }

// Summarise returns what a list shows of a run with these records. The outcome of a run whose
// records do not end is Waiting or Interrupted.
func Summarise(h flow.Header, records []flow.Record) Run {
	s := newSummary(h)
	for _, r := range records {
		s.apply(r)
	}
	return s.result()
}

// A summary is a Run under construction.
type summary struct {
	run   Run
	waits []Wait
	execs []uint64 // of waits
}

func newSummary(h flow.Header) *summary {
	l := h.Labels
	return &summary{run: Run{
		ID: h.Run, Workflow: h.Workflow, Started: h.Created, Parent: h.Parent, Outcome: Interrupted,
		Question: l[LabelQuestion], Talk: l[LabelTalk], Directory: l[LabelDirectory],
		Model: l[LabelModel], Provider: l[LabelProvider], Origin: l[LabelOrigin],
	}}
}

func (s *summary) result() Run {
	r := s.run
	if !r.Outcome.Ended() && len(s.waits) > 0 {
		r.Outcome, r.Waits = Waiting, s.waits
	}
	return r
}

// decode reads the payload of a record into v, as far as the two agree.
func decode(r flow.Record, v any) {
	if raw, err := r.JSON(); err == nil {
		_ = json.Unmarshal(raw, v) // fields of other types are left out
	}
}

func (s *summary) apply(r flow.Record) {
	s.run.Records++
	s.run.Ended = r.Time
	root := !strings.Contains(r.Run, "/")
	switch r.Kind {
	case flow.RunStarted:
		if root {
			s.started(r)
		}
	case flow.AwaitOpened:
		s.opened(r)
	case flow.AwaitResolved:
		s.closed(func(w Wait, _ uint64) bool { return w.Await == r.Event })
	case flow.StepCancelled, flow.StepFailed:
		s.closed(func(_ Wait, exec uint64) bool { return exec == r.Execution })
	case flow.EventEmitted:
		if r.Type == show.TypeModelCall {
			var c show.ModelCall
			if decode(r, &c); c.State == show.CallDone {
				s.run.Read += c.PromptTokens
				s.run.Written += c.CompletionTokens
			}
		}
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		if root {
			s.ended(r)
		}
	}
}

func (s *summary) started(r flow.Record) {
	if s.run.ID == "" {
		s.run.ID = r.Run
	}
	s.run.Workflow, s.run.Started = r.Step, r.Time
	if s.run.Question == "" {
		s.run.Question = questionOf(r)
	}
}

// questionOf returns the first of the conventional text fields of a start event.
func questionOf(r flow.Record) string {
	var fields map[string]any
	decode(r, &fields)
	for _, name := range []string{"question", "query", "text", "topic", "input"} {
		if text, ok := fields[name].(string); ok && text != "" {
			return text
		}
	}
	return ""
}

func (s *summary) opened(r flow.Record) {
	var p struct {
		Prompt json.RawMessage `json:"prompt"`
	}
	decode(r, &p)
	var asking show.Asking
	if json.Unmarshal(p.Prompt, &asking) != nil {
		_ = json.Unmarshal(p.Prompt, &asking.Text) // a prompt may be a text alone
	}
	s.waits = append(s.waits, Wait{r.Event, r.Step, r.Type, asking.Text, p.Prompt, asking.Shared})
	s.execs = append(s.execs, r.Execution)
}

func (s *summary) closed(match func(w Wait, exec uint64) bool) {
	for i := len(s.waits) - 1; i >= 0; i-- {
		if match(s.waits[i], s.execs[i]) {
			s.waits = append(s.waits[:i], s.waits[i+1:]...)
			s.execs = append(s.execs[:i], s.execs[i+1:]...)
		}
	}
}

func (s *summary) ended(r flow.Record) {
	s.waits, s.execs = nil, nil
	switch r.Kind {
	case flow.RunFailed:
		s.run.Outcome, s.run.Reason = Failed, r.Error
		return
	case flow.RunCancelled:
		s.run.Outcome, s.run.Reason = Cancelled, r.Error
		return
	}
	var a show.Answer
	decode(r, &a)
	s.run.Sources = len(a.Sources)
	switch s.run.Outcome = Done; {
	case a.Abstained:
		s.run.Outcome = Declined
	case a.CutOff != "":
		s.run.Outcome, s.run.Reason = Incomplete, a.CutOff
	case a.Degraded != "":
		s.run.Outcome, s.run.Reason = Incomplete, a.Degraded
	}
}
