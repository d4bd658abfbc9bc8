package answer

import (
	"context"
	"time"
)

// A Timer limits and measures the calls that a step makes. Time that the step spends waiting for
// the user between its calls does not count. A nil Timer does nothing.
type Timer struct {
	Limit time.Duration // of all calls together; 0: none
	Late  error         // the error of a call that was ended at the limit

	Spent time.Duration // on the calls so far
	Ended bool          // a call was ended at the limit
}

// Run makes a call. At the limit the context of the call is cancelled; if the call then fails, Run
// returns Late.
func (t *Timer) Run(ctx context.Context, call func(context.Context) error) error {
	if t == nil {
		return call(ctx)
	}
	limited := ctx
	if t.Limit > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, t.Limit-t.Spent)
		defer cancel()
	}
	begin := time.Now()
	err := call(limited)
	t.Spent += time.Since(begin)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		t.Ended = true
		return t.Late
	}
	return err
}
