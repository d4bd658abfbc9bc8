package llm

import (
	"context"

	"weft/flow/show"
)

type observerKey struct{}

// WithObserver returns a context whose calls tell f what happens to them. f is called in the goroutine of the call, so it should be
// quick; calls that run at the same time call it at the same time.
func WithObserver(ctx context.Context, f func(show.ModelCall)) context.Context {
	return context.WithValue(ctx, observerKey{}, f)
}

func observerOf(ctx context.Context) func(show.ModelCall) {
	if f, _ := ctx.Value(observerKey{}).(func(show.ModelCall)); f != nil {
		return f
	}
	return func(show.ModelCall) {}
}
