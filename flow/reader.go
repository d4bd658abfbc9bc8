package flow

import (
	"context"
	"iter"
	"runtime"
)

// records yields the run's records from the one after the given number, and waits for more until
// the run has ended.
func (r *run) records(ctx context.Context, after uint64) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		log := &r.tree.Log
		reader := log.Reader()
		n := max(after, log.First) // the number of the record before the next
		for {
			for end := log.First + r.published.Load(); n < end; n++ {
				if !yield(reader.Record(n - log.First)) {
					return
				}
			}
			if !r.await(ctx, n) {
				return
			}
		}
	}
}

// await waits until there are records after the one with number n, and reports whether there are.
func (r *run) await(ctx context.Context, n uint64) bool {
	if ctx.Err() != nil {
		return false
	}
	runtime.Gosched() // by then a run that is under way has often appended more, and blocking costs more
	if r.lastPublished() > n {
		return true // without contending with the run for its lock
	}
	r.mu.Lock()
	if r.lastPublished() > n {
		r.mu.Unlock()
		return true
	}
	if r.closed() != nil {
		r.mu.Unlock()
		return false
	}
	if r.more == nil {
		r.more = make(chan struct{})
	}
	more := r.more
	r.mu.Unlock()
	select {
	case <-more:
		return true
	case <-ctx.Done():
		return false
	}
}

// soFar returns the records that are published so far.
func (r *run) soFar() []Record {
	var all []Record
	reader := r.tree.Log.Reader()
	for i := range r.published.Load() {
		all = append(all, reader.Record(i))
	}
	return all
}

// logRecords logs a line for every record of a run.
func logRecords(r *run) {
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
