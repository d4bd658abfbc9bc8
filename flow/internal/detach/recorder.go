// Package detach connects package flow with flowtest: a context without a run hands what its step
// does to a Recorder.
package detach

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// NewContext returns the *flow.Context of a step that is called without a run. Package flow sets it,
// because only that package can make one, and its users are to find it in package flowtest alone.
var NewContext func(context.Context, *Recorder) any

// A Recorder keeps what a step does with a context that has no run. It may be used by several
// goroutines.
type Recorder struct {
	mu            sync.Mutex
	sent, emitted []any
	replies       []any
}

// NewRecorder returns a recorder that has replies for the step's awaits.
func NewRecorder(replies []any) *Recorder { return &Recorder{replies: slices.Clone(replies)} }

// Send keeps an event that the step sends.
func (r *Recorder) Send(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, ev)
}

// Emit keeps an event that the step emits.
func (r *Recorder) Emit(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emitted = append(r.emitted, ev)
}

// Reply returns, and uses up, the first reply of a type that fits.
func (r *Recorder) Reply(t reflect.Type, key string, fits func(any) bool) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, v := range r.replies {
		if reflect.TypeOf(v) == t && fits(v) {
			r.replies = slices.Delete(r.replies, i, i+1)
			return v, nil
		}
	}
	return nil, fmt.Errorf("flow: Await %q: NewContext was given no (further) reply of type %v that fits", key, t)
}

// Sent returns what was sent.
func (r *Recorder) Sent() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// Emitted returns what was emitted.
func (r *Recorder) Emitted() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.emitted)
}
