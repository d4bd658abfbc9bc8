package timeline_test

import (
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/run/runtest"
	"weft/ui/theme"
	"weft/ui/timeline"
)

func TestTheAxisFoldsLunchButNotWork(t *testing.T) {
	text := draw(show(t, runtest.HumanDone(), "dark", 0), 120, 12).Plain()
	if !strings.Contains(text, "⌇1m32s⌇") {
		t.Errorf("the wait is not folded:\n%s", text)
	}
	if text := draw(show(t, runtest.RAG(), "dark", 0), 120, 12).Plain(); strings.Contains(text, "⌇") {
		t.Errorf("a time with work is folded:\n%s", text)
	}
}

func TestScrubbingStopsAtTheEndsAndReturnsToThePresent(t *testing.T) {
	m := show(t, runtest.RAG(), "dark", 0)
	m.SetSize(80, 20)
	m.Scrub(-1000)
	if got := m.View().Position(); got != 1 || m.Live() {
		t.Errorf("at %d", got)
	}
	m.Scrub(1)
	if m.View().Position() != 2 {
		t.Errorf("at %d", m.View().Position())
	}
	m.Scrub(1000)
	if !m.Live() || !m.Following() {
		t.Error("the present is not shown")
	}
}

func TestThePastShowsHowMuchHappenedSince(t *testing.T) {
	rs := runtest.RAG()
	r := runtest.Fold(rs[:8])
	th, err := theme.Named("dark", true)
	if err != nil {
		t.Fatal(err)
	}
	m := timeline.New(th)
	m.SetNow(rs[7].Time)
	m.SetRun(r, flow.Graph{})
	m.SetSize(120, 12)
	m.Scrub(-2)
	if text := draw(m, 120, 12).Plain(); strings.Contains(text, "+") {
		t.Errorf("the panel does not say what happened since:\n%s", text)
	}
	at := m.View().Position()
	for _, rec := range rs[8:] {
		r.Apply(rec)
	}
	if text := draw(m, 120, 12).Plain(); !strings.Contains(text, "+5 events") || m.View().Position() != at {
		t.Errorf("at %d:\n%s", m.View().Position(), text)
	}
}

func TestOnlyScrollingBackStopsTheWindowFromFollowing(t *testing.T) {
	m := show(t, runtest.RAGLive(), "dark", 0)
	m.SetSize(100, 20)
	for _, key := range []func(){func() { m.Zoom(0.5) }, func() { m.Move(1) }, func() { m.Critical() }, func() { m.Toggle() }} {
		if key(); !m.Following() {
			t.Fatal("the window no longer follows the present")
		}
	}
	if m.Pan(-5); m.Following() {
		t.Error("the window follows the present although it was moved back")
	}
	if m.Present(); !m.Following() {
		t.Error("the window does not follow the present")
	}
}

// TestEveryEventAndTokenGroupIsReached: of the records only the deltas within a tenth of a second
// are passed over together.
func TestEveryEventAndTokenGroupIsReached(t *testing.T) {
	m := show(t, runtest.RAG(), "dark", 0)
	m.SetSize(80, 20)
	m.Begin()
	reached, deltas := map[int]bool{1: true}, 0
	for !m.Live() {
		at := m.View().Position()
		m.Scrub(1)
		if !m.Live() {
			reached[m.View().Position()] = true
		}
		if now := m.View(); !m.Live() && now.Position() > at && now.Record(now.Position()).Type == "Delta" {
			deltas++
		}
	}
	v := m.View()
	last := v.Time(1)
	for at := 1; at <= v.Position(); at++ {
		isDelta := v.Record(at).Type == "Delta"
		if !reached[at] && (!isDelta || v.Time(at)-last > 200*time.Millisecond) {
			t.Errorf("record %d, a %v %s, is not reached", at, v.Record(at).Kind, v.Record(at).Type)
		}
		if reached[at] {
			last = v.Time(at)
		}
	}
	if deltas < 5 {
		t.Errorf("%d stops within a stream", deltas)
	}
}

func TestScrubbingByStepStopsWhereOneStartsOrEnds(t *testing.T) {
	m := show(t, runtest.RAG(), "dark", 0)
	m.SetSize(80, 20)
	m.ScrubStep(1)
	if !m.Live() {
		t.Error("there is nothing after the present")
	}
	stops := 0
	for m.Begin(); !m.Live(); m.ScrubStep(1) {
		v := m.View()
		switch k := v.Record(v.Position()).Kind; k {
		case flow.StepStarted, flow.StepFinished, flow.RunFinished, flow.RunStarted:
			stops++
		default:
			t.Errorf("it stops at a %v", k)
		}
	}
	if stops < 6 { // three steps
		t.Errorf("%d stops", stops)
	}
	at := m.View().Position()
	if m.ScrubStep(-1); m.Live() || m.View().Position() >= at {
		t.Error("it does not go back")
	}
}
