// Package flowtest helps to test a step by itself, without a workflow and its run.
//
//	c := flowtest.NewContext(t.Context(), Reply{Yes: true})
//	answer, err := myStep(c, Question{"…"})
//	if sent := flowtest.Sent(c); len(sent) != 1 { … }
//
// A whole workflow needs no helper: run it, and read the records of the run.
package flowtest

import (
	"context"

	"weft/flow"
	"weft/flow/internal/detach"
)

type recorderKey struct{}

// NewContext returns a context with which a test can call a step by itself. State works; the events
// that the step emits and sends are kept for [Emitted] and [Sent]; an await returns the first of
// the replies that has its type and fits, and each reply counts once.
// An event that JSON cannot hold, which would fail the step in a run, panics when it is emitted.
func NewContext(ctx context.Context, replies ...any) *flow.Context {
	recorder := detach.NewRecorder(replies)
	return detach.NewContext(context.WithValue(ctx, recorderKey{}, recorder), recorder).(*flow.Context)
}

// Sent returns the events that were sent with a context made by [NewContext], in order; nil for
// another context.
func Sent(c *flow.Context) []any {
	if r, ok := c.Value(recorderKey{}).(*detach.Recorder); ok {
		return r.Sent()
	}
	return nil
}

// Emitted returns the events that were emitted with a context made by [NewContext], in order; nil
// for another context.
func Emitted(c *flow.Context) []any {
	if r, ok := c.Value(recorderKey{}).(*detach.Recorder); ok {
		return r.Emitted()
	}
	return nil
}
