package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/host"
	"weft/flow/journal"
)

type (
	start struct{ N int }
	ask   struct{ Text string }
	reply struct{ N int }
	event struct{ N int }
	stop  struct{ N int }
)

// approval waits for a reply.
func approval() *flow.Workflow[start, stop] {
	wf := flow.New[start, stop]("approval")
	flow.Step(wf, "ask", func(c *flow.Context, s start) (stop, error) {
		r, err := flow.Await[reply](c, "k", ask{"?"}, flow.Where("N", s.N))
		return stop(r), err
	}, flow.Awaits[reply]())
	return wf
}

// reminder sleeps.
func reminder(d time.Duration) *flow.Workflow[start, stop] {
	wf := flow.New[start, stop]("reminder")
	flow.Step(wf, "sleep", func(c *flow.Context, s start) (stop, error) {
		return stop(s), flow.Sleep(c, "k", d)
	})
	return wf
}

// chat takes events from outside, and ends with the third.
func chat() *flow.Workflow[start, stop] {
	wf := flow.New[start, stop]("chat")
	flow.Step(wf, "begin", func(c *flow.Context, _ start) (*stop, error) { return nil, flow.Set(c, "sum", 0) })
	flow.Step(wf, "hear", func(c *flow.Context, e event) (*stop, error) {
		sum, _ := flow.Get[int](c, "sum")
		if sum = 10*sum + e.N; sum > 99 {
			return &stop{sum}, nil
		}
		return nil, flow.Set(c, "sum", sum)
	}, flow.External[event](), flow.Workers(1))
	return wf
}

func open(t *testing.T, path string, workflows ...flow.Definition) *host.Host {
	t.Helper()
	dir, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Open(dir, host.Settings{ReleaseAfter: time.Millisecond}, workflows...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to this: %s", what)
		}
	}
}

func released(t *testing.T, h *host.Host) {
	t.Helper()
	eventually(t, "no run is in memory", func() bool { return h.Live() == 0 })
}

func TestR67_AReleasedRunComesBackForAReply(t *testing.T) {
	h := open(t, t.TempDir())
	id := must(host.Start(h, approval(), "", start{3}))
	for range 3 { // a reply that does not fit the await: the run is released again
		released(t, h)
		if w := must(h.Waiting()); len(w) != 1 || w[0].ID != id || w[0].Workflow != "approval" || !w[0].Due.IsZero() {
			t.Fatal(w)
		}
		if err := h.Send(id, reply{4}); err != nil {
			t.Fatal(err)
		}
	}
	released(t, h)
	if err := h.Reply(id, 999, reply{3}); !errors.Is(err, flow.ErrNotAwaited) {
		t.Error(err)
	}
	if err := h.Send(id, reply{3}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // from memory, and from the journal
		if out, err := h.Wait(t.Context(), id); err != nil || out != any(stop{3}) {
			t.Error(out, err)
		}
		eventually(t, "it is over", func() bool { return len(must(h.Waiting())) == 0 && h.Live() == 0 })
	}
	if err := h.Send(id, reply{3}); !errors.Is(err, flow.ErrEnded) {
		t.Error(err)
	}
	if err := h.Send("another", reply{3}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestR67_WaitingRunsSayWhatTheyAsk(t *testing.T) {
	wf := flow.New[start, stop]("two questions")
	child := flow.New[event, stop]("child")
	flow.Step(child, "inner", func(c *flow.Context, _ event) (stop, error) {
		r, err := flow.Await[reply](c, "inner", ask{"inside?"}, flow.Where("N", 2), flow.Within(time.Hour))
		return stop(r), err
	}, flow.Awaits[reply]())
	flow.Step(wf, "begin", func(_ *flow.Context, s start) (event, error) { return event(s), nil })
	flow.Sub(wf, "child", child)
	flow.Step(wf, "outer", func(c *flow.Context, _ event) (*stop, error) {
		_, err := flow.Await[reply](c, "outer", ask{strings.Repeat("x", 100_000)}, flow.Where("N", 1))
		return nil, err
	}, flow.Awaits[reply]())
	path := t.TempDir()
	h := open(t, path, wf)
	begun := time.Now().Add(-time.Second) // records have no monotonic clock
	id := must(host.Start(h, wf, "", start{}))
	for _, where := range []string{"in the host that has released it", "in the next host"} {
		released(t, h)
		w := must(h.Waiting())
		if len(w) != 1 || len(w[0].Awaits) != 2 {
			t.Fatalf("%s: %+v", where, w)
		}
		slices.SortFunc(w[0].Awaits, func(a, b flow.AwaitWait) int { return strings.Compare(a.Key, b.Key) })
		for i, want := range []struct{ key, prompt, match string }{
			{"inner", `{"Text":"inside?"}`, `{"N":2}`},
			{"outer", `{"Text":"` + strings.Repeat("x", 100_000) + `"}`, `{"N":1}`},
		} {
			a := w[0].Awaits[i]
			if a.Key != want.key || a.Step != want.key || a.Type != "reply" || string(a.Match) != want.match || a.Since.Before(begun) || a.Since.After(time.Now()) {
				t.Errorf("%s: %+v", where, a)
			}
			if raw := must(json.Marshal(a.Prompt)); string(raw) != want.prompt {
				t.Errorf("%s: the prompt is %.100s", where, raw)
			}
		}
		if a := w[0].Awaits; !a[1].Due.IsZero() || a[0].Due.Sub(a[0].Since) != time.Hour || !w[0].Due.Equal(a[0].Due) {
			t.Errorf("%s: %v, %v and %v", where, a[0].Due, a[1].Due, w[0].Due)
		}
		h.Close()
		h = open(t, path, wf)
	}
	awaits := must(h.Waiting())[0].Awaits
	slices.SortFunc(awaits, func(a, b flow.AwaitWait) int { return strings.Compare(b.Key, a.Key) }) // the inner one ends the run
	for _, a := range awaits {
		if err := h.Reply(id, a.ID, reply{7}); err != nil {
			t.Error(err)
		}
	}
	if out, err := h.Wait(t.Context(), id); err != nil || out != any(stop{7}) {
		t.Error(out, err)
	}
}

func TestR67_AReleasedRunComesBackAtItsInstant(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	wf := reminder(300 * time.Millisecond)
	h := open(t, path, wf)
	first := must(host.Start(h, wf, "first", start{1}))
	second := must(host.Start(h, wf, "second", start{2}))
	released(t, h)
	if out, err := h.Wait(t.Context(), first); err != nil || out != any(stop{1}) {
		t.Error(out, err)
	}
	h.Wait(t.Context(), second)

	late := must(host.Start(h, wf, "late", start{3}))
	released(t, h)
	h.Close() // the instant comes while no host has the run
	time.Sleep(time.Until(time.Now().Add(300 * time.Millisecond)))
	h = open(t, path, wf)
	if out, err := h.Wait(t.Context(), late); err != nil || out != any(stop{3}) {
		t.Error(out, err)
	}
}

func TestR67_AReleasedRunComesBackForAnEventFromOutside(t *testing.T) {
	path := t.TempDir()
	h := open(t, path, chat())
	id := must(host.Start(h, chat(), "", start{}))
	for n := 1; n <= 3; n++ {
		released(t, h)
		h.Close()
		h = open(t, path, chat())
		if err := h.Send(id, event{n}); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := h.Wait(t.Context(), id); err != nil || out != any(stop{123}) {
		t.Error(out, err)
	}
}

func TestR68_OneOfTwoHostsResumesWhatIsDue(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	wf := reminder(500 * time.Millisecond)
	first := open(t, path, wf)
	id := must(host.Start(first, wf, "", start{4}))
	released(t, first)
	second := open(t, path, wf)
	if w := must(second.Waiting()); len(w) != 1 || w[0].Due.IsZero() {
		t.Fatal(w)
	}
	for _, h := range []*host.Host{second, first} {
		if out, err := h.Wait(t.Context(), id); err != nil || out != any(stop{4}) {
			t.Error(out, err)
		}
	}
	restarts := 0
	for _, r := range must(must(journal.Open(path)).Read(id)).Records {
		if r.Kind == flow.RunAdopted {
			restarts++
		}
	}
	if restarts != 1 {
		t.Errorf("the run was taken over %d times", restarts)
	}
	eventually(t, "no host has it", func() bool {
		return len(must(first.Waiting()))+len(must(second.Waiting()))+len(must(first.Interrupted()))+len(must(second.Interrupted())) == 0
	})
}

func TestR68_ARunThatWaitsForItsTurnGetsEventsOfOtherHosts(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	wf := flow.New[start, stop]("in turn", flow.MaxRuns(1))
	flow.Step(wf, "ask", func(c *flow.Context, _ start) (stop, error) {
		r, err := flow.Await[reply](c, "k", ask{"?"})
		return stop(r), err
	}, flow.Awaits[reply]())
	has := must(host.Open(must(journal.Open(path)), host.Settings{ReleaseAfter: time.Hour}, wf))
	t.Cleanup(has.Close)
	for _, id := range []string{"first", "second"} {
		must(host.Start(has, wf, id, start{}))
	}
	other := open(t, path, wf)
	for n, id := range []string{"second", "first"} {
		if err := other.Send(id, reply{n}); err != nil {
			t.Error(err)
		}
	}
	for n, id := range []string{"second", "first"} {
		if out, err := other.Wait(t.Context(), id); err != nil || out != any(stop{n}) {
			t.Error(id, out, err)
		}
	}
}

func TestManyRepliesAtOnceReadARunOnce(t *testing.T) {
	h := open(t, t.TempDir())
	id := must(host.Start(h, chat(), "", start{}))
	released(t, h)
	errs := make(chan error)
	for range 3 {
		go func() { errs <- h.Send(id, event{1}) }()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if out, err := h.Wait(t.Context(), id); err != nil || out != any(stop{111}) {
		t.Error(out, err)
	}
}

func TestARunThatWorksWhenItsHostClosesIsInterrupted(t *testing.T) {
	path, gate := t.TempDir(), make(chan struct{})
	wf := flow.New[start, stop]("work")
	flow.Step(wf, "work", func(c *flow.Context, s start) (stop, error) {
		select {
		case <-gate:
			return stop(s), nil
		case <-c.Done():
			return stop{}, c.Err()
		}
	})
	h := open(t, path, wf)
	id := must(host.Start(h, wf, "run", start{5}))
	if err := func() error { _, err := host.Start(h, wf, "run", start{6}); return err }(); !errors.Is(err, journal.ErrOwned) {
		t.Error(err)
	}
	dir := must(journal.Open(path))
	eventually(t, "the run's first record is in its journal", func() bool {
		file, err := dir.Read(id)
		return err == nil && len(file.Records) > 0
	})
	other := open(t, path, wf)
	if err := other.Continue(id); !errors.Is(err, journal.ErrOwned) {
		t.Error(err)
	}
	h.Close()
	if _, err := h.Wait(t.Context(), id); !errors.Is(err, host.ErrClosed) {
		t.Error(err)
	}
	if got := must(other.Interrupted()); !slices.Equal(got, []string{id}) {
		t.Error(got)
	}
	close(gate)
	if err := other.Continue(id); err != nil {
		t.Fatal(err)
	}
	if out, err := other.Wait(t.Context(), id); err != nil || out != any(stop{5}) {
		t.Error(out, err)
	}
}

func TestAReleasedRunCanBeCancelled(t *testing.T) {
	h := open(t, t.TempDir())
	id := must(host.Start(h, approval(), "", start{}))
	released(t, h)
	because := errors.New("nobody replies")
	if err := h.Cancel(id, because); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Wait(t.Context(), id); !errors.Is(err, because) {
		var ended *flow.CancelError
		if !errors.As(err, &ended) {
			t.Error(err)
		}
	}
}

func TestARunOfAnUnknownWorkflowIsNotContinued(t *testing.T) {
	path := t.TempDir()
	h := open(t, path)
	id := must(host.Start(h, approval(), "", start{}))
	released(t, h)
	h.Close()
	h = open(t, path, chat())
	if err := h.Send(id, reply{}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// openFiles returns how many files the process has open; 0 where that is not known.
func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// TestR67_WaitingRunsHoldNeitherGoroutinesNorFiles has 10,000 runs wait with WEFT_LONG=1.
func TestR67_WaitingRunsHoldNeitherGoroutinesNorFiles(t *testing.T) {
	n := 300
	if os.Getenv("WEFT_LONG") == "1" {
		n = 10_000
	}
	path := t.TempDir()
	wf := approval()
	h := open(t, path, wf)
	goroutines, files := runtime.NumGoroutine(), openFiles()
	for i := range n {
		if _, err := host.Start(h, wf, fmt.Sprint("run", i), start{i}); err != nil {
			t.Fatal(err)
		}
		if i%100 == 99 {
			released(t, h)
		}
	}
	released(t, h)
	h.Close()
	begun := time.Now()
	h = open(t, path, wf)
	t.Logf("%d waiting runs are indexed in %v", n, time.Since(begun))
	if w := len(must(h.Waiting())); w != n {
		t.Fatalf("%d runs wait", w)
	}
	eventually(t, "at most 20 goroutines and 20 files more than before", func() bool {
		return runtime.NumGoroutine() <= goroutines+20 && openFiles() <= files+20
	})
	var took []time.Duration
	for i := range n {
		id, begun := fmt.Sprint("run", i), time.Now()
		if err := h.Send(id, reply{i}); err != nil {
			t.Fatal(err)
		}
		out, err := h.Wait(context.Background(), id)
		if err != nil || out != any(stop{i}) {
			t.Fatal(out, err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	t.Logf("median time from a reply to the end of its run: %v", took[n/2])
}
