package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

var update = flag.Bool("update", false, "write the golden files anew")

type memory struct {
	bytes.Buffer
	writes, syncs int
	fail          error
}

func (m *memory) Write(b []byte) (int, error) {
	if m.fail != nil {
		n, _ := m.Buffer.Write(b[:len(b)/2])
		return n, m.fail
	}
	m.writes++
	return m.Buffer.Write(b)
}
func (m *memory) Sync() error  { m.syncs++; return nil }
func (m *memory) Close() error { return nil }

// goldenKinds are those of the golden file, in its order. Kinds that are added later are not in it.
var goldenKinds = []flow.Kind{
	flow.RunStarted, flow.RunPaused, flow.RunResumed, flow.RunFinished, flow.RunFailed,
	flow.RunCancelled, flow.EventSent, flow.EventEmitted, flow.StepQueued, flow.StepStarted,
	flow.StepFinished, flow.StepFailed, flow.StepCancelled, flow.AwaitOpened, flow.AwaitResolved,
	flow.ScopeOpened, flow.ScopeClosed, flow.StateChanged,
}

// records has one record of every kind and every field.
func records() []flow.Record { return recordsOf(flow.Kinds()) }

func recordsOf(kinds []flow.Kind) (all []flow.Record) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	for _, k := range kinds {
		n := uint64(len(all) + 1)
		r := flow.Record{
			Seq: n, Time: at.Add(time.Duration(n) * time.Millisecond), Run: "run/7", Kind: k, Step: "schrítt", Worker: 2, Attempt: 3,
			Execution: 4, Event: 5, Index: 6, Cause: 7, Type: "Thing", Payload: json.RawMessage(`{"text":"a\nb <c> \u2028"}`), Error: "it \"failed\"\n", Due: at,
		}
		if n%2 == 0 {
			r = flow.Record{Seq: n, Time: at, Run: "run", Kind: k}
		}
		all = append(all, r)
	}
	return all
}

func written(t testing.TB, all []flow.Record) []byte {
	t.Helper()
	m := &memory{}
	w, err := begin(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if m.writes != len(all)+1 || m.syncs != 1 {
		t.Errorf("%d writes and %d syncs for %d records", m.writes, m.syncs, len(all))
	}
	return m.Bytes()
}

func text(t testing.TB, all []flow.Record) string {
	t.Helper()
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTheFormatStands fails if the format changes: journals outlive the program.
func TestTheFormatStands(t *testing.T) {
	got := written(t, recordsOf(goldenKinds))
	path := filepath.Join("testdata", "journal-1.weft")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the format has changed: raise Version and keep reading the old one\n%s", got)
	}
	back, _, err := decode(bytes.NewReader(want))
	if err != nil || text(t, back) != text(t, recordsOf(goldenKinds)) {
		t.Errorf("what is read is not what was written: %v\n%s", err, text(t, back))
	}
}

func TestAFutureVersionIsRefused(t *testing.T) {
	later := fmt.Sprint("version ", Version+1)
	_, line := seal(0, fmt.Appendf(nil, `{"journal":"weft","version":%d}`, Version+1))
	if _, _, err := decode(bytes.NewReader(line)); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), later) {
		t.Error(err)
	}
	_, line = seal(0, []byte(`{"journal":"other","version":1}`))
	if _, _, err := decode(bytes.NewReader(line)); !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
}

// TestAnUnknownKindIsOfANewerVersion reads records of a kind that this program does not know: a
// record that is right otherwise was written by a newer version, any other one is damaged.
func TestAnUnknownKindIsOfANewerVersion(t *testing.T) {
	for record, want := range map[string]error{
		`{"seq":1,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.labelled","type":"label"}`: ErrNewer,
		`{"seq":1,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.started"}`:                 nil,
		`{"seq":1,"time":"2026-11-23T12:00:00Z","run":"run"}`:                                      ErrCorrupt,
		`{"seq":0,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.labelled"}`:                ErrCorrupt,
		`{"seq":1,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.labelled","worker":"one"}`: ErrCorrupt,
		`{"seq":1,"time":"never","run":"run","kind":"run.labelled"}`:                               ErrCorrupt,
		`{"seq":1,"time":"2026-11-23T12:00:00Z","run":"run","kind":7}`:                             ErrCorrupt,
	} {
		chain, file := seal(0, []byte(`{"journal":"weft","version":1}`))
		_, line := seal(chain, []byte(record))
		_, _, err := decode(bytes.NewReader(append(file, line...)))
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, not %v", record, err, want)
		}
	}
}

// prefix reports whether what was read is the beginning of what was written.
func prefix(t testing.TB, got, all []flow.Record) bool {
	return len(got) == 0 || len(got) <= len(all) && text(t, got) == text(t, all[:len(got)])
}

func TestTruncationAtAnyByteIsAShorterRun(t *testing.T) {
	all := records()
	file := written(t, all)
	for n := range len(file) + 1 {
		got, dec, err := decode(bytes.NewReader(file[:n]))
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		lines := bytes.Count(file[:n], []byte("\n"))
		if len(got) != max(0, lines-1) || !prefix(t, got, all) {
			t.Fatalf("cut at %d: %d records of %d whole lines", n, len(got), lines)
		}
		if want := int64(bytes.LastIndexByte(file[:n], '\n') + 1); dec.Offset() != want {
			t.Fatalf("cut at %d: the good part ends at %d, not %d", n, dec.Offset(), want)
		}
	}
}

// TestBitFlipsAreDetected flips every bit, and many pairs of bits: what is read is the beginning of what was written, and if
// it is not all of it, because of the last line's end or with an error.
func TestBitFlipsAreDetected(t *testing.T) {
	all := records()[:7]
	file := written(t, all)
	right, _, _ := decode(bytes.NewReader(file))
	check := func(bad []byte, what ...int) {
		got, _, err := decode(bytes.NewReader(bad))
		if len(got) > len(right) || !reflect.DeepEqual(got, right[:len(got)]) && len(got) > 0 {
			t.Fatalf("flip of %v: a wrong run", what)
		}
		if err == nil && len(got) == len(all) {
			t.Fatalf("flip of %v was not detected", what)
		}
	}
	for i := range len(file) * 8 {
		bad := slices.Clone(file)
		bad[i/8] ^= 1 << (i % 8)
		check(bad, i)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	n := 2000
	if os.Getenv("WEFT_LONG") == "1" {
		n = 100_000
	}
	for range n {
		bad := slices.Clone(file)
		var what []int
		for range 2 + rng.IntN(6) {
			i := rng.IntN(len(bad) * 8)
			bad[i/8] ^= 1 << (i % 8)
			what = append(what, i)
		}
		if !bytes.Equal(bad, file) {
			check(bad, what...)
		}
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	for i := 1; i < len(lines)-2; i++ { // a line is lost, doubled, moved
		check(bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil), i)
		check(bytes.Join(slices.Insert(slices.Clone(lines), i, lines[i]), nil), i)
		swapped := slices.Clone(lines)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		check(bytes.Join(swapped, nil), i)
	}
}

func FuzzDecode(f *testing.F) {
	all := records()
	file := written(f, all)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, dec, err := decode(bytes.NewReader(b))
		if dec.Offset() > int64(len(b)) {
			t.Fatal("it has read more than there is")
		}
		if err == nil && len(got) > 0 {
			again, _, err := decode(bytes.NewReader(b[:dec.Offset()]))
			if err != nil || text(t, again) != text(t, got) {
				t.Fatal("the good part alone reads differently", err)
			}
		}
	})
}

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
	if text(t, kept) != text(t, live) {
		t.Error("the journal is not the run")
	}
	path, _ := dir.Path("a")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The process ends in the middle of a line, somewhere; the run is resumed and comes to the same.
	for _, cut := range []int{len(file) / 3, len(file) / 2, len(file) - 3} {
		if err := os.WriteFile(path, file[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		before, w, err := dir.Continue("a")
		if err != nil {
			t.Fatal(err)
		}
		run, err := loop(100, 0).Resume(t.Context(), slices.Values(before), flow.Keep(w))
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
		if text(t, kept) != text(t, slices.Collect(run.Records(t.Context(), 0))) {
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
	for _, id := range []string{"", "../x", "a/b", ".x", "a\x00", `c:\x`} {
		if _, err := dir.Create(id); err == nil {
			t.Errorf("%q is the name of a file", id)
		}
	}
	if err := dir.Remove("a"); err != nil {
		t.Error(err)
	}
}

func TestItIsSyncedEachSecondAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		w, err := begin(m)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 35 {
			if err := w.Append(flow.Record{Seq: uint64(i + 1), Kind: flow.EventEmitted}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if m.syncs != 3 {
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
		if err := w.Append(flow.Record{Seq: 36}); err == nil {
			t.Error("a record after the end")
		}
	})
}

func TestAReplyIsSafeBeforeItIsAcknowledged(t *testing.T) {
	m := &memory{}
	w, err := begin(m)
	if err != nil {
		t.Fatal(err)
	}
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

func TestAFullDiskDoesNotEndTheRun(t *testing.T) {
	m := &memory{}
	w, err := begin(m)
	if err != nil {
		t.Fatal(err)
	}
	m.fail = errors.New("no space left on device")
	run, err := loop(20_000, 0).Start(t.Context(), start{}, flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := run.Wait(t.Context()); err != nil || s.N != 20_000 {
		t.Fatal(s, err)
	}
	if err := run.JournalErr(); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Error(err)
	}
	if err := w.Append(flow.Record{Seq: 9}); err == nil {
		t.Error("something follows half a line")
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

// TestKilledAtAnyMoment kills a process that runs a workflow, resumes the run from its journal, and so on until it is done.
func TestKilledAtAnyMoment(t *testing.T) {
	if d := os.Getenv("WEFT_JOURNAL_CHILD"); d != "" {
		child(t, d)
		return
	}
	if runtime.GOOS == "windows" {
		t.Skip("a process is killed otherwise here")
	}
	kills := 10
	if os.Getenv("WEFT_LONG") == "1" {
		kills = 200
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(3, 4))
	killed, runs := 0, 0
	for killed < kills {
		cmd := exec.Command(os.Args[0], "-test.run=TestKilledAtAnyMoment$")
		cmd.Env = append(os.Environ(), "WEFT_JOURNAL_CHILD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 1)
		io.ReadFull(out, first) // it has begun
		timer := time.AfterFunc(time.Duration(rng.IntN(40_000))*time.Microsecond, func() { cmd.Process.Kill() })
		rest, _ := io.ReadAll(out)
		err = cmd.Wait()
		timer.Stop()
		if err == nil {
			runs++
			os.RemoveAll(dir)
			continue
		}
		if !strings.Contains(err.Error(), "killed") {
			t.Fatalf("%v: %s%s", err, first, rest)
		}
		killed++
	}
	t.Logf("%d kills, %d runs came to their end", killed, runs)
}

// child starts the run or goes on with it.
func child(t *testing.T, path string) {
	dir, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString(".")
	wf := loop(2000, 5*time.Microsecond)
	var run *flow.Run[stop]
	w, err := dir.Create("r")
	if err == nil {
		run, err = wf.Start(t.Context(), start{}, flow.ID("r"), flow.Keep(w))
	} else {
		var before []flow.Record
		if before, w, err = dir.Continue("r"); err != nil {
			t.Fatal(err)
		}
		if len(before) == 0 {
			run, err = wf.Start(t.Context(), start{}, flow.ID("r"), flow.Keep(w))
		} else {
			run, err = wf.Resume(t.Context(), slices.Values(before), flow.Keep(w))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if s, err := run.Wait(t.Context()); err != nil || s.N != 2000 || run.JournalErr() != nil {
		t.Fatal(s, err, run.JournalErr())
	}
	w.Close()
	kept, err := dir.Read("r")
	if err != nil {
		t.Fatal(err)
	}
	if text(t, kept) != text(t, slices.Collect(run.Records(t.Context(), 0))) {
		t.Fatal("the journal is not the run")
	}
}
