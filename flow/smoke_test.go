package flow_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

type Ask struct{ Text string }
type Reply struct {
	ID int
	OK bool
}

func dump(t *testing.T, r flow.Handle) {
	for rec := range r.Records(t.Context(), 0) {
		j, _ := rec.JSON()
		t.Log(rec.Seq, rec.Kind, rec.Run, rec.Step, "w", rec.Worker, "a", rec.Attempt, "x", rec.Execution, "e", rec.Event, "c", rec.Cause, rec.Type, string(j), rec.Error)
	}
}

func TestSmokeAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("ask", flow.Config{Timeout: 10 * time.Second})
		flow.Step(wf, "ask", func(c *flow.Context, s Start) (Stop, error) {
			r1, err := flow.Await(c, "one", Ask{"1"}, Reply{ID: 1})
			if err != nil {
				return Stop{}, err
			}
			r2, err := flow.Await(c, "two", Ask{"2"}, Reply{})
			if err != nil {
				return Stop{}, err
			}
			_, err = flow.Await(c, "three", Ask{"2"}, Reply{ID: 9}, flow.Within(time.Second))
			if !errors.Is(err, flow.ErrAwaitTimeout) {
				t.Error(err)
			}
			return Stop{r1.ID*10 + r2.ID}, nil
		}, flow.Awaits[Reply](), flow.Timeout(time.Second))
		r, err := wf.Start(t.Context(), Start{})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Send(Reply{ID: 5}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := r.SendJSON("Reply", []byte(`{"ID":1}`)); err != nil {
			t.Fatal(err)
		}
		s, err := r.Wait(t.Context())
		if err != nil || s.N != 15 {
			t.Error(s, err)
		}
		dump(t, r)
	})
}

func TestSmokeRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		wf := flow.New[Start, Stop]("retry")
		flow.Step(wf, "risky", func(c *flow.Context, s Start) (Stop, error) {
			if c.Attempt() == 2 {
				panic("oh")
			}
			<-c.Done()
			return Stop{}, boom
		}, flow.Retry(flow.Policy{Attempts: 3, Delay: time.Second, Factor: 2}), flow.Timeout(time.Second))
		flow.Recover(wf, "mend", func(c *flow.Context, f flow.Failure) (Stop, error) {
			t.Log(f)
			return Stop{f.Attempts}, nil
		})
		r, err := wf.Start(t.Context(), Start{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Wait(t.Context())
		if err != nil || s.N != 3 {
			t.Error(s, err)
		}
		dump(t, r)
	})
}

func TestSmokeSub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		child := flow.New[A, B]("child")
		flow.Step(child, "inc", func(c *flow.Context, a A) (B, error) {
			if a.N == 7 {
				<-c.Done()
				return B{}, c.Err()
			}
			return B{a.N + 1}, nil
		})
		wf := flow.New[Start, Stop]("parent", flow.Config{Timeout: time.Second})
		flow.Step(wf, "in", func(c *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Sub(wf, "child", child)
		flow.Step(wf, "out", func(c *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		r, _ := wf.Start(t.Context(), Start{3})
		s, err := r.Wait(t.Context())
		if err != nil || s.N != 4 {
			t.Error(s, err)
		}
		dump(t, r)
		r, _ = wf.Start(t.Context(), Start{7})
		s, err = r.Wait(t.Context())
		t.Log(err)
		if err == nil {
			t.Error(s, err)
		}
		dump(t, r)
		wf = flow.New[Start, Stop]("bad")
		t.Log(wf.Check())
		wf = flow.New[Start, Stop]("bad")
		flow.Step(wf, "out", func(c *flow.Context, b B) (A, error) { return A{}, nil })
		t.Log(wf.Check())
	})
}
