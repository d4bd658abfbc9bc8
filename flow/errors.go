package flow

import (
	"errors"

	"weft/flow/internal/fold"
)

// ErrEnded is returned by calls that come after the end of a run.
var ErrEnded = errors.New("flow: the run has ended")

// ErrNotAwaited is wrapped by the error of a [Run.Reply] that names an await which is not open: it
// was answered, its time is over, or there is none of that number.
var ErrNotAwaited = errors.New("the await is not open")

// A CancelError says that a run was cancelled. It wraps the cause that was given.
type CancelError struct{ Cause error }

func (e *CancelError) Error() string { return "the run was cancelled: " + fold.TextOf(e.Cause) }

// Unwrap returns the cause.
func (e *CancelError) Unwrap() error { return e.Cause }

// ErrSuspended is wrapped by the error of a run that was put aside, and is returned by calls that
// come afterwards. The run can be resumed from its journal.
var ErrSuspended = errors.New("the run is suspended: resume it from its journal")

// ErrMalformed is wrapped by the error of a start event whose JSON does not fit its type.
var ErrMalformed = errors.New("the JSON does not fit the type")
