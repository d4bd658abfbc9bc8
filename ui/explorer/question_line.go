package explorer

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// maxQuestion limits the bytes of a question, so that the paste of a whole file does not become
// one.
const maxQuestion = 16 << 10

// mostRows is the maximum number of rows of the line.
const mostRows = 12

// maxHistory is how many questions are remembered.
const maxHistory = 500

// A questionLine is the input line for questions, with a history of earlier ones.
type questionLine struct {
	area    textarea.Model
	history []string // oldest first
	at      int      // position in history; len(history) is the line itself
	draft   string   // what was typed before going back in history
	drawn   canvas.Rect
	picture string // what area.View gave; "": it has changed since

	suggested []string // what newer puts into an empty line, one after the other
}

func newQuestionLine(history []string) questionLine {
	a := textarea.New()
	a.Prompt, a.ShowLineNumbers, a.CharLimit, a.EndOfBufferCharacter = "", false, maxQuestion, ' '
	a.MaxHeight, a.DynamicHeight, a.MinHeight = mostRows, true, 1
	a.MaxContentHeight = maxQuestion
	a.SetVirtualCursor(false)
	a.KeyMap.InsertNewline = key.NewBinding(key.WithKeys("shift+enter", "ctrl+j", "alt+enter"))
	// The terminal pastes: the library would run a program of the system to read the clipboard.
	a.KeyMap.Paste.SetEnabled(false)
	a.KeyMap.LinePrevious.SetKeys("up")
	a.KeyMap.LineNext.SetKeys("down")
	a.KeyMap.DeleteCharacterForward.SetKeys("delete", "ctrl+d")
	a.KeyMap.SelectAll.SetEnabled(false)
	a.KeyMap.PageUp.SetEnabled(false)
	a.KeyMap.PageDown.SetEnabled(false)
	plain := textarea.StyleState{Selection: lipgloss.NewStyle().Reverse(true)}
	a.SetStyles(textarea.Styles{Focused: plain, Blurred: plain, Cursor: textarea.CursorStyle{Shape: tea.CursorBar, Blink: true}})
	a.Focus()
	return questionLine{area: a, history: slices.Clone(history), at: len(history)}
}

// Value returns the typed text.
func (q *questionLine) Value() string { return q.area.Value() }

// SetValue replaces the text; the cursor goes to its end.
func (q *questionLine) SetValue(s string) {
	q.area.SetValue(canvas.Clean(s))
	q.area.MoveToEnd()
	q.picture = ""
}

// rows returns how many rows the text takes at a width.
func (q *questionLine) rows(width int) int {
	if width = max(width, 1); width != q.area.Width() || q.area.MaxHeight != mostRows {
		q.area.MaxHeight = mostRows
		q.area.SetWidth(width)
		q.picture = ""
	}
	return max(q.area.Height(), 1)
}

// update handles a message for the line.
func (q *questionLine) update(msg tea.Msg) tea.Cmd {
	// Drop characters that the canvas leaves out, such as the joiners of emoji, so that lines are
	// wrapped where they are drawn.
	switch in := msg.(type) {
	case tea.PasteMsg:
		msg = tea.PasteMsg{Content: canvas.Clean(in.Content)}
	case tea.KeyPressMsg:
		in.Text = canvas.Clean(in.Text)
		msg = in
	}
	// The library keeps the beginning of an empty selection, which may lie behind the end of the
	// text after an edit.
	if !q.area.HasSelection() {
		q.area.ClearSelection()
	}
	var cmd tea.Cmd
	q.area, cmd = q.area.Update(msg)
	q.picture = ""
	return cmd
}

// clear empties the line; click puts the cursor to a cell of it.
func (q *questionLine) clear() { q.SetValue("") }

func (q *questionLine) click(x, y int) {
	q.area.BeginSelection(x-q.drawn.Min.X, y-q.drawn.Min.Y)
	q.area.EndSelection()
	q.picture = ""
}

// take returns the question, adds it to the history and empties the line.
func (q *questionLine) take() string {
	s := strings.TrimSpace(q.Value())
	q.remember(s)
	q.clear()
	return s
}

func (q *questionLine) remember(s string) {
	if n := len(q.history); s != "" && (n == 0 || q.history[n-1] != s) {
		q.history = append(q.history, s)
		if len(q.history) > maxHistory {
			q.history = q.history[1:]
		}
	}
	q.at, q.draft = len(q.history), ""
}

// older shows the previous question; ok is false if the key should move the cursor within the text
// instead.
func (q *questionLine) older() (ok bool) {
	if q.area.Line() > 0 || q.area.LineInfo().RowOffset > 0 {
		return false
	}
	if q.at > 0 {
		if q.at == len(q.history) {
			q.draft = q.Value()
		}
		q.at--
		q.SetValue(q.history[q.at])
	}
	return true
}

// newer shows the next question, after the last one the text that was being typed and, if that is
// empty, the suggested questions.
func (q *questionLine) newer() (ok bool) {
	if q.area.Line() < q.area.LineCount()-1 || q.area.LineInfo().RowOffset < q.area.LineInfo().Height-1 {
		return false
	}
	if q.at < len(q.history) {
		if q.at++; q.at == len(q.history) {
			q.SetValue(q.draft)
		} else {
			q.SetValue(q.history[q.at])
		}
		return true
	}
	if i := slices.Index(q.suggested, q.Value()); len(q.suggested) > 0 && (i >= 0 || q.Value() == "") {
		q.SetValue(q.suggested[(i+1)%len(q.suggested)])
	}
	return true
}

// draw shows the line in r and returns where the cursor is, in the coordinates of c.
func (q *questionLine) draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme, focused bool, hint string) (x, y int) {
	mark := t.Faint
	if focused {
		mark = t.Accent
	}
	c.TextN(r.Min.X, r.Min.Y, r.Dx(), "❯", mark)
	return q.text(c, canvas.R(r.Min.X+2, r.Min.Y, r.Dx()-2, r.Dy()), t, hint)
}

// text draws the visible part of the text.
func (q *questionLine) text(c *canvas.Canvas, in canvas.Rect, t *theme.Theme, hint string) (x, y int) {
	q.drawn = in
	if in.Empty() {
		return -1, -1
	}
	if q.area.Width() != in.Dx() || q.area.Height() > in.Dy() {
		q.area.MaxHeight = in.Dy()
		q.area.SetWidth(in.Dx())
		q.picture = ""
	}
	if q.Value() == "" {
		c.TextN(in.Min.X, in.Min.Y, in.Dx(), hint, t.Faint)
		return in.Min.X, in.Min.Y
	}
	if q.picture == "" {
		q.picture = q.area.View()
	}
	c.Styled(in, q.picture)
	if cur := q.area.Cursor(); cur != nil {
		return min(in.Min.X+cur.X, in.Max.X-1), min(in.Min.Y+max(cur.Y, 0), in.Max.Y-1)
	}
	return -1, -1
}
