package fold

import "encoding/json"

// An Ending is what a clean-up step takes: how the run is going to end.
type Ending struct {
	Kind Kind  // RunFinished, RunFailed or RunCancelled
	Err  error // why; nil for a success

	codes []ErrorCode // of Err
}

type endingJSON struct {
	Kind  Kind        `json:"kind"`
	Error string      `json:"error,omitempty"`
	Codes []ErrorCode `json:"codes,omitempty"`
}

// newEnding returns how a run of the workflow ends.
func (w *Workflow) newEnding(kind Kind, err error) Ending {
	if err == nil {
		return Ending{Kind: kind}
	}
	return Ending{kind, err, w.CodesOf(err)}
}

// MarshalJSON encodes the ending with the text of its error.
func (e Ending) MarshalJSON() ([]byte, error) {
	j := endingJSON{Kind: e.Kind, Codes: e.codes}
	if e.Err != nil {
		j.Error = TextOf(e.Err)
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. The error is then an [ErrorText].
func (e *Ending) UnmarshalJSON(b []byte) error {
	var j endingJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	if *e = (Ending{Kind: j.Kind, codes: j.Codes}); j.Error != "" {
		e.Err = ErrorText(j.Error)
	}
	return nil
}

// public returns the ending as a clean-up step takes it.
func (e *ending) public(w *Workflow) Ending {
	if e.fault == nil {
		return Ending{Kind: e.kind}
	}
	return w.newEnding(e.kind, e.fault.err)
}

// completeEnding replaces the error text of an ending that was read by the registered errors that
// it wraps.
func (w *Workflow) completeEnding(e *Ending) {
	if e.Err != nil {
		e.Err = w.ErrorOf(TextOf(e.Err), e.codes)
	}
}
