// Package timeline draws a run over time: one row for each step, its work as bars of cells, the
// events between the steps, and a cursor that can be moved to any moment of the run.
//
// The Model reads the run from an index of its journal (package run) and the time from SetNow.
// Drawing depends on nothing else: rows.go lists the rows, axis.go maps times to columns, bar.go
// turns the work of a row into cells, draw.go puts them on the canvas, and small.go draws where
// there is no room for a time axis. The cost of a frame depends on the number of cells and not on
// the length of the run.
package timeline

import (
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/theme"
)

// A Model is the timeline of one run, with its selection, the moment that is shown and the window
// of time. The zero value is not ready for use; see New.
type Model struct {
	theme theme.Theme
	run   *run.Run
	// graph of the run's workflow: names steps that have not started, and limits of workers
	graph flow.Graph
	now   time.Time
	// the run is done, but its result is not what was asked for
	incomplete bool
	w, h       int

	at      int           // position shown while scrubbing; 0: the present
	moment  time.Duration // the moment, if it lies after the record at that position
	seen    int           // number of events when the present was left
	follow  bool          // the window moves with the present
	auto    bool          // the window is fitted automatically
	zoomed  bool          // the user chose the window
	from    float64
	span    float64 // length of the window, in axis time (see axis)
	workers bool    // one row per worker
	stops   func(step, event string) bool
	path    bool // mark the critical path
	filter  func(run.View, *run.Step, *run.Execution) bool
	folds   map[*run.Step]bool // what the user folded (true) or unfolded (false)

	selected key
	picked   *run.Execution // the execution selected within the row, if one was chosen
	top      int            // first visible row
	held     bool           // the user scrolled: the rows do not follow the work
	play     playback
	version  uint64
	drawn    stamp
	critical criticalPath
	kin      kin
	lines    []segment // rows
	laid     layoutOf  // what lines were computed from
	hints    map[*run.Execution]string
	cells    []cell // reused by bar.go for every row
}

// A stamp is all that a picture depends on except the user's input, which version counts.
type stamp struct {
	version uint64
	records int
	tick    int64
}

// New returns a timeline without a run.
func New(th theme.Theme) *Model {
	return &Model{theme: th, follow: true, auto: true, folds: map[*run.Step]bool{}, hints: map[*run.Execution]string{}}
}

// SetTheme changes the theme.
func (m *Model) SetTheme(th theme.Theme) { m.theme = th; m.version++ }

// SetRun shows another run, from its present. The graph of its workflow, if known, names the steps
// that have not started and the limits of workers.
func (m *Model) SetRun(r *run.Run, g flow.Graph) {
	old := *m
	*m = *New(old.theme)
	m.run, m.graph, m.now, m.w, m.h = r, g, old.now, old.w, old.h
	m.workers, m.path, m.filter, m.stops = old.workers, old.path, old.filter, old.stops
	m.version = old.version + 1
}

// SetSize sets the size of the panel in cells.
func (m *Model) SetSize(w, h int) {
	if w != m.w || h != m.h {
		m.w, m.h = w, h
		m.version++
		m.reveal()
	}
}

// SetNow sets the current time.
func (m *Model) SetNow(t time.Time) { m.now = t }

// SetIncomplete sets whether the run is done but its result is not what was asked for.
func (m *Model) SetIncomplete(is bool) {
	if m.incomplete != is {
		m.incomplete = is
		m.version++
	}
}

// tick is how often a moving picture changes.
const tick = 80 * time.Millisecond

// Version returns a number that changes whenever the picture may have changed: by a key, by a
// record or, while the run is at work, by the time.
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

// View returns the run at the moment that is shown. The other panels show the same moment.
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

// elapsed returns how long the run had been running at the moment that is shown.
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
	t := v.ActiveTime(m.now)
	if m.still() {
		t = max(t, v.Time(v.Position())+time.Millisecond) // draw the wait from its first moment
	}
	return t
}

// still reports whether no execution works because the run waits for a person or is held. The
// picture does not change until that ends.
func (m *Model) still() bool {
	if m.run == nil {
		return false
	}
	st := m.run.Now().Status()
	return st == run.Blocked || st == run.Paused
}

// over reports whether the run has ended, whatever moment is shown.
func (m *Model) over() bool { return m.run == nil || m.run.Now().Over() }

// Rows returns how many rows the timeline needs to show all, including its ruler but not its
// Extras.
func (m *Model) Rows() int {
	if m.run == nil || m.run.Len() == 0 {
		return 0
	}
	m.layout()
	return m.count() + 1
}
