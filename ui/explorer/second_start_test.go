package explorer

import (
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/keys"
)

func TestASecondStartShowsHowMuchOfTheIndexIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		tell(e.session, show.Corpus{Dir: "~/docs", State: show.CorpusIndexing})
		s := open(t, e, Options{}, 80, 24)
		for i := range 5 {
			tell(e.session, show.Progress{Message: "opening the index", Phase: show.PhaseOpen, Done: 16 * i, Total: 109, Unit: "MB"})
			s.wait(500 * time.Millisecond)
		}
		s.has("~/docs · opening the index 58%, 1s left")
		s.has("64 of 109 MB")
		s.press("typed meanwhile")
		tell(e.session, show.Progress{Message: "opening the index", Phase: show.PhaseOpen, Done: 109, Total: 109, Unit: "MB"})
		tell(e.session, show.Corpus{Dir: "~/docs", Files: 90, Chunks: 8100, State: show.CorpusIndexing})
		r := e.startIndex()
		tell(e.session, show.Corpus{Dir: "~/docs", Files: 90, Chunks: 8100, State: show.CorpusIndexing})
		indexed(r, 100, 204, 900)
		s.wait(500 * time.Millisecond)
		s.has("~/docs · indexing 49%")
		s.has("100 of 204 files")
		s.has("8,100 passages of 90 files from before can be searched already.")
		s.has("❯ typed meanwhile")
		s.close()
	})
}

// TestAskingAgainIsOfferedWhenAllIsIndexed asks while documents are indexed, of which the answer says
// that it is from a part.
func TestAskingAgainIsOfferedWhenAllIsIndexed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(func(r *journalRun, workflow, question string) {
			s := teller{r, question}
			s.begin(workflow)
			s.start("synthesize", 2, 1)
			s.finish("synthesize", 2)
			answer := show.Answer{Question: question, Text: "Water boils at 100 °C."}
			if r.id == "rag-1" {
				answer.Degraded = "the documents were still being indexed"
			}
			r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 2, Type: "Answer", Payload: answer})
		})
		e.introduce(true)
		index := e.startIndex()
		s := open(t, e, Options{}, 80, 24)
		s.press(question, "enter")
		s.wait(time.Second)
		s.has("! the documents were still being indexed")
		s.hasNot("all documents are indexed now")
		index.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 2, Type: "Indexed", Payload: show.Indexed{Text: "204 files"}})
		e.ready()
		s.wait(100 * time.Millisecond)
		s.has("all documents are indexed now: " + keys.Label("alt+a") + " asks again")
		s.press("\x1ba")
		s.wait(time.Second)
		s.has("conversation · 2 of 2")
		s.has("╭─ rag · ✓ · ")
		s.close()
	})
}
