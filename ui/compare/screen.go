package compare

import (
	"fmt"
	"strings"
	"time"

	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// A Section is what is compared below the steps.
type Section int

// The sections, in the order of their keys.
const (
	Answers Section = iota
	SourceLists
	PromptLines
	States
	SettingLists
	StepEvents
	Sections // how many there are
)

var sectionNames = [Sections]string{"answer", "sources", "prompt", "state", "settings", "step"}

// String returns the name of a section.
func (s Section) String() string { return sectionNames[s] }

// A Screen draws a comparison: the steps over time, and one section below them. At 150 columns each
// step has a row for each run, and what changed is shown beside the section.
type Screen struct {
	*Comparison
	Theme    *theme.Theme
	Selected int // the row of the steps; len(Rows) is that of the whole runs
	Section  Section
	Scroll   int // lines of the section above its first visible one
	// Moment is the time after the start of each run at which the runs are compared; negative: now.
	Moment time.Duration
	Whole  time.Duration // the length of the axis; 0: that of the longer run at the moment

	top     int // the first step that is drawn
	visible int // lines of the section in the last frame
	lines   int // lines that the section has
}

// wideFrom is the width from which both runs have rows of their own.
const wideFrom = 150

// Select moves the selection by a number of steps.
func (s *Screen) Select(by int) { s.Selected = min(max(s.Selected+by, 0), len(s.Rows)) }

// SelectFirst selects the step of the first difference, or the runs themselves if their starts differ
// or nothing does.
func (s *Screen) SelectFirst() {
	s.Selected = len(s.Rows)
	for i, r := range s.Rows {
		for _, p := range r.Pairs {
			if d := s.First; d != nil && (p.A != nil && p.A == d.A || p.B != nil && p.B == d.B) {
				s.Selected = i
				return
			}
		}
	}
}

// Show shows another section from its top.
func (s *Screen) Show(section Section) { s.Section, s.Scroll = (section+Sections)%Sections, 0 }

// ScrollBy scrolls the section by a number of lines.
func (s *Screen) ScrollBy(lines int) {
	s.Scroll = max(min(s.Scroll+lines, s.lines-s.visible), 0)
}

// Page returns how many lines of the section are visible.
func (s *Screen) Page() int { return max(s.visible-1, 1) }

// Draw draws the screen in r.
func (s *Screen) Draw(c *canvas.Canvas, r canvas.Rect) {
	wide := r.Dx() >= wideFrom
	per := 1
	if wide {
		per = 2
	}
	rows := per*len(s.Rows) + 3 // with the ruler, the whole runs and the note on the selected step
	frame := 2
	boxed := r.Dx() >= 50 && r.Dy() >= 14
	if !boxed {
		frame = 1
	}
	h := min(rows+frame, max(r.Dy()*55/100, min(6, r.Dy())))
	upper := canvas.R(r.Min.X, r.Min.Y, r.Dx(), h)
	lower := canvas.R(r.Min.X, r.Min.Y+h, r.Dx(), max(r.Dy()-h-1, 0))
	last := canvas.R(r.Min.X, r.Max.Y-1, r.Dx(), 1)
	s.drawSteps(c, s.box(c, upper, s.title(wide), boxed), per)
	var beside canvas.Rect
	if wide {
		beside = canvas.R(lower.Min.X+lower.Dx()*55/100, lower.Min.Y, lower.Dx()-lower.Dx()*55/100, lower.Dy())
		lower.Max.X = beside.Min.X
	}
	s.drawSection(c, s.box(c, lower, s.tabs(), boxed), s.Section)
	if wide {
		s.drawChanges(c, s.box(c, beside, "what changed", boxed))
	}
	text := strings.Join(s.Same(), " · ")
	if a, b := s.Total.A, s.Total.B; a.Read+b.Read > 0 {
		text += fmt.Sprintf(" · tokens %s / %s", units.Count(a.Read+a.Written), units.Count(b.Read+b.Written))
	}
	if r.Dy() > 3 {
		c.TextN(last.Min.X+1, last.Min.Y, last.Dx()-2, canvas.Truncate(text, last.Dx()-2), s.Theme.Muted)
	}
}

// box draws a frame, or only a title, and returns the rectangle within.
func (s *Screen) box(c *canvas.Canvas, r canvas.Rect, title string, boxed bool) canvas.Rect {
	if boxed && r.Dy() > 2 {
		c.Box(r, canvas.Rounded, s.Theme.Border, canvas.Truncate(title, max(r.Dx()-6, 0)), s.Theme.Heading)
		return canvas.R(r.Min.X+1, r.Min.Y+1, r.Dx()-2, r.Dy()-2)
	}
	c.TextN(r.Min.X, r.Min.Y, r.Dx(), title, s.Theme.Heading)
	return canvas.R(r.Min.X, r.Min.Y+1, r.Dx(), max(r.Dy()-1, 0))
}

func (s *Screen) title(wide bool) string {
	name := func(side Side) string {
		v := side.View
		if v.Root() == nil {
			return status.NotStarted.Word()
		}
		return canvas.Line(v.Root().Name) + " " + v.Start().Local().Format("15:04")
	}
	title := "A " + name(s.A) + " · B " + name(s.B)
	if s.Moment >= 0 && s.Whole > 0 {
		title += " · ◂ as of " + units.Duration(s.Moment)
	}
	if !wide {
		title += " · A ▀ above, B ▄ below, █ both"
	}
	return title
}

// tabs names the sections, the shown one in capitals, so that it can be told without colours.
func (s *Screen) tabs() string {
	var parts []string
	for i, name := range sectionNames {
		if Section(i) == s.Section {
			name = strings.ToUpper(name)
		}
		parts = append(parts, fmt.Sprintf("%d %s", i+1, name))
	}
	return strings.Join(parts, "  ")
}

// The columns of the steps.
const (
	markWidth  = 4
	timeWidth  = 7
	leastLabel = 12
)

func (s *Screen) drawSteps(c *canvas.Canvas, in canvas.Rect, per int) {
	if in.Dy() <= 0 {
		return
	}
	label := leastLabel
	for _, r := range s.Rows {
		label = max(label, canvas.Width(r.label())+1)
	}
	if per > 1 {
		label += 2 // the names of the runs
	}
	label = min(label, in.Dx()/3)
	bars := canvas.R(in.Min.X+markWidth+label, in.Min.Y, in.Dx()-markWidth-label-3*(timeWidth+1)-2, in.Dy())
	total := max(s.Total.A.Took, s.Total.B.Took, s.Whole)
	s.drawRuler(c, bars, total)
	for i, name := range []string{"A", "B", "Δ"} {
		c.TextRight(in.Max.X-(3-i)*(timeWidth+1)-1, in.Min.Y, timeWidth, name, s.Theme.Muted)
	}
	all := append(s.Rows[:len(s.Rows):len(s.Rows)], s.Total)
	room := max((in.Dy()-2)/per, 1)
	s.top = max(min(s.top, s.Selected, len(all)-room), s.Selected-room+1, 0)
	for i := s.top; i < min(s.top+room, len(all)); i++ {
		y := in.Min.Y + 1 + (i-s.top)*per
		if y >= in.Max.Y {
			break
		}
		s.drawRow(c, canvas.R(in.Min.X, y, in.Dx(), per), bars, label, all[i], total, i == s.Selected)
	}
	if in.Dy() > 2 {
		c.TextN(in.Min.X+markWidth, in.Max.Y-1, in.Dx()-markWidth-1, canvas.Truncate(s.selectedText(), in.Dx()-markWidth-1), s.Theme.Muted)
	}
}

// Spoken describes the selected step in a sentence.
func (s *Screen) Spoken() string {
	if s.Selected >= len(s.Rows) {
		return "the run took " + s.Total.A.duration() + " and " + s.Total.B.duration()
	}
	r := s.Rows[s.Selected]
	return canvas.Line(r.Path) + " took " + r.A.duration() + " in A and " + r.B.duration() + " in B: " + s.selectedText()
}

// selectedText says in what the selected step differs.
func (s *Screen) selectedText() string {
	if s.Selected >= len(s.Rows) {
		return s.FirstText()
	}
	for _, p := range s.Rows[s.Selected].Pairs {
		if p.complete() {
			if d := Differ(s.A.View, s.B.View, p); d != nil {
				return d.String()
			}
		}
	}
	switch r := s.Rows[s.Selected]; r.Mark {
	case MarkOnlyA, MarkOnlyB:
		return "only " + string(r.Mark) + " has " + canvas.Line(r.Name)
	case MarkSame:
		return canvas.Line(r.Name) + " got and gave the same in both"
	case MarkDiffers:
		return fmt.Sprintf("%s ran %d and %d times", canvas.Line(r.Name), r.A.Executions, r.B.Executions)
	default:
		return "no difference so far"
	}
}

// drawRuler writes the times of the bars.
func (s *Screen) drawRuler(c *canvas.Canvas, bars canvas.Rect, total time.Duration) {
	if bars.Dx() < 10 || total <= 0 {
		return
	}
	step := time.Duration(1)
	for i := 0; int(int64(bars.Dx())*int64(step)/int64(total)) < 10; i++ {
		step = []time.Duration{1, 2, 5}[i%3] * pow10(i/3)
	}
	for t := time.Duration(0); t <= total; t += step {
		x := bars.Min.X + int(int64(bars.Dx())*int64(t)/int64(total))
		text := units.Duration(t)
		if t == 0 {
			text = "0"
		}
		if x+canvas.Width(text) <= bars.Max.X {
			c.TextN(x, bars.Min.Y, bars.Max.X-x, text, s.Theme.Faint)
		}
	}
	s.drawMoment(c, bars, total)
}

// drawMoment marks the moment at which the runs are compared.
func (s *Screen) drawMoment(c *canvas.Canvas, bars canvas.Rect, total time.Duration) {
	if s.Whole <= 0 || s.Moment < 0 || bars.Dx() <= 0 || total <= 0 {
		return
	}
	x := min(int(int64(bars.Dx())*int64(s.Moment)/int64(total)), bars.Dx()-1)
	c.Set(bars.Min.X+x, bars.Min.Y, "▼", s.Theme.Now)
}

func pow10(n int) time.Duration {
	p := time.Duration(1)
	for range n {
		p *= 10
	}
	return p
}

func (s *Screen) markStyle(m Mark) theme.Style {
	switch m {
	case MarkSame:
		return s.Theme.Done
	case MarkDiffers:
		return s.Theme.Warn
	case MarkOnlyA:
		return s.Theme.Removed
	case MarkOnlyB:
		return s.Theme.Added
	default:
		return s.Theme.Muted
	}
}

func (s *Screen) drawRow(c *canvas.Canvas, r, bars canvas.Rect, label int, row Row, total time.Duration, selected bool) {
	t := s.Theme
	style := t.Text
	if selected {
		style = t.Strong
	}
	mark := " "
	if row.Path != "" || row.Mark != MarkSame {
		mark = string(row.Mark)
	}
	c.TextN(r.Min.X+1, r.Min.Y, 1, mark, s.markStyle(row.Mark))
	c.TextN(r.Min.X+markWidth-1, r.Min.Y, label, canvas.Truncate(row.label(), label-1), style)
	times := func(y, column int, text string) {
		c.TextRight(r.Max.X-(3-column)*(timeWidth+1)-1, y, timeWidth, text, t.Text)
	}
	times(r.Min.Y, 0, row.A.duration())
	times(r.Min.Y+r.Dy()-1, 1, row.B.duration())
	times(r.Min.Y, 2, row.Change())
	if r.Dy() == 1 {
		for x := range bars.Dx() {
			a, b := working(row.A.Spans, x, bars.Dx(), total), working(row.B.Spans, x, bars.Dx(), total)
			switch {
			case a && b:
				c.Set(bars.Min.X+x, r.Min.Y, "█", t.Running)
			case a:
				c.Set(bars.Min.X+x, r.Min.Y, "▀", t.Removed)
			case b:
				c.Set(bars.Min.X+x, r.Min.Y, "▄", t.Added)
			}
		}
	} else {
		for i, w := range []Work{row.A, row.B} {
			y := r.Min.Y + i
			c.TextN(bars.Min.X-2, y, 1, string("AB"[i]), t.Faint)
			for x := range bars.Dx() {
				if working(w.Spans, x, bars.Dx(), total) {
					c.Set(bars.Min.X+x, y, "█", []theme.Style{t.Removed, t.Added}[i])
				}
			}
		}
	}
	if selected {
		c.Overlay(r, t.Selection)
		c.TextN(r.Min.X, r.Min.Y, 1, "▌", t.Accent)
	}
}

// working reports whether one of the spans touches a column of the bars. Each span has at least one
// column.
func working(spans []Span, x, width int, total time.Duration) bool {
	if total <= 0 {
		return false
	}
	column := func(t time.Duration) int { return min(int(int64(width)*int64(t)/int64(total)), width-1) }
	for _, s := range spans {
		from, to := column(s.From), column(s.To)
		if s.To > s.From && to > from && int64(to)*int64(total) >= int64(width)*int64(s.To) {
			to-- // it ends where the column begins
		}
		if x >= from && x <= to {
			return true
		}
	}
	return false
}
