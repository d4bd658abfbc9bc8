package flow

import (
	"fmt"
	"reflect"
	"strings"

	"weft/flow/internal/schema"
)

// RegisterError gives an error value a code, which the record of a failure has if the failure is or
// wraps it. So errors.Is finds the value in the failure of a run that was resumed in another
// process, as it did before. [context.Canceled], [context.DeadlineExceeded] and the errors of this
// package are registered already. Codes that begin with "flow." or "context." are reserved.
//
// The codes are part of the journal's format: keep them when the error is renamed.
func RegisterError(code string, err error) WorkflowOption {
	return workflowOption(func(c *core) {
		mustBeOwnCode(c, code)
		if err == nil {
			panic(fmt.Sprintf("flow: New %q: RegisterError %q: a nil error", c.Name, code))
		}
		c.RegisterError(code, err)
	})
}

// RegisterErrorType gives a type of errors a code, as [RegisterError] does for a value. The record
// also has the error's fields as JSON, so that errors.As finds an equal error in the failure of a
// run that was resumed. A value of the type must survive encoding to JSON and decoding.
func RegisterErrorType[E error](code string) WorkflowOption {
	t := reflect.TypeFor[E]()
	return workflowOption(func(c *core) {
		mustBeOwnCode(c, code)
		if p := schema.Problems(t, false); len(p) > 0 {
			panic(fmt.Sprintf("flow: New %q: RegisterErrorType[%v] %q: %s", c.Name, t, code, p[0]))
		}
		c.RegisterErrorType(code, t)
	})
}

func mustBeOwnCode(c *core, code string) {
	if code == "" || strings.HasPrefix(code, "flow.") || strings.HasPrefix(code, "context.") {
		panic(fmt.Sprintf("flow: New %q: error code %q: it is empty, or begins as the codes of package flow do", c.Name, code))
	}
}
