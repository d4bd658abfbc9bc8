package explorer

import (
	"testing"
	"time"
)

// answered asks a question and waits for its answer.
func answered(s *screen) {
	s.press(question, "enter")
	s.wait(4 * time.Second)
}

func TestAStepOfTheGraphIsTheOneOfTheTimeline(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		answered(s)
		s.press("tab", "down", "v")
		s.has("▌ ✓ retrieve")
		s.has("▾ Retrieved")
		s.has("↵ row")
		s.press("down") // to the next step
		s.has("▌ ✓ rerank")
		s.press("enter") // to its row
		s.has("▌✓ ├ rerank")
		s.has("timeline · rag")
		s.hasNot("▾ Retrieved")
		s.press("enter")
		s.has("step · rerank")
	})
}

func TestTheGraphOpensAloneAndClosesToWhereItWasOpened(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		answered(s)
		s.press("tab", "v")
		s.has("workflow · rag")
		s.hasNot("timeline · rag")
		s.hasNot("ask another question")
		s.press("esc")
		s.has("timeline · rag")
		s.press("down", "enter")
		s.has("step · retrieve")
		s.press("v")
		s.has("workflow · rag")
		s.press("esc")
		s.has("step · retrieve") // the details, over which it was opened
	})
}

func TestTheGraphIsBesideTheTimelineWhereThereIsRoom(t *testing.T) {
	inBubble(t, 200, 50, Options{}, func(s *screen, _ *scripted) {
		answered(s)
		s.press("tab", "down", "v")
		s.has("timeline · rag")
		s.has("workflow · rag")
		s.has("▌✓ ├ retrieve")
		s.has("▌ ✓ retrieve")
		s.press("down") // both move
		s.has("▌✓ ├ rerank")
		s.has("▌ ✓ rerank")
		s.press("shift+tab", "down")
		s.has("▌✓ ╰ synthesize")
		s.has("▌ ✓ synthesize")
	})
}
