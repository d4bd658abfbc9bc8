package timeline_test

import (
	"strings"
	"testing"
	"time"

	"weft/ui/run"
	"weft/ui/run/runtest"
)

func TestAWaitForTheIndexIsDrawnAsAWaitAndIsNoTimeOfTheStep(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("retrieve", 1, start)
	e.Emit("Progress", runtest.P{"message": "waits for the index", "waits": "the index", "unit": "files"})
	j.Wait(400)
	e.Emit("Progress", runtest.P{"message": "waits for the index", "waits": "the index", "unit": "files", "done": 30, "total": 59})
	j.Wait(400)
	m := show(t, j.Records, "dark", 0)
	for w, says := range map[int]string{50: "waits", 80: "waiting for the index", 200: "waiting for the index: 30/59 files"} {
		row := rowOf(t, draw(m, w, 12).Plain(), "retrieve")
		if !strings.Contains(row, says) || w > 60 && !strings.Contains(row, "╌╌╌╌") || strings.Contains(row, "█") || strings.Contains(row, "800ms") {
			t.Errorf("width %d: %s", w, row)
		}
	}
	e.Emit("Progress", runtest.P{"message": "searching"})
	j.Wait(200)
	e.Done("Found", nil)
	row := rowOf(t, draw(show(t, j.Records, "dark", 0), 120, 12).Plain(), "retrieve")
	if !strings.Contains(row, "╌╌╌█") || !strings.Contains(row, " 200ms") {
		t.Errorf("after the wait: %s", row)
	}
	v := runtest.Fold(j.Records).Now()
	s := v.Steps(v.Root())[0]
	as := v.Executions(s)[0].Attempts(v, time.Hour)
	if len(as) != 1 || as[0].Outcome != run.Finished || as[0].Waited != 800*time.Millisecond {
		t.Errorf("%+v", as)
	}
	if c := s.Lane.Count(v); c.Active() || c.Attempts != 1 || c.Finished != 1 {
		t.Errorf("%+v", c)
	}
}

func TestAStepThatFailsWhileItWaitsHasFailed(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("retrieve", 1, start)
	e.Emit("Progress", runtest.P{"message": "waits for the index", "waits": "the index"})
	j.Wait(400)
	e.Fail("no such directory", 0)
	row := rowOf(t, draw(show(t, j.Records, "dark", 0), 120, 12).Plain(), "retrieve")
	if !strings.Contains(row, "✗") || !strings.Contains(row, "╌▚") {
		t.Error(row)
	}
}
