package timeline

import (
	"time"

	"weft/ui/run"
)

// leave shows a moment in the past: that of the record at a position, or a later one before the
// next record. The window stays where it is as long as it contains that moment. A playback ends.
func (m *Model) leave(at int, moment time.Duration) {
	if m.cursor.empty() {
		return
	}
	if m.cursor.at == 0 {
		if !m.cursor.over() {
			m.window.hold(m.axis())
		}
		m.cursor.seen = m.cursor.run.Now().Events()
	}
	m.cursor.at, m.cursor.moment = min(max(at, 1), m.cursor.run.Len()), moment
	m.window.follow = false
	m.play.stop()
	m.version++
	if !m.window.auto {
		a := m.axis()
		m.window.reach(a, a.u(m.cursor.elapsed()))
	}
}

// Scrub moves the cursor by n visible changes. Moving past the last record returns to the present.
func (m *Model) Scrub(n int) {
	if m.cursor.empty() {
		return
	}
	at, dir := m.cursor.at, 1
	if at == 0 {
		if n > 0 {
			return
		}
		at = m.cursor.run.Len()
		if m.cursor.over() && n < 0 {
			// When the run is over, the first step back shows the last record as a moment in the
			// past.
			n++
		}
	}
	if n < 0 && m.cursor.moment > m.View().Time(at) {
		n++ // between two records, one step back leads to the earlier one
	}
	if n < 0 {
		n, dir = -n, -1
	}
	for ; n > 0; n-- {
		if at == m.cursor.run.Len() && dir > 0 {
			m.Present()
			return
		}
		at = m.cursor.run.Step(at, dir)
	}
	m.leave(at, 0)
}

// ScrubStep moves the cursor to the next start or end of a step (dir 1), or to the one before (dir
// -1). Moving past the last record returns to the present.
func (m *Model) ScrubStep(dir int) {
	if m.cursor.empty() || m.cursor.at == 0 && dir > 0 {
		return
	}
	at := m.cursor.at
	if at == 0 {
		at = m.cursor.run.Len()
	}
	if at == m.cursor.run.Len() && dir > 0 {
		m.Present()
		return
	}
	m.leave(m.cursor.run.StepBoundary(at, dir), 0)
}

// ScrubTo shows the moment at a position of the journal; 0 and positions beyond the end mean the
// present.
func (m *Model) ScrubTo(at int) {
	if m.cursor.run == nil || at <= 0 || at > m.cursor.run.Len() {
		m.Present()
		return
	}
	m.leave(at, 0)
}

// Begin shows the first moment.
func (m *Model) Begin() { m.leave(1, 0) }

// Present returns to the present and follows it. A playback ends.
func (m *Model) Present() {
	if m.cursor.at != 0 || !m.window.follow {
		m.version++
	}
	m.cursor.at, m.cursor.moment, m.held = 0, 0, false
	m.play.stop()
	m.window.rejoin()
}

// Zoom multiplies the length of the window by f, around the cursor; f below 1 shows more detail.
func (m *Model) Zoom(f float64) {
	if m.cursor.empty() || f <= 0 {
		return
	}
	m.window.hold(m.axis())
	a := m.axis()
	m.window.zoom(a, a.u(m.cursor.elapsed()), f)
	if m.cursor.over() {
		m.window.follow = false
	}
	m.version++
}

// Fit shows the whole run.
func (m *Model) Fit() {
	m.window.fit(m.Live())
	m.version++
}

// ZoomToSelected shows the time of the selected execution, or the whole run.
func (m *Model) ZoomToSelected() {
	s, e := m.Selected()
	if s == nil || e == nil {
		m.Fit()
		return
	}
	v := m.View()
	es := []*run.Execution{e}
	if m.selection.picked == nil {
		es = v.Executions(s)
		es = []*run.Execution{es[0], es[len(es)-1]}
	}
	m.window.hold(m.axis())
	a := m.axis()
	from, to := time.Duration(-1), time.Duration(0)
	for _, e := range es {
		for s := range e.Spans(v) {
			if from < 0 {
				from = v.Time(s.From)
			}
			end := m.cursor.elapsed()
			if s.To != 0 {
				end = v.Time(s.To)
			}
			to = max(to, end)
		}
	}
	m.window.show(a.u(max(from, 0)), a.u(to))
	m.version++
}

// Pan moves the window by n columns. Moving it back stops it from following the present.
func (m *Model) Pan(n int) {
	if m.cursor.empty() {
		return
	}
	m.window.hold(m.axis())
	m.window.pan(m.axis(), n)
	m.version++
}
