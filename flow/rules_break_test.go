package flow_test

import (
	"slices"
	"testing"

	"weft/flow"
)

// A breakpoint may stop an execution of a sub-workflow. The process may end while it does.
func TestR44_ARunThatABreakpointHoldsInASubWorkflowCanBeResumed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inner := flow.New[A, B]("inner")
		flow.Step(inner, "deep", func(_ *flow.Context, a A) (B, error) { return B(a), nil })
		wf := flow.New[Start, Stop]("outer")
		flow.Step(wf, "first", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Sub(wf, "inner", inner)
		flow.Step(wf, "last", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		run := begin(t, wf, Start{7}, flow.Breakpoints(func(step, _ string) bool { return step == "deep" }))
		until(t, run, func(r flow.Record) bool { return r.Kind == flow.RunPaused })
		run.Cancel(nil)
		records := all(t, run)
		held := slices.IndexFunc(records, func(r flow.Record) bool { return r.Kind == flow.RunPaused })
		again, err := wf.Resume(t.Context(), slices.Values(records[:held+1]))
		if err != nil {
			t.Fatal(err)
		}
		again.Continue()
		same(t, must(again.Wait(t.Context())), Stop{7})
	})
}
