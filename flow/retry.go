package flow

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"time"
)

// A Policy says which failures of a step are tried again, how often and after which pause. Its zero value tries nothing
// again.
type Policy struct {
	Attempts int              // in all; 0: as many as Elapsed allows, or 1 if that is not set either
	Elapsed  time.Duration    // no attempt begins later than this after the first began; 0: no such limit
	Delay    time.Duration    // before the second attempt
	Factor   float64          // by which the pause grows each time; 0: 1, the same pause
	Max      time.Duration    // the longest pause; 0: any
	Jitter   float64          // the share of the pause that is random, 0 to 1; the same for the same run, execution and attempt
	If       func(error) bool // which failures; nil: all. It must be quick and must not call the run
}

// Retry sets what happens when an attempt of a step fails. Without it the first failure is final.
func Retry(p Policy) Option { return option(func(_ *core, s *step) { s.retry = &p }) }

// nextAttempt returns when the next attempt begins, 0 if there is none. Whether the policy refuses the error was asked before.
func (x *exec) nextAttempt(refused bool, now int64) int64 {
	p := x.s.retry
	if refused || p == nil || !p.another(x.attempt) {
		return 0
	}
	pause := float64(p.Delay)
	if pause > 0 { // no pause remains none, by whatever it grows
		pause *= math.Pow(max(p.Factor, 1), float64(x.attempt-1))
	}
	if p.Max > 0 {
		pause = min(pause, float64(p.Max))
	}
	if p.Jitter > 0 {
		h := fnv.New64a()
		h.Write([]byte(x.st.t.id))
		h.Write([]byte{byte(x.id), byte(x.id >> 8), byte(x.id >> 16), byte(x.id >> 24), byte(x.attempt), byte(x.attempt >> 8)})
		pause *= 1 - min(p.Jitter, 1)*float64(h.Sum64()>>11)/(1<<53)
	}
	due := now + int64(min(pause, math.MaxInt64/4))
	if p.Elapsed > 0 && due-x.rare.since > int64(p.Elapsed) {
		return 0
	}
	return max(due, 1)
}

// another reports whether there may be another attempt after this one.
func (p *Policy) another(attempt int32) bool {
	return (p.Attempts > 0 || p.Elapsed > 0) && (p.Attempts == 0 || int(attempt) < p.Attempts)
}

// refuses asks a step's policy about the error of an attempt; one that panics wants none.
func (s *step) refuses(err error, attempt int32) (yes bool) {
	p := s.retry
	if _, ok := err.(*final); ok || p == nil || p.If == nil || !p.another(attempt) {
		return false
	}
	defer func() {
		if recover() != nil {
			yes = true
		}
	}()
	return !p.If(err)
}

// A Failure is what a recovery step takes: what failed, on what, and how often it was tried.
type Failure struct {
	Step     string // the step that failed
	Type     string // the stable name of the input's type
	Input    any    // the event that it was called with; for a join or a collect, all of them
	Err      error  // of the last attempt
	Attempts int
	Elapsed  time.Duration // since the first attempt began
}

type failureJSON struct {
	Step     string          `json:"step"`
	Type     string          `json:"type"`
	Input    json.RawMessage `json:"input"`
	Error    string          `json:"error"`
	Attempts int             `json:"attempts"`
	Elapsed  time.Duration   `json:"elapsed_ns"`
}

// MarshalJSON writes the failure with its error as text.
func (f Failure) MarshalJSON() ([]byte, error) {
	in, err := json.Marshal(f.Input)
	if err != nil {
		return nil, err
	}
	text := ""
	if f.Err != nil {
		text = textOf(f.Err)
	}
	return json.Marshal(failureJSON{f.Step, f.Type, in, text, f.Attempts, f.Elapsed})
}

// UnmarshalJSON reads what MarshalJSON wrote. The input stays a json.RawMessage.
func (f *Failure) UnmarshalJSON(b []byte) error {
	var j failureJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*f = Failure{Step: j.Step, Type: j.Type, Input: j.Input, Err: errorText(j.Error), Attempts: j.Attempts, Elapsed: j.Elapsed}
	return nil
}

// An errorText is an error of which only the text is left.
type errorText string

func (e errorText) Error() string { return string(e) }

func (x *exec) asFailure(now int64) Failure {
	return Failure{
		Step: x.s.name, Type: x.st.c.types[x.typ].name, Input: x.in, Err: x.rare.fault.err,
		Attempts: int(x.attempt), Elapsed: time.Duration(now - x.rare.since),
	}
}

func (s *step) limitOfTime() time.Duration { return time.Duration(s.timeout) }

// final marks an error of the engine that no policy tries again, such as an event that was not declared.
type final struct{ err error }

func (e *final) Error() string { return e.err.Error() }

func (e *final) Unwrap() error { return e.err }
