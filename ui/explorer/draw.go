package explorer

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/answer"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/theme"
	"weft/ui/timeline"
	"weft/ui/units"
)

// View returns the frame, which is drawn anew only after a message that may have changed it.
func (m *model) View() tea.View {
	if m.dirty && m.w > 0 && m.h > 0 {
		m.draw()
		m.frame, m.dirty = m.canvas.String(), false
		m.frames++
	}
	v := tea.NewView(m.frame)
	v.AltScreen, v.MouseMode, v.Cursor = true, tea.MouseModeCellMotion, m.cursor
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
	m.cursor = nil
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
	m.marked.draw(c, t)
	if o := m.overlay; o != nil {
		m.drawOverlay(c, o)
	}
}

func (m *model) drawOverlay(c *canvas.Canvas, o *overlay) {
	w, h := o.Size(m.w, m.h-2)
	if o.whole {
		w, h = min(m.w, 100), m.h
	}
	r := canvas.R((m.w-w)/2, max((m.h-h)/3, 0), w, min(h, m.h))
	c.Fade(c.Bounds(), m.theme.Faint)
	x, y := o.Draw(c, r, &m.theme)
	m.cursor = cursor(min(x, m.w-1), min(y, m.h-1), nil)
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

// drawHeader shows the program, the corpus, and at the right who answers.
func (m *model) drawHeader(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	x := r.Min.X + 1
	x += c.TextN(x, r.Min.Y, r.Max.X-x, "◈ weft", t.Accent)
	right := m.session.provider.answers()
	st := t.Muted
	if right == "" {
		right, st = "…", t.Faint
	}
	n := canvas.Width(right)
	if p, k := m.usage(); p+k > 0 && m.w >= 100 {
		right = fmt.Sprintf("↑%s ↓%s · %s", short(p), short(k), right)
		n = canvas.Width(right)
	}
	room := r.Max.X - x - 2
	n = c.TextRight(x, r.Min.Y, max(min(n, room*2/3), 0)+room-min(n, room*2/3)+1, right, st)
	if room -= n + 2; room <= 0 {
		return
	}
	state, whole := m.corpusState(), m.home(m.session.corpus.Dir)
	if state != "" {
		state = " · " + state
	}
	if canvas.Width(state)+min(canvas.Width(whole), 12) > room {
		state, _, _ = strings.Cut(state, ",") // the time left is the first to go
	}
	dir := canvas.TruncateLeft(whole, max(room-canvas.Width(state), 8))
	x += 2
	x += c.TextN(x, r.Min.Y, room, dir, t.Muted)
	if dir == "" {
		state = strings.TrimPrefix(state, " · ")
	}
	c.TextN(x, r.Min.Y, room-canvas.Width(dir), state, t.Muted)
}

// home writes a path below the person's home with a ~.
func (m *model) home(dir string) string {
	if home := m.opt.getenv("HOME"); len(home) > 1 {
		if rest, ok := strings.CutPrefix(dir, home+"/"); ok {
			return "~/" + rest
		}
	}
	return dir
}

// corpusState says how much is searched, or how far indexing is.
func (m *model) corpusState() string {
	k := m.session.corpus
	switch {
	case k.State == "failed":
		return "✗ not indexed"
	case m.index != nil && !m.index.over():
		share := m.gauge.share()
		if share < 0 {
			return "indexing"
		}
		s := fmt.Sprintf("indexing %d%%", min(int(share*100), 99)) // it is not done before it says so
		if _, left := m.gauge.rate(m.now()); left > 0 {
			s += ", " + remaining(left) + " left"
		}
		return s
	case k.State == "indexing":
		return "indexing"
	case k.Chunks > 0 || k.Files > 0:
		return counted(k.Chunks, "chunk")
	}
	return ""
}

func (m *model) usage() (prompt, completion int) {
	if m.shown == nil {
		return 0, 0
	}
	return m.shown.view(m.at()).Usage()
}

// short writes a number of tokens: 412, 3.1k.
func short(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.1fk", float64(n)/1000)
}

// drawFooter shows the keys that do something here and now, or a note.
func (m *model) drawFooter(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	x := r.Min.X + 1
	if m.note.text != "" {
		st, mark := t.Info, "• "
		if m.note.warn {
			st, mark = t.Warn, "! "
		}
		x += c.TextN(x, r.Min.Y, r.Max.X-x, mark, st)
		c.TextN(x, r.Min.Y, r.Max.X-x-1, m.note.text, t.Text)
		return
	}
	hint := func(h [2]string) {
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h[0], t.Accent) + 1
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h[1], t.Muted) + 3
	}
	width := func(h [2]string) int { return canvas.Width(h[0]) + 1 + canvas.Width(h[1]) }
	hints := m.hints()
	keep := func(h [2]string) bool { // the ways out, and the way to all the others, always have room
		return h[1] == "help" || h[1] == m.backLabel() || h[1] == m.focusLabel() && m.layout.boxed
	}
	said, full, room := map[string]bool{}, false, r.Max.X
	for _, h := range hints {
		if keep(h) && !said[h[1]] {
			said[h[1]] = true
			room -= width(h) + 3
		}
	}
	for _, h := range hints {
		switch {
		case keep(h) && said[h[1]]:
			said[h[1]] = false
			room += width(h) + 3
			hint(h)
		case keep(h) || said[h[1]] || full:
		case x+width(h) >= room:
			full = true
		default:
			said[h[1]] = true
			hint(h)
		}
	}
}

// hints are the keys for the footer, with what they do: those of the focused part first.
func (m *model) hints() (out [][2]string) {
	if m.formTyped() {
		out = append(out, [2]string{"↵", "reply"}, [2]string{"esc", "later"})
		return append(out, m.hintsOf(keys.Anywhere)...)
	}
	return append(m.hintsOf(m.focus), m.hintsOf(keys.Anywhere)...)
}

func (m *model) hintsOf(s keys.Scope) (out [][2]string) {
	for _, b := range m.keys.In(s) {
		c := m.command(b.Command)
		word := b.Short
		if c.label != nil {
			word = c.label(m)
		}
		if word == "" || m.blocked(c) != "" {
			continue
		}
		key := b.Key()
		switch b.Command { // one hint for a pair of keys
		case "select.up", "scroll.up":
			key = "↑↓"
		case "scrub.back":
			key = "←→"
		case "zoom.in":
			key = "+-"
		}
		if pair := pairs[b.Command]; pair != "" {
			key = m.pairKey(s, b, pair)
		}
		out = append(out, [2]string{key, word})
	}
	return out
}

// pairs are commands that the footer shows together with their opposite.
var pairs = map[string]string{"select.up": "select.down", "scroll.up": "scroll.down", "scrub.back": "scrub.forward", "zoom.in": "zoom.out"}

func (m *model) pairKey(s keys.Scope, b keys.Binding, opposite string) string {
	for _, o := range m.keys.In(s) {
		if o.Command == opposite {
			return b.Key() + o.Key()
		}
	}
	return b.Key()
}

// drawStatus is the one line of a tiny screen: how the run stands.
func (m *model) drawStatus(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	mark, text, st := "·", "weft: ask a question", t.Muted
	if m.asking != nil {
		mark, text, st = "?", m.asking.Title, t.Waiting
	} else if s := m.shown; s != nil {
		k := s.content(m.at(), m.now())
		switch k.State {
		case answer.Running, answer.Asked:
			mark, text, st = m.spinner(), k.Doing, t.Running
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
	} else if k := m.session.corpus; k.State == "failed" {
		mark, text, st = "✗", k.Error, t.Failed
	}
	if m.note.text != "" {
		text = m.note.text
	}
	x := c.TextN(r.Min.X, r.Min.Y, r.Dx(), mark, st) + 1
	c.TextN(r.Min.X+x, r.Min.Y, r.Dx()-x, text, t.Text)
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
	m.talk.Draw(c, in, &m.theme, m.spinner())
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
			m.cursor = cursor(x, y, nil)
		}
		return
	}
	title := m.workflowName()
	if m.asking != nil {
		title += " · ? " + m.asking.Title + " (tab)"
	}
	in := m.box(c, r, title, keys.Line)
	if in != r {
		in.Max.X -= 2
	}
	hint := "ask a question about " + m.corpusName()
	switch {
	case len(m.talk.Exchanges) > 0:
		hint = "ask another question"
	case m.session.corpus.State == "failed":
		hint = "there is nothing to search"
	}
	x, y := m.line.draw(c, in, t, m.focus == keys.Line, hint)
	if focused && x < r.Max.X && y < r.Max.Y {
		m.cursor = cursor(x, y, nil)
	}
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
