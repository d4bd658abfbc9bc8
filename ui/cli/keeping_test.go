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
	"time"

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
	s.keeping.keep(func(err error) {
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

// TestAKeptRunNeedsNeitherDocumentsNorNetwork asks a model, removes the documents and the index,
// counts the requests to the server, and compares what is shown of the journal with what was shown
// at first.
func TestAKeptRunNeedsNeitherDocumentsNorNetwork(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, "sea.md", "# The sea\n\nThe sea is deep and blue.\n")
	const key = "sk-a-secret-key"
	server, url := fakeopenai.Start(t, "", "tiny-chat")
	state := t.TempDir()
	env := map[string]string{"WEFT_BASE_URL": url, "WEFT_API_KEY": key, "WEFT_STATE": state}
	s := begin(t, env, docs)
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
	for _, gone := range []string{docs, s.settings.Cache.value} {
		if err := os.RemoveAll(gone); err != nil {
			t.Fatal(err)
		}
	}
	calls := func() int { // a session lists the models when it begins
		return server.Stats().Requests - server.Stats().ByPath["/v1/models"]
	}
	asked := calls()
	st := store(t, s)
	sum := only(t, st)
	if sum.Question != "@sea.md is the sea deep?" || sum.Outcome != history.Done || sum.Model != "tiny-chat" ||
		sum.Directory != history.Directory([]string{docs}) || sum.Talk != "" || sum.Sources != len(want.Sources) {
		t.Errorf("the summary is %+v", sum)
	}
	// The screen of a later start lists the run, shows its answer, and opens it.
	later := begin(t, env, docs)
	keeping(later)
	if runs, err := driving(later).History(); err != nil || len(runs) != 1 || driving(later).Preview(sum.ID) != strings.Join(strings.Fields(want.Text), " ") {
		t.Errorf("the history is %v, %v, with the answer %q", runs, err, driving(later).Preview(sum.ID))
	}
	opened, err := driving(later).Past(sum.ID)
	if err != nil {
		t.Fatal(err)
	}
	var past run.Run
	for r := range opened.Records(t.Context(), 0) {
		past.Apply(r)
	}
	for n := range past.Len() {
		then, now := live.At(n+1), past.At(n+1)
		textThen, _, _ := then.Streaming()
		textNow, _, _ := now.Streaming()
		if then.Status() != now.Status() || textThen != textNow || then.Events() != now.Events() {
			t.Errorf("at record %d the run is shown as %v with %q, and was as %v with %q", n+1, now.Status(), textNow, then.Status(), textThen)
		}
	}
	later.close()
	if n := calls() - asked; n != 0 {
		t.Errorf("the model was asked %d times: %v", n, server.Stats().ByPath)
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
		r, err := driving(s).Ask("rag", q)
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

// BenchmarkKeeping asks offline questions that are kept and ones that are not, in turns, and reports
// the ratio of their median times, and of the shortest ones.
func BenchmarkKeeping(b *testing.B) {
	kept, plain := offline(b, "../../docs"), offline(b, "../../docs")
	<-kept.corpus.built
	<-plain.corpus.built
	kept.keeping.keep(func(err error) { b.Error(err) })
	ask := func(s *session) time.Duration {
		begin := time.Now()
		r, err := s.ask("rag", "how do I cancel a run?")
		if err == nil {
			_, err = r.Wait(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(begin)
	}
	var with, without []time.Duration
	for b.Loop() {
		with, without = append(with, ask(kept)), append(without, ask(plain))
	}
	slices.Sort(with)
	slices.Sort(without)
	n := len(with)
	b.ReportMetric(float64(with[n/2])/float64(without[n/2]), "x-not-kept")
	b.ReportMetric(float64(with[0])/float64(without[0]), "x-not-kept-shortest")
	b.ReportMetric(float64(without[n/2].Microseconds())/1000, "ms/not-kept")
	b.ReportMetric(quartile(with)/quartile(without), "x-not-kept-quarter")
}

// quartile returns the mean of the shortest quarter, which other programs on the machine have
// lengthened least.
func quartile(sorted []time.Duration) float64 {
	sum := time.Duration(0)
	for _, d := range sorted[:len(sorted)/4+1] {
		sum += d
	}
	return float64(sum) / float64(len(sorted)/4+1)
}
