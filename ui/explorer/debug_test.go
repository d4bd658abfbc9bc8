package explorer

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

func TestARunStopsBeforeAStepAndSaysWhy(t *testing.T) {
	withFlow(t, 120, 40, func(s *screen) {
		s.press("ctrl+p", "breakpoints", "enter")
		s.has("breakpoints of rag")
		s.press("rerank", "enter")
		s.has("runs stop before rerank")
		s.has("rag · stops at rerank")
		s.press("one", "enter")
		s.wait(10 * time.Second)
		s.has("paused before rerank")
		s.hasNot("✓ answered")
		s.has("❚❚ paused before rerank · 203ms")
		s.wait(time.Minute)
		s.has("❚❚ paused before rerank · 203ms") // no step continues while the run is paused
		s.press("tab", "W")
		for _, want := range []string{"why ", "paused: P continues it, . lets one more execution start", "rerank: 1 execution would start next"} {
			s.has(want)
		}
		s.press("esc")
		s.has("P continue   . one step") // the footer shows the keys for a paused run
		s.press(".")
		s.wait(time.Second)
		s.has("107ms") // rerank has run
		s.hasNot("✓ answered")
		s.press("P")
		s.wait(5 * time.Second)
		s.has("✓ answered by a model")
		s.press("up", "up", "up", "up", "down", "down", "b") // the same step, selected by its row
		s.has("runs no longer stop before rerank")
		s.hasNot("stops at")
		s.press("B", "ranked", "enter")
		s.has("rag · stops at ranked")
		s.press("i", "two", "enter")
		s.wait(5 * time.Second)
		s.has("paused before synthesize")
	})
}

func TestAFaultIsSetByAForm(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("one", "enter")
		s.wait(3 * time.Second)
		s.press("tab", "F")
		s.has("faults of rag") // no step is selected: all are listed
		s.press("esc", "down", "down", "F")
		s.has("? fault of rerank")
		s.has("Makes rerank go wrong on purpose, in each attempt")
		s.has("● none  ○ fails  ○ half fail  ○ 2s late  ○ never ends")
		s.has("↵ send · tab next · esc close") // no key for a later reply, because no run waits
		s.has(" ↵ send   esc close")
		s.hasNot("later")
		s.press("tab", "2", "enter")
		s.has("or fails: at most 1")
		s.press("backspace", "0.5", "tab", "300ms", "enter")
		s.has("rerank has the fault error=0.5,delay=300ms")
		s.has("rag · faults: rerank")
		s.press("F")
		s.has("0.5")
		s.has("300ms")
		s.press("tab", "tab", "x", "esc") // esc leaves the form without setting the fault
		s.has("faults: rerank")
		s.press("F", "tab", "backspace", "backspace", "backspace", "tab", "backspace", "backspace", "backspace", "backspace", "backspace", "enter")
		s.has("rerank no longer fails on purpose")
		s.hasNot("faults: rerank")
		s.press("F", "enter")
		s.has("• rerank has no fault")
		s.press("F", "tab", "tab", "soon", "enter")
		s.has("delay=soon is no duration")
		s.press("F", "right", "enter")
		s.has("rerank has the fault error=1")
		s.press("F", "left", "enter")
		s.has("rerank no longer fails on purpose")
		s.press("F", "tab", "0.25", "enter")
		s.has("rerank has the fault error=0.25")
		s.press("F", "right", "enter") // from no choice to the first, none
		s.has("rerank no longer fails on purpose")
	})
}

func TestAFormOfTheProgramIsNoWait(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("one", "enter")
		s.wait(3 * time.Second)
		from := len(s.sent())
		s.press("tab", "down", "F")
		out := s.sent()[from:]
		if strings.Contains(out, "blocked") || strings.Contains(out, "weft needs you") {
			t.Error("the terminal shows that weft waits")
		}
		s.press("esc")
		s.has("╭─ rag ")
	})
}

func TestAnExplanationIsSaidInWords(t *testing.T) {
	now := time.Unix(100, 0)
	got := strings.Join(explainWords(flow.Explanation{
		Paused:  true,
		Steps:   []flow.StepLoad{{Step: "a", Queued: 3, Running: 4, Free: 0}, {Step: "b", Queued: 1, Free: 4}, {Step: "c\x1b[2J", Running: 1, Free: 3}},
		Retries: []flow.RetryDue{{Step: "d", Attempt: 2, Due: now.Add(1500 * time.Millisecond), Error: "refused"}},
		Joins:   []flow.JoinWait{{Step: "e", Have: 2, Needs: "1 open in the fan-out of \"d\""}},
		Awaits:  []flow.AwaitWait{{Step: "f", Type: "Approval", Due: now.Add(time.Minute)}},
		Runs:    []*flow.Explanation{{Run: "r/4", Steps: []flow.StepLoad{{Step: "g", Queued: 1, Free: 1}}}},
	}, now, func(c string) string { return "<" + c + ">" }), "\n")
	want := `paused: <pause> continues it, <step.once> lets one more execution start
a: 3 wait for a worker, all of which are busy
b: 1 execution would start next
c: 1 running
d tries again, attempt 2, in 1.5s: refused
e has 2 and needs 1 open in the fan-out of "d"
f waits for Approval, for 1m00s more
in r/4: g: 1 are about to start`
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestAListenerIsToldThatARunIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e := newFlowEngine(ctx)
		s := open(t, e, Options{ScreenReader: true}, 80, 24)
		s.press("ctrl+p", "breakpoints", "enter", "rerank", "enter", "one", "enter")
		s.wait(2 * time.Second)
		s.press("tab", "W")
		s.heard("runs stop before rerank", "The run is paused before rerank. In the timeline shift p continues it, full stop starts one more step.", "paused: ", "rerank: 1 execution would start next")
		s.press("P")
		s.wait(2 * time.Second)
		s.heard("paused before rerank", "Answered by a model")
		e.life.Cancel(nil)
		cancel()
		s.close()
	})
}
