package explorer

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/speech"
)

// A reader is the explorer for those who listen to their terminal or feel it: in place of a screen that is drawn over and over
// there are lines of text, one after the other, of what happened and of what a key has led to (hear.go), and below them the one
// line in which is typed. Nothing that was written is ever changed.
//
// It is the same model with the same commands: only what is seen of it is different.
type reader struct {
	on       bool
	lines    []string // to be written, wrapped
	printing bool     // some are on their way: those that follow wait, so that they keep their order
	heard    heard
	talked   int // the paragraph of the answer that was read last
}

// printedMsg says that lines are written.
type printedMsg struct{}

// longest is how many bytes of one text are read: nobody listens to a line of megabytes.
const longest = 4096

// read adds text to what is to be written.
func (r *reader) read(w int, text ...string) {
	for _, t := range text {
		if len(t) > longest {
			t = canvas.Head(t, (longest-1024)/32) + fmt.Sprintf("… and %d bytes more.", len(t)-longest)
		}
		r.lines = append(r.lines, canvas.Wrap(t, max(w-1, 1))...) // a full line would lose its last letter in some terminals
	}
}

// print writes lines above the one that is typed in: no more at once than the screen has.
func (m *model) print() tea.Cmd {
	r := &m.reader
	if !r.on || r.printing || len(r.lines) == 0 || m.w <= 0 {
		return nil
	}
	n := min(max(m.h-m.typedRows()-1, 1), len(r.lines))
	text := strings.Join(r.lines[:n], "\n")
	r.lines, r.printing = r.lines[n:], true
	if text == "" {
		text = " " // an empty message would write nothing
	}
	return tea.Sequence(tea.Println(text), func() tea.Msg { return printedMsg{} })
}

// toggleReader changes between the screen and the lines.
func (m *model) toggleReader() tea.Cmd {
	m.reader = reader{on: !m.reader.on}
	m.full = noPanel
	m.marked = selection{}
	if !m.reader.on {
		return tea.Batch(tea.ClearScreen, m.say("the screen is drawn again", false))
	}
	m.skipPaces()
	return nil
}

// frame is how long it takes at most until the next frame is drawn: with it the alternate screen is left, on which lines are lost.
const frame = 50 * time.Millisecond

func (m *model) noPicture() string {
	if m.reader.on {
		return "nothing is drawn in the screen-reader mode"
	}
	return ""
}

// prompt is what stands before the text that is typed, or says where the keys go.
func (m *model) prompt() (label, typed string, at int, line bool) {
	switch {
	case m.overlay != nil:
		q := m.overlay.Query()
		return m.overlay.Title + ": ", q, len([]rune(q)), false
	case m.formTyped():
		if v, at, ok := m.asking.Typed(); ok {
			field, _ := m.asking.Words()
			return strings.TrimSuffix(field, canvas.Line(v)), v, at, false
		}
		field, _ := m.asking.Words()
		return field, "", 0, false
	case m.panels.filtering && m.focus == keys.Timeline:
		return "filter: ", m.panels.filter.Value(), m.panels.filter.Position(), false
	case m.focus == keys.Line:
		return "question for " + m.workflowName() + ": ", "", 0, true
	}
	return m.placeName() + ": ", "", 0, false
}

// placeName is what has the keys.
func (m *model) placeName() string {
	switch {
	case m.focus == keys.Timeline:
		return "timeline"
	case m.focus == keys.Conversation:
		return "answers"
	case m.focus == keys.Inspector && m.source != nil:
		return "source"
	case m.focus == keys.Inspector && m.graphed:
		return "graph"
	case m.focus == keys.Inspector:
		return "details"
	}
	return "question"
}

// typedRows is how many rows the line takes in which is typed.
func (m *model) typedRows() int {
	label, _, _, line := m.prompt()
	if !line {
		return 1
	}
	return between(m.line.rows(max(m.w-canvas.Width(label)-1, 8)), 1, max(m.h-1, 1))
}

// drawReader draws the line in which is typed: it is all that is ever drawn.
func (m *model) drawReader() {
	c, t := m.canvas, &m.theme
	rows := m.typedRows()
	c.Reset(m.w, rows)
	label, typed, at, line := m.prompt()
	label = canvas.Truncate(label, m.w-9)
	x := c.TextN(0, 0, m.w, label, t.Text)
	if line {
		m.cursor = cursor(m.line.text(c, canvas.R(x, 0, m.w-x-1, rows), t, ""))
		return
	}
	v := []rune(canvas.Line(typed))
	at = min(at, len(v))
	from := 0
	for from < at && canvas.Width(string(v[from:at])) >= m.w-x-1 {
		from++
	}
	c.TextN(x, 0, m.w-x, string(v[from:]), t.Text)
	m.cursor = cursor(min(x+canvas.Width(string(v[from:at])), m.w-1), 0)
}

// readHelp writes all keys, those that count here first, with why what cannot be done now cannot.
func (m *model) readHelp() {
	scopes := []keys.Scope{m.focus, keys.Anywhere}
	for _, s := range []keys.Scope{keys.Line, keys.Timeline, keys.Inspector, keys.Conversation} {
		if s != m.focus {
			scopes = append(scopes, s)
		}
	}
	for _, s := range scopes {
		m.reader.read(m.w, "Keys, "+strings.ToLower(s.String())+":")
		for _, b := range m.keys.In(s) {
			text := speech.Keys(b.Keys) + ": " + b.Long
			why := m.blocked(m.command(b.Command))
			if why == m.noPicture() && why != "" {
				continue
			}
			if why != "" && (s == m.focus || s == keys.Anywhere) {
				text += ". Not now: " + why
			}
			m.reader.read(m.w, speech.Sentence(text))
		}
		if s == keys.Line {
			m.reader.read(m.w, "shift enter or control j: a new line in the question.")
		}
	}
	m.reader.read(m.w, "Control p finds every command by its name, those without a key too.")
}

// readOn reads the paragraph of the answer that comes by paragraphs after the one that was read last.
func (m *model) readOn(by int) {
	var whole speech.Reading
	ps := whole.Next(m.answerText(), true)
	if len(ps) == 0 {
		m.reader.read(m.w, "There is no answer yet.")
		return
	}
	m.reader.talked = between(m.reader.talked+by, 0, len(ps)-1)
	m.reader.read(m.w, ps[m.reader.talked])
}
