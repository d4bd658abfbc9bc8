package explorer

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
)

func TestIndexingShowsFilesChunksRateAndTimeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		r := e.startIndex()
		s := open(t, e, Options{}, 80, 24)
		s.press("typed at once")
		for i := 1; i <= 10; i++ {
			indexed(r, i*10, 204, i*900)
			s.wait(500 * time.Millisecond)
		}
		for _, want := range []string{"100 of 204 files", "9,000 passages", "20 files/s", "5s left", "indexing 49%", "❯ typed at once", "timeline · index"} {
			s.has(want)
		}
		r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 2, Type: "Indexed"})
		e.ready()
		s.wait(time.Second)
		s.has("18,230 passages in 204 files ready")
		s.close()
	})
}

func TestEmbeddingShowsHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		r := e.startIndex()
		s := open(t, e, Options{}, 80, 24)
		indexed(r, 204, 204, 9000)
		for i := 1; i <= 10; i++ {
			r.write(flow.Record{Kind: flow.EventEmitted, Execution: 2, Step: "scan", Attempt: 1, Type: show.TypeProgress, Payload: show.Progress{Message: "embedding", Done: i * 450, Total: 9000, Unit: "passages", Phase: show.PhaseEmbed}})
			s.wait(time.Second)
		}
		for _, want := range []string{"embedding 50%", "4,500 of 9,000 passages", "450 passages/s", "10s left"} {
			s.has(want)
		}
		out := s.sent()
		if !strings.Contains(out, "\x1b]9;4;1;50") {
			t.Error("the terminal shows no progress")
		}
		s.close()
	})
}

func TestTheStepsOfIndexingAreListedBeforeTheyBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		e.introduce(true)
		e.indexGraph = flow.Graph{Name: "index", Start: "Directories", Stop: "Indexed",
			Steps: []flow.GraphStep{{Name: "scan", Takes: []string{"Directories"}}, {Name: "embed", Takes: []string{"Texts"}}},
			Edges: []flow.Edge{{To: "scan", Event: "Directories"}, {From: "scan", To: "embed", Event: "Texts"}, {From: "embed", Event: "Indexed"}}}
		e.startIndex()
		s := open(t, e, Options{}, 80, 24)
		s.has("· ╰ embed")
		s.close()
	})
}

func TestAnEmptyCorpusSaysWhatToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		tell(e.session, show.Corpus{Dir: "~/empty", State: show.CorpusFailed, Error: "there are no documents in ~/empty"})
		s := open(t, e, Options{}, 80, 24)
		s.has("✗ there are no documents in ~/empty")
		s.has("weft DIR")
		s.close()
	})
}

// TestTheSessionIsUnderstood gives the explorer one value of each type that a session emits, as a
// journal holds it, with every field set, and checks what the explorer has read.
func TestTheSessionIsUnderstood(t *testing.T) {
	var s session
	written := func(kind flow.Kind, ev any) flow.Record {
		data, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		return flow.Record{Kind: kind, Type: reflect.TypeOf(ev).Name(), Payload: json.RawMessage(data)}
	}
	provider := show.Provider{Name: "a name", Model: "a model", Endpoint: "http://localhost/v1", Local: true, Embedder: "an embedder", Offline: true}
	s.apply(written(flow.EventEmitted, provider))
	corpus := show.Corpus{Dir: "~/docs", Files: 1, Chunks: 2, State: show.CorpusFailed, Error: "an error"}
	s.apply(written(flow.EventEmitted, corpus))
	if s.provider != provider || s.corpus != corpus {
		t.Errorf("understood %+v and %+v", s.provider, s.corpus)
	}
	notice := show.Notice{Level: show.Warning, Text: "a text"}
	if _, got := s.apply(written(flow.EventEmitted, notice)); got == nil || *got != notice || len(s.notices) != 1 {
		t.Errorf("understood %+v", got)
	}
	opened := show.Opened{Run: "r", Workflow: "index", Title: "a title"}
	if got, _ := s.apply(written(flow.EventEmitted, opened)); got == nil || *got != opened {
		t.Errorf("understood %+v", got)
	}
	skipped := []show.Skipped{{Path: "a.md", Reason: "too large", Detail: "a detail"}, {Path: ".git", Reason: "hidden", ByRule: true}}
	s.leftOut(written(flow.RunFinished, show.Indexed{Skipped: skipped}))
	if !slices.Equal(s.skipped, skipped) || s.missed() != 1 {
		t.Errorf("read %+v, of which %d are left out unexpectedly", s.skipped, s.missed())
	}
	if got := answers(provider); !strings.Contains(got, "offline") {
		t.Errorf("the header shows %q for an offline model", got)
	}
}

// TestIndexingIsMeasuredByItsPhases checks that progress does not depend on the words of units and
// messages, which are for people.
func TestIndexingIsMeasuredByItsPhases(t *testing.T) {
	var g gauge
	for _, p := range []show.Progress{
		{Phase: show.PhaseRead, Done: 1, Total: 10, Unit: "Dateien"}, {Phase: show.PhaseSplit, Done: 20, Unit: "Stellen"},
		{Phase: show.PhaseEmbed, Done: 3, Total: 30, Unit: "Stellen"}, {Done: 7, Total: 7, Unit: "files"},
	} {
		g.apply(flow.Record{Kind: flow.EventEmitted, Type: show.TypeProgress, Payload: p})
	}
	if g.files.done != 1 || g.files.total != 10 || g.chunks.done != 20 || g.vectors.done != 3 || g.vectors.total != 30 {
		t.Errorf("measured %+v", g)
	}
}
