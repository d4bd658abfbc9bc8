package cli

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
	"weft/ui/history"
	"weft/ui/run"
)

// keeping makes a session keep its runs, and returns what it said about runs that are not kept.
func keeping(s *session) (said func() []string) {
	var mu sync.Mutex
	var all []string
	s.keepRuns(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, err.Error())
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// store opens the runs that a session has kept, as another process would.
func store(t *testing.T, s *session) *history.Store {
	t.Helper()
	st, err := history.Open(runsDir(s.settings))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func only(t *testing.T, st *history.Store) history.Run {
	t.Helper()
	runs, err := st.List()
	if err != nil || len(runs) != 1 {
		t.Fatalf("the runs are %v, %v, want one", runs, err)
	}
	return runs[0]
}

// TestAKeptRunNeedsNeitherDocumentsNorNetwork asks a model, removes documents, index and server,
// and compares what the journal shows with what was shown then.
func TestAKeptRunNeedsNeitherDocumentsNorNetwork(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, "sea.md", "# The sea\n\nThe sea is deep and blue.\n")
	const key = "sk-a-secret-key"
	_, url := fakeopenai.Start(t, "", "tiny-chat")
	s := begin(t, map[string]string{"WEFT_BASE_URL": url, "WEFT_API_KEY": key}, docs)
	said := keeping(s)
	started, err := s.ask("rag", "@sea.md is the sea deep?")
	if err != nil {
		t.Fatal(err)
	}
	want, err := started.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var live run.Run
	for r := range started.Records(t.Context(), 0) {
		live.Apply(r)
	}
	s.close()
	if err := os.RemoveAll(docs); err != nil {
		t.Fatal(err)
	}
	st := store(t, s)
	sum := only(t, st)
	if sum.Question != "@sea.md is the sea deep?" || sum.Outcome != history.Done || sum.Model != "tiny-chat" ||
		sum.Directory != history.Directory([]string{docs}) || sum.Talk != "" || sum.Sources != len(want.Sources) {
		t.Errorf("the summary is %+v", sum)
	}
	file, err := st.Read(sum.ID)
	if err != nil {
		t.Fatal(err)
	}
	var past run.Run
	for _, r := range file.Records {
		past.Apply(r)
	}
	got, ok := past.Now().Answer()
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("the answer from the journal is %+v, want %+v", got, want)
	}
	if past.Len() != live.Len() {
		t.Errorf("the journal has %d records, the run had %d", past.Len(), live.Len())
	}
	if len(said()) > 0 {
		t.Errorf("it said %q", said())
	}
	err = filepath.WalkDir(runsDir(s.settings), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), key) {
			t.Errorf("%s has the key", path)
		}
		if st, err := d.Info(); err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, st.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheRunsOfAConversationHaveItsTalk(t *testing.T) {
	s := offline(t, "../../docs")
	keeping(s)
	var ids []string
	for _, q := range []string{"how do I cancel a run?", "and how do I pause it?"} {
		r, err := s.Ask("rag", q)
		if err != nil {
			t.Fatal(err)
		}
		<-r.(*flow.Run[show.Answer]).Done()
		ids = append(ids, r.ID())
	}
	s.close()
	runs, err := store(t, s).List()
	if err != nil || len(runs) != 2 {
		t.Fatal(runs, err)
	}
	for _, r := range runs {
		if r.Talk != ids[0] && r.ID != ids[0] {
			t.Errorf("run %s is of the talk %q, want %q", r.ID, r.Talk, ids[0])
		}
	}
}

func TestAQuestionIsAnsweredWhereRunsCannotBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file") // no directory can be made below a file
	write(t, filepath.Dir(file), "file", "")
	s := begin(t, map[string]string{"WEFT_OFFLINE": "true", "WEFT_STATE": file}, "../../docs")
	said := keeping(s)
	for range 2 {
		r, err := s.ask("rag", "how do I cancel a run?")
		if err != nil {
			t.Fatal(err)
		}
		if a, err := r.Wait(t.Context()); err != nil || a.Text == "" {
			t.Errorf("the answer is %+v, %v", a, err)
		}
	}
	s.close()
	if got := said(); len(got) != 1 || !strings.Contains(got[0], "runs are not kept") || !strings.Contains(got[0], file) {
		t.Errorf("it said %q, want once that runs are not kept", got)
	}
}

func TestNothingIsKeptWhereTheSettingSaysSo(t *testing.T) {
	s := begin(t, map[string]string{"WEFT_OFFLINE": "true", "WEFT_KEEP_RUNS": "false"}, "../../docs")
	keeping(s)
	r, err := s.ask("rag", "how do I cancel a run?")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.close()
	if _, err := os.Stat(runsDir(s.settings)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a directory of runs: %v", err)
	}
}

// BenchmarkKeeping compares an offline question that is kept with one that is not.
func BenchmarkKeeping(b *testing.B) {
	for _, kept := range []bool{false, true} {
		b.Run(map[bool]string{false: "not kept", true: "kept"}[kept], func(b *testing.B) {
			s := offline(b, "../../docs")
			<-s.built
			if kept {
				s.keepRuns(func(err error) { b.Error(err) })
			}
			for b.Loop() {
				r, err := s.ask("rag", "how do I cancel a run?")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.Wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
