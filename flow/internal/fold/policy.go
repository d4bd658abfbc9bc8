package fold

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"time"
)

// A Policy says which failures of a step are retried, how often and after which pause. Its zero
// value retries nothing.
type Policy struct {
	Attempts int              // in all; 0: as many as Elapsed allows, or 1 if that is not set either
	Elapsed  time.Duration    // no attempt begins later than this after the first; 0: no such limit
	Delay    time.Duration    // before the second attempt
	Factor   float64          // by which the pause grows each time; 0: 1, the same pause
	Max      time.Duration    // the longest pause; 0: any
	Jitter   float64          // the random share of the pause, 0 to 1; fixed by run, execution and attempt
	If       func(error) bool // which failures; nil: all. It must be quick and must not call the run

	// PauseOf returns the pause that an error asks for, such as a server's Retry-After. It replaces
	// the computed pause, up to Max; 0: the error asks for none. It must be quick and must not call
	// the run.
	PauseOf func(error) time.Duration
}

// allows reports whether there may be another attempt after this one.
func (p *Policy) allows(attempt int32) bool {
	return (p.Attempts > 0 || p.Elapsed > 0) && (p.Attempts == 0 || int(attempt) < p.Attempts)
}

// Advice is what a policy says about the error of an attempt.
type Advice struct {
	Refused bool          // the policy allows no further attempt
	Pause   time.Duration // that the error asks for; 0: it asks for none
}

// advise asks the policy about the error of an attempt; a policy that panics wants no retry.
func (p *Policy) advise(err error, attempt int32) (a Advice) {
	if _, final := err.(*FinalError); final || p == nil || p.If == nil && p.PauseOf == nil || !p.allows(attempt) {
		return Advice{}
	}
	defer func() {
		if recover() != nil {
			a = Advice{Refused: true}
		}
	}()
	if p.If != nil && !p.If(err) {
		return Advice{Refused: true}
	}
	if p.PauseOf != nil {
		a.Pause = p.PauseOf(err)
	}
	return a
}

// next returns when the attempt after this one begins, in nanoseconds since 1970; 0: there is none.
// The random part depends on the run, the execution and the attempt alone, so that replay and every
// machine agree on it.
func (p *Policy) next(run string, execution uint32, attempt int32, firstStart, now int64, asked time.Duration) int64 {
	if p == nil || !p.allows(attempt) {
		return 0
	}
	pause := float64(p.Delay)
	if pause > 0 { // a pause of zero stays zero, whatever the factor
		pause *= math.Pow(max(p.Factor, 1), float64(attempt-1))
	}
	if asked > 0 {
		pause = float64(asked)
	}
	if p.Max > 0 {
		pause = min(pause, float64(p.Max))
	}
	if p.Jitter > 0 && asked <= 0 {
		h := fnv.New64a()
		h.Write([]byte(run))
		h.Write([]byte{
			byte(execution), byte(execution >> 8), byte(execution >> 16), byte(execution >> 24),
			byte(attempt), byte(attempt >> 8),
		})
		pause *= 1 - min(p.Jitter, 1)*float64(h.Sum64()>>11)/(1<<53)
	}
	due := now + int64(min(pause, math.MaxInt64/4))
	if p.Elapsed > 0 && due-firstStart > int64(p.Elapsed) {
		return 0
	}
	return max(due, 1)
}

// A Failure is what a recovery step takes: which step failed, on what input, and how often it was
// tried.
type Failure struct {
	Step     string // the step that failed
	Type     string // the stable name of the input's type
	Input    any    // the event that it was called with; for a join or a collect, all of them
	Err      error  // of the last attempt
	Attempts int
	Elapsed  time.Duration // since the first attempt began

	codes []ErrorCode // of Err
}

type failureJSON struct {
	Step     string          `json:"step"`
	Type     string          `json:"type"`
	Input    json.RawMessage `json:"input"`
	Error    string          `json:"error"`
	Attempts int             `json:"attempts"`
	Elapsed  time.Duration   `json:"elapsed_ns"`
	Codes    []ErrorCode     `json:"codes,omitempty"`
}

// MarshalJSON writes the failure with its error as text.
func (f Failure) MarshalJSON() ([]byte, error) {
	in, err := json.Marshal(f.Input)
	if err != nil {
		return nil, err
	}
	text := ""
	if f.Err != nil {
		text = TextOf(f.Err)
	}
	return json.Marshal(failureJSON{f.Step, f.Type, in, text, f.Attempts, f.Elapsed, f.codes})
}

// UnmarshalJSON reads what MarshalJSON wrote. The input remains a json.RawMessage and the error an
// [ErrorText]; see complete.
func (f *Failure) UnmarshalJSON(b []byte) error {
	var j failureJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*f = Failure{
		Step: j.Step, Type: j.Type, Input: j.Input, Err: ErrorText(j.Error),
		Attempts: j.Attempts, Elapsed: j.Elapsed, codes: j.Codes,
	}
	return nil
}

// complete restores the error and the input of a failure that was decoded.
func (w *Workflow) complete(f *Failure) (err error) {
	f.Err = w.ErrorOf(TextOf(f.Err), f.codes)
	raw, isRaw := f.Input.(json.RawMessage)
	s := w.stepNamed(f.Step)
	if s == nil || !isRaw {
		return nil
	}
	if s.Kind != JoinStep && s.Kind != CollectStep {
		if typ := w.TypeNamed(f.Type); typ >= 0 {
			f.Input, err = w.Decode(typ, raw)
		}
		return err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	all := make([]any, len(parts))
	for i, part := range parts {
		if all[i], err = w.Decode(s.Takes[min(i, len(s.Takes)-1)], part); err != nil {
			return err
		}
	}
	f.Input = all
	return nil
}
