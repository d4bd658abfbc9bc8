package explorer

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/markdown"
	"weft/ui/theme"
)

// A shell is the screen without its panes: layout, focus, frames, and what the panes share. It
// knows panes only by their interface.
type shell struct {
	opt      Options
	now      func() time.Time
	keys     keys.Map
	commands []command
	theme    theme.Theme
	dark     bool // the terminal has a dark background
	renderer *markdown.Renderer

	backgroundKnown bool // the terminal has said whether it is dark
	reply           terminalReply

	header  banner
	lasting []any       // panes that exist from start to end, in the order in which they speak
	home    [parts]pane // the pane that each part shows by default
	opened  [parts]pane // the pane opened in place of that in home; nil: none
	overlay pane        // the pane drawn over all others; nil: none
	focus   focusStack
	alone   part // the part that is shown alone; noPart: all that have room
	before  part // the value of alone before a pane was opened, restored when the pane closes
	clicked bool // the last input was a click: nothing folds away under the mouse
	layout  layout

	note    noteBar
	marked  selection
	speaker speaker
	frames  frameScheduler
	canvas  *canvas.Canvas
	frame   string
	cursor  *tea.Cursor
	w, h    int
	quit    bool
}

func newShell(opt Options) *shell {
	s := &shell{opt: opt, now: opt.Now, focus: focusStack{linePart}, canvas: canvas.New(0, 0)}
	if s.now == nil {
		s.now = time.Now
	}
	s.speaker.on = opt.ScreenReader
	s.frames.dirty = true
	return s
}

// setTheme picks the theme for a dark or a light terminal.
func (s *shell) setTheme(dark bool) error {
	name := s.opt.Theme
	if s.opt.noColor() {
		name = "mono"
	}
	t, err := theme.Pick(s.opt.Themes, name, dark)
	if err != nil {
		return err
	}
	s.dark = dark
	if s.renderer == nil || t.Name != s.theme.Name {
		s.theme = t
		s.renderer = newRenderer(s)
		for _, x := range s.lasting {
			if p, ok := x.(themed); ok {
				p.SetTheme(t)
			}
		}
	}
	return nil
}

// newRenderer returns a renderer of Markdown in the theme of the shell.
func newRenderer(s *shell) *markdown.Renderer {
	look := markdown.LookOf(s.theme)
	look.Number = true
	if key := s.keyOf("copy.code"); key != "" {
		look.Copy = key + " copies"
	}
	return markdown.NewRenderer(look)
}

// part returns the part that has the focus, or gets it back from the overlay.
func (s *shell) part() part { return s.focus.top() }

// shows returns the pane that a part shows.
func (s *shell) shows(p part) pane {
	o := s.opened[p]
	if y, ok := o.(yielding); o == nil || ok && !y.Visible(s.part() == p) {
		return s.home[p]
	}
	return o
}

// top returns the pane that has the focus.
func (s *shell) top() pane {
	if s.overlay != nil {
		return s.overlay
	}
	return s.shows(s.part())
}

// subject returns the pane that commands act on: the opened pane in the detail part, whichever part
// has the focus, or else the focused pane. A list over it changes nothing.
func (s *shell) subject() pane {
	if p := s.opened[detailPart]; p != nil {
		return p
	}
	return s.shows(s.part())
}

// front returns the pane that esc closes.
func (s *shell) front() pane {
	if s.overlay != nil {
		return s.overlay
	}
	return s.subject()
}

// goTo gives the focus to a part, and shows the other parts too.
func (s *shell) goTo(p part) {
	s.focus.to(p)
	s.alone = noPart
}

// open shows a pane in its part and gives it the focus. It replaces a pane that was opened in that
// part. When it closes, the part shows its usual pane, the focus returns to the part that had it,
// and what was shown alone before is shown alone again.
func (s *shell) open(p pane) {
	part := p.Part()
	if s.opened[part] == nil {
		s.before = s.alone
	}
	s.opened[part] = p
	if p == s.home[part] {
		s.opened[part] = nil
	}
	s.focus.over(part)
	if s.alone != noPart {
		s.alone = part
	}
}

// openLarge opens a pane like open. Where it has no room beside the timeline, it gets the rows of the
// question line too.
func (s *shell) openLarge(p pane) {
	s.open(p)
	if s.layout.shape < wide {
		s.alone = p.Part()
	}
}

// close closes the pane that was opened in the detail part, and gives the focus back.
func (s *shell) close() {
	s.closeDetail()
	s.focus.leave(detailPart)
}

// expand shows all parts again if one is shown alone, and reports whether one was.
func (s *shell) expand() bool {
	if s.alone == noPart {
		return false
	}
	s.alone = noPart
	s.focus.leave(detailPart)
	return true
}

// back closes the topmost thing that can be closed. It never loses typed text.
func (s *shell) back() tea.Cmd {
	front := s.front()
	if p, ok := front.(closer); ok && p.Close() || s.expand() {
		return nil
	}
	if p, ok := front.(leaver); ok {
		if cmd, done := p.Leave(); done {
			return cmd
		}
	}
	s.focus.to(linePart)
	return nil
}

// closeDetail closes the opened pane of the detail part and leaves the focus unchanged.
func (s *shell) closeDetail() {
	if s.opened[detailPart] != nil && s.alone == detailPart {
		s.alone = s.before
	}
	s.opened[detailPart] = nil
}

// toLine gives the focus to the question line and closes what covers it.
func (s *shell) toLine() tea.Cmd {
	s.closeDetail()
	s.goTo(linePart)
	return nil
}

// toggleAlone shows the focused part alone, or all parts again.
func (s *shell) toggleAlone() tea.Cmd {
	want := s.part()
	if want == linePart || s.alone == want && (s.layout.shape == wide || want != detailPart) {
		want = noPart
	}
	s.alone = want
	return nil
}

// reachable returns the parts that can have the focus now, in the order of tab.
func (s *shell) reachable() (ps []part) {
	for _, p := range []part{linePart, timelinePart, detailPart, conversationPart} {
		e, ok := s.shows(p).(emptiable)
		if !s.layout.of(p).Empty() && !(ok && e.Empty()) {
			ps = append(ps, p)
		}
	}
	if len(ps) == 0 {
		ps = append(ps, linePart)
	}
	return ps
}

// beside returns the part that follows the focused one after a number of parts; a negative number
// goes back.
func (s *shell) beside(by int) part {
	ps := s.reachable()
	i := slices.Index(ps, s.part())
	return ps[((i+by)%len(ps)+len(ps))%len(ps)]
}

// arrange updates the layout, and moves the focus away from a part that has no room any more, where
// the effect of keys would not be visible.
func (s *shell) arrange() {
	if s.alone != noPart && s.alone != conversationPart && s.part() == linePart && s.shows(linePart) == s.home[linePart] {
		s.focus.over(s.alone)
	}
	k := s.contents()
	s.layout = arrange(s.w, s.h, k)
	if k.note = s.note.rows(s.layout, s.w, s.h); k.note > 0 {
		s.layout = arrange(s.w, s.h, k)
	}
	s.keepFocus()
}

// keepFocus moves the focus to a visible part.
func (s *shell) keepFocus() {
	switch ps := s.reachable(); {
	case slices.Contains(ps, s.part()):
	case slices.Contains(ps, timelinePart):
		s.focus.over(timelinePart)
	default:
		s.focus.over(ps[0])
	}
}

// contents returns what the layout has to make room for.
func (s *shell) contents() contents {
	rows := func(p part) int {
		if sized, ok := s.shows(p).(sized); ok {
			return sized.Rows(s.lineWidth())
		}
		return 0
	}
	folding, _ := s.shows(timelinePart).(foldable)
	return contents{
		alone: s.alone, detail: s.opened[detailPart] != nil, rows: rows(timelinePart),
		lines: rows(linePart), form: s.shows(linePart) != s.home[linePart],
		answer: rows(conversationPart), folded: s.part() != timelinePart && !s.clicked && folding != nil && folding.Foldable(),
	}
}

// lineWidth returns the width of the question line.
func (s *shell) lineWidth() int {
	if s.layout.shape == wide && !s.layout.line.Empty() {
		return s.layout.line.Dx()
	}
	return s.w
}

// inside returns the rectangle within a pane's border and padding. It includes the column next to
// the right border, which a scrollbar may cover, so text must leave that column free.
func (s *shell) inside(r canvas.Rect) canvas.Rect {
	if s.layout.boxed && r.Dx() > 4 && r.Dy() > 2 {
		return canvas.R(r.Min.X+2, r.Min.Y+1, r.Dx()-2, r.Dy()-2)
	}
	return r
}

// box draws a pane's border, highlighted if the pane has the focus, and returns the rectangle
// inside.
func (s *shell) box(c *canvas.Canvas, r canvas.Rect, title string, focused bool) canvas.Rect {
	if !s.layout.boxed {
		return r
	}
	border, head := s.theme.Border, s.theme.Muted
	if focused {
		border, head = s.theme.BorderFocused, s.theme.Heading
	}
	c.Box(r, canvas.Rounded, border, title, head)
	return s.inside(r)
}

// say shows a message for a while.
func (s *shell) say(text string, warn bool) tea.Cmd { return s.note.say(text, warn) }

func (s *shell) quitNow() tea.Cmd {
	s.quit = true
	return s.reply.quit(s.now())
}

func (s *shell) noPicture() string {
	if s.speaker.on {
		return "nothing is drawn in the screen-reader mode"
	}
	return ""
}
