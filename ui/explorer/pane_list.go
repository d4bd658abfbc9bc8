package explorer

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/palette"
	"weft/ui/speech"
)

// A listPane is a list to choose from, over everything else: the palette of commands, the help, and
// every choice that a command offers.
type listPane struct {
	shell  *shell
	list   *palette.Palette
	choose func(id string) tea.Cmd
	whole  bool   // as large as the screen
	said   string // the item that was announced last
}

// list opens a list.
func (s *shell) list(l *palette.Palette, choose func(id string) tea.Cmd) tea.Cmd {
	s.overlay = &listPane{shell: s, list: l, choose: choose}
	return nil
}

// longList opens a list that covers the whole screen.
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

// Update handles every key, so no pane behind the list gets one.
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
			// Leave the footer visible, which shows the keys of the list
			h -= p.shell.layout.footer.Dy()
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
		a.say(speech.Sentence(p.list.Title + ". Type to search, up and down select, enter chooses, escape closes"))
	}
	if a.new || text != p.said {
		a.say(text)
	}
	p.said = text
}

// workflowItems lists workflows for a palette.
func workflowItems(ws []flow.Graph, id, title string) (items []palette.Item) {
	for _, w := range ws {
		items = append(items, palette.Item{ID: id + w.Name, Title: title + w.Name, Detail: w.Description})
	}
	return items
}
