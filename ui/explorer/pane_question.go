package explorer

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/keys"
	"weft/ui/palette"
	"weft/ui/status"
)

// A questionPane is where questions are typed.
type questionPane struct {
	shell    *shell
	runs     *runs
	debug    *debugSettings
	line     questionLine
	leaving  bool // the last key was esc, and the focus stayed because the line has text
	talk     *talk
	slash    *slasher
	reminder func() string // names the form that waits behind the line; "": there is none
}

func (p *questionPane) Part() part        { return linePart }
func (p *questionPane) Scope() keys.Scope { return keys.Line }
func (p *questionPane) Hints() []hint {
	if p.slash.menu.Open() {
		return []hint{{key: "↑↓", word: "select"}, {key: "tab", word: "complete"}, {key: "↵", word: "choose"}, {key: "esc", word: "close"}}
	}
	return p.shell.hints(keys.Line, keys.Anywhere)
}

func (p *questionPane) Prompt() prompt {
	return prompt{label: "question for " + p.runs.workflowName() + ": "}
}

// Update edits the text, unless the key calls a command. Up and down are commands only where the
// cursor cannot move within the text.
func (p *questionPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case wheel:
		return nil, false
	case tea.MouseClickMsg:
		p.line.click(msg.X, msg.Y)
		return nil, true
	case tea.KeyPressMsg:
		if line, accepted, whole, taken := p.slash.key(msg.String()); taken {
			return p.completed(line, accepted, whole), true
		}
		if p.line.suggested = nil; p.runs.last() == nil { // the welcome shows them
			p.line.suggested = p.runs.session.overview.Questions
		}
		b, found := p.shell.binding(msg)
		p.leaving = p.leaving && b.Command == "back"
		switch {
		case b.Command == "history.older" && p.line.older(), b.Command == "history.newer" && p.line.newer(),
			b.Command == "ask" && p.line.Value() == "":
			return nil, true
		case b.Command == "history.older", b.Command == "history.newer", b.Command == "eof" && p.line.Value() != "":
		case found:
			return nil, false
		}
	}
	return p.line.update(msg), true
}

// completed puts an accepted completion into the line, and executes a command that is complete.
func (p *questionPane) completed(line string, accepted, whole bool) tea.Cmd {
	if !accepted {
		return nil
	}
	p.line.SetValue(line)
	if whole {
		return p.shell.run("ask")
	}
	return nil
}

// Rows returns how many rows the text takes, in a line of w cells with its mark and border.
func (p *questionPane) Rows(w int) int {
	if p.shell.speaker.on {
		return p.line.rows(w)
	}
	w -= 2
	if p.shell.layout.boxed {
		w -= 4
	}
	return p.line.rows(w)
}

func (p *questionPane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor {
	title := p.title()
	if o, ok := p.outcome(); ok && p.shell.layout.boxed {
		title = canvas.Truncate(title, max(r.Dx()-9-canvas.Width(o.Line(28)), 8))
		defer p.drawOutcome(c, r, 3+canvas.Width(title)+1, o)
	}
	in := p.shell.box(c, r, title, focused)
	if in != r {
		in.Max.X -= 2
	}
	hint := "ask a question about " + p.runs.corpusName(p.shell.opt)
	switch {
	case p.talk.fresh:
		hint = "ask the first question of a new talk"
	case p.runs.last() != nil:
		hint = "ask another question"
	case p.runs.session.corpus.State == show.CorpusFailed:
		hint = "there is nothing to search"
	}
	x, y := p.line.draw(c, in, &p.shell.theme, focused, hint)
	if !focused || x >= r.Max.X || y >= r.Max.Y {
		return nil
	}
	if p.slash.menu.Open() && p.shell.overlay == nil {
		p.slash.menu.Draw(c, r, r.Min.Y, &p.shell.theme)
	}
	return cursorAt(x, y)
}

// outcome is how far the selected question is; ok is false where there is none.
func (p *questionPane) outcome() (o conversation.Outcome, ok bool) {
	t := p.runs.shown
	if t == nil || t.exchange == nil {
		return o, false
	}
	o = t.exchange.Outcome(&p.shell.theme, p.shell.frames.spinner())
	if o.Mark == status.NotStarted.Glyph() { // it looks like the dot that separates the outcome from the workflow
		o.Mark = ""
	}
	return o, true
}

// drawOutcome shows the outcome of a question in the upper border of r, x cells from its left end.
func (p *questionPane) drawOutcome(c *canvas.Canvas, r canvas.Rect, x int, o conversation.Outcome) {
	x += r.Min.X
	room := r.Max.X - 3 - x - 2
	if room < 6 {
		return
	}
	x += c.TextN(x, r.Min.Y, 2, "· ", p.shell.theme.Muted)
	n := c.TextN(x, r.Min.Y, room, o.Line(room), p.shell.theme.Muted)
	c.TextN(x, r.Min.Y, canvas.Width(o.Mark), o.Mark, o.Style)
	c.Set(x+n, r.Min.Y, " ", p.shell.theme.Muted)
}

// title names the workflow that answers the next question, and its breakpoints and faults.
func (p *questionPane) title() string {
	title := p.runs.workflowName()
	if s := p.reminder(); s != "" {
		title += " · ? " + s + " (tab)"
	}
	if s := p.debug.breaks.String(); s != "" {
		title += " · stops at " + s
	}
	if s := p.debug.faultList(); s != "" {
		title += " · faults: " + s
	}
	return title
}

// DrawText draws the typed text, for the screen-reader mode.
func (p *questionPane) DrawText(c *canvas.Canvas, r canvas.Rect) *tea.Cursor {
	return cursorAt(p.line.text(c, r, &p.shell.theme, ""))
}

func (p *questionPane) Speak(a arrival) {
	if a.new && a.from.pane.Part() != noPart {
		a.say("Question line, workflow " + p.runs.workflowName() + ".")
	}
	p.slash.Speak(a.say)
}

// Leave goes to the timeline. If the line has text, it takes esc twice, because the next letters of
// a person who is typing would be commands.
func (p *questionPane) Leave() (tea.Cmd, bool) {
	if p.runs.shown == nil || p.shell.layout.timeline.Empty() {
		return nil, false
	}
	if p.line.Value() != "" && !p.leaving {
		p.leaving = true
		return p.shell.say("still in the question; "+p.shell.keyOf("back")+" again leaves it, and the text stays", false), true
	}
	if p.line.Value() == "" && p.shell.note.closed { // what is typed next is a question
		return nil, true
	}
	p.leaving = false
	p.shell.focus.to(timelinePart)
	return nil, true
}

// idle reports whether the question line has the focus and is empty.
func (p *questionPane) idle() bool {
	return p.shell.overlay == nil && p.shell.part() == linePart && p.line.Value() == ""
}

// older and newer show another question of the history when they are called from the palette.
// Update handles their keys, because these may move the cursor within the text instead.
func (p *questionPane) older() tea.Cmd { p.line.older(); return nil }
func (p *questionPane) newer() tea.Cmd { p.line.newer(); return nil }

// clear empties the line; the history keeps what was typed.
func (p *questionPane) clear() {
	p.line.remember(strings.TrimSpace(p.line.Value()))
	p.line.clear()
	p.shell.focus.to(linePart)
}

// nextWorkflow makes the next workflow the one that answers.
func (p *questionPane) nextWorkflow() tea.Cmd {
	p.runs.workflow = (p.runs.workflow + 1) % len(p.runs.workflows)
	w := p.runs.workflows[p.runs.workflow]
	return p.shell.say(w.Name+": "+w.Description, false)
}

// setWorkflow makes a workflow the one that answers.
func (p *questionPane) setWorkflow(name string) tea.Cmd {
	for i, w := range p.runs.workflows {
		if w.Name == name {
			p.runs.workflow = i
		}
	}
	p.shell.focus.to(linePart)
	return nil
}

// pickWorkflow lists the workflows.
func (p *questionPane) pickWorkflow() tea.Cmd {
	l := palette.New("workflow", "which workflow answers?", workflowItems(p.runs.workflows, "", ""))
	l.Select(p.runs.workflowName())
	return p.shell.list(l, p.setWorkflow)
}

func (p *questionPane) noQuestion() string {
	if p.line.Value() == "" {
		return "type a question first"
	}
	if len(p.runs.workflows) == 0 {
		return "there is no workflow to ask"
	}
	return ""
}

func (p *questionPane) noEOF() string {
	if p.line.Value() != "" {
		return "the line is not empty"
	}
	return ""
}
