package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
)

type big struct {
	N int
	S string
}

func (big) next() {}

// largest returns a workflow that hands a payload of the given size, in bytes, from step to step.
func largest(size, hops int) *flow.Workflow[start, stop] {
	wf := flow.New[start, stop]("big")
	text := strings.Repeat("lorem ipsum <dolor> ", size/20)
	flow.Step(wf, "make", func(*flow.Context, start) (big, error) { return big{0, text}, nil })
	flow.Step(wf, "hand", func(_ *flow.Context, b big) (next, error) {
		if b.N < hops {
			return big{b.N + 1, b.S}, nil
		}
		return stop{len(b.S)}, nil
	})
	return wf
}

// TestAHugePayloadIsKept writes and reads a payload of 50 MiB, or of 5 MiB in the short suite.
func TestAHugePayloadIsKept(t *testing.T) {
	size := 5 << 20
	if os.Getenv("WEFT_LONG") == "1" {
		size = 50 << 20
	}
	dir := open(t)
	w, err := dir.Create("r")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	run, err := largest(size, 0).Start(t.Context(), start{}, flow.ID("r"), flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := run.Wait(t.Context()); err != nil || s.N < size-20 || run.JournalErr() != nil {
		t.Fatal(s, err, run.JournalErr())
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	written := time.Now()
	got, err := dir.Read("r")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("written in %v, read in %v", written.Sub(began), time.Since(written))
	path, _ := dir.Path("r")
	if st, err := os.Stat(path); err != nil || st.Size() > 10_000 {
		t.Errorf("the journal has %d bytes: %v", st.Size(), err)
	}
	sent := got.Records[slices.IndexFunc(got.Records, func(r flow.Record) bool { return r.Type == "big" })]
	var b big
	if err := json.Unmarshal(sent.Payload.(json.RawMessage), &b); err != nil || len(b.S) < size-20 {
		t.Error(len(b.S), err)
	}
}

// TestALargePayloadIsStoredOnce counts the files of payloads: equal payloads share one file across
// records, runs and forks, and removing the last run that refers to it removes the file.
func TestALargePayloadIsStoredOnce(t *testing.T) {
	dir := open(t)
	keep := func(id string, hops int) *File {
		t.Helper()
		w, err := dir.Create(id)
		if err != nil {
			t.Fatal(err)
		}
		run, err := largest(100_000, hops).Start(t.Context(), start{}, flow.ID(id), flow.Keep(w))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Wait(t.Context()); err != nil || run.JournalErr() != nil {
			t.Fatal(err, run.JournalErr())
		}
		w.Close()
		got, err := dir.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		if text(t, got.Records) != text(t, slices.Collect(run.Records(t.Context(), 0))) {
			t.Error("what is read is not what was written")
		}
		return got
	}
	stored := func() int {
		all, _ := filepath.Glob(filepath.Join(dir.path, payloadFolder, "*", payloadData))
		return len(all)
	}
	a := keep("a", 2)
	keep("b", 2)
	keep("c", 0)
	if n := stored(); n != 1 {
		t.Errorf("one long text is stored %d times", n)
	}
	made := slices.IndexFunc(a.Records, func(r flow.Record) bool { return r.Kind == flow.StepFinished })
	w, err := dir.Create("fork")
	if err != nil {
		t.Fatal(err)
	}
	fork, err := largest(100_000, 2).Fork(t.Context(), slices.Values(a.Records), uint64(made+1), flow.ID("fork"), flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fork.Wait(t.Context()); err != nil || fork.JournalErr() != nil {
		t.Fatal(err, fork.JournalErr())
	}
	w.Close()
	if got, err := dir.Read("fork"); err != nil || text(t, got.Records) != text(t, slices.Collect(fork.Records(t.Context(), uint64(made+1)))) {
		t.Error("the fork is read otherwise", err)
	}
	path, _ := dir.Path("fork")
	if st, err := os.Stat(path); err != nil || st.Size() > 50_000 || stored() != 1 {
		t.Errorf("the fork has %d bytes, and %d payloads are stored", st.Size(), stored())
	}
	for _, id := range []string{"b", "c", "fork", "a"} {
		if stored() != 1 {
			t.Errorf("the text is gone before run %s", id)
		}
		if err := dir.Remove(id); err != nil {
			t.Error(err)
		}
	}
	if n := stored(); n != 0 {
		t.Errorf("%d payloads are left, and no run", n)
	}
}

// TestAPayloadThatIsMissingOrChangedIsDamage changes the files of payloads.
func TestAPayloadThatIsMissingOrChangedIsDamage(t *testing.T) {
	for _, spoil := range []func(string) error{
		os.Remove,
		func(path string) error { return os.WriteFile(path, []byte(`{"N":0,"S":"another"}`), 0o600) },
	} {
		dir := open(t)
		w, err := dir.Create("r")
		if err != nil {
			t.Fatal(err)
		}
		run, err := largest(100_000, 0).Start(t.Context(), start{}, flow.ID("r"), flow.Keep(w))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Close()
		all, _ := filepath.Glob(filepath.Join(dir.path, payloadFolder, "*", payloadData))
		if len(all) != 1 {
			t.Fatal(all)
		}
		if err := spoil(all[0]); err != nil {
			t.Fatal(err)
		}
		got, err := dir.Read("r")
		if !errors.Is(err, ErrCorrupt) || len(got.Records) == 0 {
			t.Error(err)
		}
	}
}

// manyRecords returns the lines of a run with so many records.
func manyRecords(t testing.TB, n int) []byte {
	t.Helper()
	m := &memory{}
	w := in(t, m)
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	var group []flow.Record
	for i := range n {
		r := flow.Record{Seq: uint64(i + 1), Time: at.Add(time.Duration(i) * time.Millisecond), Run: "k3f9vq2m", Kind: flow.EventSent, Event: uint64(i), Cause: uint64(i / 3), Type: "Tick", Payload: json.RawMessage(fmt.Sprintf(`{"N":%d,"text":"some words of an answer"}`, i))}
		if i%3 > 0 {
			r = flow.Record{Seq: r.Seq, Time: r.Time, Run: r.Run, Kind: flow.StepStarted, Step: "tick", Worker: 1, Attempt: 1, Execution: uint64(i), Cause: uint64(i)}
		}
		group = append(group, r)
	}
	if _, err := w.Append(group); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return m.Bytes()
}

// TestALongJournalIsReadInLittleMemory reads 100,000 records and measures what they hold.
func TestALongJournalIsReadInLittleMemory(t *testing.T) {
	const n = 100_000
	file := manyRecords(t, n)
	dir := open(t)
	path, _ := dir.Path("r")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var before, peak, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	got, err := dir.Read("r")
	took := time.Since(began)
	runtime.ReadMemStats(&peak)
	if err != nil || len(got.Records) != n {
		t.Fatal(len(got.Records), err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	holds, used := (after.HeapAlloc-before.HeapAlloc)>>20, (peak.TotalAlloc-before.TotalAlloc)>>20
	t.Logf("%d records, %d MB, read in %v; %d MB held, %d MB allocated", n, len(file)>>20, took, holds, used)
	if used > 100 {
		t.Errorf("reading 100,000 records allocates %d MB", used)
	}
	runtime.KeepAlive(got)
}

// BenchmarkRead reports how much longer it takes to read 100,000 records than to unmarshal their
// payloads alone.
func BenchmarkRead(b *testing.B) {
	file := manyRecords(b, 100_000)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if got, err := Read(bytes.NewReader(file)); err != nil || len(got.Records) != 100_000 {
			b.Fatal(err)
		}
	}
}
