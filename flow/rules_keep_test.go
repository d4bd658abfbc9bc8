package flow_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// A slowJournal waits before it writes and before it syncs, and fails when the test wants it to.
type slowJournal struct {
	mu      sync.Mutex
	written []flow.Record
	syncs   int
	fail    error
	write   chan struct{} // a write waits for it; nil: writes do not wait
	sync    chan struct{}
}

func (j *slowJournal) Begin(flow.Header) (uint64, error) { return 0, nil }

func (j *slowJournal) Append(group []flow.Record) (int, error) {
	if j.write != nil {
		<-j.write
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail != nil {
		return 0, j.fail
	}
	j.written = append(j.written, group...)
	return len(group), nil
}

func (j *slowJournal) Sync() error {
	if j.sync != nil {
		<-j.sync
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.syncs++
	return j.fail
}

func (j *slowJournal) breakWith(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fail = err
}

// has reports whether a record is written.
func (j *slowJournal) has(kind flow.Kind, step string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.ContainsFunc(j.written, func(r flow.Record) bool { return r.Kind == kind && r.Step == step })
}

func TestR61_InSyncModeAStepBeginsWhenTheLastOneIsWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j := &slowJournal{write: make(chan struct{})}
		wf := flow.New[Start, Stop]("r61")
		flow.Step(wf, "one", func(*flow.Context, Start) (A, error) {
			if !j.has(flow.RunStarted, "r61") {
				t.Error("a step begins before the start is written")
			}
			return A{1}, nil
		})
		flow.Step(wf, "two", func(_ *flow.Context, a A) (B, error) {
			if !j.has(flow.StepFinished, "one") {
				t.Error("two begins before the end of one is written")
			}
			return B(a), nil
		})
		flow.Step(wf, "three", func(_ *flow.Context, b B) (Stop, error) {
			if !j.has(flow.StepFinished, "two") {
				t.Error("three begins before the end of two is written")
			}
			return Stop(b), nil
		})
		run := begin(t, wf, Start{}, flow.Keep(j, flow.Sync()))
		synctest.Wait()
		if n := len(of(sofar(t, run), flow.StepFinished)); n != 0 {
			t.Errorf("%d steps have finished, and nothing is written", n)
		}
		close(j.write)
		same(t, must(run.Wait(t.Context())), Stop{1})
		same(t, len(j.written), len(all(t, run)))
	})
}

func TestR61_ARunIsAheadByABoundedNumberOfRecords(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j := &slowJournal{write: make(chan struct{})}
		run := begin(t, loop(), Tick{}, flow.Keep(j))
		synctest.Wait()
		if n := len(sofar(t, run)); n < 1000 || n > 1024+8 {
			t.Errorf("the run is %d records ahead", n)
		}
		close(j.write)
		same(t, must(run.Wait(t.Context())), Stop{10000})
	})
}

func TestR61_ARunIsAheadByABoundedTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j := &slowJournal{write: make(chan struct{})}
		wf := flow.New[Tick, Stop]("r61")
		flow.Step(wf, "tick", func(_ *flow.Context, e Tick) (Ticks, error) {
			if time.Sleep(10 * time.Millisecond); e.N >= 100 {
				return Stop(e), nil
			}
			return Tick{e.N + 1}, nil
		})
		run := begin(t, wf, Tick{}, flow.Keep(j))
		time.Sleep(time.Minute)
		if n := len(of(sofar(t, run), flow.StepFinished)); n < 4 || n > 6 {
			t.Errorf("%d steps of 10 ms have finished, and nothing is written", n)
		}
		close(j.write)
		same(t, must(run.Wait(t.Context())), Stop{100})
	})
}

func TestR61_AReplyIsSafeBeforeTheRunActsOnIt(t *testing.T) {
	for _, opts := range [][]flow.KeepOption{nil, {flow.Sync()}, {flow.FailWithJournal()}} {
		bubble(t, func(t *testing.T) {
			j := &slowJournal{sync: make(chan struct{})}
			acted := false
			wf := flow.New[Start, Stop]("r61")
			flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
				r, err := flow.Await[Reply](c, "k", Ask{})
				acted = true
				return Stop{r.ID}, err
			}, flow.Awaits[Reply]())
			run := begin(t, wf, Start{}, flow.Keep(j, opts...))
			synctest.Wait()
			sent := make(chan error, 1)
			go func() { sent <- run.Send(Reply{ID: 3}) }()
			time.Sleep(time.Hour)
			if acted || len(sent) > 0 {
				t.Error("the run acts on a reply, or acknowledges it, that is not safe")
			}
			if !j.has(flow.EventSent, "") {
				t.Error("the reply is not written")
			}
			close(j.sync)
			same(t, must(run.Wait(t.Context())), Stop{3})
			same(t, <-sent, nil)
		})
	}
}

func TestR61_EachGroupCanBeSynced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j := &slowJournal{}
		must(must(chain().Start(t.Context(), Start{}, flow.Keep(j))).Wait(t.Context()))
		same(t, j.syncs, 1)
		must(must(chain().Start(t.Context(), Start{}, flow.Keep(j, flow.Sync(), flow.Fsync()))).Wait(t.Context()))
		if j.syncs < 1+3 {
			t.Errorf("%d syncs for three steps that wait for them", j.syncs-1)
		}
	})
}

// asks returns a workflow that asks twice, and counts the replies that it acts on.
func asks(acted *int) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("r62")
	flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
		sum := 0
		for range 2 {
			r, err := flow.Await[Reply](c, "k", Ask{})
			if err != nil {
				return Stop{}, err
			}
			*acted++
			sum += r.ID
		}
		return Stop{sum}, nil
	}, flow.Awaits[Reply]())
	return wf
}

func TestR62_ARunContinuesWithoutItsJournalAndReportsIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j, acted := &slowJournal{}, 0
		run := begin(t, asks(&acted), Start{}, flow.Keep(j))
		same(t, run.Send(Reply{ID: 1}), nil)
		synctest.Wait()
		j.breakWith(errBoom)
		same(t, run.Send(Reply{ID: 2}), nil) // the run has it
		same(t, must(run.Wait(t.Context())), Stop{3})
		var lost *flow.JournalError
		if err := run.JournalErr(); !errors.As(err, &lost) || !errors.Is(err, errBoom) || lost.Run != run.ID() {
			t.Error(err)
		}
		failed := of(all(t, run), flow.JournalFailed)
		if len(failed) != 1 {
			t.Fatalf("%d records say so", len(failed))
		}
		want(t, errors.New(failed[0].Error), "boom")
		again := must(asks(&acted).Resume(t.Context(), slices.Values(journalOf(t, all(t, run)))))
		same(t, must(again.Wait(t.Context())), Stop{3})
	})
}

func TestR62_ARunFailsWithItsJournal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j, acted := &slowJournal{}, 0
		run := begin(t, asks(&acted), Start{}, flow.Keep(j, flow.FailWithJournal()))
		same(t, run.Send(Reply{ID: 1}), nil)
		synctest.Wait()
		j.breakWith(errBoom)
		want(t, run.Send(Reply{ID: 2}), "journal", "boom")
		_, err := run.Wait(t.Context())
		var lost *flow.JournalError
		if !errors.As(err, &lost) || !errors.Is(err, errBoom) {
			t.Error(err)
		}
		synctest.Wait()
		same(t, acted, 1)
		same(t, all(t, run)[len(all(t, run))-1].Kind, flow.RunFailed)
		// What was acknowledged is in the journal, and the run continues from there.
		again := must(asks(&acted).Resume(t.Context(), slices.Values(journalOf(t, j.written))))
		same(t, again.Send(Reply{ID: 5}), nil)
		same(t, must(again.Wait(t.Context())), Stop{6})
	})
}

func TestR62_ARunFailsIfOnlyItsEndIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j := &slowJournal{}
		wf := flow.New[Start, Stop]("r62")
		flow.Step(wf, "one", func(*flow.Context, Start) (Stop, error) {
			j.breakWith(errBoom)
			return Stop{1}, nil
		})
		run := begin(t, wf, Start{}, flow.Keep(j, flow.FailWithJournal()))
		_, err := run.Wait(t.Context())
		want(t, err, "journal", "boom")
	})
}

func TestR60_ATakenOverJournalEndsTheRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j, acted := &slowJournal{}, 0
		run := begin(t, asks(&acted), Start{}, flow.Keep(j))
		synctest.Wait()
		j.breakWith(flow.ErrNotOwner)
		if err := run.Send(Reply{ID: 1}); !errors.Is(err, flow.ErrNotOwner) {
			t.Error(err)
		}
		if _, err := run.Wait(t.Context()); !errors.Is(err, flow.ErrNotOwner) {
			t.Error(err)
		}
		same(t, acted, 0)
	})
}
