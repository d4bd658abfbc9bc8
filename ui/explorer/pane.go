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
	// Scope says which keys of the table of commands count while the pane has the keys: those of
	// this scope, and then those of keys.Anywhere.
	Scope() keys.Scope
	// Update takes a key, a paste, a click or a turn of the wheel (of the type wheel). Clicks and
	// turns are at cells of the screen, not of the pane: shell.inside of the pane's rectangle in
	// shell.layout is where its content begins. Update reports whether the message meant something
	// to the pane itself; a key that did not is looked up among the commands.
	Update(msg tea.Msg) (cmd tea.Cmd, taken bool)
	// Draw shows the pane in r, its border included. focused says that it has the keys, or would
	// have them but for an overlay. It returns the terminal's cursor, or nil.
	Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor
	// Speak says all of the pane when the keys have come to it (arrival.new), and what is selected
	// when that has changed. It is called after every message while the pane has the keys; what was
	// said already the pane keeps itself, usually in a field said. In the screen-reader mode Draw
	// is never called: sizes that it sets are missing then.
	Speak(a arrival)
	// Prompt is what stands before the typed text in the screen-reader mode.
	Prompt() prompt
	// Hints are the keys for the footer, the most useful first.
	Hints() []hint
}

// Optional interfaces of panes.
type (
	// A scroller has more than fits. Its methods scroll by rows, by a page forward (1) or back
	// (-1), and to either end: the commands scroll.*, page.*, top and bottom call them, and the
	// wheel calls Scroll. A pane with a cursor moves that by Scroll and End.
	scroller interface {
		Scroll(rows int)
		Page(direction int)
		End(last bool)
	}
	// A copier has something to copy; what names it for the message that says so.
	copier interface {
		Copy() (text, what string)
		NoCopy() string // why there is nothing to copy now; "": there is something
	}
	// A follower has lines that lead somewhere: Follow goes where the selected one leads.
	follower interface {
		Follow() tea.Cmd
	}
	// An editable pane shows a document that the person's editor can open, where it is read.
	editable interface {
		Edit() tea.Cmd
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
	// A reporter has news for the screen reader, whichever pane has the keys. Only what is among
	// shell.lasting is asked.
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
	// A themed pane keeps styles of its own. Only what is among shell.lasting is told of a new
	// theme: a pane that is made when it is opened draws with shell.theme.
	themed interface {
		SetTheme(theme.Theme)
	}
)

// A navigator does what concerns several panes.
type navigator interface {
	show(t *track)              // shows a run's timeline
	visit(t *track)             // shows a run's timeline, and scrolls to its question
	look(s show.Source) tea.Cmd // shows a source in its document

	// lookAt shows a passage in its document.
	lookAt(p show.Passage) tea.Cmd
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
