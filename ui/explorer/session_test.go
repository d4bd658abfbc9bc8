package explorer

import (
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
			t.Error("the terminal is not told how far it is")
		}
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
