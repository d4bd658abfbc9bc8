package explorer

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/help"
	"weft/ui/keys"
	"weft/ui/palette"
	"weft/ui/speech"
)

// A listPane is a list to choose from, over everything else, and what choosing from it does: the palette of commands, the help,
// and every choice that a command offers.
type listPane struct {
	shell  *shell
	list   *palette.Palette
	choose func(id string) tea.Cmd
	whole  bool   // as large as the screen
	said   string // the item that was spoken of
}

// list opens a list.
func (s *shell) list(l *palette.Palette, choose func(id string) tea.Cmd) tea.Cmd {
	s.overlay = &listPane{shell: s, list: l, choose: choose}
	return nil
}

// longList opens a list that takes all of the screen.
func (s *shell) longList(l *palette.Palette, choose func(id string) tea.Cmd) tea.Cmd {
	s.overlay = &listPane{shell: s, list: l, choose: choose, whole: true}
	return nil
}

func (p *listPane) Part() part        { return noPart }
func (p *listPane) Scope() keys.Scope { return keys.Anywhere }
func (p *listPane) Hints() []hint {
	return []hint{{key: "↑↓", word: "select"}, {key: "↵", word: "choose"}, {key: "esc", word: "close"}}
}

func (p *listPane) Prompt() prompt {
	q := p.list.Query()
	return prompt{p.list.Title + ": ", q, len([]rune(q))}
}

// Update takes every key: nothing behind the list gets any.
func (p *listPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	if w, ok := msg.(wheel); ok {
		b := tea.MouseWheelDown
		if w.dy < 0 {
			b = tea.MouseWheelUp
		}
		for range max(w.dy, -w.dy) {
			p.list.Update(tea.MouseWheelMsg{X: w.x, Y: w.y, Button: b})
		}
		return nil, true
	}
	out, cmd := p.list.Update(msg)
	switch out {
	case palette.Closed:
		p.shell.overlay = nil
	case palette.Chosen:
		p.shell.overlay = nil
		return p.choose(p.list.Choice()), true
	}
	return cmd, true
}

// Draw shows the list in the middle of the screen.
func (p *listPane) Draw(c *canvas.Canvas, screen canvas.Rect, _ bool) *tea.Cursor {
	sw, sh := screen.Dx(), screen.Dy()
	w, h := p.list.Size(sw, sh-2)
	if p.whole {
		if w, h = min(sw, 100), sh; w < sw {
			h -= p.shell.layout.footer.Dy() // which says what the keys do in front
		}
	}
	x, y := p.list.Draw(c, canvas.R((sw-w)/2, max((sh-h)/3, 0), w, min(h, sh)), &p.shell.theme)
	return cursorAt(min(x, sw-1), min(y, sh-1))
}

func (p *listPane) Speak(a arrival) {
	it, row, rows := p.list.Selected()
	text := "Nothing matches."
	if rows > 0 {
		text = fmt.Sprintf("%d of %d: %s", row, rows, it.Title)
		for _, more := range []string{it.Detail, speech.Label(it.Key)} {
			if more != "" {
				text += ", " + more
			}
		}
		if it.Blocked != "" {
			text += ". Not now: " + it.Blocked
		}
		text = speech.Sentence(speech.Plain(text))
	}
	if a.new {
		a.say(speech.Sentence(p.list.Title + ". Type to search, up and down choose, enter takes, escape closes"))
	}
	if a.new || text != p.said {
		a.say(text)
	}
	p.said = text
}

// palette lists all commands, and the workflows: a person who wants another types its name.
func (m *model) palette() tea.Cmd {
	const with = "with."
	var items []palette.Item
	for i := range m.shell.commands {
		c := &m.shell.commands[i]
		if c.id != "palette" {
			items = append(items, palette.Item{ID: c.id, Title: c.long, Key: m.shell.keyOf(c.id), Blocked: c.blocked()})
		}
	}
	if m.runs.noWorkflows() == "" {
		items = append(items, workflowItems(m.runs.workflows, with, "ask with ")...)
	}
	slices.SortStableFunc(items, func(a, b palette.Item) int { return paletteRank(a) - paletteRank(b) })
	return m.shell.list(palette.New("commands", "what do you want to do?", items), func(id string) tea.Cmd {
		if name, ok := strings.CutPrefix(id, with); ok {
			return m.question.setWorkflow(name)
		}
		return m.shell.run(id)
	})
}

// paletteRank is where a command stands in the palette: what can be done before what cannot, and what one does now and then, which
// is what one looks for here, before what has one's fingers already.
func paletteRank(it palette.Item) (n int) {
	if it.Blocked != "" {
		n += 2
	}
	switch strings.Split(it.ID, ".")[0] {
	case "select", "scrub", "scroll", "page", "top", "bottom", "focus", "back", "type", "history", "ask", "interrupt", "eof", "zoom", "with":
		n++
	}
	return n
}

// help lists the keys, those that count here first.
func (s *shell) help() tea.Cmd {
	if s.speaker.on {
		s.readHelp()
		return nil
	}
	return s.longList(help.New(s.keys, s.why, s.top().Scope()), s.run)
}

// readHelp writes all keys, those that count here first, with why what cannot be done now cannot.
func (s *shell) readHelp() {
	here := s.top().Scope()
	scopes := []keys.Scope{here, keys.Anywhere}
	for _, scope := range []keys.Scope{keys.Line, keys.Timeline, keys.Inspector, keys.Conversation} {
		if scope != here {
			scopes = append(scopes, scope)
		}
	}
	for _, scope := range scopes {
		s.read("Keys, " + strings.ToLower(scope.String()) + ":")
		for _, b := range s.keys.In(scope) {
			text := speech.Keys(b.Keys) + ": " + b.Long
			why := s.why(b.Command)
			if why == s.noPicture() && why != "" {
				continue
			}
			if why != "" && (scope == here || scope == keys.Anywhere) {
				text += ". Not now: " + why
			}
			s.read(speech.Sentence(text))
		}
		if scope == keys.Line {
			s.read("shift enter or control j: a new line in the question.")
		}
	}
	s.read("Control p finds every command by its name, those without a key too.")
}
