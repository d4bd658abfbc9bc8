package flow_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

func TestR01_EveryStepThatTakesTheTypeGetsTheEvent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var got sync.Map
		wf := flow.New[Start, Stop]("r01")
		flow.Step(wf, "in", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Step(wf, "one", func(_ *flow.Context, a A) (B, error) { got.Store("one", a); return B(a), nil })
		flow.Step(wf, "two", func(_ *flow.Context, a A) (C, error) { got.Store("two", a); return C(a), nil })
		flow.Collect2(wf, "out", func(_ *flow.Context, b B, c C) (Stop, error) { return Stop{b.N + c.N}, nil })
		stop, err := wf.Run(t.Context(), Start{3})
		if err != nil {
			t.Fatal(err)
		}
		same(t, stop, Stop{6})
		for _, s := range []string{"one", "two"} {
			if a, _ := got.Load(s); a != (A{3}) {
				t.Errorf("step %s got %v", s, a)
			}
		}
	})
}

// A naive engine routes by whether a value fits a parameter. The type decides, not its fields.
func TestR01_TypesOfTheSameShapeAreDifferent(t *testing.T) {
	wf := flow.New[Start, Stop]("r01b")
	flow.Step(wf, "a", func(_ *flow.Context, s Start) (AorB, error) { return B(s), nil })
	flow.Step(wf, "onA", func(*flow.Context, A) (Stop, error) { return Stop{1}, nil })
	flow.Step(wf, "onB", func(*flow.Context, B) (*Stop, error) { return &Stop{2}, nil })
	same(t, must(wf.Run(t.Context(), Start{})), Stop{2})
}

func sender(send func(*flow.Context) error) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("sender")
	flow.Step(wf, "send", func(c *flow.Context, s Start) (*Stop, error) { return nil, send(c) }, flow.Sends[A](), flow.Sends[Stop]())
	flow.Step(wf, "a", func(_ *flow.Context, a A) (Stop, error) { return Stop(a), nil })
	flow.Step(wf, "other", func(_ *flow.Context, a A) (*Stop, error) { return nil, nil })
	return wf
}

func TestR02_SendToAnUnknownStepOrTypeIsAnErrorAtTheCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		same(t, must(sender(func(c *flow.Context) error {
			want(t, c.SendTo("nobody", A{1}), "nobody")
			want(t, c.SendTo("send", A{1}), "send", "A")
			want(t, c.Send(Reply{}), "Reply")
			want(t, c.Send(Start{}), "not declared", "Sends")
			want(t, c.Send(nil), "nil")
			return c.SendTo("a", A{7})
		}).Run(t.Context(), Start{})), Stop{7})
	})
}

func TestR02_SendFromOutside(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r02")
		flow.Step(wf, "wait", func(c *flow.Context, s Start) (Stop, error) {
			r, err := flow.Await[Reply](c, "k", Ask{})
			return Stop{r.ID}, err
		}, flow.Awaits[Reply]())
		run := begin(t, wf, Start{})
		synctest.Wait()
		want(t, run.Send(D{}), "D")
		want(t, run.SendTo("x", Reply{}), "x")
		want(t, run.SendJSON("Nobody", nil), "Nobody")
		want(t, run.SendJSON("Reply", []byte(`{"ID":"x"}`)), "Reply")
		if err := run.SendJSON("Reply", []byte(`{"ID":4}`)); err != nil {
			t.Fatal(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{4})
		if err := run.Send(Reply{}); !errors.Is(err, flow.ErrEnded) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// A naive engine delivers the return value before the events that were sent, or starts a goroutine
// for each event and lets them race.
func TestR03_SendsAreDeliveredInOrderBeforeTheReturnValue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r03")
		flow.Step(wf, "send", func(c *flow.Context, s Start) (A, error) {
			for i := 1; i <= 9; i++ {
				if err := c.Send(A{i}); err != nil {
					return A{}, err
				}
			}
			return A{10}, nil
		}, flow.Sends[A]())
		var n atomic.Int32
		flow.Step(wf, "take", func(_ *flow.Context, a A) (*Stop, error) {
			time.Sleep(time.Duration(20-a.N) * time.Second) // later ones end first
			if n.Add(1) == 10 {
				return &Stop{}, nil
			}
			return nil, nil
		}, flow.Workers(10))
		run := begin(t, wf, Start{})
		must(run.Wait(t.Context()))
		events := map[uint64]string{}
		var started []string
		for _, r := range all(t, run) {
			switch {
			case r.Kind == flow.EventSent:
				events[r.Event] = fmt.Sprint(r.Payload)
			case r.Kind == flow.StepStarted && r.Step == "take":
				started = append(started, events[r.Cause])
			}
		}
		same(t, strings.Join(started, " "), "{1} {2} {3} {4} {5} {6} {7} {8} {9} {10}")
	})
}

// A naive engine sends at once, so that an attempt that fails after its sends leaves them behind.
func TestR04_SendsOfAFailedAttemptVanish(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r04")
		flow.Step(wf, "send", func(c *flow.Context, s Start) (*Stop, error) {
			if err := c.Send(A{c.Attempt()}); err != nil {
				return nil, err
			}
			c.Emit(Tick{c.Attempt()})
			if err := flow.Set(c, "attempt", c.Attempt()); err != nil {
				return nil, err
			}
			if c.Attempt() < 3 {
				return nil, errBoom
			}
			return nil, nil
		}, flow.Sends[A](), flow.Retry(flow.Policy{Attempts: 3}))
		flow.Step(wf, "take", func(_ *flow.Context, a A) (Stop, error) { return Stop(a), nil })
		run := begin(t, wf, Start{})
		same(t, must(run.Wait(t.Context())), Stop{3})
		records := all(t, run)
		if sent := of(records, flow.EventSent); len(sent) != 2 || sent[0].Payload != (A{3}) {
			t.Errorf("sent: %v", sent)
		}
		emitted, changed := of(records, flow.EventEmitted), of(records, flow.StateChanged)
		if len(emitted) != 3 || len(changed) != 3 {
			t.Fatalf("%d emitted and %d changes of three attempts", len(emitted), len(changed))
		}
		for i := range 3 {
			if emitted[i].Attempt != i+1 || changed[i].Attempt != i+1 || emitted[i].Execution == 0 {
				t.Errorf("attempt %d is not in %v, %v", i+1, emitted[i], changed[i])
			}
		}
	})
}

// A naive engine lets late results, sends and writes reach the journal after its end.
func TestR05_TheStopRecordIsTheLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		free := make(chan struct{})
		var late sync.WaitGroup
		late.Add(1)
		var logged strings.Builder
		wf := flow.New[Start, Stop]("r05", flow.LogTo(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		flow.Step(wf, "stop", func(c *flow.Context, s Start) (Stop, error) { time.Sleep(time.Second); return Stop{1}, nil })
		flow.Step(wf, "slow", func(c *flow.Context, s Start) (A, error) {
			defer late.Done()
			<-free // ignores that it is cancelled
			c.Emit(Tick{})
			if err := c.Send(A{}); err == nil {
				t.Error("a send after the end is no error")
			}
			if err := flow.Set(c, "k", 1); err == nil {
				t.Error("a change after the end is no error")
			}
			if _, err := flow.Await[Reply](c, "k", Ask{}); err == nil {
				t.Error("an await after the end is no error")
			}
			return A{}, nil
		}, flow.Sends[A](), flow.Awaits[Reply]())
		flow.Step(wf, "a", func(*flow.Context, A) (*Stop, error) { return nil, nil })
		run := begin(t, wf, Start{})
		must(run.Wait(t.Context()))
		n := len(all(t, run))
		close(free)
		late.Wait()
		synctest.Wait()
		records := all(t, run)
		if len(records) != n || records[n-1].Kind != flow.RunFinished {
			t.Errorf("%d records, then %d; the last is %v", n, len(records), records[n-1].Kind)
		}
		if c := of(records, flow.StepCancelled); len(c) != 1 || c[0].Step != "slow" {
			t.Errorf("the sibling was not cancelled: %v", c)
		}
		for _, what := range []string{"result", "emitted event", "send", "change of the state"} {
			if !strings.Contains(logged.String(), what) {
				t.Errorf("the log does not tell of a late %s:\n%s", what, logged.String())
			}
		}
	})
}

func TestR05_AfterTheEndEventsFromOutsideAreErrors(t *testing.T) {
	ends := map[string]func(run *flow.Run[Stop]){
		"stop event": func(run *flow.Run[Stop]) { run.Send(Reply{}) },
		"cancel":     func(run *flow.Run[Stop]) { run.Cancel(errBoom) },
	}
	for name, end := range ends {
		bubble(t, func(t *testing.T) {
			wf := flow.New[Start, Stop]("r05")
			flow.Step(wf, "ask", func(c *flow.Context, s Start) (Stop, error) {
				flow.Await[Reply](c, "first", Ask{})
				return Stop(s), nil
			}, flow.Awaits[Reply]())
			flow.Step(wf, "beside", func(c *flow.Context, s Start) (*Stop, error) { return nil, flow.Sleep(c, "k", 2*time.Hour) })
			run := begin(t, wf, Start{})
			synctest.Wait()
			await := run.Explain().Awaits[0].ID
			end(run)
			run.Wait(t.Context())
			for what, err := range map[string]error{
				"Send":     run.Send(Reply{}),
				"SendTo":   run.SendTo("ask", Start{}),
				"SendJSON": run.SendJSON("Reply", []byte(`{}`)),
				"Reply":    run.Reply(await, Reply{}),
			} {
				if !errors.Is(err, flow.ErrEnded) {
					t.Errorf("%s after a %s: %v", what, name, err)
				}
			}
		})
	}
}

func TestR05_NothingFollowsAStopThatWasSentBeforeItsTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r05", flow.MaxRuns(1))
		flow.Step(wf, "slow", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, c.Err() })
		first, second := begin(t, wf, Start{}), begin(t, wf, Start{})
		for i := range 2 {
			if err := second.Send(Stop{i}); err != nil {
				t.Fatal(err)
			}
		}
		first.Cancel(nil)
		same(t, must(second.Wait(t.Context())), Stop{0})
		records := all(t, second)
		same(t, records[len(records)-1].Kind, flow.RunFinished)
	})
}

type AorStop interface{ aorstop() }

func (A) aorstop()    {}
func (Stop) aorstop() {}

func TestR05_TheStopRecordNamesItsStep(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r05")
		flow.Each(wf, "yield", func(_ *flow.Context, s Start) iter2[AorStop] {
			return upTo(s.N%2, func(int) AorStop { return Stop{} })
		})
		flow.Step(wf, "send", func(c *flow.Context, s Start) (*Stop, error) {
			if s.N == 2 {
				if err := c.Send(Stop{}); err != nil {
					return nil, err
				}
			}
			_, err := flow.Await[Reply](c, "k", Ask{})
			return nil, err
		}, flow.Sends[Stop](), flow.Awaits[Reply]())
		flow.Join(wf, "sum", func(*flow.Context, []A) (*Stop, error) { return nil, nil })
		for n, step := range []string{"", "yield", "send"} {
			run := begin(t, wf, Start{n})
			synctest.Wait()
			if n == 0 {
				if err := run.Send(Stop{}); err != nil {
					t.Fatal(err)
				}
			}
			must(run.Wait(t.Context()))
			records := all(t, run)
			by := map[uint64]string{}
			for _, r := range of(records, flow.StepStarted) {
				by[r.Execution] = r.Step
			}
			same(t, by[records[len(records)-1].Cause], step)
		}
	})
}

func TestR05_AStopEventCanBeSent(t *testing.T) {
	same(t, must(sender(func(c *flow.Context) error { return c.Send(Stop{5}) }).Run(t.Context(), Start{})), Stop{5})
}

type foreign struct{}

func (foreign) aorb() {}

func TestR06_AnUndeclaredEventFailsTheRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r06")
		calls := 0
		flow.Step(wf, "odd", func(*flow.Context, Start) (AorB, error) { calls++; return foreign{}, nil }, flow.Retry(flow.Policy{Attempts: 3}))
		flow.Step(wf, "a", func(*flow.Context, A) (Stop, error) { return Stop{}, nil })
		flow.Recover(wf, "mend", func(*flow.Context, flow.Failure) (Stop, error) { return Stop{}, nil })
		_, err := wf.Run(t.Context(), Start{})
		want(t, err, `"odd"`, "foreign")
		same(t, calls, 1)
	})
}

// A naive engine waits for ever.
func TestR07_ARunThatCanNeverMoveFailsAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r07")
		flow.Step(wf, "one", func(_ *flow.Context, s Start) (*B, error) { return &B{}, nil }, flow.Sends[C]())
		flow.Collect2(wf, "pair", func(*flow.Context, B, C) (Stop, error) { return Stop{}, nil })
		_, err := wf.Run(t.Context(), Start{})
		var stuck *flow.StuckError
		if !errors.As(err, &stuck) {
			t.Fatal(err)
		}
		want(t, err, "pair", "1 more C", "Stop")
	})
}
