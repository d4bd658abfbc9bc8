package cli

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow/show"
)

func TestWaitingForTheIndexReportsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &corpus{}
		ready := make(chan struct{})
		go func() {
			time.Sleep(700 * time.Millisecond)
			c.indexProgress.Store(&show.Progress{Message: "reading files", Done: 3, Total: 9, Unit: "files"})
			time.Sleep(2 * time.Second)
			close(ready)
		}()
		var told []show.Progress
		w := indexWait{c: c, tell: func(p show.Progress) { told = append(told, p) }}
		if err := w.wait(t.Context(), ready, 0); err != nil {
			t.Fatal(err)
		}
		want := []show.Progress{
			{Message: "waiting for the index", Waits: "the index", Unit: "files"},
			{Message: "waiting for the index", Waits: "the index", Unit: "files", Done: 3, Total: 9},
		}
		if !slices.Equal(told, want) {
			t.Errorf("%+v", told)
		}
		if w.reported = false; w.wait(t.Context(), ready, 0) != nil || w.reported {
			t.Error("a wait was reported although there is nothing to wait for")
		}
	})
}

func TestMaxIndexWaitCountsFromTheStartOfIndexing(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	whole := offline(t, dir)
	<-whole.corpus.built
	opened := make(chan struct{})
	close(opened)
	c := &corpus{models: whole.models, opened: opened, words: make(chan struct{}), built: whole.corpus.built, index: whole.corpus.index,
		indexingSince: time.Now().Add(-maxIndexWait)}
	if _, err := c.retriever(t.Context(), func(show.Progress) { t.Error("the search waits for the index") }); err != nil {
		t.Error(err)
	}
}

func TestWaitingForTheIndexIsRecordedInTheRun(t *testing.T) {
	s := offline(t)
	// After this, no goroutine uses the channels
	<-s.corpus.built
	s.corpus.words, s.corpus.opened = make(chan struct{}), make(chan struct{}) // as if nothing were indexed yet
	run, err := s.ask("rag", "why?")
	if err != nil {
		t.Fatal(err)
	}
	for r := range run.Records(t.Context(), 0) {
		if p, ok := r.Payload.(show.Progress); ok {
			if p.Waits != "the index" || r.Step != "understand" {
				t.Errorf("%+v", p)
			}
			run.Cancel(nil)
			return
		}
	}
	t.Error("the step never reports that it waits")
}

func TestPatienceDecidesHowLongASearchWaits(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	whole := offline(t, dir)
	<-whole.corpus.built
	synctest.Test(t, func(t *testing.T) {
		opened := make(chan struct{})
		close(opened)
		c := &corpus{models: whole.models, opened: opened, words: make(chan struct{}), built: make(chan struct{}), index: whole.corpus.index,
			indexingSince: time.Now(), patience: waitLeast}
		began := time.Now()
		if _, err := c.retriever(t.Context(), func(show.Progress) {}); err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if c.missing() == "" {
			t.Error("the result does not say that it is incomplete")
		}
		c.patience = waitAll
		time.AfterFunc(time.Hour, func() { close(c.words); close(c.built) })
		if _, err := c.retriever(t.Context(), func(show.Progress) {}); err != nil || time.Since(began) != time.Hour {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if got := c.missing(); got != "" {
			t.Error(got)
		}
	})
}

func TestASearchWithoutVectorsIsIncomplete(t *testing.T) {
	s := offline(t)
	<-s.corpus.built
	if got := s.corpus.missing(); got != "" {
		t.Error(got)
	}
	s.corpus.indexed = show.Indexed{WordsOnly: true, Warning: "passages are found by their words only: 503"}
	if got := s.corpus.missing(); got != s.corpus.indexed.Warning {
		t.Errorf("%q", got)
	}
}
