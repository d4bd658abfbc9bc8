// Package timeline draws a run over time: one row for each step, what it did as bars of cells, the events between the steps,
// and a cursor that can be moved to any instant of the run.
//
// The Model knows the run only as an index of its journal (package run) and the time only as it is told (SetNow). Drawing is
// pure: rows.go lists the rows, axis.go maps times to columns, bar.go turns the work of a row into cells, draw.go puts them
// on the canvas; small.go is what remains where there is no room for a time axis. The cost of a frame depends on the cells
// drawn and not on the length of the run.
package timeline

import (
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/theme"
)

// A Model is the timeline of one run: what is selected, which instant and which stretch of time is shown. The zero value is
// not ready for use; see New.
type Model struct {
	theme theme.Theme
	run   *run.Run
	graph flow.Graph // of its workflow, for the steps that have not started and for the limits of all
	now   time.Time
	w, h  int

	at      int           // position shown while scrubbing; 0: the present
	moment  time.Duration // the instant, if it lies after the record at that position
	seen    int           // events there were when the present was left
	follow  bool          // the window moves with the present
	auto    bool          // the window is chosen to fit
	zoomed  bool          // the user chose the window
	from    float64
	span    float64 // of the window, in axis time (see axis)
	workers bool    // one row per worker
	stops   func(step, event string) bool
	path    bool // mark the critical path
	filter  func(run.View, *run.Step, *run.Execution) bool
	folds   map[*run.Step]bool // what the user folded (true) or unfolded (false)

	selected key
	picked   *run.Execution // the execution that is selected within the row, if one was chosen
	top      int            // first visible row
	held     bool           // the user scrolled the rows: they do not follow the work
	version  uint64
	drawn    stamp
	critical criticalPath
	kin      kin
	lines    []segment // rows
	laid     layoutOf  // what they were made for
	hints    map[*run.Execution]string
	cells    []cell // scratch of bar.go
}

// stamp is all that a picture depends on beside the keys.
type stamp struct {
	version uint64
	records int
	tick    int64
}

// New returns a timeline without a run.
func New(th theme.Theme) *Model {
	return &Model{theme: th, follow: true, auto: true, folds: map[*run.Step]bool{}, hints: map[*run.Execution]string{}}
}

// SetTheme changes the look.
func (m *Model) SetTheme(th theme.Theme) { m.theme = th; m.version++ }

// SetRun shows another run, from its present. The graph of its workflow, as far as it is known, tells which steps have not started
// and how many workers each has.
func (m *Model) SetRun(r *run.Run, g flow.Graph) {
	old := *m
	*m = *New(old.theme)
	m.run, m.graph, m.now, m.w, m.h = r, g, old.now, old.w, old.h
	m.workers, m.path, m.filter, m.stops = old.workers, old.path, old.filter, old.stops
	m.version = old.version + 1
}

// SetSize says how many cells there are.
func (m *Model) SetSize(w, h int) {
	if w != m.w || h != m.h {
		m.w, m.h = w, h
		m.version++
		m.reveal()
	}
}

// SetNow says what time it is.
func (m *Model) SetNow(t time.Time) { m.now = t }

// tick is how often a picture that moves changes.
const tick = 80 * time.Millisecond

// Version changes whenever the picture may have: with a key, a record or, while something goes on, the time.
func (m *Model) Version() uint64 {
	s := stamp{version: m.version}
	if m.run != nil {
		s.records = m.run.Len()
		if v := m.run.Now(); !v.Over() && v.Position() > 0 {
			s.tick = m.now.UnixNano() / int64(tick)
		}
	}
	if s != m.drawn {
		m.version++
		s.version = m.version
		m.drawn = s
	}
	return m.version
}

// View returns the run at the instant that is shown: every other panel shows that instant too.
func (m *Model) View() run.View {
	switch {
	case m.run == nil:
		return run.View{}
	case m.at > 0 && m.moment > 0:
		return m.run.AtTime(m.moment)
	case m.at > 0:
		return m.run.At(m.at)
	}
	return m.run.Now()
}

// Live reports whether the present is shown.
func (m *Model) Live() bool { return m.at == 0 }

// Following reports whether the window moves with the present.
func (m *Model) Following() bool { return m.follow }

// elapsed is how far the run is at the instant that is shown, total how far it is in all.
func (m *Model) elapsed() time.Duration {
	if m.at > 0 {
		return m.View().Elapsed(time.Time{})
	}
	return m.total()
}

func (m *Model) total() time.Duration {
	if m.run == nil {
		return 0
	}
	v := m.run.Now()
	t := v.Moved(m.now)
	if m.still() {
		t = max(t, v.Time(v.Position())+time.Millisecond) // the wait has begun
	}
	return t
}

// still reports whether nobody works, because a person is waited for or the run is held: until that ends the picture stays the same.
func (m *Model) still() bool {
	if m.run == nil {
		return false
	}
	st := m.run.Now().Status()
	return st == run.Blocked || st == run.Paused
}

// over reports whether the run has ended, whatever instant is shown.
func (m *Model) over() bool { return m.run == nil || m.run.Now().Over() }

// Rows returns how many rows the timeline would like to have, its ruler included, its Extras not.
func (m *Model) Rows() int {
	if m.run == nil || m.run.Len() == 0 {
		return 0
	}
	m.layout()
	return m.count() + 1
}
