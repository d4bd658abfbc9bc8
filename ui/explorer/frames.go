package explorer

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// frameInterval is the minimum time between two batches of records or mouse movements: a frame of a
// 60 Hz screen.
const frameInterval = 16 * time.Millisecond

// frameSpacing is the minimum time between two frames that no input has caused: 25 frames a second,
// as in a film.
const frameSpacing = 40 * time.Millisecond

// A frameCause says why a message may change what is on the screen.
type frameCause uint8

const (
	causeNothing frameCause = iota // nothing visible has changed
	causeInput                     // input from a person or the terminal: drawn at once
	// Records of runs: drawn at once, or with the rendering of an answer
	causeRecords
	// Streamed text, clocks, a long journal that is opened: spaced, or with the rendering of an answer
	causeText
	causeRender // an answer was rendered: spaced
)

// spaced reports whether frames of this cause keep frameSpacing between them.
func (c frameCause) spaced() bool { return c == causeText || c == causeRender }

// A frameScheduler decides when the screen is drawn again. It is the only place that does:
//
//   - The effect of a person's input is drawn at once, together with all other changes.
//   - Streamed text, rendered answers, clocks and spinners are drawn at once if no such frame was
//     drawn within frameSpacing. Otherwise they share a frame at the end of that time.
//   - Clocks and spinners change without a message. A tick draws them, and is scheduled only while
//     one of them is visible.
//   - Between messages, Bubble Tea's own clock is slowed down.
type frameScheduler struct {
	dirty    bool // the frame is out of date: the next View draws it
	spacing  bool // a spaced frame was drawn less than frameSpacing ago
	owed     bool // something has moved since that frame, and no frame shows it yet
	other    bool // a frame of another cause was drawn since that frame
	ticking  bool // a tick is scheduled
	ticks    int  // number of ticks so far; spinners turn with it
	clock    *renderClock
	rendered int // frames drawn so far
}

type (
	// tickMsg says that the next frame of clocks and spinners is due.
	tickMsg struct{}
	// spacingOver is the end of a frameSpacing.
	spacingOver struct{}
)

// postpone reports whether a message with this cause shares a later frame with others. Then nothing
// else has to be done for it now.
func (f *frameScheduler) postpone(c frameCause) bool {
	if f.spacing && c.spaced() {
		f.owed = true
		return true
	}
	return false
}

// request marks the frame as dirty, for a message that was not postponed. If rendering is true, an
// answer is being rendered, and its result triggers one frame for both unless the message must be
// shown at once. The returned command ends the spacing that the frame begins.
func (f *frameScheduler) request(c frameCause, rendering bool) tea.Cmd {
	switch {
	case c == causeNothing:
	case rendering && (c == causeRecords || c == causeText):
	case c.spaced():
		f.dirty = true
		return f.space()
	default:
		f.dirty = true
		f.interrupt()
	}
	return nil
}

// space begins a frameSpacing; the returned command ends it.
func (f *frameScheduler) space() tea.Cmd {
	f.spacing, f.owed, f.other = true, false, false
	return tea.Tick(frameSpacing, func(time.Time) tea.Msg { return spacingOver{} })
}

// interrupt records a frame of another cause within a frameSpacing. That frame shows everything
// that was postponed.
func (f *frameScheduler) interrupt() { f.owed, f.other = false, true }

// resume ends a frameSpacing, and reports whether a frame must be drawn now. After a frame of
// another cause the spacing begins once more, and the command again ends it.
func (f *frameScheduler) resume() (draw bool, again tea.Cmd) {
	owed := f.owed
	if f.other {
		again = f.space()
		f.owed = owed
		return false, again
	}
	f.spacing, f.owed = false, false
	return owed, nil
}

// tick schedules a tick, unless one is scheduled already; 0 schedules none.
func (f *frameScheduler) tick(in time.Duration) tea.Cmd {
	if f.ticking || in == 0 {
		return nil
	}
	f.ticking = true
	return tea.Tick(in, func(time.Time) tea.Msg { return tickMsg{} })
}

// ticked handles a tick.
func (f *frameScheduler) ticked() {
	f.ticking = false
	f.ticks++
}

// due reports whether a frame must be drawn now, and counts it. It is called after every message.
func (f *frameScheduler) due(visible bool) bool {
	if f.clock != nil {
		f.clock.wake()
	}
	if !f.dirty || !visible {
		return false
	}
	f.dirty = false
	f.rendered++
	return true
}

// spinner returns the sign for running work, one cell wide.
func (f *frameScheduler) spinner() string {
	const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
	i := f.ticks % 10 * 3
	return frames[i : i+3]
}
