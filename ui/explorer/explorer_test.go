package explorer

import (
	"testing"
	"testing/synctest"
	"time"
)

// inBubble runs a test with the explorer over a scripted engine, and closes it.
func inBubble(t *testing.T, w, h int, opt Options, f func(*screen, *scripted)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		e.ready()
		s := open(t, e, opt, w, h)
		f(s, e)
		s.close()
	})
}

const question = "How do retries back off?"

func TestAQuestionIsAskedAndAnsweredLive(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.has("Ask a question about ~/docs")
		s.press(question, "enter")
		s.has("❯ " + question)
		s.wait(time.Second)
		for _, want := range []string{"retrieve", "rerank", "synthesize", "exponential backoff", "● live"} {
			s.has(want)
		}
		s.wait(3 * time.Second)
		for _, want := range []string{"Retries use exponential backoff", "✓ answered without a model · 3 sources", "synthesize 1.1s · 61 %"} {
			s.has(want) // the beginning of the answer, and its outcome
		}
		s.press("pgdown")
		for _, want := range []string{"[1] docs/retry.md:12–30", "0.93"} {
			s.has(want)
		}
	})
}
