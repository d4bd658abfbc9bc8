package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
)

// keptRuns is the number of runs of a process that is killed, some of each kind.
const keptRuns = 20

// TestKilledAtAnyMoment kills a process that has 20 runs at a random moment, and continues all runs
// in the next one, until each has come to the result of an undisturbed run. An execution that has
// finished according to the journal is not called again. In Sync mode these are all that had
// finished; in Async mode at most as many are missing as a run may be ahead of its journal. While a
// process lives, no other process can take over a run.
func TestKilledAtAnyMoment(t *testing.T) {
	if path := os.Getenv("WEFT_JOURNAL_CHILD"); path != "" {
		killedProcess(t, path, os.Getenv("WEFT_JOURNAL_MODE"))
		return
	}
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process is killed otherwise here")
	}
	kills := 6
	if os.Getenv("WEFT_LONG") == "1" {
		kills = 200
	}
	rng := rand.New(rand.NewPCG(3, 4))
	refused, doubts, most := 0, 0, map[string]int{}
	for done, round := 0, 0; done < kills; round++ {
		l := &ledger{path: t.TempDir(), mode: []string{"sync", "async"}[round%2], finished: map[string]map[string]bool{}, keys: map[string]string{}, doubts: map[string][]string{}}
		for again, n := true, 0; again; n++ {
			again = l.kill(t, rng, &refused, n < max(kills/8, 3)) // later processes are not killed
			if again {
				done++
			}
			l.check(t)
		}
		most[l.mode] = max(most[l.mode], l.most)
		l.checkEnded(t)
		for _, calls := range l.doubts {
			doubts += len(calls)
		}
	}
	if refused == 0 {
		t.Error("no second process has tried to take a run over")
	}
	t.Logf("%d kills, %d calls in doubt; a second process was refused %d times; begun and not in the journal, at most, of one run: %v", kills, doubts, refused, most)
}

// A ledger is the test's own account of a folder of runs, kept across the processes that are
// killed.
type ledger struct {
	path, mode string
	read       int64                      // how many bytes of the processes' log were read
	finished   map[string]map[string]bool // what the journal of each run said has finished when the last process ended
	keys       map[string]string          // the idempotency keys of calls
	doubts     map[string][]string        // the calls of each run that were cut off
	most       int                        // the most executions of one run that had begun and were not in its journal
}

// kill lets a process continue the runs, and kills it if kills is true. It reports whether the
// process was killed before all runs were over.
func (l *ledger) kill(t *testing.T, rng *rand.Rand, refused *int, kills bool) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=TestKilledAtAnyMoment$")
	cmd.Env = append(os.Environ(), "WEFT_JOURNAL_CHILD="+l.path, "WEFT_JOURNAL_MODE="+l.mode)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var text []byte
	stdout := bufio.NewReader(out)
	if begun, err := stdout.ReadByte(); err == nil && begun == '.' { // it owns all runs that are not over
		dir, err := Open(l.path)
		if err != nil {
			t.Fatal(err)
		}
		var owned *OwnedError
		_, w, err := dir.Continue(fmt.Sprint("r", rng.IntN(keptRuns)))
		switch {
		case errors.As(err, &owned) && owned.Owner.PID == cmd.Process.Pid:
			*refused++
		case w != nil || !errors.Is(err, ErrEnded):
			t.Errorf("a second process tries to take over a run of process %d: %v", cmd.Process.Pid, err)
		}
		if after := time.Duration(rng.IntN(300_000)) * time.Microsecond; kills {
			defer time.AfterFunc(after, func() { cmd.Process.Kill() }).Stop()
		}
	} else {
		text = []byte{begun}
	}
	rest, _ := io.ReadAll(stdout)
	err = cmd.Wait()
	if err != nil && !strings.Contains(err.Error(), "killed") {
		t.Fatalf("%v: %s%s", err, text, rest)
	}
	return err != nil
}

// check compares what the last process did with the journals that it has left.
func (l *ledger) check(t *testing.T) {
	t.Helper()
	dir, err := Open(l.path)
	if err != nil {
		t.Fatal(err)
	}
	begun := map[string]map[string]bool{}
	acknowledged := map[string][]string{}
	for _, line := range l.log(t) {
		run, what, key := line[0], line[1], line[2]
		if l.finished[run][what] {
			t.Errorf("%s: %s had finished, and was called again (%s)", run, what, l.mode)
		}
		if key == "acknowledged" {
			acknowledged[run] = append(acknowledged[run], what)
			continue
		}
		if old := l.keys[run+what]; old != "" && old != key {
			t.Errorf("%s: %s was called with the key %q and then with %q", run, what, old, key)
		}
		l.keys[run+what] = key
		if begun[run] == nil {
			begun[run] = map[string]bool{}
		}
		begun[run][what] = true
	}
	for i := range keptRuns {
		run := fmt.Sprint("r", i)
		got, err := dir.Read(run)
		if err != nil {
			if errors.Is(err, os.ErrNotExist) && begun[run] == nil {
				continue
			}
			t.Fatal(run, err)
		}
		finished := finishedIn(got.Records)
		for what := range l.finished[run] {
			if !finished[what] {
				t.Errorf("%s: the journal has lost that %s has finished", run, what)
			}
		}
		for _, reply := range acknowledged[run] {
			if !finished[reply] {
				t.Errorf("%s: the journal has lost the reply %s, which was acknowledged", run, reply)
			}
		}
		missing := 0
		for what := range begun[run] {
			if !finished[what] {
				missing++
				if strings.HasPrefix(what, "call") {
					l.doubts[run] = append(l.doubts[run], what)
				}
			}
		}
		limit := 4 // the number of executions at once: none begins before the end of another is written
		if l.mode == "async" {
			limit = 1024 + keptRuns
		}
		if missing > limit {
			t.Errorf("%s (%s): %d bodies have begun, and the journal does not say that they ended", run, l.mode, missing)
		}
		l.most = max(l.most, missing)
		l.finished[run] = finished
	}
}

// log returns what the processes did since the last call: run, body and key of each line.
func (l *ledger) log(t *testing.T) (lines [][3]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(l.path, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(l.read, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	l.read += int64(len(all))
	for _, line := range strings.Split(strings.TrimSuffix(string(all), "\n"), "\n") {
		parts := strings.Split(line, "\t")
		if len(parts) == 3 {
			lines = append(lines, [3]string(parts))
		}
	}
	return lines
}

// checkEnded compares the results with those of undisturbed runs.
func (l *ledger) checkEnded(t *testing.T) {
	t.Helper()
	dir, err := Open(l.path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range keptRuns {
		run := fmt.Sprint("r", i)
		got, err := dir.Read(run)
		if err != nil || !errors.Is(got.Resumable(), ErrEnded) {
			t.Fatal(run, err, got.Resumable())
		}
		for _, call := range l.doubts[run] {
			if !doubtedIn(got.Records)[call] {
				t.Errorf("%s: %s was cut off, and the journal does not say that it is in doubt", run, call)
			}
		}
		undisturbed, err := killedWorkflow(i, func(string, string) {}).Start(t.Context(), start{i})
		if err != nil {
			t.Fatal(err)
		}
		go answerAll(undisturbed, func(string) {})
		want, err := undisturbed.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last, err := killedWorkflow(i, func(string, string) { t.Error("a run that is over is called") }).Resume(t.Context(), slices.Values(got.Records))
		if err != nil {
			t.Fatal(err)
		}
		if s, err := last.Wait(t.Context()); err != nil || s != want {
			t.Errorf("%s came to %v %v, and undisturbed to %v", run, s, err, want)
		}
	}
}

// killedProcess starts or continues the runs, and waits for their ends.
func killedProcess(t *testing.T, path, mode string) {
	dir, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(path, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var opts []flow.KeepOption
	if mode == "sync" {
		opts = append(opts, flow.Sync())
	}
	ends := make(chan error, keptRuns)
	for i := range keptRuns {
		id := fmt.Sprint("r", i)
		note := func(what, key string) { fmt.Fprintf(log, "%s\t%s\t%s\n", id, what, key) }
		wf := killedWorkflow(i, note)
		file, w, err := dir.Continue(id)
		var run *flow.Run[stop]
		switch {
		case err == nil:
			run, err = wf.Resume(t.Context(), slices.Values(file.Records), flow.Keep(w, opts...))
		case errors.Is(err, ErrEnded):
			ends <- nil
			continue
		case errors.Is(err, os.ErrNotExist) || errors.Is(err, ErrEmpty):
			if w, err = dir.Create(id); err == nil {
				run, err = wf.Start(t.Context(), start{i}, flow.ID(id), flow.Keep(w, opts...))
			}
		}
		if err != nil {
			t.Fatal(id, err)
		}
		go answerAll(run, func(reply string) { note(reply, "acknowledged") })
		go func() {
			_, err := run.Wait(t.Context())
			ends <- errors.Join(err, run.JournalErr(), w.Close())
		}()
	}
	os.Stdout.WriteString(".")
	for range keptRuns {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
}
