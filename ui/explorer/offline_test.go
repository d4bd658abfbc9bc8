package explorer

import (
	"testing"
	"testing/synctest"
	"time"

	"weft/flow/show"
	"weft/ui/keys"
)

// leavingOut is an engine that can answer without its model; the steps then do not fail.
type leavingOut struct{ *flowEngine }

func (e leavingOut) AskOffline(workflow, _ string) (Run, error) {
	return e.Ask(workflow, "what comes first?")
}

func TestAFailedQuestionIsAnsweredOfflineByOneKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFlowEngine(t.Context())
		s := open(t, leavingOut{e}, Options{}, 80, 24)
		e.tell <- show.Provider{Model: "a model"}
		s.wait(100 * time.Millisecond)
		s.press("alt+o")
		s.has("no question has failed")
		s.press("please fail", "enter")
		s.wait(2 * time.Second)
		s.has("the index is gone; run weft index")
		s.has(keys.Label("alt+o") + " answer offline")
		s.press("alt+o")
		s.wait(2 * time.Second)
		s.has("Alpha comes first [1].")
		e.life.Cancel(nil)
		s.close()
	})
}
