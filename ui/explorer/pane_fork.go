package explorer

import (
	"errors"
	"fmt"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/fork"
	"weft/ui/history"
	"weft/ui/keys"
	"weft/ui/run"
	"weft/ui/sources"
	"weft/ui/speech"
)

// A Forker is a Historian that can fork its runs.
type Forker interface {
	// Fork begins a run with the past of a kept one, and returns the question that it answers. It
	// may take a while.
	Fork(r fork.Request) (run Run, question string, err error)
	// EventTypes returns the types of the events of a workflow, as flow.EventTypes does; none: the
	// workflow is not known. It does not wait.
	EventTypes(workflow string) []flow.EventType
}

// A forkPane is the screen on which a run is forked, over everything else.
type forkPane struct {
	shell  *shell
	screen *fork.Screen
	fork   func(fork.Request) tea.Cmd
	said   string
}

func (p *forkPane) Part() part        { return noPart }
func (p *forkPane) Scope() keys.Scope { return keys.Anywhere }

func (p *forkPane) Prompt() prompt {
	label, text, at := p.screen.Typed()
	return prompt{label, text, at}
}

func (p *forkPane) Hints() []hint {
	out := []hint{{key: "↵", word: "run the fork"}}
	if p.screen.InForm() {
		out = append(out, hint{key: "tab", word: "next field"})
	} else {
		out = append(out, hint{key: "↑↓", word: "from which step"}, hint{key: "tab", word: "edit the event"})
	}
	return append(out, hint{key: "^e", word: "as JSON in $EDITOR"}, hint{key: "u", word: "undo"}, hint{command: "back", key: "esc", word: "close"})
}

// Close closes the screen without a fork.
func (p *forkPane) Close() bool {
	p.shell.overlay = nil
	return true
}

// Update handles every key, so no pane behind the screen gets one.
func (p *forkPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case forkedMsg:
		p.screen.Fail(msg.err)
		return nil, true
	case forkEditedMsg:
		p.edited(msg)
		return nil, true
	case tea.KeyPressMsg:
		if id := overlayCommand(p.shell, msg); id != "" && id != "back" {
			return p.shell.run(id), true
		}
	}
	out, cmd := p.screen.Update(msg)
	switch out {
	case fork.Closed:
		p.Close()
	case fork.Edit:
		return p.edit(), true
	case fork.Chosen:
		p.screen.Busy = "beginning the fork: what it needs is being prepared"
		return p.fork(p.screen.Request()), true
	}
	return cmd, true
}

// A forkEditedMsg says that the person's editor has ended.
type forkEditedMsg struct {
	file string // has the event
	err  error
}

// edit opens the event as JSON in the person's editor.
func (p *forkPane) edit() tea.Cmd {
	file, err := eventFile(p.screen.Event())
	if err != nil {
		p.screen.Fail(err)
		return nil
	}
	cmd, err := sources.EditorOf(p.shell.opt.env(), file)
	if err != nil {
		p.screen.Fail(err)
		os.Remove(file)
		return nil
	}
	cmd.Stdout = p.shell.opt.output() // the library's output is no *os.File, so it would be a pipe
	return tea.ExecProcess(cmd, func(err error) tea.Msg { return forkEditedMsg{file, err} })
}

// eventFile writes an event to a new file that only this user can read.
func eventFile(event []byte) (name string, err error) {
	f, err := os.CreateTemp("", "weft-event-*.json")
	if err != nil {
		return "", err
	}
	_, err = f.Write(event)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
	}
	return f.Name(), err
}

func (p *forkPane) edited(msg forkEditedMsg) {
	defer os.Remove(msg.file)
	text, err := os.ReadFile(msg.file)
	if msg.err != nil {
		err = msg.err
	}
	if err == nil {
		err = p.screen.SetEvent(text)
	}
	if err != nil {
		p.screen.Fail(err)
	}
}

func (p *forkPane) Draw(c *canvas.Canvas, screen canvas.Rect, _ bool) *tea.Cursor {
	screen.Max.Y -= p.shell.layout.footer.Dy()
	c.Clear(screen)
	return cursorAt(p.screen.Draw(c, screen))
}

// Speak announces the point of the fork, or the focused field.
func (p *forkPane) Speak(a arrival) {
	if a.new {
		a.say("Fork: up and down choose the step, tab goes to the fields of its event, enter runs the fork, escape closes.")
	}
	text := speech.Sentence(speech.Plain(canvas.Line(p.screen.Spoken())))
	if a.new || text != p.said {
		a.say(text)
	}
	p.said = text
}

// A forking opens the screen on which runs are forked, and begins the forks.
type forking struct{ m *explorer }

// A forkOpenMsg brings the run that is to be forked.
type forkOpenMsg struct {
	title string // what the run is called
	id    string
	fold  *run.Run
	now   time.Time                             // the time up to which it is shown
	at    func(points []fork.Point) (index int) // the point that is chosen first
}

// A forkedMsg says that a fork has begun, or why it has not.
type forkedMsg struct {
	run      Run
	parent   string // the run that was forked
	question string
	workflow string
	err      error
}

// no returns why the shown run cannot be forked, or "".
func (o *forking) no() string {
	if _, ok := o.m.engine.(Forker); !ok {
		return "the runs of this program cannot be forked"
	}
	return o.m.past.noExport()
}

// shown opens the screen for the shown run, at the selected step.
func (o *forking) shown() tea.Cmd {
	t := o.m.runs.shown
	title := "this run"
	if i, n := o.m.runs.ordinal(t); n > 1 {
		title = fmt.Sprintf("run %d", i)
	}
	step, exec := o.m.timeline.chart.Selected()
	return o.open(title, t.run.ID(), func(points []fork.Point) int {
		name := ""
		if step != nil {
			name = step.Name
		}
		if exec != nil { // of another index of the same run
			for i, p := range points {
				if p.Execution.ID == exec.ID {
					return i
				}
			}
		}
		return fork.PointAt(points, nil, name)
	})
}

// past opens the screen for a run of the history, at its first step.
func (o *forking) past(r history.Run) tea.Cmd {
	return o.open("the run of "+whenText(r.Started), r.ID, func([]fork.Point) int { return 0 })
}

// open reads a kept run, outside of the event loop.
func (o *forking) open(title, id string, at func([]fork.Point) int) tea.Cmd {
	h := o.m.engine.(Historian)
	return func() tea.Msg {
		_, records, err := h.Kept(id)
		switch {
		case len(records) > 0: // also if what follows them is damaged
		case err != nil:
			return noteMsg{err.Error(), true}
		default:
			return noteMsg{"nothing of the run was recorded", true}
		}
		fold := new(run.Run)
		for _, r := range records {
			fold.Apply(r)
		}
		return forkOpenMsg{title, id, fold, records[len(records)-1].Time, at}
	}
}

// opened shows the screen for a run that was read.
func (o *forking) opened(msg forkOpenMsg) tea.Cmd {
	m := o.m
	v := msg.fold.Now()
	points := fork.Points(v)
	if len(points) == 0 {
		return m.shell.say("the run has no step from which it could be forked", true)
	}
	forker := m.engine.(Forker)
	choice := fork.Choice{Workflows: m.runs.workflows, Types: forker.EventTypes(v.Root().Name)}
	if a, ok := m.engine.(ModelAsker); ok {
		choice.Models = a.Models()
	}
	if p, ok := m.engine.(Pricer); ok {
		choice.Price = p.Price
	}
	screen := fork.New(&m.shell.theme, msg.id, v, msg.now, choice, msg.at(points))
	screen.Title = msg.title
	if key := m.shell.keyOf("compare.parent"); key != "" {
		screen.Compares = "When the fork is over, " + key + " compares it with this run."
	}
	m.shell.overlay = &forkPane{shell: m.shell, screen: screen, fork: func(r fork.Request) tea.Cmd {
		return func() tea.Msg {
			begun, question, err := forker.Fork(r)
			if r.Workflow == "" {
				r.Workflow = v.Root().Name
			}
			return forkedMsg{begun, r.Run, question, r.Workflow, err}
		}
	}}
	return nil
}

// began shows the fork as a question of its own, or why it has not begun. The screen may have been
// closed meanwhile.
func (o *forking) began(msg forkedMsg) tea.Cmd {
	m := o.m
	p, open := m.shell.overlay.(*forkPane)
	switch {
	case msg.err != nil && open:
		p.Update(msg)
		return nil
	case msg.err != nil:
		return m.shell.say(msg.err.Error(), true)
	case open:
		p.Close()
	}
	t := &track{workflow: msg.workflow, title: msg.question, exchange: &conversation.Exchange{}, asked: m.shell.now(), parent: msg.parent, offers: true}
	m.runs.add(t)
	m.conversation.ask(t)
	m.show(t)
	m.shell.closeDetail()
	return m.started(startedMsg{track: t, run: msg.run})
}
