package history

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run"
)

// TestRunsOfTheFirstFormatAreRead reads runs that the first version with a history has kept: one
// that ended, a fork of it, one whose process was killed, and one that failed. These files are never
// changed: runs that people keep must stay readable.
func TestRunsOfTheFirstFormatAreRead(t *testing.T) {
	for _, indexed := range []bool{true, false} {
		dir := filepath.Join(t.TempDir(), "runs")
		if err := os.CopyFS(dir, os.DirFS("testdata/version1")); err != nil {
			t.Fatal(err)
		}
		if !indexed {
			if err := os.Remove(filepath.Join(dir, indexFile)); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		runs := list(t, s)
		for id, want := range map[string]struct {
			question string
			outcome  Outcome
			talk     string
			records  int // those that a fork shares with its parent included
			answer   string
		}{
			"a7i25twhoe": {"is the sea deep?", Done, "", 20, "The sea is deep and blue. [1]"},
			"pjsu3xflsm": {"is the sea deep?", Done, "a7i25twhoe", 22, "The sea is deep and blue. [1]"},
			"nm47ozmg5o": {"is the sea blue?", Interrupted, "", 13, ""},
			"uqpus47wst": {"is the sea cold?", Failed, "", 18, ""},
		} {
			got := runs[id]
			if got.Question != want.question || got.Outcome != want.outcome || got.Talk != want.talk ||
				got.Workflow != "rag" || got.Directory != "/srv/docs" || got.Took() <= 0 {
				t.Errorf("with an index (%v), %s is %+v, want %v", indexed, id, got, want)
			}
			file, err := s.Read(id)
			if err != nil || !file.Sealed {
				t.Fatalf("%s: sealed %v, %v", id, file.Sealed, err)
			}
			var streamed []flow.Record
			for r, err := range s.Records(id) {
				if err != nil {
					t.Fatal(err)
				}
				streamed = append(streamed, r)
			}
			if !reflect.DeepEqual(streamed, file.Records) {
				t.Errorf("%s is streamed as %d records that differ from the %d that are read", id, len(streamed), len(file.Records))
			}
			var past run.Run
			for _, r := range file.Records {
				past.Apply(r)
			}
			a, _ := past.Now().Answer()
			if past.Len() != want.records || !strings.Contains(a.Text, want.answer) || (a.Text == "") != (want.answer == "") {
				t.Errorf("%s has %d records and the answer %q, want %v", id, past.Len(), a.Text, want)
			}
		}
	}
}
