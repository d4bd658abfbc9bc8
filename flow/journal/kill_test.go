package journal

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
)

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
		var before *File
		if before, w, err = dir.Continue("r"); errors.Is(err, ErrEnded) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		run, err = wf.Resume(t.Context(), slices.Values(before.Records), flow.Keep(w))
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
	if text(t, kept.Records) != text(t, slices.Collect(run.Records(t.Context(), 0))) {
		t.Fatal("the journal is not the run")
	}
}
