package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/ui/run/runtest"
)

// manySteps runs eight steps that take no time: the line of the whole run is shown from nine rows
// on.
func manySteps(j *runtest.Journal, start uint64) {
	for i := range 8 {
		j.Run(fmt.Sprint("step", i), 1, start).End()
	}
}

func TestTheWholeRunLinesUpWithTheChartAboveItAndShowsFailedAttempts(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	manySteps(j, start)
	e := j.Run("rerank", 1, start)
	j.Wait(300)
	e.Fail("no", 400)
	j.Wait(400)
	e.Start(1)
	j.Wait(100)
	e.Finish("Answer", runtest.P{"text": "so"})
	for _, w := range []int{80, 120, 200} {
		rows := strings.Split(draw(show(t, j.Records, "dark", 0), w, 20).Plain(), "\n")
		var bar, whole []rune
		for _, r := range rows {
			switch {
			case strings.Contains(r, "rerank ×2"):
				bar = []rune(r)
			case strings.Contains(r, "whole run"):
				whole = []rune(r)
			}
		}
		failed := 0
		for x, g := range bar {
			if g == '▚' || g == '┈' {
				if (whole[x] == '▚') != (g == '▚') {
					t.Fatalf("%d wide: column %d is %c above and %c below\n%s\n%s", w, x, g, whole[x], string(bar), string(whole))
				}
				if g == '▚' {
					failed++
				}
			}
		}
		if failed < 10 {
			t.Errorf("width %d: the failed attempt takes %d columns", w, failed)
		}
	}
}

func TestAViewOfTheWorkersAndBackKeepsTheSelection(t *testing.T) {
	m := show(t, runtest.FanOut(12, false), "dark", 0)
	draw(m, 120, 20)
	m.Move(2)
	m.Toggle()
	m.Move(3)
	step, exec := m.Selected()
	m.Workers()
	draw(m, 120, 20)
	if s, e := m.Selected(); s != step || e != exec {
		t.Errorf("of the workers, %v %v is selected", s, e)
	}
	if row, _, what := m.Place(); row < 2 || !strings.HasPrefix(what, "worker") {
		t.Errorf("row %d, %q, is selected", row, what)
	}
	m.Workers()
	draw(m, 120, 20)
	if s, e := m.Selected(); s != step || e != exec {
		t.Errorf("of the steps, %v %v is selected", s, e)
	}
}

func TestAShortRunTakesTheWidth(t *testing.T) {
	row := []rune(rowOf(t, draw(show(t, short(), "dark", 0), 120, 12).Plain(), "rag"))
	n := 0
	for _, g := range row {
		if g == '━' {
			n++
		}
	}
	if n < 60 {
		t.Errorf("%d columns of time: %s", n, string(row))
	}
}

func TestALabelKeepsABlankBeforeALine(t *testing.T) {
	for w := 90; w < 200; w++ { // with the lines of the ticks in any column
		for line := range strings.SplitSeq(draw(show(t, runtest.RAG(), "dark", 0), w, 12).Plain(), "\n") {
			for _, name := range []string{"Found", "Ranked", "Answer"} {
				if strings.Contains(line, name+"┊") {
					t.Fatalf("width %d: %s", w, line)
				}
			}
		}
	}
}

func TestAFullCellOfTheWholeRunMeansWhatCanBeSeen(t *testing.T) {
	j, start := runtest.New("research", "Question", nil)
	manySteps(j, start)
	split := j.Run("split", 1, start)
	j.Wait(500)
	a, b := split.Send("Part", nil), split.Send("Part", nil)
	one, two := j.Run("search", 1, a), j.Run("search", 2, b)
	j.Wait(0.02) // three executions overlap
	split.End()
	j.Wait(500)
	one.End()
	two.Finish("Answer", runtest.P{"text": "so"})
	for _, w := range []int{80, 200} {
		row := rowOf(t, draw(show(t, j.Records, "dark", 0), w, 20).Plain(), "whole run")
		if !strings.Contains(row, "▄▄▄▄") || strings.Count(row, "█") < 20 || !strings.Contains(row, "█ = 2") {
			t.Error(row)
		}
	}
}

func TestTheLineOfAWorkflowCoversTheBarsOfItsSteps(t *testing.T) {
	for ms := 310.0; ms < 420; ms += 7 { // with the end of a bar at any place within a cell
		j, start := runtest.New("research", "Question", nil)
		j.Wait(ms / 3)
		ask := j.Run("ask", 1, start)
		in, begun := ask.Sub("rag", "Question", nil)
		e := in.Run("find", 1, begun)
		j.Wait(ms)
		e.Finish("Answer", runtest.P{"text": "so"})
		ask.Done("Answer", runtest.P{"text": "so"})
		e = j.Run("report", 1, start)
		j.Wait(300)
		e.Finish("Answer", runtest.P{"text": "so"})
		text := draw(show(t, j.Records, "dark", 0), 100, 12).Plain()
		line, bar := []rune(rowOf(t, text, "ask")), []rune(rowOf(t, text, "find"))
		if slices.Index(line, '◆') != slices.Index(bar, '◆') || slices.Index(line, '━') > slices.IndexFunc(bar, func(g rune) bool { return g == '█' || g == '▐' }) {
			t.Errorf("after %v ms:\n%s\n%s", ms, string(line), string(bar))
		}
	}
}

func TestTheLineOfThePresentIsSeenAcrossTheRowOfTheRun(t *testing.T) {
	for ms := range 60 {
		lines := strings.Split(draw(show(t, runtest.RAGLive(), "dark", time.Duration(ms*10)*time.Millisecond), 100, 12).Plain(), "\n")
		if head, row := []rune(lines[0]), []rune(lines[1]); row[slices.Index(head, '▼')] != '│' {
			t.Fatalf("after %d ms:\n%s\n%s", ms*10, string(head), string(row))
		}
	}
}
