package flow_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// A bank is a service outside of the run: it notes every charge with its idempotency key.
type bank struct{ charges []string }

func (b *bank) charge(_ context.Context, id string) (B, error) {
	b.charges = append(b.charges, id)
	return B{len(b.charges)}, nil
}

func (b *bank) workflow(opts ...flow.DoOption) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("pay")
	flow.Step(wf, "pay", func(c *flow.Context, _ Start) (Stop, error) {
		paid, err := flow.Do(c, "charge", b.charge, opts...)
		if err != nil {
			return Stop{}, err
		}
		if c.Attempt() < 3 {
			return Stop{}, errBoom
		}
		return Stop(paid), nil
	}, flow.Retry(flow.Policy{Attempts: 3}), flow.Awaits[flow.Verdict]())
	return wf
}

// A naive engine pays again with every retry.
func TestR58_ACallWhoseResultIsRecordedIsNotMadeAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := &bank{}
		run := begin(t, b.workflow(), Start{})
		same(t, must(run.Wait(t.Context())), Stop{1})
		same(t, len(b.charges), 1)
		records := all(t, run)
		for i, r := range records {
			if r.Kind != flow.CallFinished {
				continue
			}
			for n := i + 1; n < len(records); n++ { // a process that ended anywhere after it
				again := must(b.workflow().Resume(t.Context(), slices.Values(journalOf(t, records[:n]))))
				same(t, must(again.Wait(t.Context())), Stop{1})
			}
		}
		same(t, len(b.charges), 1)
	})
}

// cut returns the records up to the first of one kind.
func cut(records []flow.Record, kind flow.Kind) []flow.Record {
	i := slices.IndexFunc(records, func(r flow.Record) bool { return r.Kind == kind })
	return records[:i+1]
}

func TestR59_ACallThatWasCutOffIsMadeAgainWithItsIdempotencyKey(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := &bank{}
		run := begin(t, b.workflow(), Start{})
		run.Wait(t.Context())
		records := journalOf(t, cut(all(t, run), flow.CallStarted))
		again := must(b.workflow().Resume(t.Context(), slices.Values(records)))
		same(t, must(again.Wait(t.Context())), Stop{2})
		same(t, len(b.charges), 2)
		same(t, b.charges[0], b.charges[1])
		same(t, len(of(all(t, again), flow.CallDoubted)), 1)
		other := begin(t, b.workflow(), Start{})
		other.Wait(t.Context())
		if b.charges[2] == b.charges[0] {
			t.Error("two runs have the same idempotency key")
		}
	})
}

func TestR59_APersonIsAskedAboutACallThatWasCutOff(t *testing.T) {
	for _, happened := range []bool{true, false} {
		bubble(t, func(t *testing.T) {
			b := &bank{}
			build := func() *flow.Workflow[Start, Stop] { return b.workflow(flow.AskIfInDoubt()) }
			run := begin(t, build(), Start{})
			run.Wait(t.Context())
			records := journalOf(t, cut(all(t, run), flow.CallStarted))
			again := must(build().Resume(t.Context(), slices.Values(records)))
			records = journalOf(t, sofar(t, again)) // it asks, and is interrupted once more
			same(t, len(b.charges), 1)
			again = must(build().Resume(t.Context(), slices.Values(records)))
			synctest.Wait()
			same(t, len(again.Explain().Awaits), 1)
			asked := of(all(t, run), flow.CallStarted)[0].Payload.(flow.Call)
			prompt := of(sofar(t, again), flow.AwaitOpened)[0]
			if text, err := prompt.JSON(); err != nil || !strings.Contains(string(text), asked.ID) {
				t.Errorf("%s, %v", text, err)
			}
			verdict := flow.Verdict{Happened: happened}
			if happened {
				verdict.Result = []byte(`{"N":7}`)
			}
			if err := again.Reply(again.Explain().Awaits[0].ID, verdict); err != nil {
				t.Fatal(err)
			}
			stop := must(again.Wait(t.Context()))
			if happened {
				same(t, stop, Stop{7})
				same(t, len(b.charges), 1)
			} else {
				same(t, stop, Stop{2})
				same(t, b.charges[0], b.charges[1])
			}
		})
	}
}

func TestR59_ToAskMustBeDeclared(t *testing.T) {
	b := &bank{}
	wf := flow.New[Start, Stop]("pay")
	flow.Step(wf, "pay", func(c *flow.Context, _ Start) (Stop, error) {
		_, err := flow.Do(c, "charge", b.charge, flow.AskIfInDoubt())
		return Stop{}, err
	})
	_, err := wf.Run(t.Context(), Start{})
	want(t, err, `step "pay"`, "flow.Awaits[flow.Verdict]()")
	same(t, len(b.charges), 0)
}

// The time of the attempt is over while the call is under way: it may have taken effect.
func TestR59_ACallIsInDoubtWhenItsAttemptEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex // the attempt that ran out of time overlaps with the next one
		var ids []string
		wf := flow.New[Start, Stop]("slow")
		flow.Step(wf, "pay", func(c *flow.Context, _ Start) (Stop, error) {
			return flow.Do(c, "charge", func(ctx context.Context, id string) (Stop, error) {
				mu.Lock()
				ids = append(ids, id)
				n := len(ids)
				mu.Unlock()
				if n == 1 {
					<-ctx.Done()
				}
				return Stop{n}, ctx.Err()
			})
		}, flow.Timeout(time.Second), flow.Retry(flow.Policy{Attempts: 2}))
		run := begin(t, wf, Start{})
		same(t, must(run.Wait(t.Context())), Stop{2})
		same(t, ids[0], ids[1])
		same(t, len(of(all(t, run), flow.CallDoubted)), 1)
		same(t, len(of(all(t, run), flow.CallFailed)), 0)
	})
}

func TestR58_ACallThatFailedIsMadeAgainByARetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var ids []string
		wf := flow.New[Start, Stop]("fails")
		flow.Step(wf, "pay", func(c *flow.Context, _ Start) (Stop, error) {
			return flow.Do(c, "charge", func(_ context.Context, id string) (Stop, error) {
				if ids = append(ids, id); len(ids) < 3 {
					return Stop{}, errBoom
				}
				return Stop{len(ids)}, nil
			})
		}, flow.Retry(flow.Policy{Attempts: 3}))
		run := begin(t, wf, Start{})
		same(t, must(run.Wait(t.Context())), Stop{3})
		same(t, ids, []string{ids[0], ids[0], ids[0]})
		same(t, len(of(all(t, run), flow.CallFailed)), 2)
		same(t, len(of(all(t, run), flow.CallDoubted)), 0)
	})
}

func TestR58_TheNthCallWithOneKeyIsItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := &bank{}
		wf := flow.New[Start, Stop]("loop")
		flow.Step(wf, "pay", func(c *flow.Context, _ Start) (Stop, error) {
			sum := 0
			for range 3 {
				paid, err := flow.Do(c, "charge", b.charge)
				if err != nil {
					return Stop{}, err
				}
				sum = 10*sum + paid.N
			}
			if c.Attempt() == 1 {
				return Stop{}, errBoom
			}
			return Stop{sum}, nil
		}, flow.Retry(flow.Policy{Attempts: 2}))
		same(t, must(wf.Run(t.Context(), Start{})), Stop{123})
		same(t, len(slices.Compact(slices.Sorted(slices.Values(b.charges)))), 3)
	})
}

func TestR58_AResultThatJSONCannotHoldIsAnError(t *testing.T) {
	wf := flow.New[Start, Stop]("nan")
	flow.Step(wf, "pay", func(c *flow.Context, _ Start) (Stop, error) {
		_, err := flow.Do(c, "k", func(context.Context, string) (float64, error) { return math.NaN(), nil })
		return Stop{}, err
	})
	_, err := wf.Run(t.Context(), Start{})
	want(t, err, `Do "k"`, "cannot be recorded")
}

// A syncedJournal knows how many records of each kind are safe.
type syncedJournal struct {
	mu      sync.Mutex
	records []flow.Record
	safe    map[flow.Kind]int
}

func (j *syncedJournal) Begin(flow.Header) (uint64, error) { return 0, nil }

func (j *syncedJournal) Append(group []flow.Record) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records = append(j.records, group...)
	return len(group), nil
}

// safely returns how many records of a kind are safe.
func (j *syncedJournal) safely(kind flow.Kind) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.safe[kind]
}

func (j *syncedJournal) Sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.records {
		j.safe[r.Kind]++
	}
	j.records = nil
	return nil
}

// A naive engine loses the result with the process, after the step has acted on it.
func TestR58_CallAndResultAreInTheJournalBeforeTheyAreActedOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j := &syncedJournal{safe: map[flow.Kind]int{}}
		wf := flow.New[Start, Stop]("safe")
		flow.Step(wf, "pay", func(c *flow.Context, _ Start) (Stop, error) {
			_, err := flow.Do(c, "k", func(context.Context, string) (int, error) {
				same(t, fmt.Sprint(j.safely(flow.CallStarted), j.safely(flow.CallFinished)), "1 0")
				return 1, nil
			})
			same(t, fmt.Sprint(j.safely(flow.CallStarted), j.safely(flow.CallFinished)), "1 1")
			return Stop{1}, errors.Join(err)
		})
		same(t, must(begin(t, wf, Start{}, flow.Keep(j)).Wait(t.Context())), Stop{1})
	})
}
