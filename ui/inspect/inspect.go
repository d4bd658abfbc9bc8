// Package inspect shows all details of what is selected in the timeline: the event that started a
// step and those that it sent, its passages, attempts and errors, its questions to a person or a
// model, and the state before and after it.
//
// Show sets the selection and the moment. From these the sections (sections.go) are built as a
// list of lines (lines.go), once per change; Draw draws the visible ones. Payloads are read as JSON
// (tree.go), and parts of them can be folded; payloads with passages are listed for reading
// (passages.go).
package inspect

import (
	"slices"
	"strings"
	"time"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/theme"
)

// A Selection is what the inspector shows: an execution, a step that has none yet, or, if both are
// nil, the run as a whole.
type Selection struct {
	View      run.View
	Step      *run.Step
	Execution *run.Execution
	Now       time.Time
	Critical  bool     // the execution is on the critical path
	Why       []string // the reasons why the run does not move; nil if it moves
}

// A Target is what a line refers to, for keys that open it.
type Target struct {
	Path      string // a document, slash-separated and relative to the corpus
	Line      int
	Execution *run.Execution
}

// A Model is the inspector. The zero value is not ready for use; see New.
type Model struct {
	theme   theme.Theme
	sel     Selection
	w, h    int
	focus   bool
	top     int // first visible line
	cursor  int
	arrived bool            // the cursor has not been moved since the selection changed
	lead    bool            // see Lead
	folds   map[string]bool // by the path of a part: true if it is open
	trees   map[int]*node   // payloads that were read, by position
	version uint64

	lines []line
	built stamp
}

// A stamp is all that the lines depend on.
type stamp struct {
	run     *run.Run
	at      int
	moment  time.Duration
	step    *run.Step
	exec    *run.Execution
	w       int
	version uint64
	tick    int64
}

// New returns an inspector that shows nothing.
func New(th theme.Theme) *Model {
	return &Model{theme: th, folds: map[string]bool{}, trees: map[int]*node{}, version: 1}
}

// SetTheme changes the theme.
func (m *Model) SetTheme(th theme.Theme) { m.theme = th; m.version++ }

// SetSize sets the size of the panel in cells.
func (m *Model) SetSize(w, h int) {
	if w != m.w || h != m.h {
		m.w, m.h = w, h
		m.version++
	}
}

// Focus sets whether the inspector has the keyboard focus; only then is its cursor visible.
func (m *Model) Focus(on bool) {
	if on != m.focus {
		m.focus = on
		m.version++
	}
}

// Lead sets where the cursor begins: on the first line that can be folded or opened, or on the
// first line.
func (m *Model) Lead(on bool) { m.lead = on }

// tick is how often durations that still grow are updated.
const tick = 100 * time.Millisecond

// Show sets the selection.
func (m *Model) Show(s Selection) {
	if s.View.Run() != m.sel.View.Run() {
		m.folds, m.trees = map[string]bool{}, map[int]*node{}
	}
	if s.Step != m.sel.Step || s.Execution != m.sel.Execution || s.View.Run() != m.sel.View.Run() {
		m.top, m.cursor, m.arrived = 0, 0, true
	}
	if !slices.Equal(s.Why, m.sel.Why) {
		m.version++
	}
	m.sel = s
}

func (m *Model) stamp() stamp {
	s := stamp{run: m.sel.View.Run(), at: m.sel.View.Position(), moment: m.sel.View.Elapsed(time.Time{}), step: m.sel.Step, exec: m.sel.Execution, w: m.w, version: m.version}
	if v := m.sel.View; v.Run() != nil && v.Live() && !v.Ended() {
		s.tick = m.sel.Now.UnixNano() / int64(tick)
	}
	return s
}

// Version returns a number that changes whenever the picture may have changed.
func (m *Model) Version() uint64 {
	if m.stamp() != m.built {
		m.build()
		m.version++
		m.built.version = m.version
	}
	return m.version
}

func (m *Model) build() {
	if len(m.trees) > 256 {
		clear(m.trees)
	}
	b := &builder{m: m, th: &m.theme, w: max(1, m.w-3), v: m.sel.View}
	b.all(m.sel)
	m.lines = b.lines
	m.built = m.stamp()
	// The cursor starts on the first visible line that can be folded or opened.
	if m.arrived && m.lead {
		m.cursor = max(0, slices.IndexFunc(m.lines[:min(m.h, len(m.lines))], func(l line) bool { return l.fold != "" || l.target != Target{} }))
	}
	m.cursor = max(0, min(m.cursor, len(m.lines)-1))
	m.top = max(0, min(m.top, len(m.lines)-m.h))
}

// fresh rebuilds the lines if they are out of date.
func (m *Model) fresh() {
	if m.stamp() != m.built {
		m.build()
	}
}

// Draw draws the inspector into r.
func (m *Model) Draw(c *canvas.Canvas, r canvas.Rect) {
	m.SetSize(r.Dx(), r.Dy())
	if m.w <= 0 || m.h <= 0 {
		return
	}
	m.fresh()
	s := c.Sub(r)
	for y := range min(m.h, len(m.lines)-m.top) {
		l := m.lines[m.top+y]
		x := 1
		for _, p := range l.parts {
			if x >= m.w-1 {
				break
			}
			if p.at > 0 {
				x = max(x, 1+p.at)
			}
			x += s.TextN(x, y, m.w-1-x, p.text, p.style)
		}
		if m.focus && m.top+y == m.cursor {
			s.Overlay(canvas.R(0, y, m.w-1, 1), m.theme.Selection)
		}
	}
	s.Scrollbar(canvas.R(m.w-1, 0, 1, m.h), len(m.lines), m.top, m.theme.Border, m.theme.Muted)
}

// Scroll moves the view by n lines, and the cursor only as far as needed to stay visible.
func (m *Model) Scroll(n int) {
	m.fresh()
	m.arrived = false
	m.top = max(0, min(m.top+n, len(m.lines)-m.h))
	m.cursor = max(m.top, min(m.cursor, m.top+m.h-1))
	m.version++
	m.built.version = m.version
}

// Move moves the cursor by n lines, and the view only as far as needed to keep it visible.
func (m *Model) Move(n int) {
	m.fresh()
	m.arrived = false
	m.cursor = max(0, min(m.cursor+n, len(m.lines)-1))
	m.top = max(min(m.top, m.cursor), m.cursor-m.h+1, 0)
	m.version++
	m.built.version = m.version
}

// Toggle folds or unfolds the part that contains the cursor, and reports whether there is one.
func (m *Model) Toggle() bool {
	m.fresh()
	for i := m.cursor; i >= 0 && i < len(m.lines); i-- {
		if f := m.lines[i].fold; f != "" {
			m.folds[f] = !m.lines[i].open
			m.cursor, m.arrived = i, false
			m.version++
			m.fresh()
			m.Move(0)
			return true
		}
		if m.lines[i].heading {
			break
		}
	}
	return false
}

// Click moves the cursor to row y of the panel and folds or unfolds what is there.
func (m *Model) Click(x, y int) bool {
	m.fresh()
	if y < 0 || m.top+y >= len(m.lines) {
		return false
	}
	m.cursor, m.arrived = m.top+y, false
	m.version++
	if m.lines[m.cursor].fold != "" {
		return m.Toggle()
	}
	return true
}

// Target returns what the line under the cursor refers to.
func (m *Model) Target() (Target, bool) {
	m.fresh()
	if m.cursor < len(m.lines) {
		t := m.lines[m.cursor].target
		return t, t != Target{}
	}
	return Target{}, false
}

// Height returns the number of lines.
func (m *Model) Height() int {
	m.fresh()
	return len(m.lines)
}

// Text returns all lines as text, for copying.
func (m *Model) Text() string { return m.text(false) }

func (m *Model) text(spoken bool) string {
	m.fresh()
	var b strings.Builder
	for _, l := range m.lines {
		n := 0
		for _, p := range l.parts {
			if p.at > n {
				b.WriteString(strings.Repeat(" ", p.at-n))
				n = p.at
			}
			text := canvas.Truncate(p.text, 2000)
			if spoken && p.spoken != "" {
				text = p.spoken
			}
			b.WriteString(text)
			n += canvas.Width(text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
