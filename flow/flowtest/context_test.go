package flowtest_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"weft/flow"
	"weft/flow/flowtest"
)

type (
	request struct{ N int }
	result  struct{ N int }
	shown   struct{ N int }
	sent    struct{ N int }
	ask     struct{}
	reply   struct{ N int }
	counter struct{ N int }
)

var errBoom = errors.New("boom")

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAStepCanBeCalledWithoutAWorkflow(t *testing.T) {
	step := func(c *flow.Context, r request) (result, error) {
		c.Emit(shown{1})
		if err := c.Send(sent{2}); err != nil {
			return result{}, err
		}
		if err := flow.Update(c, func(s *counter) error { s.N++; return nil }); err != nil {
			return result{}, err
		}
		answer, err := flow.Await[reply](c, "k", ask{})
		return result{r.N + answer.N + flow.State[counter](c).N}, err
	}
	c := flowtest.NewContext(t.Context(), reply{10})
	got, err := step(c, request{100})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, result{111})
	same(t, flowtest.Emitted(c), []any{shown{1}})
	same(t, flowtest.Sent(c), []any{sent{2}})
	same(t, c.Attempt(), 1)
	if _, err = step(c, request{}); err == nil || !strings.Contains(err.Error(), "no (further) reply of type flowtest_test.reply") {
		t.Error(err)
	}
}

func TestAContextWithoutARunEndsWithTheOneItWasMadeOf(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	c := flowtest.NewContext(ctx)
	cancel(errBoom)
	<-c.Done()
	if !errors.Is(context.Cause(c), errBoom) {
		t.Error(context.Cause(c))
	}
	if flowtest.NewContext(ctx).Err() == nil {
		t.Error("a context made of one that has ended has not")
	}
	for range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		c := flowtest.NewContext(ctx)
		go cancel()
		<-c.Done()
	}
}

func TestAStepMaySendFromSeveralGoroutines(t *testing.T) {
	c := flowtest.NewContext(t.Context())
	var wait sync.WaitGroup
	for i := range 10 {
		wait.Go(func() {
			if err := c.Send(sent{i}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	same(t, len(flowtest.Sent(c)), 10)
}

func TestAnEventThatJSONCannotHoldPanics(t *testing.T) {
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "NaN") {
			t.Errorf("the panic says %q", p)
		}
	}()
	flowtest.NewContext(t.Context()).Emit(math.NaN())
}
