package explorer

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/answer"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/markdown"
	"weft/ui/sources"
	"weft/ui/theme"
)

// A model is the explorer's state: the one tea.Model. Panels are plain values in it.
type model struct {
	ctx    context.Context
	engine Engine
	opt    Options
	pump   *pump
	now    func() time.Time

	w, h     int
	theme    theme.Theme
	dark     bool // the terminal is
	renderer *markdown.Renderer
	keys     keys.Map
	commands []command
	layout   layout

	workflows []flow.Graph
	workflow  int // the one that is asked
	session   session
	gauge     gauge
	tracks    []*track // in the order in which they were opened; the first is the session's own
	index     *track   // of indexing
	shown     *track   // whose timeline is seen; nil: none

	announcements []show.Opened // runs that the session told of while a question had none yet
	talk          answer.Panel
	line          questionLine
	panels        panels

	focus   keys.Scope
	came    keys.Scope // who had the keys before the inspector
	leaving bool       // the last key was an escape from a line with text, and stayed
	full    panel
	source  *sources.Preview
	graphed bool // the workflow's graph takes the inspector's place
	overlay *overlay
	asking  *asking
	marked  selection
	note    note
	reader  reader
	breaks  breakpoints
	faults  map[string]string // that are set, by step
	why     explained

	frames  frameScheduler
	canvas  *canvas.Canvas
	frame   string
	cursor  *tea.Cursor
	leftOut canvas.Rect // where the header says that files are left out, to be clicked
	quit    bool
}

func newModel(ctx context.Context, e Engine, opt Options) (*model, error) {
	m := &model{ctx: ctx, engine: e, opt: opt, now: opt.Now, focus: keys.Line, line: newQuestionLine(opt.History), canvas: canvas.New(0, 0)}
	m.frames.dirty = true
	if m.now == nil {
		m.now = time.Now
	}
	m.reader.on = opt.ScreenReader
	m.commands = commands()
	km, err := bindings(m.commands).Remap(opt.Keys)
	if err != nil {
		return nil, err
	}
	m.keys = km
	if err := m.setTheme(!opt.light()); err != nil {
		return nil, err
	}
	if b, ok := e.(Breaker); ok {
		b.Break(m.breaks.stop)
	}
	m.workflows = e.Workflows()
	if i := slices.IndexFunc(m.workflows, func(w flow.Graph) bool { return w.Name == opt.Workflow }); i >= 0 {
		m.workflow = i
	}
	return m, nil
}

// setTheme picks the theme for a dark or a light terminal.
func (m *model) setTheme(dark bool) error {
	name := m.opt.Theme
	if m.opt.noColor() {
		name = "mono"
	}
	t, err := theme.Pick(m.opt.Themes, name, dark)
	if err != nil {
		return err
	}
	m.dark = dark
	if m.renderer == nil || t.Name != m.theme.Name {
		m.theme, m.renderer = t, markdown.NewRenderer(markdown.LookOf(t))
		if m.panels.Model == nil {
			m.panels = newPanels(t)
		}
		m.panels.setTheme(t)
	}
	return nil
}

// open begins to show a run.
func (m *model) open(r Run, t *track) *track {
	t.run = r
	if t.id == 0 {
		m.adopt(t)
	}
	m.pump.watch(t.id, r)
	return t
}

// adopt gives a track its number.
func (m *model) adopt(t *track) {
	m.tracks = append(m.tracks, t)
	t.id = uint64(len(m.tracks))
}

// Init starts with the session's records and the question whether the terminal is dark, on which nothing waits.
func (m *model) Init() tea.Cmd {
	m.open(m.engine.Session(), &track{title: "session"})
	if m.opt.Question != "" {
		m.line.SetValue(m.opt.Question)
		return tea.Batch(tea.RequestBackgroundColor, m.askFaults(), func() tea.Msg { return doMsg{"ask"} })
	}
	return tea.Batch(tea.RequestBackgroundColor, m.askFaults())
}

// Update takes a message, and lets the frame scheduler decide when it is seen.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cause, cmd := m.handle(msg)
	if cause == causeNothing {
		return m, cmd
	}
	if m.frames.postpone(cause) {
		return m, tea.Batch(cmd, m.tick(m.now()))
	}
	rest, rendering := m.refresh()
	return m, tea.Batch(cmd, rest, m.frames.request(cause, rendering && m.frame != ""))
}

// handle does what a message asks for, and says why the screen may look different afterwards.
func (m *model) handle(msg tea.Msg) (cause frameCause, cmd tea.Cmd) {
	cause = causeInput
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.marked = selection{}
	case tea.BackgroundColorMsg:
		_ = m.setTheme(msg.IsDark()) // its name was good before
	case tea.ResumeMsg:
		cmd = tea.RequestBackgroundColor
	case tickMsg:
		m.frames.ticked()
		cause = causeText
	case spacingOver:
		cause = causeText
		draw, again := m.frames.resume()
		if !draw {
			return causeNothing, again
		}
	case batch:
		cmd, cause = m.take(msg), causeRecords
		if msg.text() {
			cause = causeText
		}
	case markdown.Rendered:
		cmd, cause = m.talk.Update(msg), causeRender
	case startedMsg:
		cmd = m.started(msg)
	case repliedMsg:
		cmd = m.replied(msg)
	case sources.Loaded:
		if m.source != nil {
			m.source.Update(msg)
		}
	case choicesMsg:
		cmd = m.choose(msg)
	case chosenMsg:
		if msg.err != nil {
			cmd = m.say(msg.err.Error(), true)
		}
	case noteMsg:
		cmd = m.say(msg.text, msg.warn)
	case noteOver:
		if msg.gen == m.note.gen {
			m.note.text = ""
		}
	case tea.KeyPressMsg:
		cmd = m.key(msg)
	case tea.PasteMsg:
		cmd = m.paste(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case wheel:
		cause = m.wheel(msg)
	case faultsMsg:
		m.faults = msg
	case explainedMsg:
		m.explained(msg)
	case printedMsg:
		m.reader.printing = false
	case doMsg:
		cmd = m.run(msg.command)
	case tea.KeyReleaseMsg, tea.ColorProfileMsg, tea.KeyboardEnhancementsMsg, tea.EnvMsg, tea.ModeReportMsg, tea.CapabilityMsg, tea.TerminalVersionMsg:
		return causeNothing, nil
	default:
		if m.overlay == nil && m.focus == keys.Line {
			cmd = m.line.update(msg)
		}
	}
	return cause, cmd
}

// refresh brings what is derived up to date: the layout, what the conversation says, its Markdown, and the next tick. It reports
// whether a new picture of the Markdown is being made.
func (m *model) refresh() (cmd tea.Cmd, written bool) {
	now := m.now()
	for _, t := range m.tracks {
		if t.exchange == nil {
			continue
		}
		at := -1
		if t == m.shown {
			at = m.at()
		}
		if t.stale || t.told != at || !t.over() || t.paced {
			m.restate(t, at, now)
		}
	}
	m.waits()
	m.reveal()
	why := m.explainStill()
	if m.reader.on {
		return tea.Batch(why, m.refreshReader()), false
	}
	k := m.wish()
	m.layout = arrange(m.w, m.h, k)
	if k.note = m.noteRows(); k.note > 0 {
		m.layout = arrange(m.w, m.h, k)
	}
	m.keepFocus()
	in := m.inside(m.layout.conversation)
	m.talk.SetSize(in.Dx(), in.Dy(), m.renderer)
	render := m.talk.Render()
	return tea.Batch(why, render, m.tick(now)), render != nil
}

// refreshReader is refresh where nothing is drawn: every part of the screen has room, and what is new is said.
func (m *model) refreshReader() tea.Cmd {
	r := canvas.R(0, 0, max(m.w, 1), max(m.h, 1))
	m.layout = layout{shape: linear, timeline: r, conversation: r, inspector: r, line: r}
	m.full = noPanel
	m.keepFocus()
	m.panels.SetNow(m.now())
	m.panels.SetSize(80, 24)
	m.panels.inspector.SetSize(110, 24)
	if m.w <= 0 { // nobody knows yet where lines end
		return nil
	}
	first := !m.reader.heard.greeted
	if m.hear(); first {
		m.reader.printing = true // until the first frame is there, above which lines are written
		return tea.Tick(frame, func(time.Time) tea.Msg { return printedMsg{} })
	}
	return m.print()
}

// restate tells an exchange what is known at the instant that is seen.
func (m *model) restate(t *track, at int, now time.Time) {
	t.exchange.Set(t.content(at, now))
	t.stale, t.told = false, at
}

// tick asks for the next frame, if anything moves by itself: a screen on which nothing happens costs nothing.
func (m *model) tick(now time.Time) tea.Cmd {
	if m.quit {
		return nil
	}
	return m.frames.tick(m.pulse(now))
}

// pulse is how often the screen must change by itself; 0: it need not.
func (m *model) pulse(now time.Time) (every time.Duration) {
	for _, t := range m.tracks[min(1, len(m.tracks)):] {
		switch {
		case t.paced:
			return 33 * time.Millisecond
		case t.over():
		case t == m.shown && m.at() >= 0 && t.exchange == nil: // one looks at the past, and only the timeline would move
		case t.waiting(): // who waits does not move, unless the wait has an end
			if every == 0 && t.due() {
				every = time.Second
			}
		default:
			every = 100 * time.Millisecond
		}
	}
	return every
}
