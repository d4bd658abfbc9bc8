package flow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

type (
	Request   struct{ Topic string }
	Approval  struct{ Response string }
	Published struct{ Text string }
)

// drafts is the usual shape of a person in the loop: one step writes a draft, and another one takes
// what the person sends.
func drafts(opts ...flow.WorkflowOption) *flow.Workflow[Request, Published] {
	wf := flow.New[Request, Published]("drafts", opts...)
	flow.Step(wf, "draft", func(c *flow.Context, r Request) (*Published, error) {
		return nil, flow.Set(c, "draft", r.Topic)
	})
	flow.Step(wf, "approve", func(c *flow.Context, a Approval) (*Published, error) {
		if a.Response == "" {
			return nil, nil
		}
		text, _ := flow.Get[string](c, "draft")
		return &Published{text + " " + a.Response}, nil
	}, flow.External[Approval]())
	return wf
}

func TestR56_ARunWaitsForEventsFromOutside(t *testing.T) {
	bubble(t, func(t *testing.T) {
		run := begin(t, drafts(flow.Timeout(time.Minute)), Request{"moss"})
		time.Sleep(time.Hour) // the run's clock is stopped meanwhile
		e := run.Explain()
		same(t, e.Ended, false)
		same(t, e.Outside, []flow.OutsideWait{{Step: "approve", Type: "Approval"}})
		if !strings.Contains(e.String(), "step approve: takes Approval from outside") {
			t.Error(e)
		}
		records := journalOf(t, sofar(t, run))
		snap, err := run.Snapshot()
		snap = stored(t, snap, err)
		for _, run := range []*flow.Run[Published]{
			run, must(drafts().Resume(t.Context(), slices.Values(records))), must(drafts().ResumeFrom(t.Context(), snap)),
		} {
			for _, text := range []string{"", "", "yes"} { // it may wait again
				time.Sleep(time.Hour)
				if err := run.Send(Approval{text}); err != nil {
					t.Fatal(err)
				}
			}
			same(t, must(run.Wait(t.Context())), Published{"moss yes"})
		}
		run = begin(t, drafts(), Request{})
		run.Cancel(errBoom)
		if _, err := run.Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Error(err)
		}
	})
}

func TestR56_AnEventFromOutsideReachesASubWorkflow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("outer")
		gate := make(chan struct{})
		flow.Each(wf, "split", func(*flow.Context, Start) iter2[Request] {
			return upTo(2, func(i int) Request {
				if i == 1 {
					<-gate
				}
				return Request{"ab"[i : i+1]}
			})
		})
		flow.Sub(wf, "drafts", drafts())
		flow.Join(wf, "sum", func(_ *flow.Context, all []Published) (Stop, error) {
			for i, p := range all { // the kept event may start its step before the draft is written
				if want := []string{" one", " two"}[i]; !strings.HasSuffix(p.Text, want) {
					t.Errorf("%q, want %q at its end", p.Text, want)
				}
			}
			return Stop{len(all)}, nil
		})
		run := begin(t, wf, Start{})
		synctest.Wait()
		for _, text := range []string{"one", "two"} { // the second is sent before the run that takes it begins
			if err := run.Send(Approval{text}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		records := journalOf(t, sofar(t, run))
		close(gate)
		same(t, must(run.Wait(t.Context())), Stop{2})
		same(t, must(must(wf.Resume(t.Context(), slices.Values(records))).Wait(t.Context())), Stop{2})
	})
}

func TestR56_WhatComesFromOutsideIsDeclared(t *testing.T) {
	wf := flow.New[Request, Published]("undeclared")
	flow.Step(wf, "draft", func(*flow.Context, Request) (*Published, error) { return nil, nil })
	flow.Step(wf, "approve", func(*flow.Context, Approval) (Published, error) { return Published{}, nil })
	want(t, wf.Check(), "no step gives Approval", "flow.External")
	if err := drafts().Check(); err != nil {
		t.Error(err)
	}
	if m := drafts().Graph().Mermaid(); !strings.Contains(m, `world -.->|"Approval"| s2`) {
		t.Error(m)
	}
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "takes this type") {
			t.Error(p)
		}
	}()
	wf = flow.New[Request, Published]("wrong")
	flow.Step(wf, "wrong", func(*flow.Context, A) (Published, error) { return Published{}, nil }, flow.External[B]())
}

// reminder asks until there is a reply, and sleeps for a day in between.
func reminder() *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("reminder", flow.Timeout(time.Minute))
	flow.Step(wf, "remind", func(c *flow.Context, _ Start) (Stop, error) {
		for day := 1; day <= 3; day++ {
			c.Emit(Ask{"please reply"})
			if err := flow.Sleep(c, "day", 24*time.Hour); err != nil {
				return Stop{}, err
			}
		}
		return Stop{3}, nil
	}, flow.Timeout(time.Second))
	return wf
}

// A naive engine sleeps in the step: the sleep begins again after a restart, and timeouts count it.
func TestR57_ASleepEndsAtItsInstantAlsoAfterRestarts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		run := begin(t, reminder(), Start{})
		for range 6 { // each process lives for seven hours and is away for three
			time.Sleep(7 * time.Hour)
			records := journalOf(t, sofar(t, run))
			run.Cancel(nil)
			time.Sleep(3 * time.Hour)
			run = must(reminder().Resume(t.Context(), slices.Values(records)))
			synctest.Wait()
		}
		if e := run.Explain(); len(e.Sleeps) != 1 || e.Sleeps[0].Key != "day" {
			t.Error(e)
		}
		same(t, must(run.Wait(t.Context())), Stop{3})
		// The second sleep was over at 48 h, when no process had the run; the third began at 50 h.
		same(t, time.Since(begun).Round(time.Minute), 74*time.Hour)
		records := all(t, run)
		same(t, len(of(records, flow.SleepStarted)), 3)
		same(t, len(of(records, flow.SleepEnded)), 3)
	})
}

func TestR57_UntilAnInstantThatHasPassedIsOverAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("until")
		flow.Step(wf, "wait", func(c *flow.Context, _ Start) (Stop, error) {
			t0 := time.Now()
			for i, want := range []time.Duration{0, time.Hour, time.Hour} {
				if err := flow.Until(c, "k", t0.Add([]time.Duration{-time.Hour, time.Hour, 0}[i])); err != nil {
					return Stop{}, err
				}
				same(t, time.Since(t0), want)
			}
			return Stop{1}, flow.Sleep(c, "k", -1)
		})
		same(t, must(wf.Run(t.Context(), Start{})), Stop{1})
	})
}

func TestR57_ASleepEndsWithItsAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		errs := make(chan error, 1)
		wf := flow.New[Start, Stop]("sleep")
		flow.Step(wf, "wait", func(c *flow.Context, _ Start) (Stop, error) {
			err := flow.Sleep(c, "k", time.Hour)
			errs <- err
			return Stop{}, err
		})
		run := begin(t, wf, Start{})
		synctest.Wait()
		run.Cancel(errBoom)
		if err := <-errs; !errors.Is(err, errBoom) {
			t.Error(err)
		}
		run.Wait(t.Context())
	})
}

// A retry does not sleep again.
func TestR57_ASleepThatIsOverReturnsAtOnceToARetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t0 := time.Now()
		wf := flow.New[Start, Stop]("sleep")
		flow.Step(wf, "wait", func(c *flow.Context, _ Start) (Stop, error) {
			if err := flow.Sleep(c, "k", time.Hour); err != nil {
				return Stop{}, err
			}
			if c.Attempt() < 3 {
				return Stop{}, errBoom
			}
			return Stop{c.Attempt()}, nil
		}, flow.Retry(flow.Policy{Attempts: 3}))
		same(t, must(wf.Run(t.Context(), Start{})), Stop{3})
		same(t, time.Since(t0), time.Hour)
	})
}
