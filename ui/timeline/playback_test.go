package timeline_test

import (
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
	"weft/ui/timeline"
)

// played plays a run back in frames of a length until the playback is over, and returns the positions
// that were shown and how long it took.
func played(t *testing.T, m *timeline.Model, from time.Time, frame time.Duration) (positions []int, took time.Duration) {
	t.Helper()
	m.Play(from)
	for {
		on, held := m.Playing()
		if !on {
			return positions, took
		}
		if held || took > time.Hour {
			t.Fatalf("after %s the playback is held: %v", took, held)
		}
		if at := m.View().Position(); len(positions) == 0 || at != positions[len(positions)-1] {
			positions = append(positions, at)
		}
		took += frame
		m.Advance(from.Add(took))
	}
}

func TestAPlaybackTakesBetweenThreeAndThirtySeconds(t *testing.T) {
	for name, rs := range map[string][]flow.Record{
		"a usual run": runtest.RAG(), "one with a long wait": runtest.HumanDone(), "a quick one": quick(runtest.RAG(), 50),
		"a very quick one": quick(runtest.RAG(), 1e5), "a slow one": quick(runtest.RAG(), 1.0/5000),
	} {
		m := show(t, rs, "dark", 0)
		m.SetSize(100, 20)
		positions, took := played(t, m, rs[0].Time, 40*time.Millisecond)
		if took < 2*time.Second || took > 31*time.Second {
			t.Errorf("%s takes %s at %v", name, took, m.Speed())
		}
		for i := range positions {
			if i > 0 && positions[i] < positions[i-1] {
				t.Fatalf("%s goes back: %v", name, positions)
			}
		}
		if positions[0] != 1 || len(positions) < 5 || !m.Live() {
			t.Errorf("%s shows the positions %v, and then the present: %v", name, positions, m.Live())
		}
	}
}

// quick returns the records of a run that was a number of times as fast.
func quick(rs []flow.Record, times float64) []flow.Record {
	for i := range rs {
		rs[i].Time = rs[0].Time.Add(time.Duration(float64(rs[i].Time.Sub(rs[0].Time)) / times))
	}
	return rs
}

func TestAPlaybackIsHeldAndChangesItsSpeed(t *testing.T) {
	rs := runtest.RAG()
	m := show(t, rs, "dark", 0)
	m.SetSize(100, 20)
	now := rs[0].Time
	pass := func(d time.Duration) time.Duration {
		before := m.View().Elapsed(time.Time{})
		now = now.Add(d)
		m.Advance(now)
		return m.View().Elapsed(time.Time{}) - before
	}
	m.Play(now)
	one := pass(200 * time.Millisecond)
	m.ChangeSpeed(0.5)
	if half := pass(200 * time.Millisecond); one <= 0 || half < one/2-time.Millisecond || half > one/2+time.Millisecond {
		t.Errorf("at half the speed it moves by %s, and before by %s", half, one)
	}
	m.Play(now)
	if moved := pass(time.Minute); moved != 0 {
		t.Errorf("while it is held it moves by %s", moved)
	}
	text := draw(m, 100, 12).Plain()
	m.Play(now)
	if moved := pass(200 * time.Millisecond); moved < one/2-time.Millisecond || moved > one/2+time.Millisecond {
		t.Errorf("after it was held it moves by %s", moved)
	}
	if playing := draw(m, 100, 12).Plain(); !strings.Contains(playing, "▸ ") || !strings.Contains(text, "◂ ") {
		t.Errorf("held:\n%s\nplaying:\n%s", text, playing)
	}
	speed := m.Speed()
	m.Scrub(-1)
	if on, _ := m.Playing(); on || pass(time.Second) != 0 {
		t.Error("the playback moves on although the person chose a moment")
	}
	at := m.View().Position()
	m.Play(now)
	if m.View().Position() != at || m.Speed() != speed {
		t.Errorf("it begins at %d and not at the shown %d, at %v and not at %v", m.View().Position(), at, m.Speed(), speed)
	}
	for range 100 {
		m.ChangeSpeed(2)
	}
	if pass(time.Second); !m.Live() {
		t.Errorf("at %v it has not ended", m.Speed())
	}
}

// A run that is under way is played back up to the present, which it then follows.
func TestAPlaybackOfALiveRunEndsInThePresent(t *testing.T) {
	rs := runtest.RAG()
	half := len(rs) / 2
	r := runtest.Fold(rs[:half])
	m := show(t, nil, "dark", 0)
	m.SetNow(rs[half-1].Time)
	m.SetRun(r, flow.Graph{})
	m.SetSize(100, 20)
	m.Play(rs[0].Time)
	m.Advance(rs[0].Time.Add(time.Second))
	if on, _ := m.Playing(); !on || m.Live() {
		t.Fatal("it is not played back")
	}
	for _, rec := range rs[half:] {
		r.Apply(rec)
	}
	m.Advance(rs[0].Time.Add(time.Hour))
	if !m.Live() || !m.Following() || m.View().Status() != run.Succeeded {
		t.Errorf("in the end it shows %v", m.View().Status())
	}
}

func TestNothingIsPlayedBackWithoutARun(t *testing.T) {
	m := show(t, nil, "dark", 0)
	m.Play(runtest.Epoch)
	m.Advance(runtest.Epoch.Add(time.Second))
	if on, _ := m.Playing(); on || m.Speed() != 0 {
		t.Error("an empty run is played back")
	}
}
