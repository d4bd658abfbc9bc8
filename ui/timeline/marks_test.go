package timeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run/runtest"
	"weft/ui/theme"
	"weft/ui/timeline"
)

// rowOf returns the line of a picture that holds a name.
func rowOf(t *testing.T, picture, name string) string {
	t.Helper()
	for _, line := range strings.Split(picture, "\n") {
		if strings.Contains(line, name) {
			return line
		}
	}
	t.Fatalf("no row of %s:\n%s", name, picture)
	return ""
}

func TestTheCriticalPathIsVisibleByShape(t *testing.T) {
	m := show(t, runtest.Sub(), "mono", 0)
	before := draw(m, 120, 20).Plain()
	if strings.Contains(before, "░") {
		t.Fatalf("the critical path is marked by default:\n%s", before)
	}
	m.Critical()
	text := draw(m, 120, 20).Plain()
	beside := 0
	for _, line := range strings.Split(text, "\n")[2:12] {
		solid, light := strings.ContainsAny(line, "█▏▎▍▌▋▊▉▐"), strings.Contains(line, "░")
		if solid && light && !strings.Contains(line, "ask ×2") {
			t.Errorf("a row of one execution is both on the path and beside it: %q", line)
		}
		if light {
			beside++
		}
	}
	// The part that ended first is not on the critical path.
	if beside != 2 || !strings.Contains(rowOf(t, text, "report"), "█") || !strings.Contains(text, "░ beside it") {
		t.Errorf("%d rows are beside the path:\n%s", beside, text)
	}
	m.Critical()
	if draw(m, 120, 20).Plain() != before {
		t.Error("the mark stays after it was turned off")
	}
}

func TestTheCriticalPathOfAFanOutIsTheBranchThatCameLast(t *testing.T) {
	m := show(t, runtest.FanOut(40, false), "mono", 0)
	m.Critical()
	row := rowOf(t, draw(m, 120, 20).Plain(), "embed ×40")
	if last := strings.LastIndexAny(row, "▁▂▃▄▅▆▇█"); strings.Count(row, "░") < 10 || last < strings.LastIndex(row, "░") {
		t.Errorf("the branch that the join waited for is not lit: %q", row)
	}
}

func TestAFailureHasACellHoweverShortItWas(t *testing.T) {
	for _, pause := range []float64{90, 100, 107.3, 200} {
		j, start := runtest.New("w", "Start", nil)
		e := j.Run("risky", 1, start)
		for range 2 {
			j.Wait(0.02)
			e.Fail("boom", pause)
			j.Wait(pause)
			e.Start(1)
		}
		j.Wait(0.02)
		e.Fail("boom", 0)
		e.Send("Failure", nil)
		j.Run("mend", 1, start).Finish("Stop", nil)
		for w := 60; w <= 200; w += 7 {
			row := rowOf(t, draw(show(t, j.Records, "dark", 0), w, 12).Plain(), "risky ×3")
			if n := strings.Count(row, "▚"); n != 3 || strings.LastIndex(row, "▚") > strings.Index(row, "◆") {
				t.Fatalf("%d wide, %g ms apart: three attempts failed, then there was an event: %q", w, pause, row)
			}
		}
	}
}

func TestAHumanWaitIsSeenHoweverLongItTookAndHoweverShortTheWork(t *testing.T) {
	for _, work := range []float64{3, 900, 20_000} {
		for _, wait := range []float64{1500, 92_000, 86_400_000 * 7} {
			j, start := runtest.New("approve", "Question", nil)
			e := j.Run("propose", 1, start)
			j.Wait(work)
			a := e.Await("Approval", runtest.P{"prompt": "Use these?"})
			if wait/work > 2 {
				row := rowOf(t, draw(show(t, j.Records, "dark", time.Duration(wait)*time.Millisecond), 80, 12).Plain(), "propose")
				if n := strings.Count(row, "▒"); n < 4 || n > 12 || !strings.Contains(row, "waits") {
					t.Errorf("%g ms of work wait for %g ms: %q", work, wait, row)
				}
			}
			j.Wait(wait)
			e.Reply(a, "Approval", nil)
			j.Wait(work)
			e.Finish("Stop", nil)
			text := draw(show(t, j.Records, "dark", 0), 80, 12).Plain()
			row := rowOf(t, text, "propose")
			least := 3
			if wait < work {
				least = 1 // a short wait is not folded, and is as long as it took
			}
			if n := strings.Count(row, "▒"); n < least || wait > work*2 && n > 12 || !strings.Contains(row, "█") {
				t.Errorf("%g ms of work have waited for %g ms:\n%s", work, wait, text)
			}
		}
	}
}

func TestPictureOfAWaitDoesNotChange(t *testing.T) {
	m := show(t, runtest.Human(), "dark", 0)
	first := draw(m, 80, 24).Plain()
	for _, later := range []time.Duration{time.Millisecond, time.Second, time.Hour} {
		rs := runtest.Human()
		m.SetNow(rs[len(rs)-1].Time.Add(later))
		if text := draw(m, 80, 24).Plain(); text != first {
			t.Errorf("after %v:\n%s\nbefore:\n%s", later, text, first)
		}
	}
}

func TestWorkersShowTheLimit(t *testing.T) {
	m := show(t, runtest.FanOut(12, false), "dark", 0)
	g := flow.Graph{Steps: []flow.GraphStep{{Name: "split", Workers: 1}, {Name: "embed", Workers: 4}}}
	m.SetRun(m.View().Run(), g)
	m.Workers()
	text := draw(m, 120, 20).Plain()
	for i := range 4 {
		rowOf(t, text, fmt.Sprintf("embed #%d of 4 ×", i+1))
	}
	rowOf(t, text, "split #1 of 1")
	if row := rowOf(t, text, "store #1"); strings.Contains(row, " of ") {
		t.Errorf("a limit that is not known: %q", row)
	}

	m = show(t, runtest.Sub(), "dark", 0)
	sub := flow.Graph{Steps: []flow.GraphStep{{Name: "retrieve", Workers: 3}}}
	m.SetRun(m.View().Run(), flow.Graph{Steps: []flow.GraphStep{{Name: "ask", Workers: 8, Graph: &sub}}})
	m.Workers()
	text = draw(m, 120, 20).Plain()
	rowOf(t, text, "ask #2 of 8")
	rowOf(t, text, "retrieve #1 of 3")
}

func TestNamesOfWideLettersAreWrittenWhole(t *testing.T) {
	j, start := runtest.New("w", "Start", nil)
	e := j.Run("search", 1, start)
	j.Wait(100)
	found := e.Send("見つけた", nil)
	e.End()
	j.Run("e\u0301crire", 1, found)
	j.Wait(900)
	c := draw(show(t, j.Records, "dark", 0), 120, 12)
	text := c.Plain()
	if row := rowOf(t, text, "search"); !strings.Contains(row, "◆ 見つけた") {
		t.Errorf("the event's name is not beside it: %q", row)
	}
	rowOf(t, text, "e\u0301crire")
}

func TestTheOriginOfAFailureIsTheStepThatFailedFirst(t *testing.T) {
	j, start := runtest.New("research", "Topic", nil)
	outer := j.Run("ask", 1, start)
	in, q := outer.Sub("rag", "Question", runtest.P{"question": "why?"})
	inner := in.Run("retrieve", 1, q)
	j.Wait(50)
	inner.Fail("the index is gone", 0)
	inner.Break("step retrieve failed")
	outer.Fail("rag: step retrieve failed", 0)
	outer.Break("step ask failed")
	m := show(t, j.Records, "dark", 0)
	m.SetSize(80, 20)
	if !m.Failure() {
		t.Fatal("no failure is found")
	}
	if s, _ := m.Selected(); s == nil || s.Name != "retrieve" {
		t.Errorf("selected %v", s)
	}
	for h := 4; h < 9; h++ { // the error is visible, however few rows there are
		m.SetSize(80, h)
		m.SelectRun()
		m.Failure()
		if text := draw(m, 80, h).Plain(); !strings.Contains(text, "✗ the index is gone") {
			t.Errorf("%d rows do not show the error:\n%s", h, text)
		}
	}
	m.Workers()
	if row := rowOf(t, draw(m, 80, 20).Plain(), "retrieve #1"); !strings.Contains(row, "✗") {
		t.Errorf("a worker whose execution failed for good: %q", row)
	}
}

func TestTheWholeRunStaysInSightWhenThereAreMoreRowsThanRoom(t *testing.T) {
	m := show(t, runtest.FanOut(20, false), "dark", 0)
	m.Move(2)
	m.Toggle()
	m.Zoom(0.3)
	text := draw(m, 100, 12).Plain()
	if !strings.Contains(text, "whole run") || !strings.Contains(text, "╭") || !strings.Contains(text, "╮") {
		t.Errorf("the part that is shown is not lit in the whole:\n%s", text)
	}
	if text := draw(m, 100, 11).Plain(); strings.Contains(text, "whole run") {
		t.Errorf("it takes rows that are needed:\n%s", text)
	}
}

// The cached critical path of a growing run, also at moments in the past, equals the one that is
// computed from scratch.
func TestCachedCriticalPathEqualsRecomputedOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := rapid.SampledFrom([][]flow.Record{runtest.Sub(), runtest.Loop(4), runtest.FanOut(30, false), runtest.Retries(), runtest.HumanDone(), runtest.Long(600)}).Draw(t, "run")
		th, _ := theme.Named("mono", true)
		n := rapid.IntRange(1, len(rs)).Draw(t, "records")
		kept := timeline.New(th)
		kept.SetRun(runtest.Fold(rs[:n]), flow.Graph{})
		kept.Critical()
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			at := 0
			if rapid.Bool().Draw(t, "grow") {
				more := min(n+rapid.IntRange(1, 40).Draw(t, "more"), len(rs))
				for _, r := range rs[n:more] {
					kept.View().Run().Apply(r)
				}
				n = more
			} else {
				at = rapid.IntRange(0, n).Draw(t, "at")
			}
			fresh := timeline.New(th)
			fresh.SetRun(runtest.Fold(rs[:n]), flow.Graph{})
			fresh.Critical()
			for _, m := range []*timeline.Model{kept, fresh} {
				m.SetNow(rs[n-1].Time)
				m.SetSize(110, 30)
				m.Present()
				m.Fit()
				m.ScrubTo(at)
			}
			if a, b := draw(kept, 110, 30).Plain(), draw(fresh, 110, 30).Plain(); a != b {
				t.Fatalf("%d records, at %d: cached\n%s\nrecomputed\n%s", n, at, a, b)
			}
		}
	})
}

// TestAnIncompleteResultIsNotShownAsDone checks that the timeline has the same sign for a run whose
// answer is not what was asked for, whether it is folded or not.
func TestAnIncompleteResultIsNotShownAsDone(t *testing.T) {
	j, start := runtest.New("rag", "Question", nil)
	e := j.Run("synthesize", 1, start)
	j.Wait(50)
	e.Finish("Answer", nil)
	m := show(t, j.Records, "dark", 0)
	for _, incomplete := range []bool{true, false} {
		before := m.Version()
		m.SetIncomplete(incomplete)
		if m.Version() == before {
			t.Error("the picture changes, and its version does not")
		}
		folded := canvas.New(80, 1)
		m.DrawFolded(folded, folded.Bounds(), "tab timeline")
		sign := map[bool]string{true: "!", false: "✓"}[incomplete]
		if text := draw(m, 80, 8).Plain(); !strings.Contains(text, sign+" in 50ms") {
			t.Errorf("incomplete %v:\n%s", incomplete, text)
		}
		if text := folded.Plain(); !strings.Contains(text, sign+" rag") {
			t.Errorf("incomplete %v, folded: %s", incomplete, text)
		}
	}
}
