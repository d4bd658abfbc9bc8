package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/show"
)

type question struct {
	Text string `json:"text"`
}

type yes struct {
	Ok bool `json:"ok"`
}

// asks is a workflow whose outcome is decided by the question.
func asks() *flow.Workflow[question, show.Answer] {
	wf := flow.New[question, show.Answer]("asks")
	flow.Step(wf, "write", func(ctx *flow.Context, q question) (show.Answer, error) {
		ctx.Emit(show.ModelCall{State: show.CallDone, PromptTokens: 7, CompletionTokens: 3})
		a := show.Answer{Question: q.Text, Text: "an answer", Sources: []show.Source{{N: 1}, {N: 2}}}
		switch {
		case strings.Contains(q.Text, "fail"):
			return a, errors.New("429 too many requests")
		case strings.Contains(q.Text, "decline"):
			a.Abstained = true
		case strings.Contains(q.Text, "cut"):
			a.CutOff = "the time is up"
		case strings.Contains(q.Text, "wait"):
			_, err := flow.Await[yes](ctx, "go on", show.Asking{Text: "shall I?"})
			return a, err
		}
		return a, nil
	}, flow.Awaits[yes]())
	return wf
}

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// begin starts a run that is kept in the store.
func begin(t testing.TB, s *Store, id, text string, labels map[string]string) (*flow.Run[show.Answer], *journal.Writer) {
	t.Helper()
	w, err := s.Journals().Create(id)
	if err != nil {
		t.Fatal(err)
	}
	run, err := asks().Start(t.Context(), question{text}, flow.ID(id), flow.Keep(w), flow.Labels(labels))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Cancel(nil); <-run.Done(); w.Close() })
	return run, w
}

// keep runs a question to its end and adds it to the index.
func keep(t testing.TB, s *Store, id, text string, labels map[string]string) {
	t.Helper()
	run, w := begin(t, s, id, text, labels)
	<-run.Done()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(w.Header(), run.Records(t.Context(), 0)); err != nil {
		t.Fatal(err)
	}
}

func list(t testing.TB, s *Store) map[string]Run {
	t.Helper()
	runs, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]Run{}
	for _, r := range runs {
		byID[r.ID] = r
	}
	return byID
}

// untilWaiting waits until the journal of a run has an open await.
func untilWaiting(t testing.TB, s *Store, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for r, err := range s.Journals().Follow(ctx, id, 0, time.Millisecond) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == flow.AwaitOpened {
			return
		}
	}
	t.Fatal("the run does not wait")
}

func TestAListShowsHowRunsEnded(t *testing.T) {
	s := open(t)
	labels := map[string]string{LabelQuestion: "@a why?", LabelTalk: "first", LabelDirectory: "/docs", LabelModel: "tiny", LabelProvider: "local"}
	keep(t, s, "done", "why?", labels)
	keep(t, s, "failed", "fail", nil)
	keep(t, s, "declined", "decline", nil)
	keep(t, s, "cut", "cut it", nil)
	waiting, w := begin(t, s, "waiting", "wait", nil)
	untilWaiting(t, s, "waiting")
	for name, want := range map[string]struct {
		outcome Outcome
		reason  string
	}{"done": {Done, ""}, "failed": {Failed, "429 too many requests"}, "declined": {Declined, ""}, "cut": {Incomplete, "the time is up"}, "waiting": {Waiting, ""}} {
		if got := list(t, s)[name]; got.Outcome != want.outcome || !strings.HasSuffix(got.Reason, want.reason) {
			t.Errorf("%s: %s because of %q, want %v", name, got.Outcome, got.Reason, want)
		}
	}
	got := list(t, s)["done"]
	if got.Question != "@a why?" || got.Talk != "first" || got.Directory != "/docs" || got.Model != "tiny" ||
		got.Provider != "local" || got.Workflow != "asks" || got.Sources != 2 || got.Read != 7 || got.Written != 3 || got.Records == 0 || got.Bytes == 0 {
		t.Errorf("the summary is %+v", got)
	}
	if got := list(t, s)["failed"]; got.Question != "fail" {
		t.Errorf("without a label the question is %q, want that of the start event", got.Question)
	}
	got = list(t, s)["waiting"]
	if len(got.Waits) != 1 || got.Waits[0].Text != "shall I?" || got.Owner == nil || got.Owner.PID != os.Getpid() {
		t.Errorf("a run that waits is %+v", got)
	}
	if err := waiting.Suspend(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got := list(t, s)["waiting"]; got.Outcome != Waiting || got.Owner != nil {
		t.Errorf("after its process left it, a run that waits is %s with %v", got.Outcome, got.Owner)
	}
}

// TestTheIndexIsOnlyACache damages the index in every way, and compares the list with one without
// it.
func TestTheIndexIsOnlyACache(t *testing.T) {
	s := open(t)
	for i := range 20 {
		keep(t, s, fmt.Sprintf("run%02d", i), fmt.Sprintf("question } %d", i), nil)
	}
	file := filepath.Join(s.path, indexFile)
	intact, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	want := list(t, s)
	changed := slices.Clone(intact)
	changed[len(changed)/2] ^= 1
	for name, damaged := range map[string][]byte{
		"intact": intact, "empty": {}, "a flipped bit": changed, "cut off": intact[:len(intact)-30],
		"garbage": []byte("\x00\xff}{ 00000000\n"), "lines twice": append(slices.Clone(intact), intact...),
		"a run that is gone": []byte(strings.ReplaceAll(string(intact), "run01", "run99")),
	} {
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		fresh, err := Open(s.path)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second list reads the repaired index
			got := list(t, fresh)
			if len(got) != len(want) {
				t.Fatalf("%s: %d runs, want %d", name, len(got), len(want))
			}
			for id := range want {
				if fmt.Sprint(got[id]) != fmt.Sprint(want[id]) {
					t.Errorf("%s: %+v, want %+v", name, got[id], want[id])
				}
			}
		}
		if got := list(t, s); len(got) != len(want) {
			t.Errorf("%s: a store that was open lists %d runs, want %d", name, len(got), len(want))
		}
		again := index{}
		if err := again.refresh(file); err != nil || len(again.runs) < len(want) {
			t.Errorf("%s: the repaired index has %d runs, %v", name, len(again.runs), err)
		}
	}
}

func TestAStoreSeesTheRunsOfAnotherProcess(t *testing.T) {
	a := open(t)
	b, err := Open(a.path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		id := fmt.Sprint("run", i)
		keep(t, a, id, "why?", nil)
		if _, ok := list(t, b)[id]; !ok {
			t.Errorf("%s is not listed", id)
		}
	}
}

func TestADeletedRunCanBeRestoredForADay(t *testing.T) {
	s := open(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	keep(t, s, "a", "why?", nil)
	if err := s.Delete("a"); err != nil {
		t.Fatal(err)
	}
	runs, err := s.List()
	if err != nil || len(Query{}.Filter(runs)) != 0 || len(Query{Deleted: true}.Filter(runs)) != 1 {
		t.Errorf("the lists are %v and %v, %v", Query{}.Filter(runs), Query{Deleted: true}.Filter(runs), err)
	}
	now = now.Add(UndoTime - time.Minute)
	if n, err := s.Expire(Limit{}); n != 0 || err != nil {
		t.Errorf("%d removed within the day, %v", n, err)
	}
	if err := s.Restore("a"); err != nil || !list(t, s)["a"].Deleted.IsZero() {
		t.Errorf("it was not restored: %v", err)
	}
	if err := s.Delete("a"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(UndoTime + time.Minute)
	if n, err := s.Expire(Limit{}); n != 1 || err != nil {
		t.Errorf("%d removed after a day, %v", n, err)
	}
	left, err := os.ReadDir(s.path)
	for _, e := range left {
		if strings.HasPrefix(e.Name(), "a.") {
			t.Errorf("%s is left, %v", e.Name(), err)
		}
	}
	if err := s.Delete("a"); !errors.Is(err, ErrUnknown) {
		t.Errorf("deleting a run that is gone: %v, want ErrUnknown", err)
	}
	if err := s.Delete("../a"); err == nil {
		t.Error("a path is accepted as an identifier")
	}
}

func TestARunThatAProcessHasCannotBeDeleted(t *testing.T) {
	s := open(t)
	begin(t, s, "a", "wait", nil)
	untilWaiting(t, s, "a")
	var owned *journal.OwnedError
	if err := s.Delete("a"); !errors.As(err, &owned) || owned.Owner.PID != os.Getpid() {
		t.Errorf("deleting it: %v, want an error that names this process", err)
	}
	s.now = func() time.Time { return time.Now().AddDate(1, 0, 0) }
	if n, err := s.Expire(Limit{Age: time.Hour, Bytes: 1}); n != 0 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
}

func TestOldAndManyRunsExpireAndMarkedOnesDoNot(t *testing.T) {
	s := open(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	for _, id := range []string{"a", "b", "c", "d"} {
		keep(t, s, id, "why?", nil)
	}
	if err := s.Mark("a", true); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete("a"); !errors.Is(err, ErrMarked) {
		t.Errorf("deleting a marked run: %v, want ErrMarked", err)
	}
	if n, err := s.Expire(Limit{Age: time.Hour, Bytes: 1 << 30}); n != 0 || err != nil {
		t.Errorf("%d removed within the limits, %v", n, err)
	}
	d := list(t, s)["d"]
	if n, err := s.Expire(Limit{Bytes: d.Bytes + 10}); n != 2 || err != nil {
		t.Errorf("%d removed for their size, %v, want b and c", n, err)
	}
	now = now.Add(2 * time.Hour)
	if n, err := s.Expire(Limit{Age: time.Hour}); n != 1 || err != nil {
		t.Errorf("%d removed for their age, %v, want d", n, err)
	}
	if got := list(t, s); len(got) != 1 || !got["a"].Marked {
		t.Errorf("left are %v, want a, which is marked", got)
	}
	if err := s.Mark("a", false); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Expire(Limit{Age: time.Hour}); n != 1 || err != nil {
		t.Errorf("%d removed after the mark was, %v", n, err)
	}
}

func TestAQuerySelectsAndOrders(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	runs := []Run{
		{ID: "c", Workflow: "rag", Question: "Why is it slow?", Talk: "t", Outcome: Failed, Reason: "429 too many", Started: at.Add(2 * time.Hour), Ended: at.Add(3 * time.Hour), Bytes: 1},
		{ID: "b", Workflow: "simple", Question: "a thing", Outcome: Done, Model: "Tiny", Started: at.Add(time.Hour), Ended: at.Add(time.Hour), Bytes: 3, Marked: true},
		{ID: "a", Workflow: "rag", Question: "Where is it?", Talk: "t", Outcome: Done, Directory: "/docs", Started: at, Ended: at.Add(2 * time.Hour), Bytes: 2},
	}
	ids := func(q Query) string {
		var b strings.Builder
		for _, r := range q.Filter(runs) {
			b.WriteString(r.ID)
		}
		return b.String()
	}
	for want, queries := range map[string][]Query{
		"cba": {{}, {Order: ByTime}},
		"acb": {{Order: BySlowness}},
		"bac": {{Order: BySize}, {Order: ByQuestion}},
		"cab": {{Order: ByWorkflow}},
		"c":   {{Text: "slow"}, {Text: "FAILED why"}, {Text: "429"}, {Outcomes: []Outcome{Failed, Cancelled}}},
		"b":   {{Text: "tiny"}, {Workflow: "simple"}, {Marked: true}},
		"ca":  {{Talk: "t"}, {Workflow: "rag"}, {Text: "is it"}},
		"a":   {{Directory: "/docs"}, {Text: "/docs"}},
		"":    {{Deleted: true}, {Text: "nowhere"}},
	} {
		for _, q := range queries {
			if got := ids(q); got != want {
				t.Errorf("%+v selects %q, want %q", q, got, want)
			}
		}
	}
}

func TestFindTakesTheBeginningOfAnIdentifier(t *testing.T) {
	s := open(t)
	keep(t, s, "ABC1", "one", nil)
	keep(t, s, "ABD2", "two", nil)
	for give, want := range map[string]string{"abc": "one", "ABD2": "two", "last": "two", "ab": "", "x": "", "": ""} {
		got, err := s.Find(give)
		if got.Question != want || (err != nil) != (want == "") {
			t.Errorf("Find(%q) = %q, %v, want %q", give, got.Question, err, want)
		}
	}
}

// BenchmarkList lists and filters 10,000 runs.
func BenchmarkList(b *testing.B) {
	s := open(b)
	keep(b, s, "run", "how do I cancel a run and what becomes of its text?", map[string]string{LabelDirectory: "/home/someone/documents", LabelModel: "tiny-chat"})
	runs, err := s.List()
	if err != nil {
		b.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(s.path, "run"+journal.Suffix))
	if err != nil {
		b.Fatal(err)
	}
	var all []Run
	for i := range 10_000 {
		r := runs[0]
		r.ID = fmt.Sprintf("run%05d", i)
		all = append(all, r)
		if err := os.WriteFile(filepath.Join(s.path, r.ID+journal.Suffix), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.add(all...); err != nil {
		b.Fatal(err)
	}
	b.Run("at first", func(b *testing.B) {
		for b.Loop() {
			fresh, _ := Open(s.path)
			if runs, err := fresh.List(); len(runs) != 10_001 || err != nil {
				b.Fatal(len(runs), err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			if runs, err := s.List(); len(runs) != 10_001 || err != nil {
				b.Fatal(len(runs), err)
			}
		}
	})
	runs, _ = s.List()
	b.Run("filter", func(b *testing.B) {
		for b.Loop() {
			_ = Query{Text: "cancel nothing"}.Filter(runs)
		}
	})
}

// A journal whose end is damaged yields the records before the damage, and then the error.
func TestRecordsEndWithWhatCannotBeRead(t *testing.T) {
	s := open(t)
	keep(t, s, "a", "why?", nil)
	name := filepath.Join(s.path, "a"+journal.Suffix)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	lines[4] = strings.Replace(lines[4], `"seq":4`, `"seq":5`, 1)
	if err := os.WriteFile(name, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	good, bad := 0, 0
	for _, err := range s.Records("a") {
		if err == nil && bad == 0 {
			good++
		} else if errors.Is(err, journal.ErrCorrupt) {
			bad++
		}
	}
	if good != 3 || bad != 1 {
		t.Errorf("%d records and %d errors, want 3 and 1", good, bad)
	}
	for _, err := range s.Records("none") {
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a run that is not there: %v", err)
		}
	}
}

// A journal in which no record was written is removed after a day, unless a process still has it.
func TestJournalsWithoutARecordAreRemovedAfterADay(t *testing.T) {
	s := open(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	keep(t, s, "whole", "why?", nil)
	for _, id := range []string{"left", "held"} {
		w, err := s.Journals().Create(id)
		if err == nil {
			_, err = w.Begin(flow.Header{Run: id, Workflow: "asks"})
		}
		if err != nil {
			t.Fatal(err)
		}
		if id == "left" {
			err = w.Close()
		} else {
			t.Cleanup(func() { w.Close() })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	there := func() (ids string) {
		for _, id := range []string{"whole", "left", "held"} {
			if _, err := os.Stat(filepath.Join(s.path, id+journal.Suffix)); err == nil {
				ids += id + " "
			}
		}
		return ids
	}
	for _, c := range []struct {
		passed time.Duration
		want   string
	}{{UndoTime - time.Minute, "whole left held "}, {2 * time.Minute, "whole held "}} {
		now = now.Add(c.passed)
		if n, err := s.Expire(Limit{}); n != 0 || err != nil || there() != c.want {
			t.Errorf("there are %q, %d were removed, %v; want %q", there(), n, err, c.want)
		}
	}
}
