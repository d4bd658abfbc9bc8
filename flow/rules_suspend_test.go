package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// stages works for a minute, waits for a reply, and works for another minute.
func stages(opts ...flow.WorkflowOption) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("stages", opts...)
	work := func(c *flow.Context) error {
		select {
		case <-time.After(time.Minute):
			return nil
		case <-c.Done():
			return c.Err()
		}
	}
	flow.Step(wf, "before", func(c *flow.Context, _ Start) (A, error) { return A{1}, work(c) }, flow.Timeout(2*time.Minute))
	flow.Step(wf, "ask", func(c *flow.Context, _ A) (B, error) {
		r, err := flow.Await[Reply](c, "k", Ask{})
		return B{r.ID}, err
	}, flow.Awaits[Reply]())
	flow.Step(wf, "after", func(c *flow.Context, b B) (Stop, error) { return Stop(b), work(c) })
	return wf
}

// A naive engine cancels the run for good when its process is asked to end.
func TestR65_ASuspendedRunContinues(t *testing.T) {
	for how, suspend := range map[string]func(run *flow.Run[Stop], end context.CancelCauseFunc) error{
		"call":           func(run *flow.Run[Stop], _ context.CancelCauseFunc) error { return run.Suspend() },
		"end of context": func(run *flow.Run[Stop], end context.CancelCauseFunc) error { end(errBoom); <-run.Done(); return nil },
		"call, and again": func(run *flow.Run[Stop], _ context.CancelCauseFunc) error {
			return errors.Join(run.Suspend(), run.Suspend())
		},
	} {
		t.Run(how, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				wf := stages(flow.Timeout(3 * time.Minute))
				j := &syncedJournal{safe: map[flow.Kind]int{}}
				ctx, end := context.WithCancelCause(t.Context())
				run := must(wf.Start(ctx, Start{}, flow.Keep(j)))
				for at := 0; at < 3; at++ { // while it works, and twice while it waits
					time.Sleep(50 * time.Second)
					if err := suspend(run, end); err != nil {
						t.Fatal(err)
					}
					_, err := run.Wait(t.Context())
					if !errors.Is(err, flow.ErrSuspended) || how == "end of context" && !errors.Is(err, errBoom) {
						t.Error(err)
					}
					for _, err := range []error{run.Send(Reply{}), run.Reply(1, Reply{})} {
						if !errors.Is(err, flow.ErrSuspended) {
							t.Error(err)
						}
					}
					run.Cancel(nil) // is too late
					same(t, j.safely(flow.RunSuspended), at+1)
					records := all(t, run)
					same(t, records[len(records)-1].Kind, flow.RunSuspended)
					same(t, run.Explain().Suspended, true)
					time.Sleep(time.Hour) // does not count
					ctx, end = context.WithCancelCause(t.Context())
					run = must(wf.Resume(ctx, slices.Values(journalOf(t, records)), flow.Keep(j)))
					if at > 0 {
						continue
					}
					time.Sleep(70 * time.Second)
				}
				for _, a := range run.Explain().Awaits {
					if err := run.Reply(a.ID, Reply{ID: 4}); err != nil {
						t.Fatal(err)
					}
				}
				same(t, must(run.Wait(t.Context())), Stop{4})
				end(nil)
				if err := run.Suspend(); !errors.Is(err, flow.ErrEnded) {
					t.Error(err)
				}
			})
		})
	}
}

func TestR65_ARunWithoutAJournalIsNotSuspended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, end := context.WithCancelCause(t.Context())
		run := must(stages().Start(ctx, Start{}))
		want(t, run.Suspend(), "no journal", "flow.Keep")
		end(errBoom)
		_, err := run.Wait(t.Context())
		var cancelled *flow.CancelError
		if !errors.As(err, &cancelled) || !errors.Is(err, errBoom) {
			t.Error(err)
		}
	})
}

func TestR65_AStepThatIgnoresItsContextDelaysNoSuspend(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gate, calls := make(chan struct{}), 0
		wf := flow.New[Start, Stop]("deaf")
		flow.Step(wf, "deaf", func(c *flow.Context, _ Start) (Stop, error) {
			if calls++; calls == 1 {
				<-gate
			}
			return Stop{calls}, nil
		})
		run := begin(t, wf, Start{}, flow.Keep(&syncedJournal{safe: map[flow.Kind]int{}}))
		synctest.Wait()
		if err := run.Suspend(); err != nil {
			t.Fatal(err)
		}
		records := journalOf(t, all(t, run))
		close(gate)
		synctest.Wait()
		same(t, len(all(t, run)), len(records)) // its result comes too late
		same(t, must(must(wf.Resume(t.Context(), slices.Values(records))).Wait(t.Context())), Stop{2})
	})
}

func TestR65_ARunThatWaitsForItsTurnCanBeSuspended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := stages(flow.MaxRuns(1))
		first := begin(t, wf, Start{})
		second := begin(t, wf, Start{}, flow.Keep(&syncedJournal{safe: map[flow.Kind]int{}}))
		if err := second.Suspend(); err != nil {
			t.Fatal(err)
		}
		records := journalOf(t, all(t, second))
		first.Cancel(nil)
		run := must(wf.Resume(t.Context(), slices.Values(records)))
		time.Sleep(2 * time.Minute)
		if err := run.Send(Reply{ID: 3}); err != nil {
			t.Fatal(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{3})
	})
}

func TestR65_ARunIsSuspendedInItsCleanUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		wf := flow.New[Start, Stop]("clean")
		flow.Step(wf, "fail", func(*flow.Context, Start) (Stop, error) { return Stop{}, errBoom })
		flow.Finally(wf, "last", func(c *flow.Context, _ flow.Ending) error {
			if calls++; calls == 1 {
				<-c.Done()
			}
			return c.Err()
		})
		run := begin(t, wf, Start{}, flow.Keep(&syncedJournal{safe: map[flow.Kind]int{}}))
		synctest.Wait()
		if err := run.Suspend(); err != nil {
			t.Fatal(err)
		}
		_, err := must(wf.Resume(t.Context(), slices.Values(journalOf(t, all(t, run))))).Wait(t.Context())
		want(t, err, "boom")
		same(t, calls, 2)
	})
}

// A naive engine keeps the goroutines of a run that waits for weeks.
func TestR66_AKeptRunThatOnlyWaitsReleasesItself(t *testing.T) {
	bubble(t, func(t *testing.T) {
		run := begin(t, stages(), Start{}, flow.Keep(&syncedJournal{safe: map[flow.Kind]int{}}), flow.Release(10*time.Second))
		t0 := time.Now()
		if _, err := run.Wait(t.Context()); !errors.Is(err, flow.ErrSuspended) {
			t.Fatal(err)
		}
		same(t, time.Since(t0), 70*time.Second)
		records := all(t, run)
		same(t, records[len(records)-1].Type, "waits")
		again := must(stages().Resume(t.Context(), slices.Values(journalOf(t, records))))
		if err := again.Send(Reply{ID: 2}); err != nil {
			t.Fatal(err)
		}
		same(t, must(again.Wait(t.Context())), Stop{2})
	})
}

func TestR66_ARunThatWorksOrIsPausedIsNotReleased(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := stages()
		flow.Step(wf, "other", func(c *flow.Context, _ Start) (*Stop, error) { <-c.Done(); return nil, c.Err() })
		run := begin(t, wf, Start{}, flow.Keep(&syncedJournal{safe: map[flow.Kind]int{}}), flow.Release(time.Second))
		time.Sleep(time.Hour)
		same(t, run.Explain().Suspended, false)
		run.Cancel(nil)
		run = begin(t, stages(), Start{}, flow.Keep(&syncedJournal{safe: map[flow.Kind]int{}}), flow.Release(time.Second))
		time.Sleep(time.Second)
		run.Pause()
		time.Sleep(time.Hour)
		same(t, run.Explain().Suspended, false)
		run.Continue()
		_, err := run.Wait(t.Context())
		if !errors.Is(err, flow.ErrSuspended) || !strings.Contains(err.Error(), "resume") {
			t.Error(err)
		}
	})
}
