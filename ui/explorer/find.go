package explorer

import (
	"fmt"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/keys"
)

// A finder is the line in which a person types what to find in the conversation. It is drawn in the
// lower border of the panel.
type finder struct {
	line   textinput.Model
	typing bool // the line has the keys
}

func newFinder() finder {
	f := finder{line: textinput.New()}
	f.line.Prompt = ""
	return f
}

// start lets the person type, after what was looked for before.
func (f *finder) start() tea.Cmd {
	f.typing = true
	f.line.CursorEnd()
	return f.line.Focus()
}

// stop ends the search, and reports whether there was one.
func (f *finder) stop(in *conversation.Panel) bool {
	was := f.on()
	f.typing = false
	f.line.Blur()
	f.line.SetValue("")
	in.Find("")
	return was
}

// on reports whether a search is shown.
func (f *finder) on() bool { return f.typing || f.line.Value() != "" }

// key handles a key while a search is shown. moved is called when another match is selected. taken
// is false for keys that keep their usual meaning.
func (f *finder) key(msg tea.KeyPressMsg, in *conversation.Panel, moved func()) (cmd tea.Cmd, taken bool) {
	if !f.on() {
		return nil, false
	}
	k := msg.String()
	switch {
	case f.typing && k == "enter":
		f.typing = false
		f.line.Blur()
		if f.line.Value() == "" {
			f.stop(in)
		}
		return nil, true
	case f.typing && k == "esc":
		f.stop(in)
		return nil, true
	case f.typing && k == "down", !f.typing && k == "n":
		in.NextMatch(1)
		moved()
		return nil, true
	case f.typing && k == "up", !f.typing && k == "N":
		in.NextMatch(-1)
		moved()
		return nil, true
	case !f.typing || k == "ctrl+c" || k == "ctrl+z" || k == "ctrl+p" || k == "f1" || k == "tab" || k == "pgup" || k == "pgdown":
		return nil, false // hints names the commands of these keys
	}
	f.line, cmd = f.line.Update(msg)
	if in.Find(f.line.Value()) {
		moved()
	}
	return cmd, true
}

// hints returns the keys of a search before those of the conversation. While the person types, most
// keys are text, and only those that keep their meaning are returned.
func (f *finder) hints(s *shell) []hint {
	switch {
	case f.typing:
		own := []hint{{key: "↵", word: "keep"}, {key: "↑↓", word: "match"}, {command: "back", key: "esc", word: "clear"}}
		for _, h := range s.hints(keys.Anywhere) {
			switch h.command {
			case "interrupt", "palette", "help", "focus":
				own = append(own, h)
			}
		}
		return own
	case f.on():
		own := []hint{{key: "n", word: "next match"}, {key: "N", word: "previous"}, {command: "back", key: "esc", word: "clear"}}
		return append(own, s.hints(keys.Conversation, keys.Anywhere)...)
	}
	return s.hints(keys.Conversation, keys.Anywhere)
}

// draw shows in the lower border of r what is looked for and how often it is found. It returns the
// cursor while the person types.
func (f *finder) draw(c *canvas.Canvas, r canvas.Rect, in *conversation.Panel, s *shell) *tea.Cursor {
	if !f.on() || !s.layout.boxed {
		return nil
	}
	y := r.Max.Y - 1
	count := " not found "
	if at, n := in.Matches(); n > 0 {
		count = fmt.Sprintf(" %d of %d ", at, n)
	} else if f.line.Value() == "" {
		count = ""
	}
	room := r.Dx() - 6 - canvas.Width(count)
	c.TextRight(r.Min.X, y, r.Dx()-2, count, s.theme.Muted)
	typed := string([]rune(f.line.Value())[:f.line.Position()])
	n := c.TextN(r.Min.X+2, y, room, " / "+f.line.Value()+" ", s.theme.Match)
	if !f.typing {
		return nil
	}
	return cursorAt(r.Min.X+min(2+n-1, 5+canvas.Width(typed)), y)
}
