package llm

import (
	"context"

	"weft/flow/show"
)

type observerKey struct{}

// WithObserver returns a context whose calls notify f of their progress. f is called in the
// goroutine of the call, so it should return quickly. Concurrent calls call f concurrently.
func WithObserver(ctx context.Context, f func(show.ModelCall)) context.Context {
	return context.WithValue(ctx, observerKey{}, f)
}

func observerOf(ctx context.Context) func(show.ModelCall) {
	if f, _ := ctx.Value(observerKey{}).(func(show.ModelCall)); f != nil {
		return f
	}
	return func(show.ModelCall) {}
}
