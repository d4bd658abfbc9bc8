package explorer

import (
	"context"
	"image"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/atotto/clipboard"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/sources"
	"weft/ui/theme"
)

// A selection is the text that a drag of the mouse marks: whole lines from its first to its last cell, within one panel.
type selection struct {
	in       canvas.Rect // the panel in which the drag began
	from, to image.Point
	dragging bool
}

// ordered returns the first and the last cell.
func (s selection) ordered() (a, b image.Point) {
	a, b = s.from, s.to
	if b.Y < a.Y || b.Y == a.Y && b.X < a.X {
		a, b = b, a
	}
	return a, b
}

func (s selection) empty() bool { return s.in.Empty() || s.from == s.to }

// drag extends the selection to a cell, within its panel.
func (s *selection) drag(to image.Point) {
	if s.dragging {
		s.to = image.Pt(min(max(to.X, s.in.Min.X), s.in.Max.X-1), min(max(to.Y, s.in.Min.Y), s.in.Max.Y-1))
	}
}

// span returns the cells of row y that are marked.
func (s selection) span(y int) canvas.Rect {
	a, b := s.ordered()
	from, to := s.in.Min.X, s.in.Max.X
	if y == a.Y {
		from = a.X
	}
	if y == b.Y {
		to = b.X + 1
	}
	return canvas.Rect{Min: image.Pt(from, y), Max: image.Pt(max(to, from), y+1)}.Intersect(s.in)
}

// draw marks the selected cells.
func (s selection) draw(c *canvas.Canvas, t *theme.Theme) {
	if s.empty() {
		return
	}
	a, b := s.ordered()
	for y := a.Y; y <= b.Y; y++ {
		c.Overlay(s.span(y), t.Selection)
	}
}

// text is what the selected cells show.
func (s selection) text(c *canvas.Canvas) string {
	if s.empty() {
		return ""
	}
	var lines []string
	a, b := s.ordered()
	for y := a.Y; y <= b.Y; y++ {
		lines = append(lines, strings.TrimRight(c.Sub(s.span(y)).Plain(), " "))
	}
	return strings.Join(lines, "\n")
}

// at says which part of the screen a cell belongs to.
func (m *model) partAt(p image.Point) (s keys.Scope, r canvas.Rect, ok bool) {
	l := m.layout
	for _, x := range []struct {
		scope keys.Scope
		rect  canvas.Rect
	}{{keys.Line, l.line}, {keys.Timeline, l.timeline}, {keys.Conversation, l.conversation}, {keys.Inspector, l.inspector}} {
		if p.In(x.rect) {
			return x.scope, x.rect, true
		}
	}
	return 0, canvas.Rect{}, false
}

// mouse takes clicks and drags; the wheel comes as wheel messages.
func (m *model) mouse(msg tea.MouseMsg) (frameCause, tea.Cmd) {
	p := image.Pt(msg.Mouse().X, msg.Mouse().Y)
	if m.overlay != nil {
		if click, ok := msg.(tea.MouseClickMsg); ok {
			return causeInput, m.overlayUpdate(click)
		}
		return causeInput, nil
	}
	switch msg.(type) {
	case tea.MouseClickMsg:
		m.note.text = ""
		m.marked = selection{}
		if msg.Mouse().Button != tea.MouseLeft {
			return causeInput, nil
		}
		if p.In(m.leftOut) {
			return causeInput, m.run("skipped")
		}
		s, r, ok := m.partAt(p)
		if !ok {
			return causeInput, nil
		}
		if g, _ := m.canvas.At(p.X, p.Y); s != keys.Timeline || isWord(g) { // bars are no text
			m.marked = selection{in: m.inside(r), from: p, to: p, dragging: true}
		}
		return causeInput, m.click(s, r, p, tea.MouseClickMsg(msg.Mouse()))
	case tea.MouseMotionMsg, tea.MouseReleaseMsg:
		if !m.marked.dragging {
			return causeNothing, nil
		}
		m.marked.drag(p)
		if _, moved := msg.(tea.MouseMotionMsg); moved {
			return causeInput, nil
		}
		m.marked.dragging = false
		if text := m.marked.text(m.canvas); strings.TrimSpace(text) != "" {
			return causeInput, m.clip(text, "the selection")
		}
		m.marked = selection{}
	}
	return causeInput, nil
}

// isWord reports whether a symbol begins with a letter or a digit.
func isWord(g string) bool {
	r, _ := utf8.DecodeRuneInString(g)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// click gives the keys to what was clicked, and does what clicking it means.
func (m *model) click(s keys.Scope, r canvas.Rect, p image.Point, msg tea.MouseClickMsg) tea.Cmd {
	if s == keys.Timeline && m.shown == nil || s == keys.Conversation && len(m.talk.Exchanges) == 0 {
		return nil
	}
	form := m.formShown() // in the line's place
	m.focus = s
	in := m.inside(r)
	switch s {
	case keys.Line:
		if form {
			m.openForm()
			return m.formUpdate(msg)
		}
		m.line.click(p.X, p.Y)
	case keys.Timeline:
		m.panels.Click(p.X-in.Min.X, p.Y-in.Min.Y)
	case keys.Inspector:
		if m.source == nil {
			m.panels.inspector.Click(p.X-in.Min.X, p.Y-in.Min.Y)
		}
	case keys.Conversation:
		i, source, ok := m.talk.Target(p.Y - in.Min.Y)
		if !ok {
			return nil
		}
		e := m.talk.Exchanges[i]
		for _, t := range m.tracks {
			if t.exchange == e {
				m.show(t)
			}
		}
		cited := m.citation(p)
		for j, s := range e.Sources {
			if j == source || s.N == cited {
				return m.look(s)
			}
		}
	}
	return nil
}

// citation is the number of the citation, such as [2], that stands at a cell of the screen; 0: there is none.
func (m *model) citation(p image.Point) (n int) {
	from := p.X
	for ; from > p.X-4; from-- {
		if g, _ := m.canvas.At(from, p.Y); g == "[" {
			break
		}
	}
	for x := from + 1; x < from+4; x++ {
		g, _ := m.canvas.At(x, p.Y)
		if g == "]" && x >= p.X {
			return n
		}
		if len(g) != 1 || g[0] < '0' || g[0] > '9' {
			return 0
		}
		n = n*10 + int(g[0]-'0')
	}
	return 0
}

// clip copies text to the clipboard in both ways there are: through the terminal, which works over SSH too, and through the
// system, when this is the machine that the person sits at. It says what was copied, and how.
func (m *model) clip(text, what string) tea.Cmd {
	text = canvas.Clean(text) // it may be pasted into a shell, or anywhere
	native := m.opt.Clipboard
	if native == nil {
		native = clipboard.WriteAll
	}
	remote := m.opt.getenv("SSH_TTY") != "" || m.opt.getenv("SSH_CONNECTION") != ""
	tmux := m.opt.getenv("TMUX") != "" && m.opt.Clipboard == nil
	return tea.Sequence(tea.SetClipboard(text), func() tea.Msg { // which says so only then
		how := "through the terminal (OSC 52)"
		if tmux && loadBuffer(text) == nil {
			how += ", tmux"
		}
		if !remote && native(text) == nil {
			how += " and the system's clipboard"
		}
		return noteMsg{text: "copied " + what + ", " + counted(len([]rune(text)), "character") + ", " + how}
	})
}

// loadBuffer gives text to tmux, which by default keeps OSC 52 of its programs to itself, and lets it hand it on to the terminal.
func loadBuffer(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
	cmd.Stdin = strings.NewReader(text)
	return cmd.Run()
}

func (m *model) copy() tea.Cmd {
	if m.source != nil {
		return m.clip(m.source.Text(), "the passage of "+canvas.Line(sources.Where(m.source.Source.Passage)))
	}
	if m.focus == keys.Inspector {
		return m.clip(m.panels.inspector.Text(), "the details of the step")
	}
	return m.clip(m.answerText(), "the answer as Markdown")
}

// A wheel is how far the mouse wheel was turned over a cell within a frameInterval.
type wheel struct{ x, y, dx, dy int }

func (m *model) wheel(w wheel) frameCause {
	if m.overlay != nil {
		b := tea.MouseWheelDown
		if w.dy < 0 {
			b = tea.MouseWheelUp
		}
		for range max(w.dy, -w.dy) {
			m.overlay.Update(tea.MouseWheelMsg{X: w.x, Y: w.y, Button: b})
		}
		return causeInput
	}
	s, _, ok := m.partAt(image.Pt(w.x, w.y))
	if !ok {
		return causeNothing
	}
	if s == keys.Timeline && w.dx != 0 {
		m.panels.Pan(w.dx * 4)
	}
	if w.dy != 0 && s != keys.Line {
		m.scrollBy(s, w.dy)
	}
	return causeInput
}

// A sluice lets one wheel message and one motion through a frameInterval, with the turns of the wheel added up: both come in floods.
type sluice struct {
	mu      sync.Mutex
	every   time.Duration
	send    func(tea.Msg)
	wheel   wheel
	motion  tea.Msg
	pending bool
}

// filter is for tea.WithFilter.
func (s *sluice) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch w := msg.(type) {
	case tea.MouseWheelMsg:
		s.wheel.x, s.wheel.y = w.X, w.Y
		switch {
		case w.Button == tea.MouseWheelUp && w.Mod.Contains(tea.ModShift), w.Button == tea.MouseWheelLeft:
			s.wheel.dx--
		case w.Button == tea.MouseWheelDown && w.Mod.Contains(tea.ModShift), w.Button == tea.MouseWheelRight:
			s.wheel.dx++
		case w.Button == tea.MouseWheelUp:
			s.wheel.dy--
		case w.Button == tea.MouseWheelDown:
			s.wheel.dy++
		}
	case tea.MouseMotionMsg:
		s.motion = held{w}
	case held:
		return w.MouseMotionMsg
	default:
		if s.motion != nil { // what comes after a motion must not overtake it
			switch msg.(type) {
			case tea.MouseReleaseMsg, tea.MouseClickMsg: // nor does a new press go on with the drag before
				s.motion = nil
			}
		}
		return msg
	}
	if !s.pending {
		s.pending = true
		time.AfterFunc(s.every, s.flush)
	}
	return nil
}

// held is a motion on its second way through the filter.
type held struct{ tea.MouseMotionMsg }

func (s *sluice) flush() {
	s.mu.Lock()
	w, motion := s.wheel, s.motion
	s.wheel, s.motion, s.pending = wheel{}, nil, false
	s.mu.Unlock()
	if w.dx != 0 || w.dy != 0 {
		s.send(w)
	}
	if motion != nil {
		s.send(motion)
	}
}
