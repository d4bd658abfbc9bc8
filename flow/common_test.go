package flow_test

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

type (
	Start struct{ N int }
	A     struct{ N int }
	B     struct{ N int }
	Stop  struct{ N int }
	Tick  struct{ N int }
	Ticks interface{ tick() }
)

func (Tick) tick() {}
func (Stop) tick() {}

func chain() *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("chain")
	flow.Step(wf, "one", func(c *flow.Context, e Start) (A, error) { return A{e.N + 1}, nil })
	flow.Step(wf, "two", func(c *flow.Context, e A) (B, error) { return B{e.N + 1}, nil })
	flow.Step(wf, "three", func(c *flow.Context, e B) (Stop, error) { return Stop{e.N + 1}, nil })
	return wf
}

func fan(n int) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("fan")
	flow.Each(wf, "split", func(c *flow.Context, s Start) iter.Seq2[A, error] {
		return func(yield func(A, error) bool) {
			for i := range s.N {
				if !yield(A{i}, nil) {
					return
				}
			}
		}
	})
	flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) { return B{a.N + 1}, nil }, flow.Workers(n))
	flow.Join(wf, "sum", func(c *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
	return wf
}

func loop() *flow.Workflow[Tick, Stop] {
	wf := flow.New[Tick, Stop]("loop")
	flow.Step(wf, "tick", func(c *flow.Context, e Tick) (Ticks, error) {
		if e.N >= 10000 {
			return Stop(e), nil
		}
		return Tick{e.N + 1}, nil
	})
	return wf
}

// bubble runs a test with virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// begin starts a run.
func begin[In, Out any](t *testing.T, wf *flow.Workflow[In, Out], in In, opts ...flow.RunOption) *flow.Run[Out] {
	t.Helper()
	run, err := wf.Start(t.Context(), in, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// all returns the records of a run that has ended or will.
func all(t *testing.T, run flow.Handle) (records []flow.Record) {
	t.Helper()
	return slices.Collect(run.Records(t.Context(), 0))
}

// of returns the records of one kind.
func of(records []flow.Record, kind flow.Kind) (some []flow.Record) {
	for _, r := range records {
		if r.Kind == kind {
			some = append(some, r)
		}
	}
	return some
}

// until waits for a record that fits.
func until(t *testing.T, run flow.Handle, fits func(flow.Record) bool) flow.Record {
	t.Helper()
	for r := range run.Records(t.Context(), 0) {
		if fits(r) {
			return r
		}
	}
	t.Fatal("the run ended without it")
	return flow.Record{}
}

// want fails the test if an error does not contain the parts of its text.
func want(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; it should say %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// upTo yields events numbered from 0.
func upTo[E any](n int, e func(int) E) iter.Seq2[E, error] {
	return func(yield func(E, error) bool) {
		for i := range n {
			if !yield(e(i), nil) {
				return
			}
		}
	}
}

// sendUpTo sends events numbered from 0.
func sendUpTo(c *flow.Context, n int, e func(int) any) error {
	for i := range n {
		if err := c.Send(e(i)); err != nil {
			return err
		}
	}
	return nil
}

type (
	C     struct{ N int }
	D     struct{ N int }
	Ask   struct{ Text string }
	Reply struct {
		ID   int
		Text string
	}
	AorB interface{ aorb() }
)

func (A) aorb() {}
func (B) aorb() {}

var errBoom = errors.New("boom")

type iter2[E any] = iter.Seq2[E, error]

// contextThatEnds returns a context that ends, in a bubble, as soon as all other goroutines are
// blocked.
func contextThatEnds(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), time.Nanosecond)
}

// settled returns the text written once all other goroutines of the bubble are blocked.
func settled(b *strings.Builder) string {
	synctest.Wait()
	return b.String()
}
