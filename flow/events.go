package flow

import (
	"context"
	"encoding/json"
	"iter"
	"reflect"

	"weft/flow/internal/fold"
)

// Events yields the events of one type that a run emits and that its steps give, as they come,
// until the run has ended or ctx is done. The run is a *[Run] or a [Handle].
func Events[E any](ctx context.Context, run interface {
	Records(ctx context.Context, after uint64) iter.Seq[Record]
}) iter.Seq[E] {
	return func(yield func(E) bool) {
		for r := range run.Records(ctx, 0) {
			if r.Kind != EventEmitted && r.Kind != EventSent {
				continue
			}
			ev, ok := r.Payload.(E)
			if raw, isRaw := r.Payload.(json.RawMessage); !ok && isRaw && r.Type == fold.NameOf(reflect.TypeFor[E]()) {
				ok = json.Unmarshal(raw, &ev) == nil
			}
			if ok && !yield(ev) {
				return
			}
		}
	}
}

// Items is what a step added with [Each] returns to fan out over a slice: every item is a branch.
// An empty slice, or nil, is a fan-out without branches.
func Items[R any](all []R) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}
