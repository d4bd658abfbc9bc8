package flow_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

func TestR46_ASnapshotOfAnyMomentCanBeResumed(t *testing.T) {
	for at := range 12 {
		for _, how := range []string{"snapshot", "journal"} {
			t.Run(fmt.Sprintf("%s after %ds", how, at), func(t *testing.T) {
				bubble(t, func(t *testing.T) { testResume(t, time.Duration(at)*time.Second+time.Second/2, how) })
			})
		}
	}
}

// testResume ends the process after a while and resumes the run: the result must be the same,
// finished work is not done again, and retries keep their absolute due times.
func testResume(t *testing.T, after time.Duration, how string) {
	finished := map[string]int{}
	var mu sync.Mutex
	build := func() *flow.Workflow[Start, Stop] {
		wf := flow.New[Start, Stop]("r46")
		flow.Each(wf, "split", func(*flow.Context, Start) iter2[A] {
			return func(yield func(A, error) bool) {
				for i := range 6 {
					time.Sleep(time.Second)
					if !yield(A{i}, nil) {
						return
					}
				}
			}
		})
		flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) {
			if a.N == 1 && c.Attempt() == 1 {
				return B{}, errBoom
			}
			select {
			case <-time.After(2 * time.Second):
			case <-c.Done():
				return B{}, c.Err()
			}
			mu.Lock()
			finished[fmt.Sprint("work", a.N)]++
			mu.Unlock()
			return B(a), flow.Update(c, func(s *Counter) error { s.N += a.N; return nil })
		}, flow.Workers(2), flow.Retry(flow.Policy{Attempts: 2, Delay: 4 * time.Second}))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (C, error) { return C{digits(all).N}, nil })
		flow.Step(wf, "side", func(c *flow.Context, s Start) (D, error) {
			r, err := flow.Await[Reply](c, "k", Ask{})
			return D{r.ID}, err
		}, flow.Awaits[Reply]())
		flow.Collect2(wf, "end", func(c *flow.Context, s C, d D) (Stop, error) {
			if n := flow.State[Counter](c).N; n != 15 {
				t.Errorf("the state says %d", n)
			}
			return Stop{10*s.N + d.N}, nil
		})
		return wf
	}
	first := begin(t, build(), Start{})
	time.Sleep(after)
	snap, err := first.Snapshot()
	snap = stored(t, snap, err)
	records := journalOf(t, sofar(t, first))
	mu.Lock()
	done := len(finished)
	mu.Unlock()
	first.Cancel(nil)
	synctest.Wait()
	var run *flow.Run[Stop]
	if how == "snapshot" {
		run = must(build().ResumeFrom(t.Context(), snap))
	} else {
		run = must(build().Resume(t.Context(), slices.Values(records)))
	}
	if run.ID() != first.ID() {
		t.Error("another identifier")
	}
	if err := run.Send(Reply{ID: 7}); err != nil {
		t.Fatal(err)
	}
	same(t, must(run.Wait(t.Context())), Stop{10123457})
	for what, n := range finished {
		if n > 1 {
			t.Errorf("%s was finished %d times (%d were done before)", what, n, done)
		}
	}
	got := all(t, run)
	if how == "snapshot" && got[0].Seq != snap.Seq()+1 || how == "journal" && (got[0].Seq != 1 || got[len(records)].Type != "restart") {
		t.Errorf("the records begin with %d", got[0].Seq)
	}
	var failed, again time.Time
	for _, r := range append(records, got...) {
		if r.Kind == flow.StepFailed && r.Step == "work" {
			failed = r.Due
		}
		if r.Kind == flow.StepStarted && r.Attempt == 2 && again.IsZero() {
			again = r.Time
		}
	}
	if again.Before(failed) {
		t.Errorf("the retry was due at %v and began at %v", failed, again)
	}
}

// Before a run begins it has no clock, and a snapshot that cannot be resumed must not be given.
func TestR46_ARunThatWaitsForItsTurnHasNoSnapshot(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r46", flow.MaxRuns(1))
		flow.Step(wf, "slow", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, c.Err() })
		first, second := begin(t, wf, Start{}), begin(t, wf, Start{})
		_, err := second.Snapshot()
		want(t, err, "waits for its turn")
		first.Cancel(nil)
		synctest.Wait()
		snap, err := second.Snapshot()
		stored(t, snap, err)
		second.Cancel(nil)
	})
}

// counted is a journal that keeps only the number of the last record.
type counted struct{ last uint64 }

func (j *counted) Begin(flow.Header) (uint64, error) { return 0, nil }
func (j *counted) Append(all []flow.Record) (int, error) {
	j.last = all[len(all)-1].Seq
	return len(all), nil
}
func (j *counted) Sync() error { return nil }

// When a long run is resumed its journal already has all records: the run must not wait for it as
// for one that is far behind.
func TestR46_ALongRunContinuesItsJournal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		hold := make(chan struct{})
		wf := flow.New[Tick, Stop]("r46")
		flow.Step(wf, "tick", func(_ *flow.Context, e Tick) (Ticks, error) {
			if e.N < 2000 {
				return Tick{e.N + 1}, nil
			}
			<-hold
			return Stop(e), nil
		})
		first := begin(t, wf, Tick{})
		synctest.Wait()
		snap, err := first.Snapshot()
		snap = stored(t, snap, err)
		first.Cancel(nil)
		close(hold)
		for range 20 { // the scheduler decides whether the journal's goroutine or the run's is first
			var j counted
			run := must(wf.ResumeFrom(t.Context(), snap, flow.Keep(&j)))
			same(t, must(run.Wait(t.Context())), Stop{2000})
			same(t, j.last, snap.Seq()+uint64(len(all(t, run))))
		}
	})
}

func TestR22_OnResumeTheIteratorMustYieldTheSame(t *testing.T) {
	bubble(t, func(t *testing.T) {
		build := func(shift int) *flow.Workflow[Start, Stop] {
			return fanOut(func(*flow.Context, Start) iter2[A] {
				return func(yield func(A, error) bool) {
					for i := range 6 {
						n := i
						if i == 2 {
							n += shift
						}
						if !yield(A{n}, nil) {
							return
						}
						time.Sleep(time.Second)
					}
				}
			}, func(_ *flow.Context, a A) (*B, error) { return &B{a.N}, nil }, digits)
		}
		first := begin(t, build(0), Start{})
		time.Sleep(3500 * time.Millisecond)
		records := journalOf(t, sofar(t, first))
		first.Cancel(nil)
		run := must(build(0).Resume(t.Context(), slices.Values(records)))
		same(t, must(run.Wait(t.Context())), Stop{1012345})
		items := 0
		for _, r := range of(all(t, run), flow.EventSent) {
			if r.Type == "A" {
				items++
			}
		}
		same(t, items, 6)
		_, err := must(build(9).Resume(t.Context(), slices.Values(records))).Wait(t.Context())
		want(t, err, `"split" is not deterministic at item 3`)
	})
}

type shy struct{ N int }

var shown atomic.Bool

func (s shy) MarshalJSON() ([]byte, error) {
	if s.N == 1 && shown.Load() {
		panic("not twice")
	}
	return []byte("{}"), nil
}

func (s *shy) UnmarshalJSON([]byte) error { return nil }

// Items are compared by their JSON, which a method of the event may encode.
func TestR22_APanicWhileItemsAreComparedIsAFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r22")
		flow.Each(wf, "split", func(*flow.Context, Start) iter2[shy] { return upTo(3, func(i int) shy { return shy{i} }) })
		flow.Step(wf, "work", func(c *flow.Context, s shy) (B, error) { <-c.Done(); return B{}, c.Err() })
		flow.Join(wf, "sum", func(*flow.Context, []B) (Stop, error) { return Stop{}, nil })
		first := begin(t, wf, Start{})
		records := sofar(t, first)
		first.Cancel(nil)
		at := of(records, flow.EventSent)[2].Seq
		shown.Store(true)
		_, err := must(wf.Fork(t.Context(), slices.Values(records), at)).Wait(t.Context())
		var p *flow.PanicError
		if !errors.As(err, &p) || p.Value != "not twice" {
			t.Error(err)
		}
	})
}

func TestR46_ARunWithinAnExecutionBeginsOnceAndEndsBeforeIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		child := flow.New[A, B]("child")
		flow.Step(child, "slow", func(c *flow.Context, _ A) (B, error) { <-c.Done(); return B{}, c.Err() })
		wf := flow.New[Start, Stop]("r46")
		flow.Step(wf, "in", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Sub(wf, "child", child)
		flow.Step(wf, "out", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		run := begin(t, wf, Start{})
		records := sofar(t, run)
		run.Cancel(nil)
		host := of(records, flow.StepStarted)[1]
		for _, kind := range []flow.Kind{flow.StepFinished, flow.StepFailed, flow.StepCancelled} {
			last := host
			last.Seq, last.Kind, last.Cause = uint64(len(records)+1), kind, 0
			_, err := wf.Resume(t.Context(), slices.Values(append(slices.Clone(records), last)))
			want(t, err, "within", kind.String())
		}
		again := of(records, flow.RunStarted)[1]
		again.Seq = uint64(len(records) + 1)
		_, err := wf.Resume(t.Context(), slices.Values(append(slices.Clone(records), again)))
		want(t, err, "begins no such workflow")
	})
}

func TestR46_TwoFanOutsOfOneNumberAreRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r46")
		flow.Each(wf, "outer", numbers(2))
		flow.Each(wf, "inner", func(*flow.Context, A) iter2[C] { return upTo(2, func(i int) C { return C{i} }) })
		flow.Step(wf, "slow", func(c *flow.Context, _ C) (B, error) { <-c.Done(); return B{}, c.Err() })
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
		run := begin(t, wf, Start{})
		records := sofar(t, run)
		run.Cancel(nil)
		opened := of(records, flow.ScopeOpened)
		records[opened[1].Seq-1].Event = opened[0].Event
		_, err := wf.Resume(t.Context(), slices.Values(records))
		want(t, err, "opens no fan-out")
	})
}

func TestR47_AForkGoesItsOwnWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		wf := flow.New[Start, Stop]("r47")
		flow.Step(wf, "one", func(_ *flow.Context, s Start) (A, error) { calls++; return A{s.N + 1}, nil })
		flow.Step(wf, "two", func(_ *flow.Context, a A) (Stop, error) { return Stop{10 * a.N}, nil })
		first := begin(t, wf, Start{1})
		same(t, must(first.Wait(t.Context())), Stop{20})
		before := all(t, first)
		sent := of(before, flow.EventSent)[0]
		at := of(before, flow.StepFinished)[0].Seq
		fork := must(wf.Fork(t.Context(), slices.Values(journalOf(t, before)), at, flow.Replace(sent.Event, A{7})))
		same(t, must(fork.Wait(t.Context())), Stop{70})
		same(t, calls, 1)
		if fork.ID() == first.ID() {
			t.Error("the fork has the identifier of the original")
		}
		same(t, all(t, first), before)
		for n := range before { // from every record
			run := must(flow.Fork(t.Context(), wf, slices.Values(before), uint64(n+1)))
			same(t, must(run.Result(t.Context())), any(Stop{20}))
			for _, r := range all(t, run) {
				same(t, r.Run, run.ID())
			}
		}
		raw := must(flow.Fork(t.Context(), wf, slices.Values(before), at, flow.Replace(sent.Event, json.RawMessage(`{"N":8}`))))
		same(t, must(raw.Result(t.Context())), any(Stop{80}))
		_, err := wf.Fork(t.Context(), slices.Values(before), at, flow.Replace(sent.Event, B{}))
		want(t, err, "cannot be replaced")
		_, err = wf.Fork(t.Context(), slices.Values(before), at, flow.Replace(999, A{}))
		want(t, err, "not among")
		_, err = wf.Fork(t.Context(), slices.Values(before), 999)
		want(t, err, "no record 999")
		_, err = wf.Fork(t.Context(), slices.Values(before), 0)
		want(t, err, "which record")
	})
}

func TestR48_AChangedWorkflowIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		hold := func(c *flow.Context, a A) (Stop, error) {
			select {
			case <-time.After(time.Hour):
			case <-c.Done():
			}
			return Stop(a), nil
		}
		wf := flow.New[Start, Stop]("r48")
		flow.Step(wf, "one", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Step(wf, "two", hold)
		first := begin(t, wf, Start{1})
		synctest.Wait()
		snap, err := first.Snapshot()
		snap = stored(t, snap, err)
		records := journalOf(t, sofar(t, first))
		first.Cancel(nil)
		refused := func(wf *flow.Workflow[Start, Stop], parts ...string) {
			t.Helper()
			_, err := wf.ResumeFrom(t.Context(), snap)
			want(t, err, parts...)
			_, err = wf.Resume(t.Context(), slices.Values(records))
			want(t, err)
		}
		other := flow.New[Start, Stop]("r48")
		flow.Step(other, "one", func(_ *flow.Context, s Start) (B, error) { return B(s), nil })
		flow.Step(other, "three", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		refused(other, `"two" is gone`, `"three" is new`)
		other = flow.New[Start, Stop]("r48")
		flow.Step(other, "one", func(_ *flow.Context, s Start) (B, error) { return B(s), nil })
		flow.Step(other, "two", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		refused(other, `"two" took A and takes B`)

		type Renamed struct{ N int } // a declared rename is no difference
		other = flow.New[Start, Stop]("r48")
		flow.Name[Renamed](other, "Renamed", "A")
		flow.Step(other, "uno", func(_ *flow.Context, s Start) (Renamed, error) { return Renamed(s), nil }, flow.Formerly("one"))
		flow.Step(other, "two", func(_ *flow.Context, a Renamed) (Stop, error) { return Stop{a.N + 1}, nil })
		same(t, must(must(other.ResumeFrom(t.Context(), snap)).Wait(t.Context())), Stop{2})
		same(t, must(must(other.Resume(t.Context(), slices.Values(records))).Wait(t.Context())), Stop{2})
		_, err = wf.ResumeFrom(t.Context(), ofVersion(t, snap, 99))
		want(t, err, "version 99")
	})
}

// ofVersion returns a snapshot as a program with another version of the format would have written
// it.
func ofVersion(t *testing.T, s *flow.Snapshot, version int) *flow.Snapshot {
	t.Helper()
	var file struct {
		Snapshot json.RawMessage `json:"snapshot"`
		Sum      string          `json:"crc32c"`
	}
	if err := json.Unmarshal(must(json.Marshal(s)), &file); err != nil {
		t.Fatal(err)
	}
	file.Snapshot = bytes.Replace(file.Snapshot, []byte(`"version":1`), fmt.Appendf(nil, `"version":%d`, version), 1)
	file.Sum = fmt.Sprintf("%08x", crc32.Checksum(file.Snapshot, crc32.MakeTable(crc32.Castagnoli)))
	other := &flow.Snapshot{}
	if err := json.Unmarshal(must(json.Marshal(file)), other); err != nil {
		t.Fatal(err)
	}
	return other
}
