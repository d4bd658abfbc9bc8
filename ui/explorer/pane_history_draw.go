package explorer

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/history"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// historySign returns the sign of an outcome and its style.
func historySign(o history.Outcome, t *theme.Theme) (glyph string, st theme.Style) {
	switch is := status.OfKept(o); o {
	case history.Incomplete:
		return status.Incomplete, t.Warn
	case history.Declined:
		return status.Declined, t.Muted
	default:
		return is.Glyph(), is.Style(t)
	}
}

// previewRows is how many rows the answer of the selected run gets, with the border.
const previewRows = 4

// sizeColumnFrom is the width of a row, in cells, from which on it has room for the size of the
// journal. Below the selected run's answer the size is always shown.
const sizeColumnFrom = 90

// Draw draws the list over the whole screen, and the beginning of the selected run's answer below it
// or, on a wide screen, the run beside it.
func (p *historyPane) Draw(c *canvas.Canvas, screen canvas.Rect, _ bool) *tea.Cursor {
	screen.Max.Y -= p.shell.layout.footer.Dy()
	c.Clear(screen)
	list := screen
	switch {
	case p.beside():
		list.Max.X = screen.Min.X + screen.Dx()/2
		right := screen
		right.Min.X = list.Max.X
		p.drawBeside(c, right)
	case screen.Dy() >= 3*previewRows:
		var below canvas.Rect
		list, below = split(screen, screen.Dy()-previewRows)
		p.drawPreview(c, below)
	}
	p.right = list.Max.X
	in := p.shell.box(c, list, p.title(), true)
	if p.beside() {
		c.TextRight(list.Min.X, list.Max.Y-1, list.Dx()-2, p.keptText(), p.shell.theme.Muted)
	}
	if in == list { // without a border the first row is the title
		c.TextN(in.Min.X, in.Min.Y, in.Dx(), p.title(), p.shell.theme.Heading)
		in.Min.Y++
	} else {
		in.Max.X -= 2
	}
	cursor := p.drawFilter(c, in)
	in.Min.Y++
	p.height = in.Dy()
	p.keepInView()
	if len(p.rows) == 0 {
		c.TextN(in.Min.X, in.Min.Y, in.Dx(), p.emptyText(), p.shell.theme.Muted)
	}
	for i := range min(p.height, len(p.rows)-p.top) {
		r := canvas.R(in.Min.X, in.Min.Y+i, in.Dx(), 1)
		p.drawRow(c, r, p.rows[p.top+i], p.top+i == p.selected)
	}
	if len(p.rows) > p.height && in != list {
		c.Scrollbar(canvas.R(in.Max.X+1, in.Min.Y, 1, in.Dy()), len(p.rows), p.top, p.shell.theme.Faint, p.shell.theme.Muted)
	}
	if p.importing != nil && p.importing.menu.Open() {
		p.importing.menu.DrawBelow(c, in, &p.shell.theme)
	}
	return cursor
}

func (p *historyPane) emptyText() string {
	switch {
	case p.failed != "":
		return p.failed
	case len(p.all) == 0:
		return "there are no runs yet: ask a question, or import one with i"
	case p.query.Text != "":
		return "no run fits: esc shows all again"
	}
	return "there are no runs of this directory yet: d shows those of all"
}

// drawFilter draws the query, and how many runs it selects.
func (p *historyPane) drawFilter(c *canvas.Canvas, in canvas.Rect) *tea.Cursor {
	shown := 0
	for _, row := range p.rows {
		if row.heading == "" {
			shown++
		}
	}
	count := counted(shown, "run")
	if shown < len(p.all) {
		count = fmt.Sprintf("%d of %s", shown, counted(len(p.all), "run"))
	}
	if n := p.talks(); n < shown {
		count += " · " + counted(n, "talk")
	}
	sign := "/ "
	switch {
	case p.importing != nil:
		sign = "file with a run: "
	case p.naming != "":
		sign = "title of the talk: "
	}
	x := in.Min.X + c.TextN(in.Min.X, in.Min.Y, in.Dx(), sign, p.shell.theme.Accent)
	room := max(in.Max.X-x-canvas.Width(count)-2, 0)
	text := canvas.TruncateLeft(canvas.Line(*p.text()), room)
	if !p.typing && text == "" {
		c.TextN(x, in.Min.Y, room, "filter by words of the question, workflow, status or reason", p.shell.theme.Faint)
	}
	x += c.TextN(x, in.Min.Y, room, text, p.shell.theme.Strong)
	c.TextRight(in.Min.X, in.Min.Y, in.Dx(), count, p.shell.theme.Muted)
	if !p.typing {
		return nil
	}
	return cursorAt(x, in.Min.Y)
}

// keepInView scrolls so that the selected run is drawn, with the heading above it.
func (p *historyPane) keepInView() {
	first := p.selected
	if first > 0 && p.rows[first-1].heading != "" {
		first--
	}
	p.top = max(min(p.top, first, len(p.rows)-p.height), p.selected-p.height+1, 0)
}

func (p *historyPane) drawRow(c *canvas.Canvas, r canvas.Rect, row historyRow, selected bool) {
	t := &p.shell.theme
	if row.heading != "" {
		c.TextN(r.Min.X, r.Min.Y, r.Dx(), row.heading, t.Heading)
		return
	}
	k := row.run
	mark := " "
	if k.Marked {
		mark = "●"
	}
	c.TextN(r.Min.X, r.Min.Y, 1, mark, t.Accent)
	if k.ID == p.first {
		c.TextN(r.Min.X+2, r.Min.Y, 1, "A", t.Accent)
	}
	sign, st := historySign(k.Outcome, t)
	c.TextN(r.Min.X+1, r.Min.Y, 1, sign, st)
	x := r.Min.X + 3
	right := r.Max.X
	if r.Dx() >= 60 {
		x += c.TextN(x, r.Min.Y, 5, whenText(k.Started), t.Muted) + 1
		reason := canvas.Truncate(canvas.Line(historyReason(k)), max(r.Dx()/5, 12))
		if k.Outcome == history.Waiting {
			reason = canvas.Truncate("waits for you", max(r.Dx()/5, 12))
		}
		wide := max(r.Dx()/5, 12)
		right -= wide
		c.TextN(right+1, r.Min.Y, wide-1, reason, t.Muted)
		if r.Dx() >= sizeColumnFrom && k.Bytes > 0 {
			right -= 8
			c.TextRight(right, r.Min.Y, 7, units.Bytes(k.Bytes), t.Muted)
		}
		right -= 7
		c.TextRight(right, r.Min.Y, 6, took(k), t.Text)
		right -= 11
		c.TextN(right+1, r.Min.Y, 10, canvas.Line(k.Workflow), t.Muted)
	}
	style := t.Text
	if selected {
		style = t.Strong
	}
	x += c.TextN(x, r.Min.Y, max(right-x, 0), row.branch, t.Faint)
	if k.Parent != nil {
		x += c.TextN(x, r.Min.Y, max(right-x, 0), "↳ ", t.Muted)
	}
	if k.Title != "" && row.branch == "" {
		title := canvas.Truncate(canvas.Line(k.Title), max((right-x)/2, 0))
		x += c.TextN(x, r.Min.Y, max(right-x, 0), title+" · ", t.Heading)
	}
	question := canvas.Line(strings.Join(strings.Fields(k.Question), " "))
	c.TextN(x, r.Min.Y, max(right-x, 0), canvas.Truncate(question, max(right-x, 0)), style)
	if selected {
		c.Overlay(r, t.Selection)
		c.TextN(r.Min.X, r.Min.Y, 1, "▌", t.Accent)
		if k.Marked {
			c.TextN(r.Min.X, r.Min.Y, 1, "●", t.Accent)
		}
	}
}

// drawPreview draws the beginning of the selected run's answer.
func (p *historyPane) drawPreview(c *canvas.Canvas, r canvas.Rect) {
	k, ok := p.run()
	title := ""
	if ok {
		title = whenText(k.Started) + " " + canvas.Line(k.Question)
	}
	in := p.shell.box(c, r, canvas.Truncate(title, max(r.Dx()-6, 0)), false)
	in.Max.X--
	if ok && k.Bytes > 0 && p.shell.layout.boxed {
		c.TextRight(r.Min.X, r.Max.Y-1, r.Dx()-2, " kept "+units.Bytes(k.Bytes)+" ", p.shell.theme.Muted)
	}
	if !ok || p.previewed != k.ID {
		return
	}
	text := p.preview
	if text == "" {
		text = historyReason(k)
	}
	for i, line := range canvas.Fit(canvas.Line(text), in.Dx(), in.Dy()) {
		c.TextN(in.Min.X, in.Min.Y+i, in.Dx(), line, p.shell.theme.Text)
	}
}

// click selects the run in a row of the screen, and opens it if it was selected already.
func (p *historyPane) click(y int) tea.Cmd {
	first := 2 // below the border and the filter
	at := p.top + y - first
	if y < first || y >= first+p.height || at >= len(p.rows) || p.rows[at].heading != "" {
		return nil
	}
	if at == p.selected {
		return p.key("enter")
	}
	p.selected = at
	return nil
}

// historyStatus returns the word for how a run ended.
func historyStatus(r history.Run) string {
	switch r.Outcome {
	case history.Incomplete:
		return "incomplete"
	case history.Unreadable:
		return "unreadable"
	}
	return status.OfKept(r.Outcome).Word()
}

// historyReason says in a few words which agent's program has asked, and why the run is not simply done
// or how many sources it had.
func historyReason(r history.Run) string {
	text := outcomeReason(r)
	if r.Origin == "" {
		return text
	}
	return strings.TrimSuffix("by "+r.Origin+" · "+text, " · ")
}

func outcomeReason(r history.Run) string {
	switch {
	case r.Owner != nil && r.Outcome == history.Running:
		return "in another process"
	case r.Reason != "":
		return r.Reason
	case r.Outcome == history.Interrupted:
		return status.Interrupted.Word()
	case r.Sources > 0:
		return counted(r.Sources, "source")
	case r.Outcome == history.Declined:
		return "nothing relevant"
	}
	return ""
}

// took returns the time that a run took; "" while it is not over.
func took(r history.Run) string {
	if !r.Outcome.Ended() {
		return ""
	}
	return units.Duration(r.Took())
}

// whenText returns the time of day of a run's start.
func whenText(t time.Time) string { return t.Local().Format("15:04") }
