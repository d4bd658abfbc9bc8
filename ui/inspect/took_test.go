package inspect_test

import (
	"strings"
	"testing"
	"time"

	"weft/ui/inspect"
	"weft/ui/run/runtest"
)

// says is the text of the inspector for a selection.
func says(t *testing.T, sel inspect.Selection) string {
	m := model(t)
	m.SetSize(120, 60)
	m.Show(sel)
	return m.Text()
}

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in\n%s", w, text)
		}
	}
}

func TestTheTimeBetweenAttemptsIsAShareOfTheRun(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("rerank", 1, start)
	j.Wait(5)
	e.Fail("no", 90)
	j.Wait(90)
	e.Start(1)
	j.Wait(5)
	e.Finish("Answer", runtest.P{"text": "so"})
	v := runtest.Fold(j.Records).Now()
	contains(t, says(t, pick(v, "rerank")), "100 % of the run (10 % running, 90 % between attempts)")
	contains(t, says(t, pick(v, "")), "100ms  100 %", "1 failed attempt, paused 90ms")
}

func TestAWaitForAPersonTakesNoTime(t *testing.T) {
	v := runtest.Fold(runtest.Human()).Now()
	sel := pick(v, "")
	before := says(t, sel)
	sel.Now = sel.Now.Add(time.Hour)
	if after := says(t, sel); after != before {
		t.Errorf("an hour of waiting changed\n%s\nto\n%s", before, after)
	}
	sel = pick(v, "retrieve")
	before = says(t, sel)
	sel.Now = sel.Now.Add(time.Hour)
	if after := says(t, sel); after != before {
		t.Errorf("an hour of waiting changed\n%s\nto\n%s", before, after)
	}
}
