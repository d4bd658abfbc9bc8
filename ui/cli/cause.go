package cli

import (
	"errors"
	"fmt"

	"weft/flow"
	"weft/rag/load"
)

// cause reduces a run's error to what the person needs to know: what happened, and in which step.
func cause(err error) error {
	var root *load.RootError
	var step *flow.StepError
	var late *flow.TimeoutError
	var cancelled *flow.CancelError
	switch {
	case errors.As(err, &root):
		return root
	case errors.As(err, &step):
		return fmt.Errorf("step %s failed: %w", step.Step, step.Err)
	case errors.As(err, &late):
		return late
	case errors.As(err, &cancelled) && cancelled.Cause != nil:
		return cancelled.Cause
	}
	return err
}
