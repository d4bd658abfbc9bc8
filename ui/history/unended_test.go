package history

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// TestAJournalThatDoesNotChangeIsReadOnce lists a run that no process owns, and then replaces its
// journal by zeros with the same size and time: a list that read it again would find it damaged.
func TestAJournalThatDoesNotChangeIsReadOnce(t *testing.T) {
	s := open(t)
	run, w := begin(t, s, "waiting", "wait a", nil)
	untilWaiting(t, s, "waiting")
	if err := run.Suspend(); err != nil {
		t.Fatal(err)
	}
	<-run.Done()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path, err := s.Journals().Path("waiting")
	if err != nil {
		t.Fatal(err)
	}
	first := list(t, s)["waiting"]
	if first.Outcome != Waiting || first.Question != "wait a" {
		t.Fatalf("the run is %+v", first)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, st.Size()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, st.ModTime(), st.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := list(t, s)["waiting"]; fmt.Sprint(got) != fmt.Sprint(first) {
		t.Errorf("the journal was read again: %+v", got)
	}
	later := st.ModTime().Add(time.Second)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	if got := list(t, s)["waiting"]; got.Outcome != Unreadable {
		t.Errorf("a journal that was changed is %+v, want it read again", got)
	}
	if err := s.Remove("waiting"); err != nil {
		t.Fatal(err)
	}
	if got := list(t, s); len(got) != 0 || len(s.unended) != 0 {
		t.Errorf("after its removal there are %v, and %v is remembered", got, s.unended)
	}
}
