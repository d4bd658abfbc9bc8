package run_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

// TestARunThatWasPausedIsStillPausedAfterARestart resumes a run that a debugger held when its
// process ended. Until the run is released, no step starts and none is shown at work.
func TestARunThatWasPausedIsStillPausedAfterARestart(t *testing.T) {
	build := func() *flow.Workflow[question, final] {
		wf := flow.New[question, final]("held")
		flow.Step(wf, "look", func(_ *flow.Context, q question) (checked, error) {
			time.Sleep(time.Second)
			return checked{}, nil
		})
		flow.Step(wf, "write", func(*flow.Context, checked) (final, error) { return final{"so"}, nil })
		return wf
	}
	soFar := func(r flow.Handle) (rs []flow.Record) {
		synctest.Wait()
		snap, err := r.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		for rec := range r.Records(t.Context(), 0) {
			if rs = append(rs, rec); rec.Seq == snap.Seq() {
				break
			}
		}
		return rs
	}
	for _, how := range []string{"paused", "stepped"} {
		synctest.Test(t, func(t *testing.T) {
			first, err := build().Start(t.Context(), question{1})
			if err != nil {
				t.Fatal(err)
			}
			first.Pause()
			if how == "stepped" {
				first.StepOnce()
			}
			records := soFar(first)
			first.Cancel(nil)
			if got := runtest.Fold(records).Now().Status(); got != run.Paused {
				t.Fatalf("%s: before the restart the run is %v", how, got)
			}
			second, err := flow.Resume(t.Context(), build(), slices.Values(records))
			if err != nil {
				t.Fatal(err)
			}
			v := runtest.Fold(soFar(second)).Now()
			if !second.Explain().Paused {
				t.Fatalf("%s: the engine released the run", how)
			}
			if v.Status() != run.Paused {
				t.Errorf("%s: after the restart it is %v", how, v.Status())
			}
			if s := v.Paused(0, time.Hour); len(s) != 1 || s[0].To != time.Hour {
				t.Errorf("%s: held for %v", how, s)
			}
			second.Continue()
			if _, err := second.Result(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}
