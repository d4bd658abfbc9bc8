package flow

import (
	"context"
	"encoding/json"
	"iter"
	"reflect"
	"runtime"
	"time"
)

// records yields the run's records from the one after the given number, and waits for more until the run has ended.
func (r *run) records(ctx context.Context, after uint64) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		i := after // the index of the next record, counting those before a snapshot
		i = max(i, r.log.first)
		var c *chunk
		for {
			end := r.log.first + r.log.published.Load()
			for ; i < end; i++ {
				k := i - r.log.first
				c = r.log.find(c, k)
				if !yield(r.record(c.at(k), i+1)) {
					return
				}
			}
			if !r.await(ctx, i) {
				return
			}
		}
	}
}

// await waits until there are records from index i on, and reports whether there are.
func (r *run) await(ctx context.Context, i uint64) bool {
	if ctx.Err() != nil {
		return false
	}
	runtime.Gosched() // a run that goes on has written more by then: to wait for each record costs more than it
	r.mu.Lock()
	if r.log.first+r.log.published.Load() > i {
		r.mu.Unlock()
		return true
	}
	if r.t.root.phase == over {
		r.mu.Unlock()
		return false
	}
	if r.waiting == nil {
		r.waiting = make(chan struct{})
	}
	more := r.waiting
	r.mu.Unlock()
	select {
	case <-more:
		return true
	case <-ctx.Done():
		return false
	}
}

// record writes out what the engine holds in short.
func (r *run) record(p rec, seq uint64) Record {
	run, c := r.id, r.c
	if p.sub != 0 {
		s, _ := r.names.Load(p.sub)
		run, c = s.(*subRun).id, s.(*subRun).c
	}
	out := Record{
		Seq: seq, Time: stamp(p.at), Run: run, Kind: p.kind, Worker: int(p.worker), Attempt: int(p.n),
		Execution: uint64(p.exec), Event: uint64(p.event), Cause: uint64(p.cause), Due: stamp(p.due),
	}
	if p.kind == EventSent {
		out.Attempt, out.Index = 0, int(p.n)
	}
	if p.step >= 0 {
		out.Step = c.steps[p.step].name
	}
	if p.typ >= 0 {
		out.Type = c.types[p.typ].name
	}
	switch v := p.payload.(type) {
	case *fault:
		if out.Error = v.text; p.kind == StepFailed || p.kind == StepCancelled {
			if v.end != 0 {
				out.Type = v.end.String()
			}
		}
		if e, ok := v.err.(*PanicError); ok && p.kind == StepFailed {
			out.Payload = Panic{Value: e.Error(), Stack: e.Stack}
		}
	case *patch:
		out.Type, out.Payload = v.key, v
	case *foreign:
		out.Type, out.Payload = v.typ, v.raw
	case restarted:
		out.Type = restartType
	default:
		if out.Payload = v; p.kind == EventEmitted {
			out.Type = c.nameOf(v)
		}
	}
	if p.kind == RunStarted {
		out.Step = c.name
	}
	return out
}

const restartType = "restart"

// foreign is the payload of a record from a journal that the engine has no use for: it is passed on as it came.
type foreign struct {
	typ string
	raw json.RawMessage
}

func stamp(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

// nameOf returns the stable name of an event's type.
func (c *core) nameOf(ev any) string {
	t := reflect.TypeOf(ev)
	if i, ok := c.byType[t]; ok {
		return c.types[i].name
	}
	return typeName(t)
}

// verbose logs a line for every record.
func (r *run) verbose() {
	for rec := range r.records(context.Background(), 0) {
		args := []any{"run", rec.Run}
		add := func(name string, v any, set bool) {
			if set {
				args = append(args, name, v)
			}
		}
		add("step", rec.Step, rec.Step != "")
		add("execution", rec.Execution, rec.Execution != 0)
		add("worker", rec.Worker, rec.Worker != 0)
		add("attempt", rec.Attempt, rec.Attempt > 1)
		add("type", rec.Type, rec.Type != "")
		add("error", rec.Error, rec.Error != "")
		add("due", rec.Due, !rec.Due.IsZero())
		r.logger().Info(rec.Kind.String(), args...)
	}
}
