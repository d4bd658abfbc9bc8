package fold

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrAwaitTimeout is the result of an await whose time is over.
var ErrAwaitTimeout = errors.New("flow: nobody replied in time")

// A StepError says that a run failed because a step failed for good. It wraps the error of the last
// attempt.
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

// Unwrap returns the error of the last attempt.
func (e *StepError) Unwrap() error { return e.Err }

// A TimeoutError says that a run or a step took longer than it may. It wraps
// context.DeadlineExceeded.
type TimeoutError struct {
	Step   string // "" for the run
	Limit  time.Duration
	Active []string // for the run: the steps that were under way

	deadline error // Workflow.Deadline
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

// Unwrap returns context.DeadlineExceeded.
func (e *TimeoutError) Unwrap() error { return e.deadline }

// A StuckError says that nothing of a run is under way and no step gave the stop event, so that it
// could never end.
type StuckError struct {
	Stop    string   // the type of the stop event
	Missing []string // the events for which collects still wait
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

// A FinalError marks a mistake of the program that no policy retries and no recovery step takes,
// such as an event that was not declared.
type FinalError struct{ Err error }

func (e *FinalError) Error() string { return e.Err.Error() }

// Unwrap returns the error that is marked.
func (e *FinalError) Unwrap() error { return e.Err }

// An ErrorText is an error that was read from a journal, which holds only its text.
type ErrorText string

func (e ErrorText) Error() string { return string(e) }

// TextOf returns the text of a user's error. Its method may panic, as that of a nil pointer that
// was returned as an error often does; then the text says so.
func TextOf(err error) string { return fmt.Sprint(err) }

// A fault is the reason why something failed or ended, in a record: the live error, and the text
// that is kept on disk.
type fault struct {
	err  error
	text string
	end  Kind // in a StepCancelled: the kind of record that the run will end with; 0: it continues
	most int  // in a StepFailed with a next attempt: how many the policy allows; 0: any number
}

// An InvalidError is all that is wrong with a workflow's graph.
type InvalidError struct {
	Workflow string
	Findings []Finding
}

// A Finding is one thing that is wrong: what it is, where, and how to mend it.
type Finding struct{ What, Where, Mend string }

func (f Finding) String() string { return f.Where + ": " + f.What + "; " + f.Mend }

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = "\n  " + f.String()
	}
	return fmt.Sprintf("flow: workflow %q cannot run:%s", e.Workflow, strings.Join(lines, ""))
}
