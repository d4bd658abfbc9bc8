package flow_test

import (
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

func TestR24_AwaitShowsThePromptOnceAndReleasesTheWorker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r24")
		flow.Each(wf, "split", numbers(3))
		var order []int
		flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) {
			if a.N == 0 {
				r, err := flow.Await[Reply](c, "ok", Ask{"really?"})
				order = append(order, 0)
				return B{r.ID}, err
			}
			time.Sleep(2 * time.Second)
			order = append(order, a.N)
			return B(a), nil
		}, flow.Workers(1), flow.Awaits[Reply]())
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
		run := begin(t, wf, Start{})
		time.Sleep(time.Second) // 1 works with the only worker
		if err := run.Send(Reply{ID: 7}); err != nil {
			t.Fatal(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{1712})
		same(t, order, []int{1, 0, 2}) // an execution that is back from an await is put at the front of the queue
		prompts := of(all(t, run), flow.AwaitOpened)
		if len(prompts) != 1 || prompts[0].Payload.(flow.Prompt).Prompt != (Ask{"really?"}) || prompts[0].Type != "Reply" {
			t.Errorf("prompts: %v", prompts)
		}
	})
}

func TestR24_WhatAStepReturnsWhileItAwaitsCountsAfterwards(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r24")
		flow.Step(wf, "ask", func(c *flow.Context, s Start) (Stop, error) {
			go flow.Await[Reply](c, "k", Ask{})
			time.Sleep(time.Second)
			switch s.N {
			case 1:
				return Stop{}, errBoom
			case 2:
				panic("boom")
			case 3:
				runtime.Goexit()
			}
			return Stop{7}, nil
		}, flow.Awaits[Reply]())
		for n := range 4 {
			run := begin(t, wf, Start{n})
			time.Sleep(time.Minute)
			same(t, len(run.Explain().Awaits), 1)
			if err := run.Send(Reply{}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			same(t, run.Explain().Ended, true)
			if stop, err := run.Wait(t.Context()); (err == nil) != (n == 0) || err == nil && stop.N != 7 {
				t.Errorf("%d: %v, %v", n, stop, err)
			}
			run = begin(t, wf, Start{n})
			time.Sleep(time.Minute)
			run.Cancel(errBoom)
			if _, err := run.Wait(t.Context()); !errors.Is(err, errBoom) {
				t.Error(err)
			}
		}
	})
}

// A fan-out may yield until a reply says that it is enough.
// Two goroutines of one execution wait at the same time. The error says what to do instead.
func TestR24_OneGoroutineOfAStepMayWait(t *testing.T) {
	for _, second := range map[string]func(c *flow.Context) error{
		"an await of the same type": func(c *flow.Context) error { _, err := flow.Await[Reply](c, "second", Ask{}); return err },
		"a sleep":                   func(c *flow.Context) error { return flow.Sleep(c, "second", time.Hour) },
	} {
		bubble(t, func(t *testing.T) {
			var failed error
			wf := flow.New[Start, Stop]("r24")
			flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
				done := make(chan Reply)
				go func() {
					r, _ := flow.Await[Reply](c, "first", Ask{})
					done <- r
				}()
				time.Sleep(time.Second) // until the first waits
				failed = second(c)
				r := <-done
				return Stop{r.ID}, nil
			}, flow.Awaits[Reply]())
			run := begin(t, wf, Start{})
			time.Sleep(2 * time.Second)
			synctest.Wait()
			want(t, failed, `step "ask": "second"`, `already waits, for "first"`, "flow.Each")
			must(0, run.Send(Reply{ID: 7}))
			same(t, must(run.Wait(t.Context())), Stop{7})
		})
	}
}

func TestR24_AFanOutMayYieldWhileAnotherOfItsGoroutinesAwaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r24")
		flow.Each(wf, "split", func(c *flow.Context, _ Start) iter2[A] {
			var enough atomic.Bool
			go func() {
				if _, err := flow.Await[Reply](c, "k", Ask{"enough?"}); err == nil {
					enough.Store(true)
				}
			}()
			time.Sleep(time.Second)
			return func(yield func(A, error) bool) {
				for i := 0; !enough.Load() && yield(A{i}, nil); i++ {
				}
			}
		}, flow.Awaits[Reply]())
		flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) { time.Sleep(time.Second); return B(a), nil }, flow.Workers(1))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
		run := begin(t, wf, Start{})
		time.Sleep(time.Minute)
		records := journalOf(t, sofar(t, run))
		for _, run := range []*flow.Run[Stop]{run, must(wf.Resume(t.Context(), slices.Values(records)))} {
			if err := run.Send(Reply{}); err != nil {
				t.Fatal(err)
			}
			if stop, err := run.Wait(t.Context()); err != nil || stop.N < 50 || stop.N > 70 {
				t.Error(stop, err)
			}
		}
	})
}

func awaitTwo(between func(*flow.Context) error, opts ...flow.StepOption) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("two")
	flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
		one, err := flow.Await[Reply](c, "one", Ask{"1"})
		if err != nil {
			return Stop{}, err
		}
		if err := between(c); err != nil {
			return Stop{}, err
		}
		two, err := flow.Await[Reply](c, "two", Ask{"2"})
		return Stop{10*one.ID + two.ID}, err
	}, append(opts, flow.Awaits[Reply]())...)
	return wf
}

func nothing(*flow.Context) error { return nil }

// A naive engine gives both awaits the first reply, or loses the second that comes before it is
// awaited.
func TestR25_TwoAwaitsGetTheirRepliesInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		run := begin(t, awaitTwo(nothing), Start{})
		synctest.Wait()
		for _, id := range []int{1, 2} {
			if err := run.Send(Reply{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		same(t, must(run.Wait(t.Context())), Stop{12})
	})
}

// A naive engine drops a reply for which no await is open yet.
func TestR26_AReplyThatCameBeforeIsKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := awaitTwo(nothing)
		gate := make(chan struct{})
		flow.Step(wf, "other", func(*flow.Context, Start) (*Stop, error) { <-gate; return nil, nil })
		run := begin(t, wf, Start{})
		run.Pause() // perhaps before the step has begun
		for _, id := range []int{3, 4} {
			if err := run.Send(Reply{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		run.Continue()
		same(t, must(run.Wait(t.Context())), Stop{34})
		close(gate)
	})
}

func TestR27_OneEventResolvesAllAwaitsThatMatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r27")
		flow.Each(wf, "split", numbers(4))
		flow.Step(wf, "ask", func(c *flow.Context, a A) (B, error) {
			r, err := flow.Await[Reply](c, "k", Ask{}, flow.Where("ID", 1+a.N/2))
			return B{r.ID}, err
		}, flow.Awaits[Reply]())
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
		run := begin(t, wf, Start{})
		synctest.Wait()
		for _, id := range []int{9, 2, 1} {
			if err := run.Send(Reply{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		same(t, must(run.Wait(t.Context())), Stop{11122})
	})
}

// A naive engine asks again after a failure, and sends again what was sent before the wait.
func TestR28_ARetryIsGivenItsRepliesAndDoesNotSendAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var got atomic.Int32
		wf := flow.New[Start, Stop]("r28")
		flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
			if err := c.Send(A{1}); err != nil {
				return Stop{}, err
			}
			r, err := flow.Await[Reply](c, "k", Ask{})
			if err != nil {
				return Stop{}, err
			}
			if err := c.Send(A{2}); err != nil {
				return Stop{}, err
			}
			if c.Attempt() < 3 {
				return Stop{}, errBoom
			}
			time.Sleep(time.Second)
			return Stop{r.ID}, nil
		}, flow.Awaits[Reply](), flow.Sends[A](), flow.Retry(flow.Policy{Attempts: 3, Delay: time.Second}))
		flow.Step(wf, "note", func(_ *flow.Context, a A) (*Stop, error) { got.Add(int32(a.N)); return nil, nil })
		run := begin(t, wf, Start{})
		synctest.Wait()
		same(t, got.Load(), 1) // delivered when the step began to wait
		if err := run.Send(Reply{ID: 5}); err != nil {
			t.Fatal(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{5})
		records := all(t, run)
		same(t, len(of(records, flow.AwaitOpened)), 1)
		var sent []any
		for _, r := range of(records, flow.EventSent) {
			if r.Type == "A" {
				sent = append(sent, r.Payload)
			}
		}
		same(t, sent, []any{A{1}, A{2}})
	})
}

func TestR29_AnAwaitHasATimeoutThatTheStepCanCatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r29")
		flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
			t0 := time.Now()
			_, err := flow.Await[Reply](c, "k", Ask{}, flow.Within(time.Minute))
			if !errors.Is(err, flow.ErrAwaitTimeout) || time.Since(t0) != time.Minute {
				t.Errorf("%v after %v", err, time.Since(t0))
			}
			return Stop{1}, nil
		}, flow.Awaits[Reply]())
		same(t, must(wf.Run(t.Context(), Start{})), Stop{1})
	})
}

// stored encodes a snapshot and decodes it again.
func stored(t *testing.T, s *flow.Snapshot, err error) *flow.Snapshot {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back := &flow.Snapshot{}
	if err := json.Unmarshal(b, back); err != nil {
		t.Fatal(err)
	}
	return back
}

// journalOf encodes records and decodes them again.
func journalOf(t *testing.T, records []flow.Record) []flow.Record {
	t.Helper()
	b, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	var back []flow.Record
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

// sofar returns the records that are published so far.
func sofar(t *testing.T, run flow.Handle) []flow.Record {
	t.Helper()
	synctest.Wait()
	ctx, cancel := contextThatEnds(t)
	defer cancel()
	return slices.Collect(run.Records(ctx, 0))
}

// A naive engine holds the prompt, the condition and the timer in the goroutine that waits, or
// stops the deadline while the program does not run.
func TestR30_PromptMatchAndDeadlineSurvive(t *testing.T) {
	for _, how := range []string{"snapshot", "journal"} {
		t.Run(how, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				wf := flow.New[Start, Stop]("r30")
				flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
					r, err := flow.Await[Reply](c, "k", Ask{"which?"}, flow.Where("ID", 2), flow.Within(10*time.Minute))
					if errors.Is(err, flow.ErrAwaitTimeout) {
						return Stop{-1}, nil
					}
					return Stop{r.ID}, err
				}, flow.Awaits[Reply]())
				begun := time.Now()
				first := begin(t, wf, Start{})
				synctest.Wait()
				time.Sleep(2 * time.Minute)
				snap, err := first.Snapshot()
				snap = stored(t, snap, err)
				records := journalOf(t, sofar(t, first))
				first.Cancel(nil)
				again := func() *flow.Run[Stop] {
					if how == "journal" {
						return must(wf.Resume(t.Context(), slices.Values(records)))
					}
					return must(wf.ResumeFrom(t.Context(), snap))
				}
				time.Sleep(3 * time.Minute) // the program does not run
				run := again()
				if err := run.Send(Reply{ID: 1}); err != nil { // does not match
					t.Fatal(err)
				}
				synctest.Wait()
				if w := run.Explain().Awaits; len(w) != 1 || string(w[0].Match) != `{"ID":2}` {
					t.Errorf("awaits: %v", w)
				}
				if err := run.Send(Reply{ID: 2}); err != nil {
					t.Fatal(err)
				}
				same(t, must(run.Wait(t.Context())), Stop{2})

				same(t, must(again().Wait(t.Context())), Stop{-1})
				same(t, time.Since(begun), 10*time.Minute) // from when it began to wait

				time.Sleep(time.Hour)
				late := again()
				// The deadline has passed: the run does not take the reply, and may have ended
				// already.
				if err := late.Send(Reply{ID: 2}); err != nil && !errors.Is(err, flow.ErrEnded) {
					t.Fatal(err)
				}
				same(t, must(late.Wait(t.Context())), Stop{-1})
				same(t, time.Since(begun), 70*time.Minute)
			})
		})
	}
}

// A naive engine lets the run's clock run while a person thinks, or stops it while other steps
// work.
func TestR31_TheRunsClockStopsOnlyWhileEveryExecutionAwaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		build := func(work time.Duration) *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("r31", flow.Timeout(10*time.Second))
			flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
				time.Sleep(time.Second)
				_, err := flow.Await[Reply](c, "k", Ask{})
				time.Sleep(time.Second)
				return Stop{}, err
			}, flow.Awaits[Reply](), flow.Timeout(3*time.Second)) // its own time excludes the wait
			flow.Step(wf, "other", func(c *flow.Context, _ Start) (*Stop, error) {
				select {
				case <-time.After(work):
				case <-c.Done():
				}
				return nil, nil
			})
			return wf
		}
		run := begin(t, build(5*time.Second), Start{})
		time.Sleep(time.Hour)
		if err := run.Send(Reply{}); err != nil {
			t.Fatal(err)
		}
		if _, err := run.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		t0 := time.Now()
		_, err := build(time.Hour).Run(t.Context(), Start{})
		var late *flow.TimeoutError
		if !errors.As(err, &late) || time.Since(t0) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(t0))
		}
		// paused by a debugger
		run = begin(t, build(2*time.Hour), Start{})
		run.Pause()
		time.Sleep(time.Hour)
		run.Continue()
		t0 = time.Now()
		if _, err := run.Wait(t.Context()); !errors.As(err, &late) {
			t.Error(err)
		}
		if d := time.Since(t0); d < 9*time.Second || d > 10*time.Second {
			t.Errorf("the clock went on while the run was paused: %v were left", d)
		}
		// back-off counts
		wf := flow.New[Start, Stop]("r31b", flow.Timeout(10*time.Second))
		flow.Step(wf, "fail", func(*flow.Context, Start) (Stop, error) { return Stop{}, errBoom }, flow.Retry(flow.Policy{Attempts: 9, Delay: time.Minute}))
		if _, err := wf.Run(t.Context(), Start{}); !errors.As(err, &late) {
			t.Error(err)
		}
	})
}
