package explorer

import (
	"testing"
	"testing/synctest"
)

func TestTheQuestionLineHidesNoWordAfterAJoinedEmoji(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{}, 80, 24)
		s.press("日本語の質問は何ですか\U0001F469\u200d\U0001F469\u200d\U0001F467 and a very long question that goes on and on and on until it is over")
		s.hasNot("…")
		s.has("goes on and")
		s.close()
	})
}
