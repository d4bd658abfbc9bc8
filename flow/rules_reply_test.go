package flow_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

type Approve struct {
	Item int `json:"item,omitempty"`
	Yes  bool
}

// approvals asks for an approval of each of three items.
func approvals(opts ...func(A) flow.AwaitOption) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("approvals")
	flow.Each(wf, "items", numbers(3))
	flow.Step(wf, "ask", func(c *flow.Context, a A) (B, error) {
		var where []flow.AwaitOption
		for _, o := range opts {
			where = append(where, o(a))
		}
		r, err := flow.Await[Approve](c, "approve", Ask{fmt.Sprint("item ", a.N, "?")}, where...)
		if err == nil && len(opts) > 0 && r.Item != a.N {
			err = fmt.Errorf("item %d was approved by the reply for item %d", a.N, r.Item)
		}
		return B{r.Item}, err
	}, flow.Awaits[Approve]())
	flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
	return wf
}

// A naive engine takes the zero of a condition for "any": the first item is then approved by the
// reply for another one.
func TestR24_AZeroIsAValueThatAReplyMustHave(t *testing.T) {
	for _, name := range []string{"Item", "item"} {
		bubble(t, func(t *testing.T) {
			run := begin(t, approvals(func(a A) flow.AwaitOption { return flow.Where(name, a.N) }), Start{})
			for left, item := range []int{2, 0, 1} {
				synctest.Wait()
				same(t, len(run.Explain().Awaits), 3-left)
				if err := run.Send(Approve{Item: item, Yes: true}); err != nil {
					t.Fatal(err)
				}
			}
			same(t, must(run.Wait(t.Context())), Stop{1012})
		})
	}
}

func TestR24_AConditionNamesFieldsThatAReplyHas(t *testing.T) {
	type Word string
	for says, await := range map[string]func(c *flow.Context) error{
		`no field "Nobody"`: func(c *flow.Context) error {
			_, err := flow.Await[Reply](c, "k", Ask{}, flow.Where("Nobody", 1))
			return err
		},
		"one cannot be the value of ID": func(c *flow.Context) error {
			_, err := flow.Await[Reply](c, "k", Ask{}, flow.Where("ID", "one"))
			return err
		},
		"ID is named twice": func(c *flow.Context) error {
			_, err := flow.Await[Reply](c, "k", Ask{}, flow.Where("ID", 1), flow.Where("ID", 2))
			return err
		},
		"has no fields": func(c *flow.Context) error {
			_, err := flow.Await[Word](c, "k", Ask{}, flow.Where("Length", 4))
			return err
		},
	} {
		wf := flow.New[Start, Stop]("r24")
		flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) { return Stop{}, await(c) },
			flow.Awaits[Reply](), flow.Awaits[Word]())
		_, err := wf.Run(t.Context(), Start{})
		want(t, err, `step "ask"`, "Where", says)
	}
}

// The condition of an await selects among replies that name none.
func TestR53_AReplyThatNamesAnAwaitNeedNotFitItsCondition(t *testing.T) {
	build := func() *flow.Workflow[Start, Stop] {
		wf := flow.New[Start, Stop]("r53")
		flow.Step(wf, "ask", func(c *flow.Context, s Start) (Stop, error) {
			r, err := flow.Await[Reply](c, "k", Ask{}, flow.Where("ID", s.N))
			return Stop{r.ID}, err
		}, flow.Awaits[Reply]())
		return wf
	}
	bubble(t, func(t *testing.T) {
		run := begin(t, build(), Start{1})
		synctest.Wait()
		if err := run.Send(Reply{ID: 2}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		awaits := run.Explain().Awaits
		same(t, len(awaits), 1) // the reply without a name did not fit
		if err := run.Reply(awaits[0].ID, Reply{ID: 3}); err != nil {
			t.Error(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{3})
		records := journalOf(t, all(t, run))
		for n := range records {
			if records[n].Kind == flow.AwaitResolved {
				again := must(build().Resume(t.Context(), slices.Values(records[:n+1])))
				same(t, must(again.Wait(t.Context())), Stop{3})
			}
		}
	})
}

func TestR53_AReplyThatNamesAnAwaitAnswersItAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		run := begin(t, approvals(), Start{})
		synctest.Wait()
		awaits := run.Explain().Awaits
		same(t, len(awaits), 3)
		slices.SortFunc(awaits, func(a, b flow.AwaitWait) int { return cmp.Compare(a.Execution, b.Execution) }) // they open in any order
		replies := []any{Approve{Item: 7}, json.RawMessage(`{"item":8}`), &Approve{Item: 9}}
		for i, at := range []int{2, 0, 1} {
			if err := run.Reply(awaits[at].ID, replies[i]); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			same(t, len(run.Explain().Awaits), 2-i)
			if err := run.Reply(awaits[at].ID, replies[i]); !run.Explain().Ended && !errors.Is(err, flow.ErrNotAwaited) {
				t.Errorf("a second reply: %v", err)
			}
		}
		same(t, must(run.Wait(t.Context())), Stop{1897})
		if err := run.Reply(awaits[0].ID, Approve{}); !errors.Is(err, flow.ErrEnded) {
			t.Error(err)
		}
		records := all(t, run)
		for _, r := range of(records, flow.EventSent) {
			if r.Type == "Approve" {
				same(t, r.Cause, 0)
				same(t, r.Execution != 0, true)
			}
		}
		// A run resumes from every prefix of the journal, and does not ask again where it was
		// answered.
		for n := 1; n < len(records); n++ {
			again := must(approvals().Resume(t.Context(), slices.Values(journalOf(t, records[:n]))))
			for again.Explain().Ended == false {
				synctest.Wait()
				for _, a := range again.Explain().Awaits {
					if err := again.Reply(a.ID, Approve{Item: 5}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if _, err := again.Wait(t.Context()); err != nil {
				t.Error(n, err)
			}
		}
	})
}

func TestR53_AReplyMustBeOfTheAwaitedType(t *testing.T) {
	bubble(t, func(t *testing.T) {
		run := begin(t, approvals(), Start{})
		synctest.Wait()
		id := run.Explain().Awaits[0].ID
		want(t, run.Reply(id, A{}), "is for a Approve")
		want(t, run.Reply(id, nil), "is for a Approve")
		want(t, run.Reply(id, json.RawMessage(`{"item":"x"}`)), "Approve")
		want(t, run.Reply(999, Approve{}), "await 999", "not open")
		same(t, len(run.Explain().Awaits), 3)
		run.Cancel(nil)
		run.Wait(t.Context())
	})
}

func TestR53_AReplyReachesAnAwaitOfASubWorkflow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inner := flow.New[A, B]("inner")
		flow.Step(inner, "ask", func(c *flow.Context, _ A) (B, error) {
			r, err := flow.Await[Reply](c, "k", Ask{})
			return B{r.ID}, err
		}, flow.Awaits[Reply]())
		wf := flow.New[Start, Stop]("outer")
		flow.Each(wf, "split", numbers(2))
		flow.Sub(wf, "inner", inner)
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
		run := begin(t, wf, Start{})
		synctest.Wait()
		for i, e := range run.Explain().Runs {
			if err := run.Reply(e.Awaits[0].ID, Reply{ID: 4 + i}); err != nil {
				t.Fatal(err)
			}
		}
		same(t, must(run.Wait(t.Context())), Stop{145})
	})
}

// While a run waits for its turn, a reply to an await of its past is kept for it, once.
func TestR53_AReplyToARunThatWaitsForItsTurnIsKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("turns", flow.MaxRuns(1))
		flow.Step(wf, "ask", func(c *flow.Context, _ Start) (Stop, error) {
			r, err := flow.Await[Reply](c, "k", Ask{})
			return Stop{r.ID}, err
		}, flow.Awaits[Reply]())
		first := begin(t, wf, Start{})
		records := journalOf(t, sofar(t, first))
		id := first.Explain().Awaits[0].ID
		second := must(wf.Resume(t.Context(), slices.Values(records)))
		if err := second.Reply(id, Reply{ID: 3}); err != nil {
			t.Fatal(err)
		}
		if err := second.Reply(id, Reply{ID: 4}); !errors.Is(err, flow.ErrNotAwaited) {
			t.Error(err)
		}
		first.Cancel(nil)
		same(t, must(second.Wait(t.Context())), Stop{3})
	})
}

// A naive engine returns the first reply again and again to a loop that asks under one key.
func TestR54_TheNthAwaitWithOneKeyIsItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		build := func() *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("form")
			flow.Step(wf, "fill", func(c *flow.Context, _ Start) (Stop, error) {
				calls++
				for n := 1; ; n++ {
					r, err := flow.Await[Reply](c, "age", Ask{"how old?"})
					if err != nil {
						return Stop{}, err
					}
					if r.ID >= 0 {
						return Stop{10*r.ID + n}, nil
					}
				}
			}, flow.Awaits[Reply]())
			return wf
		}
		run := begin(t, build(), Start{})
		var records []flow.Record
		for _, id := range []int{-1, -2, 7} {
			synctest.Wait()
			records = sofar(t, run)
			if err := run.Send(Reply{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		same(t, must(run.Wait(t.Context())), Stop{73})
		same(t, calls, 1)
		same(t, len(of(all(t, run), flow.AwaitOpened)), 3)
		again := must(build().Resume(t.Context(), slices.Values(journalOf(t, records))))
		if err := again.Send(Reply{ID: 4}); err != nil {
			t.Fatal(err)
		}
		same(t, must(again.Wait(t.Context())), Stop{43}) // the first two replies came from the journal
	})
}

// A naive engine takes the start event, or an event that a step has taken, for a reply.
func TestR26_WhatAStepHasTakenIsNoReplyToALaterAwait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Reply, Stop]("chat")
		flow.Step(wf, "talk", func(c *flow.Context, first Reply) (Stop, error) {
			second, err := flow.Await[Reply](c, "next", Ask{"and?"})
			return Stop{10*first.ID + second.ID}, err
		}, flow.Awaits[Reply]())
		run := begin(t, wf, Reply{ID: 1})
		synctest.Wait()
		same(t, len(run.Explain().Awaits), 1)
		if err := run.Reply(run.Explain().Awaits[0].ID, Reply{ID: 2}); err != nil {
			t.Fatal(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{12})
	})
}

func TestR26_AKeptReplyAnswersTheFirstAwaitThatOpens(t *testing.T) {
	for opened, answered := range []int{1, 1, 2, 3} {
		bubble(t, func(t *testing.T) {
			gate := make(chan struct{})
			wf := flow.New[Start, Stop]("r26")
			flow.Each(wf, "split", numbers(3))
			flow.Step(wf, "ask", func(c *flow.Context, a A) (*B, error) {
				if a.N >= opened {
					<-gate
				}
				_, err := flow.Await[Reply](c, "k", Ask{}, flow.Within(time.Hour))
				if errors.Is(err, flow.ErrAwaitTimeout) {
					return nil, nil
				}
				return &B{1}, err
			}, flow.Awaits[Reply]())
			flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
			run := begin(t, wf, Start{})
			synctest.Wait()
			if err := run.Send(Reply{}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			close(gate)
			same(t, must(run.Wait(t.Context())), Stop{answered})
		})
	}
}
