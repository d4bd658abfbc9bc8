package journal

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

type (
	start struct{ N int }
	tick  struct{ N int }
	stop  struct{ N int }
	next  interface{ next() }
)

func (tick) next() {}
func (stop) next() {}

func loop(hops int, pause time.Duration) *flow.Workflow[start, stop] {
	wf := flow.New[start, stop]("loop")
	flow.Step(wf, "begin", func(_ *flow.Context, s start) (tick, error) { return tick(s), nil })
	flow.Step(wf, "tick", func(c *flow.Context, e tick) (next, error) {
		if pause > 0 {
			select {
			case <-time.After(pause):
			case <-c.Done():
				return nil, c.Err()
			}
		}
		if e.N >= hops {
			return stop(e), nil
		}
		return tick{e.N + 1}, nil
	})
	return wf
}

func TestARunIsKeptAndResumedFromDisk(t *testing.T) {
	dir, err := Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := dir.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	run, err := loop(100, 0).Start(t.Context(), start{}, flow.ID("a"), flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(t.Context()); err != nil || run.JournalErr() != nil {
		t.Fatal(err, run.JournalErr())
	}
	w.Close()
	kept, err := dir.Read("a")
	if err != nil {
		t.Fatal(err)
	}
	live := slices.Collect(run.Records(t.Context(), 0))
	if text(t, kept.Records) != text(t, live) {
		t.Error("the journal is not the run")
	}
	path, _ := dir.Path("a")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The process ends in the middle of a line. The resumed run has the same result.
	for _, cut := range []int{len(file) / 3, len(file) / 2, len(file) - 3} {
		if err := os.WriteFile(path, file[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		before, w, err := dir.Continue("a")
		if err != nil {
			t.Fatal(err)
		}
		run, err := loop(100, 0).Resume(t.Context(), slices.Values(before.Records), flow.Keep(w))
		if err != nil {
			t.Fatal(err)
		}
		if s, err := run.Wait(t.Context()); err != nil || s != (stop{100}) {
			t.Fatal(s, err)
		}
		w.Close()
		kept, err := dir.Read("a")
		if err != nil {
			t.Fatal(err)
		}
		if text(t, kept.Records) != text(t, slices.Collect(run.Records(t.Context(), 0))) {
			t.Error("the continued journal is not the run")
		}
	}
	if runtime.GOOS != "windows" {
		if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
			t.Errorf("the file may be read by others: %v", st.Mode())
		}
		if st, _ := os.Stat(filepath.Dir(path)); st.Mode().Perm() != 0o700 {
			t.Errorf("the folder may be read by others: %v", st.Mode())
		}
	}
	list, err := dir.List()
	if err != nil || len(list) != 1 || list[0].ID != "a" || list[0].Workflow != "loop" || list[0].Err != nil {
		t.Error(list, err)
	}
	if _, err := dir.Create("a"); err == nil {
		t.Error("a journal is written over")
	}
	for _, id := range []string{"", "../x", "a/b", ".x", "a\x00", `c:\x`, "\xff", strings.Repeat("x", 201)} {
		if _, err := dir.Create(id); err == nil {
			t.Errorf("%q is the name of a file", id)
		}
	}
	if err := dir.Remove("a"); err != nil {
		t.Error(err)
	}
}

func TestAJournalIsSyncedEachSecondAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		w := in(t, m)
		for i := range 35 {
			if _, err := w.Append([]flow.Record{{Seq: uint64(i + 1), Kind: flow.EventEmitted}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if synctest.Wait(); m.syncs != 3 {
			t.Errorf("%d syncs in 3.5 s", m.syncs)
		}
		if w.Sync(); m.syncs != 4 {
			t.Error("Sync does not sync")
		}
		if w.Sync(); m.syncs != 4 {
			t.Error("Sync syncs what is synced")
		}
		time.Sleep(time.Hour)
		w.Close()
		if m.syncs != 4 {
			t.Error("an idle journal is synced")
		}
		if _, err := w.Append([]flow.Record{{Seq: 36}}); err == nil {
			t.Error("a record after the end")
		}
	})
}

func TestAReplyIsSafeBeforeItIsAcknowledged(t *testing.T) {
	m := &memory{}
	w := &Writer{f: m}
	wf := flow.New[start, stop]("ask")
	flow.Step(wf, "ask", func(c *flow.Context, _ start) (stop, error) {
		r, err := flow.Await[tick](c, "k", start{})
		return stop(r), err
	}, flow.Awaits[tick]())
	run, err := wf.Start(t.Context(), start{}, flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Send(tick{3}); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	if m.syncs == 0 || !strings.Contains(m.String(), `"type":"tick","payload":{"N":3}`) {
		t.Error("the reply was acknowledged and is not safe")
	}
	w.mu.Unlock()
	if _, err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAnotherProcessCanFollow(t *testing.T) {
	dir, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := dir.Create("live")
	if err != nil {
		t.Fatal(err)
	}
	run, err := loop(30, time.Millisecond).Start(t.Context(), start{}, flow.ID("live"), flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []flow.Record
	for r, err := range dir.Follow(ctx, "live", 0, time.Millisecond) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if text(t, got) != text(t, slices.Collect(run.Records(t.Context(), 0))) {
		t.Error("what was followed is not the run")
	}
	<-run.Done()
	w.Close()
}
