package timeline_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/run/runtest"
)

// held is a run that a debugger holds before its second step.
func held() []flow.Record {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	first := j.Run("retrieve", 1, start)
	j.Wait(10)
	pause := flow.Record{Run: "run", Kind: flow.RunPaused, Time: j.Now()}
	found := first.Done("Found", nil)
	j.Queue("rerank", found)
	return append(j.Records, pause)
}

func TestAHeldRunSaysSoAndDoesNotTick(t *testing.T) {
	for _, w := range []int{50, 80, 120, 200} {
		m := show(t, held(), "dark", 0)
		before := draw(m, w, 12).Plain()
		m.SetNow(runtest.Epoch.Add(time.Hour))
		after := draw(m, w, 12).Plain()
		if before != after {
			t.Errorf("an hour of being paused changed\n%s\nto\n%s", before, after)
		}
		if strings.Contains(rowOf(t, after, "rerank"), " 0s") {
			t.Errorf("a step that has not run has a time:\n%s", after)
		}
		if strings.Contains(after, "worker") || !strings.Contains(after, " paused ") {
			t.Errorf("it does not say that it is paused:\n%s", after)
		}
	}
}

func TestASubWorkflowThatWaitsForAPersonDoesNotTickThoughOthersWork(t *testing.T) {
	j, start := runtest.New("research", "Question", runtest.P{"text": "why?"})
	other := j.Run("search", 1, start)
	outer := j.Run("ask", 1, start)
	in, begun := outer.Sub("approve", "Question", runtest.P{"text": "this?"})
	inner := in.Run("propose", 1, begun)
	j.Wait(100)
	inner.Await("Approval", runtest.P{"title": "yes?"})
	j.Wait(900)
	other.Emit("Note", runtest.P{})
	m := show(t, j.Records, "dark", 0)
	for range 2 {
		var number string
		for line := range strings.SplitSeq(draw(m, 120, 12).Plain(), "\n") {
			if strings.Contains(line, "ask") {
				f := strings.Fields(line)
				number = f[len(f)-1]
			}
		}
		if number != "100ms" {
			t.Errorf("the row of the sub-workflow shows %s, want 100ms", number)
		}
		m.SetNow(runtest.Epoch.Add(time.Minute))
	}
}

func TestAStepBeforeWhichRunsAreHeldIsMarked(t *testing.T) {
	m := show(t, runtest.RAGLive()[:8], "mono", 0)
	g := steps("retrieve", "rerank", "synthesize")
	g.Steps[1].Takes = []string{"Found"}
	m.SetRun(m.View().Run(), g)
	for _, tt := range []struct{ stop, marked, not string }{
		{"retrieve", "■├ retrieve", "■├ rerank"}, {"Found", "■├ rerank", "■├ retrieve"}, {"synthesize", "■╰ synthesize", "■├ rerank"},
	} {
		before := m.Version()
		m.SetStops(func(step, event string) bool { return step == tt.stop || event == tt.stop })
		if m.Version() == before {
			t.Error("the picture is not drawn again")
		}
		for _, w := range []int{50, 80, 200} {
			got := draw(m, w, 12).Plain()
			if !strings.Contains(got, tt.marked) || strings.Contains(got, tt.not) {
				t.Errorf("stops at %s:\n%s", tt.stop, got)
			}
		}
	}
	m.SetRun(m.View().Run(), g)
	if !strings.Contains(draw(m, 80, 12).Plain(), "■╰ synthesize") {
		t.Error("the mark of a breakpoint is missing in another run")
	}
}

func TestHeldTimeIsNotAWaitForAWorker(t *testing.T) {
	rs := held()
	now := rs[len(rs)-1].Time.Add(time.Second)
	rs = append(rs, flow.Record{Run: "run", Kind: flow.RunResumed, Time: now},
		flow.Record{Run: "run", Kind: flow.StepStarted, Time: now, Execution: 5, Step: "rerank", Worker: 1, Attempt: 1},
		flow.Record{Run: "run", Kind: flow.StepFinished, Time: now.Add(time.Second), Execution: 5, Step: "rerank"})
	for i := range rs {
		if rs[i].Kind == flow.StepQueued {
			for k := range rs[i+1:] {
				if rs[i+1+k].Step == "rerank" {
					rs[i+1+k].Execution = rs[i].Execution
				}
			}
		}
	}
	row := rowOf(t, draw(show(t, rs, "dark", 0), 120, 12).Plain(), "rerank")
	if strings.Contains(row, "╌") || !strings.Contains(row, "▒▒▒▒") || !strings.Contains(row, "█") {
		t.Error(row)
	}
}

func TestTimesOfArrivalAreMarkedAtTheEndOfTheRuler(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	first := j.Run("retrieve", 1, start)
	first.Emit("Arrival", runtest.P{"missed": 0})
	for _, want := range []string{" arrival times", " arrival times, 3 missed"} {
		ruler, _, _ := strings.Cut(draw(show(t, j.Records, "dark", 0), 100, 12).Plain(), "\n")
		if !strings.HasSuffix(strings.TrimSpace(ruler), want) {
			t.Errorf("the ruler is %q, want it to end with %q", ruler, want)
		}
		first.Emit("Arrival", runtest.P{"missed": 3})
	}
}

// TestLabelsOfTheRulerAreNotCutOffByTheTextAtItsEnd makes runs of many lengths, so that ticks are at
// all places before that text.
func TestLabelsOfTheRulerAreNotCutOffByTheTextAtItsEnd(t *testing.T) {
	whole := regexp.MustCompile(`^(✓|in|0|\d+(\.\d+)?(ms|s))$`)
	for i := range 40 {
		j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
		first := j.Run("retrieve", 1, start)
		first.Emit("Arrival", runtest.P{"missed": 0})
		j.Wait(float64(1500 + i*53))
		first.Finish("Answer", runtest.P{"text": "so"})
		ruler, _, _ := strings.Cut(draw(show(t, j.Records, "dark", 0), 80, 12).Plain(), "\n")
		labels, _, found := strings.Cut(ruler, " arrival times")
		for _, label := range strings.Fields(labels) {
			found = found && whole.MatchString(label)
		}
		if !found {
			t.Errorf("the ruler is %q", ruler)
		}
	}
}
