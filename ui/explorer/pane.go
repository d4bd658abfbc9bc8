package explorer

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/theme"
)

// A pane is what one part of the screen shows, with its own state. The shell gives the focus to one
// pane at a time and asks all visible ones to draw themselves. Drawing, speaking and hints are
// queries: they change neither focus nor selection.
type pane interface {
	// Part returns the part of the screen in which the pane is shown.
	Part() part
	// Scope returns the scope of keys that are active while the pane has the focus. Those of
	// keys.Anywhere are looked up after them.
	Scope() keys.Scope
	// Update handles a key, a paste, a click or a turn of the wheel (of the type wheel). Clicks and
	// turns have coordinates of the screen, not of the pane: the pane's content begins at
	// shell.inside of its rectangle in shell.layout. taken reports whether the pane used the
	// message; a key that it did not use is looked up among the commands.
	Update(msg tea.Msg) (cmd tea.Cmd, taken bool)
	// Draw draws the pane in r, its border included. focused reports whether it has the focus,
	// apart from an overlay. It returns the terminal's cursor, or nil.
	Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor
	// Speak announces the whole pane when it gets the focus (arrival.new), and afterwards its
	// selection when that changes. It is called after every message while the pane has the focus.
	// The pane keeps what it has announced, usually in a field said. In the screen-reader mode Draw
	// is never called, so sizes that Draw sets are missing.
	Speak(a arrival)
	// Prompt returns the text before the typed text in the screen-reader mode.
	Prompt() prompt
	// Hints returns the keys for the footer, the most useful first.
	Hints() []hint
}

// Optional interfaces of panes.
type (
	// A scroller has more rows than fit. Its methods scroll by rows, by a page forward (1) or back
	// (-1), and to either end. The commands scroll.*, page.*, top and bottom call them, and the
	// wheel calls Scroll. In a pane with a cursor, Scroll and End move the cursor.
	scroller interface {
		Scroll(rows int)
		Page(direction int)
		End(last bool)
	}
	// A copier returns a text for the clipboard, and what it is called in the note about it.
	copier interface {
		Copy() (text, what string)
		NoCopy() string // why there is nothing to copy now; "": there is something
	}
	// A follower has lines that link to something; Follow opens the target of the selected line. The
	// command follow (enter in the scope keys.Inspector) calls it.
	follower interface {
		Follow() tea.Cmd
		NoFollow() string // why there is nothing to follow now; "": there is something
	}
	// A labeller has other words in the footer for what commands do than usual; "": it has none. It
	// is asked about the commands whose label in commandTable is made by the function label, such as
	// scroll.up and follow. Of two commands with the same word, the footer shows the first only.
	labeller interface {
		Label(command string) string
	}
	// An editable pane shows a document that can be opened in the person's editor, at the shown
	// line.
	editable interface {
		Edit() tea.Cmd
	}
	// A closer closes itself, or what is open within it, and reports whether anything was closed.
	closer interface {
		Close() bool
	}
	// A leaver handles esc when nothing is left to close. done is false if esc has no meaning of
	// its own in the pane.
	leaver interface {
		Leave() (cmd tea.Cmd, done bool)
	}
	// A reporter makes announcements for the screen reader, whichever pane has the focus. Only
	// panes in shell.lasting are asked.
	reporter interface {
		Report(a arrival)
	}
	// A yielding pane covers another pane of its part, and is hidden while Visible returns false.
	yielding interface {
		Visible(focused bool) bool
	}
	// An emptiable pane gets no keys and clicks while it is empty.
	emptiable interface {
		Empty() bool
	}
	// A foldable pane can be shown in one row, without a border, while another part has the keys.
	foldable interface {
		Foldable() bool // reports whether it can be folded now
	}
	// A sized pane returns how many rows it would like to have at a width.
	sized interface {
		Rows(w int) int
	}
	// An editor draws its own text in the single line of the screen-reader mode, instead of a
	// prompt.
	editor interface {
		DrawText(c *canvas.Canvas, r canvas.Rect) *tea.Cursor
	}
	// A themed pane keeps styles of its own. Only panes in shell.lasting get a new theme; a pane
	// that is made when it is opened draws with shell.theme.
	themed interface {
		SetTheme(theme.Theme)
	}
)

// A navigator performs actions that concern several panes.
type navigator interface {
	show(t *track)              // shows a run's timeline
	visit(t *track)             // shows a run's timeline, and scrolls to its question
	look(s show.Source) tea.Cmd // shows a source in its document

	// lookAt shows a passage in its document.
	lookAt(p show.Passage) tea.Cmd
}

// A banner is drawn above all panes.
type banner interface {
	Draw(c *canvas.Canvas, r canvas.Rect)
	// Command returns the command that a click at a cell calls, or "".
	Command(at image.Point) string
}

// A hint is a key for the footer, with a word for what it does now.
type hint struct {
	command   string // "" where it is not a command
	key, word string
	first     bool // it helps in the present state: it comes before the others
}

// A prompt is a label, the typed text after it, and the position of the cursor in that text, in
// runes.
type prompt struct {
	label, typed string
	at           int
}

// An arrival is the reason for which a pane speaks.
type arrival struct {
	say   func(text ...string)
	first bool // the screen-reader mode begins: nothing was announced yet
	new   bool // the focus was elsewhere before, or the pane shows something else
	from  spot // where the focus was
}

// A spot is the part that has the focus, and what it shows.
type spot struct {
	pane   pane
	part   part   // under an overlay: the part that gets the focus back
	detail pane   // what was opened in the detail part
	run    *track // the one whose timeline is shown
}

// cursorAt returns a cursor at x, y, or nil.
func cursorAt(x, y int) *tea.Cursor {
	if x < 0 || y < 0 {
		return nil
	}
	cur := tea.NewCursor(x, y)
	cur.Shape = tea.CursorBar
	return cur
}
