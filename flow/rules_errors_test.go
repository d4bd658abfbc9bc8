package flow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

var (
	errQuota = errors.New("the quota is used up")
	errOther = errors.New("another error")
)

// A httpError is registered by its type.
type httpError struct {
	Status int
	Reason string
}

func (e *httpError) Error() string { return fmt.Sprint(e.Status, " ", e.Reason) }

// A likeQuota matches errQuota by its Is method, and does not wrap it.
type likeQuota struct{}

func (likeQuota) Error() string        { return "like a quota" }
func (likeQuota) Is(target error) bool { return target == errQuota }

// A touchyError panics when it is compared.
type touchyError struct{ s []int }

func (touchyError) Error() string { return "touchy" }

func withCodes() []flow.WorkflowOption {
	return []flow.WorkflowOption{flow.RegisterError("quota", errQuota), flow.RegisterErrorType[*httpError]("http")}
}

// failsWith returns a workflow whose only step fails.
func failsWith(err error, opts ...flow.StepOption) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("fails", withCodes()...)
	flow.Step(wf, "a", func(*flow.Context, Start) (Stop, error) { return Stop{}, err }, opts...)
	return wf
}

func TestR33_ErrorsAreTheSameAfterTheRunWasResumed(t *testing.T) {
	slow := func() *flow.Workflow[Start, Stop] {
		wf := flow.New[Start, Stop]("slow", withCodes()...)
		flow.Step(wf, "a", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, c.Err() }, flow.Timeout(time.Second))
		return wf
	}
	for name, wf := range map[string]*flow.Workflow[Start, Stop]{
		"the value itself":   failsWith(errQuota),
		"wrapped":            failsWith(fmt.Errorf("call: %w", errQuota)),
		"joined":             failsWith(errors.Join(io.EOF, fmt.Errorf("b: %w", errQuota), &httpError{503, "busy"})),
		"registered by type": failsWith(fmt.Errorf("call: %w", &httpError{429, "slow down"})),
		"by an Is method":    failsWith(likeQuota{}),
		"not comparable":     failsWith(errors.Join(touchyError{[]int{1}}, errQuota)),
		"context":            failsWith(fmt.Errorf("x: %w", context.Canceled)),
		"not registered":     failsWith(errOther),
		"a step's timeout":   slow(),
		"a panic":            panics(fmt.Errorf("oh: %w", errQuota)),
		"a panic with text":  panics("oh"),
		"stuck":              stuckWorkflow(),
		"in a sub-workflow":  outer(failsWith(fmt.Errorf("call: %w", errQuota))),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				run := begin(t, wf, Start{})
				_, live := run.Wait(t.Context())
				records := journalOf(t, all(t, run))
				sameError(t, "resumed", live, must2(must(wf.Resume(t.Context(), slices.Values(records))).Wait(t.Context())))
				again := journalOf(t, all(t, must(wf.Resume(t.Context(), slices.Values(records)))))
				same(t, again[len(records)-1].Codes, records[len(records)-1].Codes)
			})
		})
	}
}

func must2[T any](_ T, err error) error { return err }

// sameError compares two errors by their texts and by errors.Is and errors.As.
func sameError(t *testing.T, what string, live, got error) {
	t.Helper()
	if got == nil || got.Error() != live.Error() {
		t.Fatalf("%s: %v, was %v", what, got, live)
	}
	for _, target := range []error{errQuota, context.Canceled, context.DeadlineExceeded, flow.ErrAwaitTimeout} {
		if errors.Is(got, target) != errors.Is(live, target) {
			t.Errorf("%s: errors.Is %v was %v", what, target, errors.Is(live, target))
		}
	}
	sameAs[*httpError](t, what, live, got)
	sameAs[*flow.StepError](t, what, live, got)
	sameAs[*flow.TimeoutError](t, what, live, got)
	sameAs[*flow.StuckError](t, what, live, got)
	sameAs[*flow.PanicError](t, what, live, got)
	sameAs[*flow.CancelError](t, what, live, got)
}

func sameAs[E error](t *testing.T, what string, live, got error) {
	t.Helper()
	var a, b E
	if errors.As(live, &a) != errors.As(got, &b) {
		t.Errorf("%s: errors.As %T: %v, was %v", what, a, b, a)
	} else if errors.As(live, &a) && a.Error() != b.Error() {
		t.Errorf("%s: %T is %q, was %q", what, a, b, a)
	}
}

func panics(v any) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("panics", withCodes()...)
	flow.Step(wf, "a", func(*flow.Context, Start) (Stop, error) { panic(v) })
	return wf
}

func stuckWorkflow() *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("stuck")
	flow.Step(wf, "a", func(*flow.Context, Start) (*Stop, error) { return nil, nil })
	return wf
}

func outer(child *flow.Workflow[Start, Stop]) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("outer")
	flow.Sub(wf, "inner", child)
	return wf
}

func TestR33_ARecoveryStepFindsTheErrorAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex // several runs are under way at once
		var got []flow.Failure
		build := func() *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("mended", withCodes()...)
			flow.Step(wf, "a", func(*flow.Context, Start) (A, error) { return A{7}, nil })
			flow.Step(wf, "b", func(*flow.Context, A) (Stop, error) {
				return Stop{}, errors.Join(errQuota, &httpError{429, "slow down"})
			})
			flow.Recover(wf, "mend", func(_ *flow.Context, f flow.Failure) (Stop, error) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, f)
				return Stop{f.Input.(A).N}, nil
			})
			return wf
		}
		run := begin(t, build(), Start{})
		same(t, must(run.Wait(t.Context())), Stop{7})
		records := all(t, run)
		failed := of(records, flow.StepFailed)[0].Seq
		for at := failed; at < uint64(len(records)); at++ { // the failure is kept in the state, in a queue or in a running execution
			run := must(build().Resume(t.Context(), slices.Values(journalOf(t, records[:at]))))
			same(t, must(run.Wait(t.Context())), Stop{7})
			run = must(build().Resume(t.Context(), slices.Values(journalOf(t, records[:at]))))
			snap, err := run.Snapshot()
			same(t, must(run.Wait(t.Context())), Stop{7})
			restored := must(build().ResumeFrom(t.Context(), stored(t, snap, err)))
			same(t, must(restored.Wait(t.Context())), Stop{7})
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		for _, f := range got {
			var h *httpError
			if !errors.Is(f.Err, errQuota) || !errors.As(f.Err, &h) || h.Status != 429 {
				t.Errorf("%v (%T)", f.Err, f.Err)
			}
		}
	})
}

func TestR33_TheCauseOfACancelIsFoundAfterTheRunWasResumed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("cancelled", withCodes()...)
		flow.Step(wf, "a", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, c.Err() })
		for _, cause := range []error{nil, errQuota, fmt.Errorf("x: %w", errQuota)} {
			run := begin(t, wf, Start{})
			synctest.Wait()
			run.Cancel(cause)
			_, live := run.Wait(t.Context())
			records := journalOf(t, all(t, run))
			sameError(t, "ended", live, must2(must(wf.Resume(t.Context(), slices.Values(records))).Wait(t.Context())))
			at := slices.IndexFunc(records, func(r flow.Record) bool { return r.Kind == flow.StepCancelled })
			sameError(t, "in the middle", live, must2(must(wf.Resume(t.Context(), slices.Values(records[:at+1]))).Wait(t.Context())))
		}
	})
}

func TestR33_MisuseOfErrorCodesPanics(t *testing.T) {
	for name, opts := range map[string][]flow.WorkflowOption{
		"a code twice":            {flow.RegisterError("x", errQuota), flow.RegisterError("x", errOther)},
		"an empty code":           {flow.RegisterError("", errQuota)},
		"a reserved code":         {flow.RegisterError("flow.step", errQuota)},
		"a nil error":             {flow.RegisterError("x", nil)},
		"a type JSON cannot hold": {flow.RegisterErrorType[touchyError]("x")},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "flow: ") {
					t.Error(p)
				}
			}()
			flow.New[Start, Stop]("x", opts...)
		})
	}
}
