package flow_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// fanOut is split → work → sum over n branches, with work and sum given.
func fanOut(split func(*flow.Context, Start) iter2[A], work func(*flow.Context, A) (*B, error), sum func([]B) Stop, opts ...flow.StepOption) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("fanout")
	flow.Each(wf, "split", split)
	flow.Step(wf, "work", work, opts...)
	flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return sum(all), nil })
	return wf
}

func numbers(n int) func(*flow.Context, Start) iter2[A] {
	return func(*flow.Context, Start) iter2[A] { return upTo(n, func(i int) A { return A{i} }) }
}

func digits(all []B) Stop {
	n := 1
	for _, b := range all {
		n = 10*n + b.N
	}
	return Stop{n}
}

func TestR12_AJoinGetsAllInTheOrderOfTheYields(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		wf := fanOut(numbers(9), func(_ *flow.Context, a A) (*B, error) {
			time.Sleep(time.Duration(10-a.N) * time.Second) // the last is ready first
			return &B{a.N + 1}, nil
		}, func(all []B) Stop { calls++; return digits(all) }, flow.Workers(9))
		same(t, must(wf.Run(t.Context(), Start{})), Stop{1123456789})
		same(t, calls, 1)
	})
}

// A naive engine waits for the first result and so for ever.
func TestR13_AnEmptySequenceFiresTheJoinANilOneDoesNot(t *testing.T) {
	bubble(t, func(t *testing.T) {
		work := func(_ *flow.Context, a A) (*B, error) { return &B{a.N}, nil }
		same(t, must(fanOut(numbers(0), work, digits).Run(t.Context(), Start{})), Stop{1})
		wf := fanOut(func(*flow.Context, Start) iter2[A] { return nil }, work, digits)
		run := begin(t, wf, Start{})
		var stuck *flow.StuckError
		if _, err := run.Wait(t.Context()); !errors.As(err, &stuck) {
			t.Errorf("a nil sequence: %v", err)
		}
		if s := of(all(t, run), flow.ScopeOpened); len(s) != 0 {
			t.Error("a nil sequence opened a scope")
		}
	})
}

// A naive engine counts yields and waits for as many results.
func TestR14_BranchesThatGiveNothingDropOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		odd := func(_ *flow.Context, a A) (*B, error) {
			if a.N%2 == 0 {
				return nil, nil
			}
			return &B{a.N}, nil
		}
		same(t, must(fanOut(numbers(8), odd, digits).Run(t.Context(), Start{})), Stop{11357})
		none := func(*flow.Context, A) (*B, error) { return nil, nil }
		same(t, must(fanOut(numbers(8), none, digits).Run(t.Context(), Start{})), Stop{1})
	})
}

func nested(join2 bool, seen *[]string) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("nested")
	flow.Each(wf, "outer", numbers(3))
	flow.Each(wf, "inner", func(_ *flow.Context, a A) iter2[C] {
		return upTo(2, func(i int) C { return C{10*a.N + i} })
	})
	flow.Step(wf, "leaf", func(_ *flow.Context, c C) (D, error) {
		time.Sleep(time.Duration(30-c.N) * time.Second)
		return D(c), nil
	}, flow.Workers(6))
	if join2 {
		flow.Join(wf, "pairs", func(_ *flow.Context, all []D) (B, error) {
			*seen = append(*seen, fmt.Sprint(all))
			return B{all[0].N / 10}, nil
		}, flow.Workers(1))
		flow.Join(wf, "all", func(_ *flow.Context, all []B) (Stop, error) {
			*seen = append(*seen, fmt.Sprint(all))
			return Stop{len(all)}, nil
		})
	} else {
		flow.Join(wf, "all", func(_ *flow.Context, all []D) (Stop, error) {
			*seen = append(*seen, fmt.Sprint(all))
			return Stop{len(all)}, nil
		})
	}
	return wf
}

func TestR15_NestedFanOutsJoinInnermostFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var seen []string
		same(t, must(nested(true, &seen).Run(t.Context(), Start{})), Stop{3})
		slices.Sort(seen)
		same(t, seen, []string{"[{0} {1} {2}]", "[{0} {1}]", "[{10} {11}]", "[{20} {21}]"})
	})
}

func TestR15_ANestedFanOutWithoutAJoinBelongsToTheOuterOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var seen []string
		same(t, must(nested(false, &seen).Run(t.Context(), Start{})), Stop{6})
		same(t, seen, []string{"[{0} {1} {10} {11} {20} {21}]"})
	})
}

type Dir struct{ Depth, N int }

func (Dir) aorb() {}

func TestR15_AFanOutWithinItselfJoinsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("walk")
		flow.Step(wf, "root", func(*flow.Context, Start) (Dir, error) { return Dir{0, 1}, nil })
		flow.Each(wf, "walk", func(_ *flow.Context, d Dir) iter.Seq2[AorB, error] {
			return func(yield func(AorB, error) bool) {
				for i := range 3 {
					if d.Depth < 3 {
						if !yield(Dir{d.Depth + 1, 3*d.N + i}, nil) {
							return
						}
					} else if !yield(A{3*d.N + i}, nil) {
						return
					}
				}
			}
		}, flow.Workers(1))
		flow.Step(wf, "read", func(_ *flow.Context, a A) (B, error) { return B(a), nil }, flow.Workers(1))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) {
			if !slices.IsSortedFunc(all, func(a, b B) int { return a.N - b.N }) {
				t.Error("not in the order of the tree")
			}
			return Stop{len(all)}, nil
		})
		same(t, must(wf.Run(t.Context(), Start{})), Stop{81})
	})
}

func TestR16_YieldBlocksWhenTooManyBranchesWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var yielded atomic.Int32
		free := make(chan struct{})
		wf := fanOut(func(*flow.Context, Start) iter2[A] {
			return upTo(100, func(i int) A { yielded.Add(1); return A{i} })
		}, func(_ *flow.Context, a A) (*B, error) { <-free; return &B{a.N}, nil }, func(all []B) Stop { return Stop{len(all)} }, flow.Workers(2))
		run := begin(t, wf, Start{})
		synctest.Wait()
		// 2 are running, 8 wait, and the blocked yield holds 1
		same(t, yielded.Load(), 2+8+1)
		close(free)
		same(t, must(run.Wait(t.Context())), Stop{100})
	})
}

func TestR16_ASequenceOfNothingIsToldTheEndToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var told atomic.Bool
		wf := flow.New[Start, Stop]("r16")
		flow.Each(wf, "split", func(*flow.Context, Start) iter2[*A] {
			return func(yield func(*A, error) bool) {
				for range 100 {
					time.Sleep(time.Second)
					if !yield(nil, nil) {
						told.Store(true)
						return
					}
				}
			}
		})
		flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) { return B(a), nil })
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
		run := begin(t, wf, Start{})
		time.Sleep(10 * time.Second)
		run.Cancel(nil)
		time.Sleep(10 * time.Second)
		same(t, told.Load(), true)
		same(t, must(wf.Run(t.Context(), Start{})), Stop{1})
	})
}

func TestR16_AFailedIteratorGivesUpItsScopeAndARetryOpensANewOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r16")
		flow.Each(wf, "split", func(c *flow.Context, _ Start) iter2[A] {
			return func(yield func(A, error) bool) {
				for i := range 3 {
					if !yield(A{10*c.Attempt() + i}, nil) {
						return
					}
				}
				if c.Attempt() == 1 {
					yield(A{}, errBoom)
				}
			}
		}, flow.Retry(flow.Policy{Attempts: 2, Delay: time.Second}))
		flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) {
			select {
			case <-time.After(5 * time.Second):
			case <-c.Done():
				return B{}, c.Err()
			}
			return B(a), nil
		}, flow.Workers(2))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) {
			same(t, all, []B{{20}, {21}, {22}})
			return Stop{len(all)}, nil
		})
		run := begin(t, wf, Start{})
		same(t, must(run.Wait(t.Context())), Stop{3})
		records := all(t, run)
		same(t, len(of(records, flow.ScopeOpened)), 2)
		same(t, len(of(records, flow.ScopeClosed)), 2)
		same(t, len(of(records, flow.StepCancelled)), 3)
	})
}

// A naive engine counts down to n and then hangs, or fires again for each further result.
func TestR17_TakeFiresAtTheNthOrAtTheClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var done atomic.Int32
		run := func(n int) (Stop, time.Duration) {
			wf := flow.New[Start, Stop]("r17")
			flow.Each(wf, "split", numbers(n))
			flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) {
				time.Sleep(time.Duration(10-a.N) * time.Second)
				done.Add(1)
				return B(a), nil
			}, flow.Workers(9))
			flow.Join(wf, "first", func(_ *flow.Context, all []B) (C, error) { return C{digits(all).N}, nil }, flow.Take(2))
			flow.Step(wf, "end", func(_ *flow.Context, c C) (Stop, error) { time.Sleep(time.Minute); return Stop(c), nil })
			t0 := time.Now()
			return must(wf.Run(t.Context(), Start{})), time.Since(t0)
		}
		stop, d := run(4) // 3 and 2 arrive first
		same(t, stop, Stop{123})
		same(t, d, time.Minute+8*time.Second)
		same(t, done.Load(), 4) // the siblings continued
		stop, _ = run(1)
		same(t, stop, Stop{10})
	})
}

// A naive engine keeps one buffer for each join.
func TestR18_OverlappingFanOutsDoNotMix(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r18")
		flow.Each(wf, "outer", numbers(5))
		flow.Each(wf, "split", func(_ *flow.Context, a A) iter2[C] { return upTo(4, func(i int) C { return C{10*a.N + i} }) }, flow.Workers(5))
		flow.Step(wf, "work", func(_ *flow.Context, c C) (D, error) {
			time.Sleep(time.Duration((c.N*7)%13) * time.Second)
			return D(c), nil
		}, flow.Workers(3))
		flow.Join(wf, "sum", func(_ *flow.Context, all []D) (B, error) {
			for i, d := range all {
				if len(all) != 4 || d.N != all[0].N+i {
					t.Errorf("mixed: %v", all)
				}
			}
			return B{all[0].N / 10}, nil
		}, flow.Workers(1))
		flow.Join(wf, "all", func(_ *flow.Context, all []B) (Stop, error) { return digits(all[1:]), nil })
		same(t, must(wf.Run(t.Context(), Start{})), Stop{11234})
	})
}

// A naive engine loses the place of a branch whose event went through a recovery step.
func TestR19_ARecoveredBranchRejoinsItsScope(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r19")
		flow.Each(wf, "split", numbers(5))
		flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) {
			if a.N == 2 {
				return B{}, errBoom
			}
			return B(a), nil
		})
		flow.Recover(wf, "mend", func(_ *flow.Context, f flow.Failure) (B, error) {
			time.Sleep(time.Hour)
			return B{f.Input.(A).N + 7}, nil
		}, flow.Covers("work"))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
		same(t, must(wf.Run(t.Context(), Start{})), Stop{101934})
	})
}

func TestR20_TwoJoinsOnOneTypeEachSeeEverything(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r20")
		flow.Each(wf, "split", numbers(3))
		flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) { return B(a), nil })
		flow.Join(wf, "one", func(_ *flow.Context, all []B) (C, error) { return C{len(all)}, nil })
		flow.Join(wf, "two", func(_ *flow.Context, all []B) (D, error) { return D{len(all)}, nil })
		flow.Collect2(wf, "both", func(_ *flow.Context, c C, d D) (Stop, error) { return Stop{10*c.N + d.N}, nil })
		same(t, must(wf.Run(t.Context(), Start{})), Stop{33})
	})
}

func TestR21_SendingIntoAJoinFromOutsideIsAnErrorAtTheCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		said := make(chan struct{})
		wf := fanOut(numbers(1), func(c *flow.Context, a A) (*B, error) {
			<-said
			return nil, c.Send(B{4}) // to the fan-out that it belongs to: allowed
		}, digits, flow.Sends[B]())
		flow.Step(wf, "outside", func(c *flow.Context, _ Start) (*Stop, error) {
			want(t, c.Send(B{}), "join", "outside")
			want(t, c.SendTo("sum", B{}), "join", "outside")
			close(said)
			return nil, nil
		}, flow.Sends[B]())
		run := begin(t, wf, Start{})
		want(t, run.Send(B{}), "join")
		same(t, must(run.Wait(t.Context())), Stop{14})
	})
}

// What grows with the square of what is open takes many seconds here.
func TestR16_AScopeWithMuchInItIsGivenUpAsFastAsOneWithLittle(t *testing.T) {
	const n = 50_000
	started := make(chan bool, 1)
	wf := flow.New[Start, Stop]("r16")
	flow.Each(wf, "split", func(c *flow.Context, _ Start) iter2[A] {
		return func(yield func(A, error) bool) {
			if c.Attempt() == 1 && yield(A{}, nil) {
				<-started
				yield(A{}, errBoom)
			}
		}
	}, flow.Retry(flow.Policy{Attempts: 2}))
	flow.Step(wf, "many", func(c *flow.Context, _ A) (*B, error) { return nil, sendUpTo(c, n, func(i int) any { return B{i} }) }, flow.Sends[B]())
	flow.Step(wf, "hold", func(c *flow.Context, _ B) (C, error) { started <- true; <-c.Done(); return C{}, nil }, flow.Workers(1))
	flow.Join(wf, "sum", func(_ *flow.Context, all []C) (Stop, error) { return Stop{len(all)}, nil })
	t0 := time.Now()
	run := begin(t, wf, Start{})
	same(t, must(run.Wait(t.Context())), Stop{0})
	if d := time.Since(t0); d > 10*time.Second {
		t.Errorf("it took %v", d)
	}
	same(t, len(of(all(t, run), flow.StepCancelled)), n)
}
