package flow_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"weft/flow"
)

type (
	hidden struct{ N int }
	shaped struct{ Shape interface{ Area() int } }
	keyed  struct{ By map[Start]int }
	unsaid struct {
		Secret string `json:"-"`
	}
	stamped struct {
		time.Time
		Who string
	}
	own    struct{ n int }
	scored struct{ Scores map[string][]float64 }
)

func (own) MarshalJSON() ([]byte, error)      { return []byte("1"), nil }
func (o *own) UnmarshalJSON([]byte) error     { o.n = 1; return nil }
func (h hidden) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

// passing has two steps, the first of which gives an E.
func passing[E any](give func() E) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("passing")
	flow.Step(wf, "give", func(*flow.Context, Start) (E, error) { return give(), nil })
	flow.Step(wf, "take", func(*flow.Context, E) (Stop, error) { return Stop{}, nil })
	return wf
}

func TestR49_EventsThatJSONCannotHoldAreRefusedNamingTheField(t *testing.T) {
	type secret struct {
		N     int
		trail []string
	}
	type listed struct{ In []secret }
	type gone struct{ C chan int }
	for _, tc := range []struct {
		wf   flow.Definition
		want string
	}{
		{passing(func() secret { return secret{trail: nil} }), "event secret: its field trail is not exported"},
		{passing(func() listed { return listed{} }), "event listed: its field In[].trail is not exported"},
		{passing(func() shaped { return shaped{} }), "event shaped: its field Shape is an interface"},
		{passing(func() keyed { return keyed{} }), "event keyed: its field By has keys of type flow_test.Start"},
		{passing(func() gone { return gone{} }), "event gone: its field C is a chan"},
		{passing(func() unsaid { return unsaid{} }), `event unsaid: its field Secret has the tag json:"-"`},
		{passing(func() stamped { return stamped{} }), "event stamped: it has the JSON methods of its embedded Time"},
		{passing(func() hidden { return hidden{} }), "event hidden: it is a flow_test.hidden, which writes itself as JSON and cannot read itself"},
	} {
		want(t, tc.wf.Check(), tc.want)
	}
	if err := passing(func() own { return own{} }).Check(); err != nil {
		t.Error(err)
	}
}

func TestR49_NumbersThatJSONCannotHoldFailTheStep(t *testing.T) {
	nan := func() scored { return scored{map[string][]float64{"a": {1, math.NaN()}}} }
	var failed *flow.StepError
	_, err := passing(nan).Run(t.Context(), Start{})
	if want(t, err, `"give"`, "field Scores[a][1] of flow_test.scored is NaN"); !errors.As(err, &failed) {
		t.Error(err)
	}
	if _, err := passing(func() scored { return scored{} }).Run(t.Context(), Start{}); err != nil {
		t.Error(err)
	}

	wf := flow.New[scored, Stop]("start")
	flow.Step(wf, "take", func(*flow.Context, scored) (Stop, error) { return Stop{}, nil })
	_, err = wf.Run(t.Context(), nan())
	want(t, err, "field Scores[a][1]")

	wf2 := flow.New[Start, Stop]("send and yield")
	flow.Each(wf2, "each", func(*flow.Context, Start) iter2[scored] { return upTo(1, func(int) scored { return nan() }) })
	flow.Step(wf2, "take", func(*flow.Context, scored) (B, error) { return B{}, nil })
	flow.Join(wf2, "join", func(*flow.Context, []B) (Stop, error) { return Stop{}, nil })
	_, err = wf2.Run(t.Context(), Start{})
	want(t, err, `"each"`, "field Scores[a][1]")
}

// TestR69_WhatIsShownMustBeJSON has a step emit what JSON cannot hold, and await with it as a prompt.
// All records can be written to a journal.
func TestR69_WhatIsShownMustBeJSON(t *testing.T) {
	type open struct{ Any any }
	type loop struct {
		Weight float64
		Next   *loop
	}
	ring := &loop{}
	ring.Next = ring
	type sink struct{ Out chan int }
	for says, bad := range map[string]any{
		"field Scores[a][0] of flow_test.scored is NaN":   scored{map[string][]float64{"a": {math.NaN()}}},
		"field Any[1] of flow_test.open is +Inf":          open{[]any{1, math.Inf(1)}},
		"field Out of flow_test.sink is a chan":           sink{},
		"float64 is -Inf":                                 math.Inf(-1),
		"is a value that contains itself":                 *ring,
		"field Any.Any.Scores[a][0] of flow_test.open is": open{open{scored{map[string][]float64{"a": {math.NaN()}}}}},
	} {
		wf := flow.New[Start, Stop]("emits")
		attempts := 0
		flow.Step(wf, "show", func(c *flow.Context, s Start) (Stop, error) {
			if attempts++; attempts < 3 {
				c.Emit(bad)
			}
			c.Emit(open{map[string]any{"readers do not decode it": struct{ hidden func() }{}}})
			return Stop(s), nil
		}, flow.Retry(flow.Policy{Attempts: 2}))
		run := must(wf.Start(t.Context(), Start{}))
		_, err := run.Wait(t.Context())
		var failed *flow.StepError
		if want(t, err, `"show"`, "Emit", says); !errors.As(err, &failed) || failed.Attempts != 2 {
			t.Errorf("%s: %v", says, err)
		}
		records := all(t, run)
		same(t, len(of(records, flow.EventEmitted)), 2)
		journalOf(t, records)

		wf = flow.New[Start, Stop]("asks")
		flow.Step(wf, "ask", func(c *flow.Context, s Start) (Stop, error) {
			_, err := flow.Await[Reply](c, "k", bad)
			return Stop(s), err
		}, flow.Awaits[Reply]())
		_, err = wf.Run(t.Context(), Start{})
		want(t, err, `step "ask": Await "k": the prompt`, says)
	}
}

// TestAnEmittedPointerIsShownAsItsValue also emits pointers after values of their type, which are
// checked faster, and awaits with a pointer in between.
func TestAnEmittedPointerIsShownAsItsValue(t *testing.T) {
	wf := flow.New[Start, Stop]("pointers")
	flow.Step(wf, "show", func(c *flow.Context, s Start) (Stop, error) {
		c.Emit(Tick{1})
		c.Emit(&Tick{2})
		c.Emit((*Tick)(nil))
		c.Emit(nil)
		if _, err := flow.Await[Reply](c, "k", &Tick{}); err != nil {
			return Stop{}, err
		}
		c.Emit(&Tick{3})
		c.Emit(Tick{4})
		return Stop(s), nil
	}, flow.Awaits[Reply]())
	run := must(wf.Start(t.Context(), Start{}))
	if err := run.Send(Reply{}); err != nil {
		t.Fatal(err)
	}
	must(run.Wait(t.Context()))
	var shown []any
	for _, r := range of(all(t, run), flow.EventEmitted) {
		shown = append(shown, r.Payload)
	}
	if want := []any{Tick{1}, Tick{2}, Tick{3}, Tick{4}}; !slices.Equal(shown, want) {
		t.Errorf("%v, not %v", shown, want)
	}
}

func TestR58_AResultMustComeBackFromAJournalAsItIs(t *testing.T) {
	type secret struct{ word string }
	called := 0
	try := func(do func(c *flow.Context) error) error {
		wf := flow.New[Start, Stop]("do")
		flow.Step(wf, "do", func(c *flow.Context, _ Start) (Stop, error) { return Stop{}, do(c) })
		_, err := wf.Run(t.Context(), Start{})
		return err
	}
	want(t, try(func(c *flow.Context) error {
		_, err := flow.Do(c, "k", func(context.Context, string) (secret, error) { called++; return secret{"x"}, nil })
		return err
	}), `Do "k"`, "field word is not exported")
	same(t, called, 0) // its type shows it before the call takes effect
}

func TestR41_TheStateRefusesWhatJSONCannotHold(t *testing.T) {
	try := func(what func(c *flow.Context) error) error {
		var err error
		wf := flow.New[Start, Stop]("state")
		flow.Step(wf, "set", func(c *flow.Context, _ Start) (Stop, error) { err = what(c); return Stop{}, nil })
		if _, err := wf.Run(context.Background(), Start{}); err != nil {
			t.Error(err)
		}
		return err
	}
	type secret struct{ word string }
	want(t, try(func(c *flow.Context) error { return flow.Set(c, "k", secret{"x"}) }), "field word is not exported")
	want(t, try(func(c *flow.Context) error { return flow.Set(c, "k", math.Inf(1)) }), "+Inf")
	want(t, try(func(c *flow.Context) error { return flow.Set(c, "k", map[string]any{"n": 1}) }), "field [n]", "of type int")
	want(t, try(func(c *flow.Context) error {
		return flow.Update(c, func(s *scored) error { s.Scores = map[string][]float64{"a": {math.NaN()}}; return nil })
	}), "field Scores[a][0]")
	for _, v := range []any{map[string]any{"n": 1.5, "l": []any{nil, true, "x"}}, 1.5, own{}, []byte("x"), fmt.Sprint(1)} {
		if err := try(func(c *flow.Context) error { return flow.Set(c, "k", v) }); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
}
