package flow

import (
	"context"
	"reflect"
	"time"

	"weft/flow/internal/detach"
	"weft/flow/internal/fold"
)

func init() {
	detach.NewContext = func(ctx context.Context, recorder *detach.Recorder) any { return detached(ctx, recorder) }
}

// detached returns a context without a run, whose step sends, emits and awaits through a recorder.
func detached(ctx context.Context, recorder *detach.Recorder) *Context {
	type start struct{}
	type stop struct{}
	c := newCore("test", reflect.TypeFor[start](), reflect.TypeFor[stop]())
	noBody := stepBody(func(*Context, any) (any, error) { return nil, nil })
	s := &fold.Step{
		Name: "test", Kind: fold.SingleStep, Takes: []int{c.In}, Gives: reflect.TypeFor[stop](), Body: noBody,
	}
	c.Add(s, nil)
	c.resolve()
	r := newRun(ctx, c, nil)
	r.base = time.Now()
	r.baseNs = r.base.UnixNano()
	r.tree.Begin(r.now(), start{}, false)
	exec := r.tree.Commands()[0].Exec
	r.tree.ClearCommands()
	alone := r.newContext(exec)
	alone.more().test = recorder
	r.ctx, r.stop = context.WithCancelCause(ctx) // there is no run to cancel first
	return alone
}
