// Package trace turns the records of runs into spans, for the tools that draw traces: a run and a
// sub-workflow, each attempt of an execution, each await, and each request to a model are spans;
// what was emitted is an event of the attempt's span.
//
//	spans := trace.Spans(run.Records(ctx, 0))
//	err := trace.WriteOTLP(file, spans, trace.Names)   // for an OpenTelemetry collector
//	err := trace.WriteChrome(file, spans, trace.Names) // for Perfetto and chrome://tracing
//	err := trace.WriteMermaid(file, spans)             // as a diagram in Markdown
//
// A span is an error if a run, an attempt or a request failed. A cancel and an await are none.
package trace

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"strconv"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// A Status says how a span ended.
type Status uint8

// The ways in which a span ends.
const (
	Unfinished Status = iota // the records end before the span does
	OK
	Failed
	Cancelled
)

// A Span is a piece of a run's time.
type Span struct {
	Trace  string // 32 hexadecimal digits, the same for all spans of a run
	ID     string // 16 hexadecimal digits
	Parent string // of the span that this one is part of; "" for the run
	Name   string // the workflow's or the step's, or the await's key
	Kind   string // run, attempt, await or request
	Start  time.Time
	End    time.Time // of an unfinished span, the time of the last record
	Status Status
	Error  string
	Lane   string // step and worker, for tools that draw rows
	Attrs  []Attr // in a fixed order
	Events []Event
	Caused []string // the spans of the executions whose events this one was called with
}

// An Attr is an attribute of a span. Its value is a string, an int or a float64.
type Attr struct {
	Key   string
	Value any
}

// An Event is something that happened within a span.
type Event struct {
	Time time.Time
	Name string
	JSON string // the payload
}

type builder struct {
	trace  string
	spans  []*Span
	runs   map[string]*Span
	execs  map[uint64]*Span  // the attempt that is under way
	events map[uint64]string // the span that gave an event
	awaits map[uint64]*Span
	calls  map[callKey]*Span // the requests to models that are under way
	last   time.Time
}

// Spans returns the spans of one run, in the order of their beginnings. It reads the records to
// their end.
func Spans(records iter.Seq[flow.Record]) []Span {
	b := &builder{
		runs: map[string]*Span{}, execs: map[uint64]*Span{}, events: map[uint64]string{}, awaits: map[uint64]*Span{},
		calls: map[callKey]*Span{},
	}
	for r := range records {
		b.add(r)
	}
	out := make([]Span, len(b.spans))
	for i, s := range b.spans {
		if s.End.IsZero() {
			s.End = b.last
		}
		out[i] = *s
	}
	return out
}

func (b *builder) begin(r flow.Record, name, kind, parent string, key string) *Span {
	if b.trace == "" {
		b.trace = digest(r.Run, r.Time.UTC().String())[:32]
	}
	s := &Span{Trace: b.trace, ID: digest(b.trace, kind, key)[:16], Parent: parent, Name: name, Kind: kind, Start: r.Time}
	s.Attrs = append(s.Attrs, Attr{"weft.run", r.Run})
	b.spans = append(b.spans, s)
	return s
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (b *builder) add(r flow.Record) {
	b.last = r.Time
	end := func(s *Span, status Status) {
		if s != nil && s.End.IsZero() {
			s.End, s.Status, s.Error = r.Time, status, r.Error
		}
	}
	id := strconv.FormatUint(r.Execution, 10)
	switch r.Kind {
	case flow.RunStarted:
		parent := ""
		if host := b.execs[r.Cause]; host != nil && r.Cause != 0 {
			parent = host.ID
		}
		b.runs[r.Run] = b.begin(r, r.Step, "run", parent, r.Run+"@"+strconv.FormatUint(r.Seq, 10))
		b.events[r.Event] = b.runs[r.Run].ID
	case flow.RunFinished:
		end(b.runs[r.Run], OK)
	case flow.RunFailed:
		end(b.runs[r.Run], Failed)
	case flow.RunCancelled:
		end(b.runs[r.Run], Cancelled)
	case flow.EventSent:
		if s := b.execs[r.Cause]; s != nil {
			b.events[r.Event] = s.ID
		}
	case flow.StepStarted:
		if s := b.execs[r.Execution]; s != nil && s.End.IsZero() && s.has("weft.attempt", r.Attempt) {
			return // the attempt continues after an await or a restart: its span is open already
		}
		parent := ""
		if run := b.runs[r.Run]; run != nil {
			parent = run.ID
		}
		s := b.begin(r, r.Step, "attempt", parent, id+"."+strconv.Itoa(r.Attempt))
		s.Lane = r.Step + " " + strconv.Itoa(r.Worker)
		s.Attrs = append(s.Attrs, Attr{"weft.execution", int(r.Execution)}, Attr{"weft.attempt", r.Attempt}, Attr{"weft.worker", r.Worker})
		if c := b.events[r.Cause]; c != "" {
			s.Caused = append(s.Caused, c)
		}
		b.execs[r.Execution] = s
	case flow.StepFinished:
		end(b.execs[r.Execution], OK)
	case flow.StepFailed:
		end(b.execs[r.Execution], Failed)
	case flow.StepCancelled:
		end(b.execs[r.Execution], Cancelled)
		for _, s := range b.awaits {
			if x := b.execs[r.Execution]; x != nil && s.Parent == x.ID {
				end(s, Cancelled)
			}
		}
	case flow.ScopeClosed:
		b.events[r.Event] = b.events[r.Cause]
	case flow.AwaitOpened:
		x := b.execs[r.Execution]
		if x == nil {
			return
		}
		s := b.begin(r, "await "+r.Type, "await", x.ID, strconv.FormatUint(r.Event, 10))
		s.Lane = x.Lane
		b.awaits[r.Event] = s
	case flow.SleepStarted:
		if x := b.execs[r.Execution]; x != nil {
			s := b.begin(r, "sleep", "await", x.ID, strconv.FormatUint(r.Event, 10))
			s.Lane = x.Lane
			b.awaits[r.Event] = s
		}
	case flow.AwaitResolved, flow.SleepEnded:
		end(b.awaits[r.Event], OK)
	case flow.EventEmitted:
		if s := b.execs[r.Execution]; s != nil {
			j, err := r.JSON()
			if err != nil {
				j = []byte("null")
			}
			s.Events = append(s.Events, Event{r.Time, r.Type, string(j)})
			if r.Type == show.TypeModelCall {
				b.call(r, s, j)
			}
		}
	}
}

func (s *Span) has(key string, value any) bool {
	for _, a := range s.Attrs {
		if a.Key == key {
			return a.Value == value
		}
	}
	return false
}
