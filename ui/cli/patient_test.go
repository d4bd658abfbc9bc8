package cli

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow/show"
)

func TestWhoWaitsForTheIndexSaysSoAndHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &session{}
		ready := make(chan struct{})
		go func() {
			time.Sleep(700 * time.Millisecond)
			s.reached.Store(&show.Progress{Message: "reading files", Done: 3, Total: 9, Unit: "files"})
			time.Sleep(2 * time.Second)
			close(ready)
		}()
		var told []show.Progress
		w := waiting{s: s, tell: func(p show.Progress) { told = append(told, p) }}
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
		if w.told = false; w.wait(t.Context(), ready, 0) != nil || w.told {
			t.Error("who does not have to wait says that he waits")
		}
	})
}

func TestThePatienceOfAllQuestionsEndsAtOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	whole := offline(t, dir)
	<-whole.built
	opened := make(chan struct{})
	close(opened)
	s := &session{opened: opened, words: make(chan struct{}), built: whole.built, index: whole.index, opening: time.Now().Add(-patience)}
	if _, err := (patient{s}).retriever(t.Context(), func(show.Progress) { t.Error("it waits") }); err != nil {
		t.Error(err)
	}
}

func TestAStepThatWaitsForTheIndexSaysSoInItsRun(t *testing.T) {
	s := offline(t)
	<-s.built                                                    // nobody else has to do with it any more
	s.words, s.opened = make(chan struct{}), make(chan struct{}) // as if nothing were indexed yet
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
	t.Error("it never says so")
}
