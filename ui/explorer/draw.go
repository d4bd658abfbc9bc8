package explorer

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/answer"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/theme"
	"weft/ui/timeline"
	"weft/ui/units"
)

// View returns the frame, which is drawn anew only after a message that may have changed it.
func (m *model) View() tea.View {
	if m.frames.due(m.w > 0 && m.h > 0) {
		if m.reader.on {
			m.drawReader()
		} else {
			m.draw()
		}
		m.frame = m.canvas.String()
	}
	v := tea.NewView(m.frame)
	if c := m.cursor; c != nil && c.X < m.w && c.Y < m.h { // on the smallest terminals what is typed in is not in sight
		v.Cursor = c
	}
	if !m.reader.on { // which leaves the mouse to the terminal, and all that was written in its scrollback
		v.AltScreen, v.MouseMode = true, tea.MouseModeCellMotion
	}
	v.WindowTitle, v.ProgressBar, v.ProgramStatus = m.title(), m.progressBar(), m.status()
	return v
}

// wish tells the layout what there is to show.
func (m *model) wish() wish {
	k := wish{full: m.full, source: m.source != nil || m.graphed, lines: m.line.rows(m.lineWidth())}
	if m.shown != nil {
		if k.rows = m.panels.Rows(); k.rows > 0 && m.h >= 30 {
			k.rows += timeline.Extras
		}
	}
	if m.formShown() {
		k.form, k.lines = true, m.asking.Height(m.formWidth())
	}
	if m.full != noPanel && m.focus == keys.Line && !m.formShown() && m.full != conversationPanel {
		m.focus = keys.Timeline
		if m.full == inspectorPanel {
			m.focus = keys.Inspector
		}
	}
	return k
}

func (m *model) formWidth() int {
	if m.layout.shape == wide && !m.layout.line.Empty() {
		return m.layout.line.Dx()
	}
	return m.w
}

func (m *model) lineWidth() int {
	w := m.formWidth() - 2
	if m.layout.boxed {
		w -= 4
	}
	return w
}

// inside is the room within a panel's border and padding, and the right border itself: a scrollbar stands in its place.
func (m *model) inside(r canvas.Rect) canvas.Rect {
	if m.layout.boxed && r.Dx() > 4 && r.Dy() > 2 {
		return canvas.R(r.Min.X+2, r.Min.Y+1, r.Dx()-2, r.Dy()-2)
	}
	return r
}

// draw draws the whole screen into the canvas.
func (m *model) draw() {
	c, t := m.canvas, &m.theme
	c.Reset(m.w, m.h)
	m.cursor, m.leftOut = nil, canvas.Rect{}
	l := m.layout
	if l.shape == tiny {
		m.drawStatus(c, l.header)
	} else {
		m.drawHeader(c, l.header)
		m.drawFooter(c, l.footer)
	}
	if !l.conversation.Empty() {
		m.drawConversation(c, l.conversation)
	}
	if !l.timeline.Empty() {
		m.drawTimeline(c, l.timeline)
	}
	if !l.inspector.Empty() {
		m.drawInspector(c, l.inspector)
	}
	if !l.line.Empty() {
		m.drawLine(c, l.line)
	}
	m.drawNote(c)
	m.marked.draw(c, t)
	if o := m.overlay; o != nil {
		m.drawOverlay(c, o)
	}
}

func (m *model) drawOverlay(c *canvas.Canvas, o *overlay) {
	w, h := o.Size(m.w, m.h-2)
	if o.whole {
		if w, h = min(m.w, 100), m.h; w < m.w {
			h -= m.layout.footer.Dy() // which says what the keys do in front
		}
	}
	r := canvas.R((m.w-w)/2, max((m.h-h)/3, 0), w, min(h, m.h))
	back := c.Bounds()
	back.Max.Y -= m.layout.footer.Dy()
	c.Fade(back, m.theme.Faint)
	x, y := o.Draw(c, r, &m.theme)
	m.cursor = cursor(min(x, m.w-1), min(y, m.h-1))
}

// box draws a panel's border, lit when the panel has the keys, and returns the room inside.
func (m *model) box(c *canvas.Canvas, r canvas.Rect, title string, scope keys.Scope) canvas.Rect {
	if !m.layout.boxed {
		return r
	}
	border, head := m.theme.Border, m.theme.Muted
	if m.focus == scope {
		border, head = m.theme.BorderFocused, m.theme.Heading
	}
	c.Box(r, canvas.Rounded, border, title, head)
	return m.inside(r)
}

// drawStatus is the one line of a tiny screen: how the run stands.
func (m *model) drawStatus(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	mark, text, st := "·", "weft: ask a question", t.Muted
	if m.asking != nil {
		mark, text, st = "?", m.asker(), t.Waiting
	} else if s := m.shown; s != nil {
		k := s.content(m.at(), m.now())
		switch k.State {
		case answer.Running, answer.Asked:
			mark, text, st = m.frames.spinner(), k.Doing, t.Running
		case answer.Waiting:
			mark, text, st = "?", "waiting for you", t.Waiting
		case answer.Done:
			mark, text, st = "✓", "done", t.Done
		case answer.Failed:
			mark, text, st = "✗", k.Error, t.Failed
		case answer.Cancelled:
			mark, text, st = "⊘", "cancelled", t.Cancelled
		}
		text = units.Duration(k.Elapsed) + " " + text
	} else if k := m.session.corpus; k.State == show.CorpusFailed {
		mark, text, st = "✗", k.Error, t.Failed
	}
	if m.note.text != "" {
		text = m.note.text
	}
	x := c.TextN(r.Min.X, r.Min.Y, r.Dx(), mark, st) + 1
	x += c.TextN(r.Min.X+x, r.Min.Y, r.Dx()-x, text, t.Text)
	for _, more := range []string{fmt.Sprintf("timeline from %d×%d on", leastWidth, leastHeight), fmt.Sprintf("needs %d×%d", leastWidth, leastHeight)} {
		if n := canvas.Width(more); m.shown != nil && m.note.text == "" && m.asking == nil && x+n+2 <= r.Dx() {
			c.TextRight(r.Min.X, r.Min.Y, r.Dx(), more, t.Faint)
			break
		}
	}
}

// drawConversation shows questions and answers, or before the first question what to do.
func (m *model) drawConversation(c *canvas.Canvas, r canvas.Rect) {
	title := "answer"
	if len(m.talk.Exchanges) == 0 {
		title = "welcome"
	} else if len(m.talk.Exchanges) > 1 || m.layout.shape == wide {
		title = "conversation"
	}
	in := m.box(c, r, title, keys.Conversation)
	if len(m.talk.Exchanges) == 0 {
		m.drawWelcome(c, in)
		return
	}
	m.talk.Shown = nil
	if m.shown != nil {
		m.talk.Shown = m.shown.exchange
	}
	m.talk.Draw(c, in, &m.theme, m.frames.spinner())
	if n := m.talk.Below(); n > 0 && m.layout.boxed {
		s := fmt.Sprintf(" ↓ %d more ", n)
		c.TextRight(r.Min.X, r.Max.Y-1, r.Dx()-2, s, m.theme.Muted)
	}
}

// drawLine shows the question line, or the form that a run waits for.
func (m *model) drawLine(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	focused := m.focus == keys.Line && m.overlay == nil
	if m.formShown() {
		x, y := m.asking.Draw(c, r, t, focused)
		if focused {
			m.cursor = cursor(x, y)
		}
		return
	}
	title := m.lineTitle()
	if m.asking != nil {
		title += " · ? " + m.asker() + " (tab)"
	}
	in := m.box(c, r, title, keys.Line)
	if in != r {
		in.Max.X -= 2
	}
	hint := "ask a question about " + m.corpusName()
	switch {
	case len(m.talk.Exchanges) > 0:
		hint = "ask another question"
	case m.session.corpus.State == show.CorpusFailed:
		hint = "there is nothing to search"
	}
	x, y := m.line.draw(c, in, t, m.focus == keys.Line, hint)
	if focused && x < r.Max.X && y < r.Max.Y {
		m.cursor = cursor(x, y)
	}
}

// lineTitle says what a question will be asked of, and what will be done to its run.
func (m *model) lineTitle() string {
	title := m.workflowName()
	if s := m.breaks.String(); s != "" {
		title += " · stops at " + s
	}
	if s := m.faultList(); s != "" {
		title += " · faults: " + s
	}
	return title
}

func (m *model) workflowName() string {
	if len(m.workflows) == 0 {
		return "question"
	}
	return m.workflows[m.workflow].Name
}

func (m *model) corpusName() string {
	if d := m.session.corpus.Dir; d != "" {
		return canvas.Line(m.home(d))
	}
	return "your documents"
}

// bar draws a progress bar of w cells with eighths.
func bar(c *canvas.Canvas, x, y, w int, share float64, done, rest theme.Style) {
	const eighths = "▏▎▍▌▋▊▉"
	full := int(share * float64(w) * 8)
	for i := range w {
		switch n := full - i*8; {
		case n >= 8:
			c.Set(x+i, y, "█", done)
		case n > 0:
			c.Set(x+i, y, string([]rune(eighths)[n-1]), done)
		default:
			c.Set(x+i, y, "╌", rest)
		}
	}
}
