package explorer

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// playRounds returns a run that writes two drafts; its answer is longer than the second draft.
func playRounds(answer string) func(r *journalRun, workflow, question string) {
	return func(r *journalRun, workflow, question string) {
		s := teller{r, question}
		s.begin(workflow)
		s.start("synthesize", 2, 1)
		s.delta(2, "A first draft that is a good deal longer than the one after it, and thrown away.")
		s.finish("synthesize", 2)
		s.start("synthesize", 3, 1)
		s.delta(3, "Short.")
		s.finish("synthesize", 3)
		r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 3, Type: "Answer", Payload: map[string]any{"text": answer, "sources": hits(3), "by": "extractive"}})
	}
}

func TestAnAnswerThatIsLongerThanItsLastDraftIsShownToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRounds(strings.Repeat("One word follows the other. ", 12) + "And this is the end."))
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{}, 100, 40)
		s.press("what comes of two rounds?", "enter")
		s.wait(100 * time.Millisecond)
		s.hasNot("this is the end") // the answer appears bit by bit
		s.wait(3 * time.Second)
		for _, want := range []string{"And this is the end.", "✓ answered without a model · 3 sources", "[1] docs/retry.md"} {
			s.has(want)
		}
		s.hasNot("writing")
		s.close()
	})
}
