package fork

import (
	"fmt"
	"strings"
	"time"

	"weft/ui/canvas"
	"weft/ui/theme"
	"weft/ui/units"
)

// wideFrom is the width from which a column beside the event says what was changed and what it
// costs.
const wideFrom = 150

// Draw draws the screen in r, and returns the position of the cursor in the coordinates of c, or
// -1, -1.
func (s *Screen) Draw(c *canvas.Canvas, r canvas.Rect) (cx, cy int) {
	boxed := r.Dx() >= 50 && r.Dy() >= 14
	frame := 2
	if !boxed {
		frame = 1
	}
	h := min(len(s.plan.Rows)+1+frame, max(r.Dy()*45/100, min(4, r.Dy())))
	upper := canvas.R(r.Min.X, r.Min.Y, r.Dx(), h)
	lower := canvas.R(r.Min.X, r.Min.Y+h, r.Dx(), max(r.Dy()-h-1, 0))
	last := canvas.R(r.Min.X, r.Max.Y-1, r.Dx(), 1)
	s.drawSteps(c, s.box(c, upper, s.heading(), boxed, !s.inForm))
	if r.Dx() >= wideFrom {
		beside := canvas.R(lower.Min.X+lower.Dx()*58/100, lower.Min.Y, lower.Dx()-lower.Dx()*58/100, lower.Dy())
		lower.Max.X = beside.Min.X
		s.drawBeside(c, s.box(c, beside, "what it does", boxed, false))
	}
	cx, cy = -1, -1
	if lower.Dy() > 0 {
		cx, cy = s.form.Draw(c, lower, s.Theme, s.inForm)
	}
	if r.Dy() <= 3 {
		return cx, cy
	}
	text, style := s.Summary(), s.Theme.Muted
	switch {
	case s.Busy != "":
		text, style = s.Busy, s.Theme.Running
	case s.problem != "":
		text, style = s.problem, s.Theme.Error
	}
	c.TextN(last.Min.X+1, last.Min.Y, last.Dx()-2, canvas.Truncate(text, max(last.Dx()-2, 0)), style)
	return cx, cy
}

// box draws a frame, or only a title, and returns the rectangle within.
func (s *Screen) box(c *canvas.Canvas, r canvas.Rect, title string, boxed, focused bool) canvas.Rect {
	border := s.Theme.Border
	if focused {
		border = s.Theme.BorderFocused
	}
	if boxed && r.Dy() > 2 {
		c.Box(r, canvas.Rounded, border, canvas.Truncate(title, max(r.Dx()-6, 0)), s.Theme.Heading)
		return canvas.R(r.Min.X+1, r.Min.Y+1, r.Dx()-2, r.Dy()-2)
	}
	c.TextN(r.Min.X, r.Min.Y, r.Dx(), title, s.Theme.Heading)
	return canvas.R(r.Min.X, r.Min.Y+1, r.Dx(), max(r.Dy()-1, 0))
}

// heading says where the fork begins.
func (s *Screen) heading() string {
	p := s.point()
	which := ""
	if n := p.Execution.Number; n > 1 {
		which = fmt.Sprintf(" (call %d)", n)
	}
	return canvas.Line(fmt.Sprintf("fork of %s at %s%s, %s after its start", s.Title, p.Execution.Step.Name, which, units.Duration(p.When)))
}

// The columns of the steps.
const (
	signWidth  = 3
	leastLabel = 12
	fateWidth  = 26 // "again    about 12.3k tokens"
)

// drawSteps draws a row for each step: what is kept and what is done again, on the time axis of the
// run that is forked.
func (s *Screen) drawSteps(c *canvas.Canvas, in canvas.Rect) {
	if in.Dy() <= 0 {
		return
	}
	label := leastLabel
	for _, r := range s.plan.Rows {
		label = max(label, canvas.Width(r.label())+1)
	}
	label = min(label, in.Dx()/3)
	bars := canvas.R(in.Min.X+signWidth+label, in.Min.Y, in.Dx()-signWidth-label-fateWidth-2, in.Dy())
	here := s.row()
	room := max(in.Dy()-1, 1)
	s.top = max(min(s.top, here, len(s.plan.Rows)-room), here-room+1, 0)
	for i := s.top; i < min(s.top+room, len(s.plan.Rows)); i++ {
		s.drawRow(c, canvas.R(in.Min.X, in.Min.Y+i-s.top, in.Dx(), 1), bars, label, s.plan.Rows[i], i == here)
	}
	if in.Dy() > 1 {
		c.TextN(in.Min.X+signWidth, in.Max.Y-1, in.Dx()-signWidth-1, canvas.Truncate(s.place(), max(in.Dx()-signWidth-1, 0)), s.Theme.Faint)
	}
}

// row returns the index of the row of the chosen point.
func (s *Screen) row() int {
	for i, r := range s.plan.Rows {
		for _, e := range r.Executions {
			if e == s.point().Execution {
				return i
			}
		}
	}
	return 0
}

// place says how the point can be moved.
func (s *Screen) place() string {
	return fmt.Sprintf("[ and ] move it: %d of %d · what was done before is kept and costs nothing", s.at+1, len(s.points))
}

func (r Row) label() string {
	name := strings.Repeat("  ", r.Depth) + r.Name
	if n := len(r.Executions); n > 1 {
		name += fmt.Sprintf(" ×%d", n)
	}
	return canvas.Line(name)
}

// fate says whether a step is kept or done again, or both.
func (r Row) fate() string {
	switch {
	case r.Again == 0:
		return "kept"
	case r.Kept > 0:
		return fmt.Sprintf("%d kept, %d again", r.Kept, r.Again)
	case r.Tokens > 0:
		return "again, about " + units.Count(r.Tokens) + " tokens"
	}
	return "again"
}

func (s *Screen) drawRow(c *canvas.Canvas, r, bars canvas.Rect, label int, row Row, here bool) {
	t := s.Theme
	sign, style := "░", t.Muted
	if row.Again > 0 {
		sign, style = "↳", t.Text
	}
	c.TextN(r.Min.X+1, r.Min.Y, 1, sign, style)
	name := style
	if here {
		name = t.Strong
	}
	c.TextN(r.Min.X+signWidth, r.Min.Y, label, canvas.Truncate(row.label(), label-1), name)
	s.drawStretches(c, canvas.R(bars.Min.X, r.Min.Y, bars.Dx(), 1), row.Kepts, "░", t.Done)
	s.drawStretches(c, canvas.R(bars.Min.X, r.Min.Y, bars.Dx(), 1), row.Agains, "·", t.Running)
	left := max(bars.Max.X+1, r.Min.X+signWidth+label)
	c.TextN(left, r.Min.Y, r.Max.X-left, row.fate(), style)
	if here {
		c.Overlay(r, t.Selection)
		c.TextN(r.Min.X, r.Min.Y, 1, "▌", t.Accent)
	}
}

// drawStretches draws when a step was at work. Each stretch has at least one column.
func (s *Screen) drawStretches(c *canvas.Canvas, r canvas.Rect, all []Stretch, symbol string, style theme.Style) {
	if r.Dx() <= 0 || s.plan.End <= 0 {
		return
	}
	column := func(t time.Duration) int {
		return min(int(int64(r.Dx())*int64(t)/int64(s.plan.End)), r.Dx()-1)
	}
	for _, stretch := range all {
		for x := column(stretch.From); x <= column(stretch.To); x++ {
			c.Set(r.Min.X+x, r.Min.Y, symbol, style)
		}
	}
}

// drawBeside says, on a wide screen, what was changed, what is done again, and what the person has to
// know.
func (s *Screen) drawBeside(c *canvas.Canvas, in canvas.Rect) {
	in.Min.X++
	in.Max.X--
	y := in.Min.Y
	line := func(text string, style theme.Style) {
		for _, l := range canvas.Wrap(canvas.Line(text), max(in.Dx(), 1)) {
			if y < in.Max.Y {
				c.TextN(in.Min.X, y, in.Dx(), l, style)
				y++
			}
		}
	}
	line("changed", s.Theme.Heading)
	if e := s.editor(); e != nil && len(e.changes()) > 0 {
		for _, name := range e.changes() {
			line("  "+s.point().Event.Type+"."+name, s.Theme.Added)
		}
	} else {
		line("  nothing of the event", s.Theme.Muted)
	}
	y++
	line("what it costs", s.Theme.Heading)
	line("  kept    "+s.names(false), s.Theme.Text)
	line("  again   "+s.names(true), s.Theme.Text)
	if s.plan.Read+s.plan.Written > 0 {
		line(fmt.Sprintf("  tokens  about %s read, %s written", units.Count(s.plan.Read), units.Count(s.plan.Written)), s.Theme.Text)
		if price := s.price(); price != "" {
			line("  price   about "+price, s.Theme.Text)
		}
	} else {
		line("  tokens  none: no model was asked then", s.Theme.Text)
	}
	y++
	if s.Compares != "" {
		line(s.Compares, s.Theme.Muted)
		y++
	}
	line("Kept passages show the text that they had then, even if the documents have changed since. The run that is forked does not change.", s.Theme.Muted)
	if about := s.form.About; s.inForm && len(about) > 0 {
		if i := s.form.Cursor(); i >= 0 && i < len(about) {
			y++
			line("the passage under the cursor", s.Theme.Heading)
			for _, l := range canvas.Fit(about[i], max(in.Dx(), 1), max(in.Max.Y-y, 0)) {
				line(l, s.Theme.Text)
			}
		}
	}
}

// names lists the steps that are done again, or those that are kept.
func (s *Screen) names(again bool) string {
	var all []string
	for _, r := range s.plan.Rows {
		if r.Again > 0 == again {
			all = append(all, r.Name)
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

// Spoken describes the chosen point in a sentence, or the focused field of the form.
func (s *Screen) Spoken() string {
	switch {
	case s.Busy != "":
		return s.Busy
	case s.problem != "":
		return s.problem
	case s.inForm:
		if problem := s.form.Problem(); problem != "" {
			return problem
		}
		return s.form.Line()
	}
	return s.heading() + ": " + s.Summary()
}

// Typed returns the label of the focused field, its text and the position of the cursor in it, for
// the screen-reader mode.
func (s *Screen) Typed() (label, text string, at int) {
	if !s.inForm {
		return "fork: ", "", 0
	}
	if v, at, ok := s.form.Typed(); ok {
		field, _, _ := s.form.Words()
		return field + ": ", v, at
	}
	return s.form.Line(), "", 0
}

// InForm reports whether the fields have the keys, and not the steps.
func (s *Screen) InForm() bool { return s.inForm }
