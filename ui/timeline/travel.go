package timeline

import (
	"sort"
	"time"

	"weft/ui/run"
)

// leave shows a moment in the past: that of the record at a position, or a later one before the
// next record. The window stays where it is as long as it contains that moment. A playback ends.
func (m *Model) leave(at int, moment time.Duration) {
	if m.run == nil || m.run.Len() == 0 {
		return
	}
	if m.at == 0 {
		if !m.over() {
			m.hold()
		}
		m.seen = m.run.Now().Events()
	}
	m.at, m.moment = min(max(at, 1), m.run.Len()), moment
	m.follow = false
	m.play.stop()
	m.version++
	if !m.auto {
		a := m.axis(m.columns().time.w)
		if u := a.u(m.elapsed()); u < a.from || u > a.from+m.span {
			m.from = max(0, u-m.span/2)
		}
	}
}

// Scrub moves the cursor by n visible changes. Moving past the last record returns to the present.
func (m *Model) Scrub(n int) {
	if m.run == nil || m.run.Len() == 0 {
		return
	}
	at, dir := m.at, 1
	if at == 0 {
		if n > 0 {
			return
		}
		at = m.run.Len()
		if m.over() && n < 0 {
			// When the run is over, the first step back shows the last record as a moment in the
			// past.
			n++
		}
	}
	if n < 0 && m.moment > m.View().Time(at) {
		n++ // between two records, one step back leads to the earlier one
	}
	if n < 0 {
		n, dir = -n, -1
	}
	for ; n > 0; n-- {
		if at == m.run.Len() && dir > 0 {
			m.Present()
			return
		}
		at = m.run.Step(at, dir)
	}
	m.leave(at, 0)
}

// ScrubStep moves the cursor to the next start or end of a step (dir 1), or to the one before (dir
// -1). Moving past the last record returns to the present.
func (m *Model) ScrubStep(dir int) {
	if m.run == nil || m.run.Len() == 0 || m.at == 0 && dir > 0 {
		return
	}
	at := m.at
	if at == 0 {
		at = m.run.Len()
	}
	if at == m.run.Len() && dir > 0 {
		m.Present()
		return
	}
	m.leave(m.run.StepBoundary(at, dir), 0)
}

// ScrubTo shows the moment at a position of the journal; 0 and positions beyond the end mean the
// present.
func (m *Model) ScrubTo(at int) {
	if m.run == nil || at <= 0 || at > m.run.Len() {
		m.Present()
		return
	}
	m.leave(at, 0)
}

// scrubToTime shows the moment at a time, which may lie between two records.
func (m *Model) scrubToTime(t time.Duration) {
	m.leave(m.run.PositionAt(t), t)
}

// Begin shows the first moment.
func (m *Model) Begin() { m.leave(1, 0) }

// Present returns to the present and follows it. A playback ends.
func (m *Model) Present() {
	if m.at != 0 || !m.follow {
		m.version++
	}
	m.at, m.moment, m.follow, m.held = 0, 0, true, false
	m.play.stop()
	if m.span == 0 || !m.zoomed {
		m.auto = true
	}
}

// Zoom multiplies the length of the window by f, around the cursor; f below 1 shows more detail.
func (m *Model) Zoom(f float64) {
	if m.run == nil || m.run.Len() == 0 || f <= 0 {
		return
	}
	m.hold()
	a := m.axis(m.columns().time.w)
	u := a.u(m.elapsed())
	if u < a.from || u > a.from+m.span {
		u = a.from + m.span/2
	}
	span := min(max(m.span*f, shortest), 4*max(a.end, shortest))
	m.from = max(0, u-(u-m.from)*span/m.span)
	m.span, m.zoomed = span, true
	if m.over() {
		m.follow = false
	}
	m.version++
}

// Fit shows the whole run.
func (m *Model) Fit() {
	m.auto, m.zoomed, m.follow = true, false, m.at == 0
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
	if m.picked == nil {
		es = v.Executions(s)
		es = []*run.Execution{es[0], es[len(es)-1]}
	}
	m.hold()
	a := m.axis(m.columns().time.w)
	from, to := time.Duration(-1), time.Duration(0)
	for _, e := range es {
		for s := range e.Spans(v) {
			if from < 0 {
				from = v.Time(s.From)
			}
			end := m.elapsed()
			if s.To != 0 {
				end = v.Time(s.To)
			}
			to = max(to, end)
		}
	}
	u0, u1 := a.u(max(from, 0)), a.u(to)
	m.span = max((u1-u0)*1.2, shortest)
	m.from = max(0, u0-m.span/12)
	m.zoomed, m.follow = true, false
	m.version++
}

// Pan moves the window by n columns. Moving it back stops it from following the present.
func (m *Model) Pan(n int) {
	if m.run == nil || m.run.Len() == 0 {
		return
	}
	m.hold()
	a := m.axis(m.columns().time.w)
	m.follow, m.zoomed = false, true
	m.from = min(max(0, m.from+float64(n)*a.per), max(0, a.end-m.span/2))
	m.version++
}

// A Hit describes what lies under a cell of the panel.
type Hit struct {
	Step      *run.Step      // nil: no row, or the row of the run
	Execution *run.Execution // the execution at that time, if it is known
	Row       bool           // the cell belongs to a row
	Time      time.Duration  // the time of the column
	OnTime    bool           // the column belongs to the time axis
	Position  int            // position of the last record at that time
	row       row
}

// HitTest returns what lies at column x and row y of the panel.
func (m *Model) HitTest(x, y int) (h Hit) {
	if m.run == nil || m.run.Len() == 0 || x < 0 || y < 0 || x >= m.w || y >= m.h || m.w < 40 || m.h < 3 {
		return h
	}
	m.layout()
	if m.w < 60 { // a narrow panel shows a list without a time axis
		if r, ok := m.row(m.top + y - 1); ok && y >= 1 {
			h.Row, h.row, h.Step, h.Execution = true, r, r.step, r.exec
		}
		return h
	}
	cols := m.columns()
	rows, minimap, legend := m.height()
	last := m.h - 1
	if legend {
		last--
	}
	if x -= cols.time.x; x >= 0 && x < cols.time.w {
		a := m.axis(cols.time.w)
		if minimap && y == last && m.mapped(&a, rows) {
			a = a.whole()
		}
		if t := a.t(a.from + (float64(x)+0.5)*a.per); t >= 0 && t <= m.total() {
			h.OnTime, h.Time, h.Position = true, t, m.run.PositionAt(t)
		}
	}
	if y >= 1 && y <= rows {
		if r, ok := m.row(m.top + y - 1); ok {
			h.Row, h.row, h.Step, h.Execution = true, r, r.step, r.exec
			if h.Execution == nil && h.Step != nil && h.OnTime {
				h.Execution = m.executionAt(h.Step, h.Time)
			}
		}
	}
	return h
}

// executionAt returns the execution of a step that had begun last at a time.
func (m *Model) executionAt(s *run.Step, t time.Duration) *run.Execution {
	v := m.View()
	es := v.Executions(s)
	at := m.run.PositionAt(t)
	if i := sort.Search(len(es), func(i int) bool { return es[i].Began() > at }); i > 0 {
		return es[i-1]
	}
	return nil
}

// Click selects what lies at column x and row y and, on the time axis, shows that moment. It
// reports whether anything was hit.
func (m *Model) Click(x, y int) bool {
	h := m.HitTest(x, y)
	if h.Row && !h.row.kind.detail() {
		m.choose(h.row.key)
		if h.row.kind == stepRow {
			m.picked = h.Execution
		}
	}
	if h.OnTime && (!h.Row || y == 0) {
		m.scrubToTime(h.Time)
	}
	return h.Row || h.OnTime
}
