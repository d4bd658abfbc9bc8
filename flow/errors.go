package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrAwaitTimeout is what [Await] returns when its time is over.
var ErrAwaitTimeout = errors.New("flow: nobody replied in time")

// ErrEnded is returned by calls that come after the end of a run.
var ErrEnded = errors.New("flow: the run has ended")

// A StepError says that a run failed because a step did, for good. It wraps the error of the last attempt.
type StepError struct {
	Step     string
	Event    string // the type of the event that the step was called with
	Attempts int
	Err      error
}

func (e *StepError) Error() string {
	if e.Attempts > 1 {
		return fmt.Sprintf("step %q failed on %s after %d attempts: %v", e.Step, e.Event, e.Attempts, e.Err)
	}
	return fmt.Sprintf("step %q failed on %s: %v", e.Step, e.Event, e.Err)
}

func (e *StepError) Unwrap() error { return e.Err }

// A TimeoutError says that a run or a step took longer than it may. It is a [context.DeadlineExceeded].
type TimeoutError struct {
	Step   string // "" for the run
	Limit  time.Duration
	Active []string // for the run: the steps that were under way
}

func (e *TimeoutError) Error() string {
	if e.Step != "" {
		return fmt.Sprintf("step %q took longer than its timeout of %v", e.Step, e.Limit)
	}
	s := fmt.Sprintf("the run took longer than its timeout of %v", e.Limit)
	if len(e.Active) > 0 {
		s += "; active: " + strings.Join(e.Active, ", ")
	}
	return s
}

func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// A CancelError says that a run was cancelled. It wraps the cause that was given.
type CancelError struct{ Cause error }

func (e *CancelError) Error() string { return "the run was cancelled: " + textOf(e.Cause) }

func (e *CancelError) Unwrap() error { return e.Cause }

// A StuckError says that nothing of a run is under way and nothing gave the stop event, so that it could never end.
type StuckError struct {
	Stop    string   // the type of the stop event
	Missing []string // what collects still wait for
}

func (e *StuckError) Error() string {
	s := "nothing is left to run and no step gave " + e.Stop
	if len(e.Missing) > 0 {
		s += "; " + strings.Join(e.Missing, "; ")
	}
	return s
}

// A PanicError says that a step panicked, or left its goroutine by runtime.Goexit.
type PanicError struct {
	Value any
	Stack string
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A Panic is the payload of a StepFailed record whose attempt panicked.
type Panic struct {
	Value string `json:"value"`
	Stack string `json:"stack"`
}

// textOf returns the text of an error from outside, whose method may panic: that of a nil pointer that was returned as an
// error mostly does.
func textOf(err error) string { return fmt.Sprint(err) }

// failure makes the error of a run that failed because of x.
func (x *exec) failure(f *fault) error {
	return &StepError{Step: x.s.name, Event: x.st.c.types[x.typ].name, Attempts: int(x.attempt), Err: f.err}
}

// active names the steps of a run that are under way.
func (st *state) active() (names []string) {
	seen := map[string]bool{}
	for x := range st.executions() {
		if !seen[x.s.name] && (x.status == isRunning || x.status == isDelayed || x.status == isQueued) {
			seen[x.s.name] = true
			names = append(names, x.s.name)
		}
	}
	return names
}

// stuck says what a run that can never move again is missing.
func (st *state) stuck() error {
	e := &StuckError{Stop: st.c.types[st.c.out].name}
	for _, c := range st.sets {
		e.Missing = append(e.Missing, st.lacks(c))
	}
	return e
}

func (st *state) lacks(c *set) string {
	var need []string
	for _, m := range c.missing() {
		need = append(need, fmt.Sprintf("%d more %s", m.n, st.c.types[m.typ].name))
	}
	return fmt.Sprintf("step %q misses %s", c.s.name, strings.Join(need, " and "))
}
