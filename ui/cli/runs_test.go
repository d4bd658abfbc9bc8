package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/history"
)

// command returns weft with its state and its cache in a home directory.
func command(t testing.TB, home string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("weft", args...) // TestMain has put it into PATH
	cmd.Dir = home
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "WEFT_CACHE=" + filepath.Join(home, "cache"),
		"WEFT_STATE=" + filepath.Join(home, "state"), "WEFT_OFFLINE=true", "TERM=dumb", "GOGC=" + rareGC,
	}
	return cmd
}

// weft runs the program and returns its standard output.
func weft(t *testing.T, home string, args ...string) string {
	t.Helper()
	cmd := command(t, home, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("weft %q: %v\n%s%s", args, err, out, stderr.String())
	}
	return string(out)
}

// resultOf returns the answer in the output of weft ask --json.
func resultOf(t *testing.T, out string) (a show.Answer) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var last struct{ Result show.Answer }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return last.Result
}

// seaHome returns a home directory with a document.
func seaHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(home, "docs"), "sea.md", "# The sea\n\nThe sea is deep and blue.\n\n# The lake\n\nThe lake is shallow.\n")
	return home
}

// followUntil follows the journal of the only unknown run in a store, until enough holds.
func followUntil(t *testing.T, st *history.Store, known map[string]bool, enough func(flow.Record) bool) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), noticeTimeout)
	defer cancel()
	id := ""
	for id == "" {
		entries, err := os.ReadDir(st.Path())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if name, ok := strings.CutSuffix(e.Name(), ".weft"); ok && !known[name] {
				id = name
			}
		}
		if id == "" {
			select {
			case <-time.After(time.Millisecond):
			case <-ctx.Done():
				t.Fatal("no run has begun")
			}
		}
	}
	for r, err := range st.Journals().Follow(ctx, id, 0, time.Millisecond) {
		if err != nil {
			t.Fatal(err)
		}
		if enough(r) {
			return id
		}
	}
	return id
}

// TestAKilledRunResumesToTheSameAnswer kills weft ask at another record each time, and resumes the
// run.
func TestAKilledRunResumesToTheSameAnswer(t *testing.T) {
	kills := 6
	if os.Getenv("WEFT_LONG") != "" {
		kills = 200
	}
	home := seaHome(t)
	questions := []string{"is the sea deep?", "is the sea deep and is the lake shallow?"}
	names := []string{"rag", "research", "parallel", "refine"}
	want := map[string]string{}
	for _, q := range questions {
		for _, w := range names {
			want[w+q] = resultOf(t, weft(t, home, "ask", "--json", "-w", w, q, "docs")).Text
		}
	}
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for id := range mustList(t, st) {
		known[id] = true
	}
	interrupted := 0
	// On a busy machine all of a few runs may have ended before their kill.
	for i := 0; i < kills || interrupted == 0 && i < 100; i++ {
		q, w := questions[i%2], names[i/2%len(names)]
		cmd := command(t, home, "ask", "--json", "-w", w, q, "docs")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		at := uint64(1 + rand.IntN(25))
		id := followUntil(t, st, known, func(r flow.Record) bool { return r.Seq >= at })
		_ = cmd.Process.Kill() // fails if it has ended
		_ = cmd.Wait()
		known[id] = true
		r := mustList(t, st)[id]
		switch r.Outcome {
		case history.Interrupted:
			interrupted++
			out := weft(t, home, "runs", "resume", id, "--json")
			if got := resultOf(t, out).Text; got != want[w+q] {
				t.Errorf("%s, killed at record %d, answers after a resume %q, want %q", w, at, got, want[w+q])
			}
			r = mustList(t, st)[id]
		case history.Done:
		default:
			t.Fatalf("after it was killed at record %d, the run is %+v", at, r)
		}
		if r.Outcome != history.Done || r.Question != q {
			t.Errorf("in the end the run is %+v", r)
		}
	}
	if interrupted == 0 {
		t.Error("no run was interrupted")
	}
	t.Logf("%d were interrupted", interrupted)
}

func mustList(t *testing.T, st *history.Store) map[string]history.Run {
	t.Helper()
	runs, err := st.List()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]history.Run{}
	for _, r := range runs {
		all[r.ID] = r
	}
	return all
}

// TestARunThatWaitsIsAnsweredLater answers a run of the workflow approve while a session has it,
// and another one after its session has ended.
func TestARunThatWaitsIsAnsweredLater(t *testing.T) {
	for _, alive := range []bool{true, false} {
		t.Run(fmt.Sprintf("its process lives: %v", alive), func(t *testing.T) {
			home := seaHome(t)
			s := begin(t, map[string]string{"WEFT_OFFLINE": "true", "WEFT_STATE": filepath.Join(home, "state")},
				filepath.Join(home, "docs"))
			said := keeping(s)
			run, err := s.ask("approve", "is the sea deep?")
			if err != nil {
				t.Fatal(err)
			}
			st := store(t, s)
			waits := func(r flow.Record) bool { return r.Kind == flow.AwaitOpened }
			followUntil(t, st, nil, waits)
			if !alive {
				s.close()
			}
			r := only(t, st)
			if r.Outcome != history.Waiting || len(r.Waits) != 1 || (r.Owner != nil) != alive {
				t.Fatalf("the run is %+v", r)
			}
			if out := weft(t, home, "runs"); !strings.Contains(out, "waits for you") {
				t.Errorf("weft runs prints %s", out)
			}
			if out := weft(t, home, "runs", "show", "last"); !strings.Contains(out, "type Approval") {
				t.Errorf("weft runs show prints %s", out)
			}
			out := weft(t, home, "runs", "answer", r.ID, `{"keep": [1]}`)
			if alive {
				a, err := run.Wait(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				out = a.Text
			}
			if !strings.Contains(out, "The sea is deep and blue") {
				t.Errorf("the answer is %s", out)
			}
			s.close()
			if r := only(t, st); r.Outcome != history.Done {
				t.Errorf("in the end the run is %+v", r)
			}
			if got := said(); len(got) > 0 {
				t.Errorf("it said %q", got)
			}
		})
	}
}
