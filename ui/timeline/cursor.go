package timeline

import (
	"math"
	"sort"
	"time"

	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
)

// A cursor is the moment of a run that is shown: the present, or a moment in the past.
type cursor struct {
	run    *run.Run // nil: there is no run
	now    time.Time
	at     int           // position shown in the past; 0: the present
	moment time.Duration // the moment, if it lies after the record at that position
	seen   int           // number of events when the present was left
}

// empty reports whether there is nothing to show yet.
func (c *cursor) empty() bool { return c.run == nil || c.run.Len() == 0 }

// view returns the run at the moment that is shown.
func (c *cursor) view() run.View {
	switch {
	case c.run == nil:
		return run.View{}
	case c.at > 0 && c.moment > 0:
		return c.run.AtTime(c.moment)
	case c.at > 0:
		return c.run.At(c.at)
	}
	return c.run.Now()
}

// elapsed returns how long the run had been running at the moment that is shown.
func (c *cursor) elapsed() time.Duration {
	if c.at > 0 {
		return c.view().Elapsed(time.Time{})
	}
	return c.total()
}

// total returns how long the run has been running at the present.
func (c *cursor) total() time.Duration {
	if c.run == nil {
		return 0
	}
	v := c.run.Now()
	t := v.ActiveTime(c.now)
	if c.still() {
		t = max(t, v.Time(v.Position())+time.Millisecond) // draw the wait from its first moment
	}
	return t
}

// still reports whether no execution works because the run waits for a person or is held. The
// picture does not change until that ends.
func (c *cursor) still() bool {
	if c.run == nil {
		return false
	}
	st := c.run.Now().Status()
	return st == run.Blocked || st == run.Paused
}

// over reports whether the run has ended, whatever moment is shown.
func (c *cursor) over() bool { return c.run == nil || c.run.Now().Over() }

// executionAt returns the execution of a step that had begun last at a time.
func (c *cursor) executionAt(s *run.Step, t time.Duration) *run.Execution {
	es := c.view().Executions(s)
	at := c.run.PositionAt(t)
	if i := sort.Search(len(es), func(i int) bool { return es[i].Began() > at }); i > 0 {
		return es[i-1]
	}
	return nil
}

// column returns the column of the shown moment; negative if no line is drawn, as at the end
// of a finished run.
func (c *cursor) column(a *axis) int {
	if c.at == 0 && c.over() {
		return -9
	}
	return int(math.Floor(a.col(c.elapsed())))
}

// tick is how often a moving picture changes.
const tick = 80 * time.Millisecond

// spinner returns the spinner's current glyph. It stands still at a moment of the past.
func (c *cursor) spinner() string {
	if c.at > 0 || c.over() {
		return status.Running.Glyph()
	}
	frames := [...]string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}
	n := c.now.UnixNano() / int64(tick)
	return frames[((n%10)+10)%10]
}

// status returns the glyph of a status, or a spinner if it is at work, and its style. What was at
// work when the run was interrupted is interrupted.
func (c *cursor) status(s status.Status, th *theme.Theme) (string, theme.Style) {
	if s.Moves() && c.at == 0 && c.run != nil && c.run.Now().Status() == run.Interrupted {
		s = status.Interrupted
	}
	if s.Moves() {
		return c.spinner(), s.Style(th)
	}
	return s.Cell(), s.Style(th)
}
