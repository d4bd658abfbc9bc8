package explorer

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/theme"
)

// A pane is what one part of the screen shows, with its own state. The shell gives the keys to one
// pane at a time and asks all that are seen to draw themselves. Drawing, speaking and hints are
// queries: they change neither focus nor selection.
type pane interface {
	// Part is where the pane is shown.
	Part() part
	// Scope is the column of the table of commands whose keys count while the pane has the keys.
	Scope() keys.Scope
	// Update takes a key, a paste, a click or a turn of the wheel. It reports whether the message
	// meant something to the pane itself; a key that did not is looked up among the commands.
	Update(msg tea.Msg) (cmd tea.Cmd, taken bool)
	// Draw shows the pane in r, its border included. focused says that it has the keys, or would
	// have them but for an overlay. It returns the terminal's cursor, or nil.
	Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor
	// Speak says in words what Draw shows by the place of the keys: what is selected, and all of
	// the pane on arrival. It is called after every message while the pane has the keys, and says
	// only what was not said yet.
	Speak(a arrival)
	// Prompt is what stands before the typed text in the screen-reader mode.
	Prompt() prompt
	// Hints are the keys for the footer, the most useful first.
	Hints() []hint
}

// Optional interfaces of panes.
type (
	// A scroller has more than fits. Its methods scroll by rows, by a page forward (1) or back
	// (-1), and to either end.
	scroller interface {
		Scroll(rows int)
		Page(direction int)
		End(last bool)
	}
	// A copier has something to copy; what names it for the message that says so.
	copier interface {
		Copy() (text, what string)
	}
	// A closer closes itself, or what is open within it, and reports whether there was such a
	// thing.
	closer interface {
		Close() bool
	}
	// A leaver says what esc does once nothing is left to close. done is false where it has no
	// meaning of its own.
	leaver interface {
		Leave() (cmd tea.Cmd, done bool)
	}
	// A reporter has news for the screen reader, whichever pane has the keys.
	reporter interface {
		Report(a arrival)
	}
	// A yielding pane is hidden while what it stands over is seen instead.
	yielding interface {
		Visible(focused bool) bool
	}
	// An emptiable pane takes no keys and clicks while it is empty.
	emptiable interface {
		Empty() bool
	}
	// A sized pane says how many rows it would like to have at a width.
	sized interface {
		Rows(w int) int
	}
	// An editor types within the one line that the screen-reader mode draws, instead of a prompt.
	editor interface {
		DrawText(c *canvas.Canvas, r canvas.Rect) *tea.Cursor
	}
	// A themed pane keeps styles of its own.
	themed interface {
		SetTheme(theme.Theme)
	}
)

// A navigator does what concerns several panes.
type navigator interface {
	show(t *track)              // shows a run's timeline
	visit(t *track)             // shows a run's timeline, and scrolls to its question
	look(s show.Source) tea.Cmd // shows a source in its document
}

// A banner is what stands over all panes.
type banner interface {
	Draw(c *canvas.Canvas, r canvas.Rect)
	// Command is the one that a click at a cell calls, or "".
	Command(at image.Point) string
}

// A hint is a key for the footer with what it does here and now, in a word.
type hint struct {
	command   string // "" where it is no command
	key, word string
}

// A prompt is a label, what is typed after it, and where the cursor is in that, in runes.
type prompt struct {
	label, typed string
	at           int
}

// An arrival is how a pane came to speak.
type arrival struct {
	say   func(text ...string)
	first bool // the screen-reader mode begins: nothing was said yet
	new   bool // the keys were elsewhere before, or the pane shows something else
	from  spot // where the keys were
}

// A spot is where the keys are, and what is seen there.
type spot struct {
	pane   pane
	part   part   // under an overlay: the one that gets the keys back
	detail pane   // what was opened in the detail part
	run    *track // whose timeline is seen
}

// cursorAt is the terminal's own cursor at x, y, or nil.
func cursorAt(x, y int) *tea.Cursor {
	if x < 0 || y < 0 {
		return nil
	}
	cur := tea.NewCursor(x, y)
	cur.Shape = tea.CursorBar
	return cur
}
