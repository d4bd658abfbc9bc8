package explorer

import (
	"image"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
)

// key passes a key to the pane on top, and then looks it up among the commands if the pane did not
// use it.
func (s *shell) key(msg tea.KeyPressMsg) tea.Cmd {
	s.marked = selection{}
	s.clicked = false
	s.note.closed = s.note.text != ""
	s.note.clear()
	if cmd, taken := s.top().Update(msg); taken {
		return cmd
	}
	if b, found := s.binding(msg); found {
		return s.run(b.Command)
	}
	return nil
}

// binding returns the binding of a key in the active scopes.
func (s *shell) binding(msg tea.KeyPressMsg) (keys.Binding, bool) {
	return s.keys.Find(msg.String(), s.top().Scope(), keys.Anywhere)
}

// paste passes text to the pane on top, or else to the question line.
func (s *shell) paste(msg tea.PasteMsg) tea.Cmd {
	cmd, taken := s.top().Update(msg)
	if !taken {
		s.focus.to(linePart)
		cmd, _ = s.top().Update(msg)
	}
	return cmd
}

// scroller returns what the keys scroll: the pane on top, or the conversation.
func (s *shell) scroller() scroller {
	if p, ok := s.top().(scroller); ok {
		return p
	}
	return s.home[conversationPart].(scroller)
}

func (s *shell) scroll(rows int) func() tea.Cmd {
	return func() tea.Cmd { s.scroller().Scroll(rows); return nil }
}

func (s *shell) page(direction int) func() tea.Cmd {
	return func() tea.Cmd { s.scroller().Page(direction); return nil }
}

func (s *shell) end(last bool) func() tea.Cmd {
	return func() tea.Cmd { s.scroller().End(last); return nil }
}

// copier returns the pane to copy from: the one that commands act on, or else the conversation.
func (s *shell) copier() copier {
	if p, ok := s.subject().(copier); ok {
		return p
	}
	return s.home[conversationPart].(copier)
}

func (s *shell) copy() tea.Cmd { return s.clip(s.copier().Copy()) }

func (s *shell) noCopy() string { return s.copier().NoCopy() }

// mouse handles clicks and drags; the wheel arrives as wheel messages.
func (s *shell) mouse(msg tea.MouseMsg) (frameCause, tea.Cmd) {
	at := image.Pt(msg.Mouse().X, msg.Mouse().Y)
	if s.overlay != nil {
		if click, ok := msg.(tea.MouseClickMsg); ok {
			cmd, _ := s.overlay.Update(click)
			return causeInput, cmd
		}
		return causeInput, nil
	}
	switch msg.(type) {
	case tea.MouseClickMsg:
		s.note.clear()
		s.marked = selection{}
		if msg.Mouse().Button != tea.MouseLeft {
			return causeInput, nil
		}
		if id := s.header.Command(at); id != "" {
			return causeInput, s.run(id)
		}
		return causeInput, s.click(at, tea.MouseClickMsg(msg.Mouse()))
	case tea.MouseMotionMsg, tea.MouseReleaseMsg:
		if !s.marked.dragging {
			return causeNothing, nil
		}
		s.marked.drag(at)
		if _, moved := msg.(tea.MouseMotionMsg); moved {
			return causeInput, nil
		}
		s.marked.dragging = false
		if text := s.marked.text(s.canvas); strings.TrimSpace(text) != "" {
			return causeInput, s.clip(text, "the selection")
		}
		s.marked = selection{}
	}
	return causeInput, nil
}

// click begins a selection, and passes the focus and the click to the pane under the mouse.
func (s *shell) click(at image.Point, msg tea.MouseClickMsg) tea.Cmd {
	q, ok := s.layout.partAt(at)
	if !ok {
		return nil
	}
	s.clicked = !s.layout.folded
	// In the timeline, bars cannot be selected as text
	if g, _ := s.canvas.At(at.X, at.Y); q != timelinePart || isWord(g) {
		s.marked = selection{in: s.inside(s.layout.of(q)), from: at, to: at, dragging: true}
	}
	p := s.shows(q) // the pane before it gets the focus, because the part may then show another one
	if e, ok := p.(emptiable); ok && e.Empty() {
		return nil
	}
	s.focus.to(q)
	cmd, _ := p.Update(msg)
	return cmd
}

// isWord reports whether a symbol begins with a letter or a digit.
func isWord(g string) bool {
	r, _ := utf8.DecodeRuneInString(g)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// citationNumber returns the number of the citation, such as [2], at a cell of a canvas; 0 if there
// is none.
func citationNumber(c *canvas.Canvas, at image.Point) (n int) {
	from := at.X
	for ; from > at.X-4; from-- {
		if g, _ := c.At(from, at.Y); g == "[" {
			break
		}
	}
	for x := from + 1; x < from+4; x++ {
		g, _ := c.At(x, at.Y)
		if g == "]" && x >= at.X {
			return n
		}
		if len(g) != 1 || g[0] < '0' || g[0] > '9' {
			return 0
		}
		n = n*10 + int(g[0]-'0')
	}
	return 0
}

// A wheel is the movement of the mouse wheel over a cell within a frameInterval.
type wheel struct{ x, y, dx, dy int }

// wheel scrolls the pane under the mouse.
func (s *shell) wheel(w wheel) frameCause {
	p := s.overlay
	if p == nil {
		q, ok := s.layout.partAt(image.Pt(w.x, w.y))
		if !ok {
			return causeNothing
		}
		p = s.shows(q)
	}
	if _, taken := p.Update(w); !taken && w.dy != 0 && p.Part() != linePart {
		if p, ok := p.(scroller); ok {
			p.Scroll(w.dy)
		}
	}
	return causeInput
}

// A coalescer passes on one wheel message and one motion per frameInterval, with the turns of the
// wheel added up, because both arrive in large numbers.
type coalescer struct {
	mu      sync.Mutex
	every   time.Duration
	send    func(tea.Msg)
	wheel   wheel
	motion  tea.Msg
	pending bool
}

// filter implements the filter of tea.WithFilter.
func (s *coalescer) filter(_ tea.Model, msg tea.Msg) tea.Msg {
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
		s.motion = coalesced{w}
	case coalesced:
		return w.MouseMotionMsg
	default:
		if s.motion != nil {
			switch msg.(type) {
			// The motion that is held back would arrive after the release, or extend the next drag.
			case tea.MouseReleaseMsg, tea.MouseClickMsg:
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

// coalesced is a motion that passes the filter for the second time.
type coalesced struct{ tea.MouseMotionMsg }

func (s *coalescer) flush() {
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
