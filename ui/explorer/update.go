package explorer

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/graph"
	"weft/ui/history"
	"weft/ui/inspect"
	"weft/ui/markdown"
	"weft/ui/sources"
)

func newExplorer(ctx context.Context, e Engine, opt Options) (*explorer, error) {
	s, r := newShell(opt), &runs{workflows: e.Workflows()}
	m := &explorer{ctx: ctx, engine: e, shell: s, runs: r}
	light, announced := opt.background()
	s.backgroundKnown = announced
	if err := s.setTheme(!light); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(r.workflows, func(w flow.Graph) bool { return w.Name == opt.Workflow }); i >= 0 {
		r.workflow = i
	}
	settings := &debugSettings{}
	m.question = &questionPane{shell: s, runs: r, debug: settings, line: newQuestionLine(opt.History)}
	m.conversation = &conversationPane{shell: s, runs: r, nav: m, welcome: welcome{s, r}, finder: newFinder()}
	m.timeline = newTimelinePane(s, r, s.theme)
	m.inspector = &inspectorPane{shell: s, runs: r, timeline: m.timeline, nav: m, details: inspect.New(s.theme)}
	m.graph = &graphPane{shell: s, runs: r, timeline: m.timeline, graph: graph.New(s.theme)}
	m.form = &formPane{shell: s, runs: r, question: m.question, nav: m, waits: map[*track]*formRequest{}}
	m.question.reminder = m.form.asker
	m.header = &headerBar{shell: s, runs: r, timeline: m.timeline, form: m.form}
	s.header = m.header
	s.home = [parts]pane{timelinePart: m.timeline, conversationPart: m.conversation, detailPart: m.inspector, linePart: m.question}
	s.opened[linePart] = m.form // visible only while a form is open
	s.lasting = []any{m.header, m.conversation, &s.note, m.form, m.timeline, m.inspector, m.graph, m.question}
	m.quitter = &quitter{shell: s, runs: r, question: m.question, kept: func() bool { return m.past.no() == "" }}
	m.why = &explainer{shell: s, runs: r, timeline: m.timeline}
	m.debugger = &debugger{shell: s, runs: r, timeline: m.timeline, form: m.form, engine: e, settings: settings}
	m.player = &player{s, r, m.timeline}
	m.past = &pastRuns{m}
	m.again = &again{shell: s, runs: r, question: m.question, engine: e, begin: m.begin}
	m.talk = &talk{shell: s, runs: r, engine: e}
	m.slash = &slasher{shell: s, runs: r, engine: e, workflow: m.question.setWorkflow, theme: m.useTheme}
	m.question.talk, m.question.slash = m.talk, m.slash
	m.compare = &comparer{m}
	m.forking = &forking{m}
	if b, ok := e.(Breaker); ok {
		b.Break(settings.breaks.stop)
	}
	s.commands = commandTable(m)
	if by, ok := e.(Refuser); ok {
		refuse(s.commands, by)
	}
	km, err := bindings(s.commands).Remap(opt.Keys)
	s.keys = km
	s.renderer = newRenderer(s) // blocks of code name the key that copies them
	return m, err
}

// Init reads the session's records and asks terminal and system whether they are dark; nothing waits
// for the reply.
func (m *explorer) Init() tea.Cmd {
	m.watch(m.engine.Session(), &track{title: "session"})
	cmds := []tea.Cmd{m.shell.reply.ask(m.shell.now()), askDesktop(m.shell.opt), m.debugger.askFaults()}
	if q := m.shell.opt.Question; q != "" {
		m.question.line.SetValue(q)
		cmds = append(cmds, func() tea.Msg { return doMsg{"ask"} })
	}
	return tea.Batch(append(cmds, m.past.first(m.shell.opt.Run))...)
}

// View returns the frame, the window title and the progress bar.
func (m *explorer) View() tea.View {
	v := m.shell.view()
	v.WindowTitle, v.ProgressBar, v.ProgramStatus = m.title(), m.progressBar(), m.status()
	return v
}

// Update handles a message, and lets the frame scheduler decide when its effect is drawn.
func (m *explorer) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	frames := &m.shell.frames
	cause, cmd := m.handle(msg)
	if cause == causeNothing {
		return m, cmd
	}
	if frames.postpone(cause) {
		return m, tea.Batch(cmd, m.tick())
	}
	rest, rendering := m.refresh()
	return m, tea.Batch(cmd, rest, frames.request(cause, rendering && m.shell.frame != ""))
}

// handle performs a message, and returns why the screen may have changed.
func (m *explorer) handle(msg tea.Msg) (cause frameCause, cmd tea.Cmd) {
	s := m.shell
	cause = causeInput
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.w, s.h = msg.Width, msg.Height
		s.marked = selection{}
	case tea.BackgroundColorMsg:
		s.backgroundKnown = true
		_ = s.setTheme(msg.IsDark()) // cannot fail: the theme's name was checked at the start
		if s.reply.owed = false; s.quit {
			cmd = tea.Quit
		}
	case desktopMsg:
		if !s.backgroundKnown {
			_ = s.setTheme(bool(msg))
		}
	case tea.ResumeMsg:
		cmd = s.reply.ask(s.now())
	case tickMsg:
		s.frames.ticked()
		m.player.advance()
		cause = causeText
	case spacingOver:
		cause = causeText
		draw, again := s.frames.resume()
		if !draw {
			return causeNothing, again
		}
	case batch:
		cmd, cause = m.take(msg), causeRecords
		if msg.text() || msg.bulk() {
			cause = causeText
		}
	case markdown.Rendered:
		cmd, cause = m.conversation.rendered(msg), causeRender
	case tea.KeyPressMsg:
		m.runs.revealAll()
		cmd = s.key(msg)
	case tea.PasteMsg:
		cmd = s.paste(msg)
	case tea.MouseMsg:
		return s.mouse(msg)
	case wheel:
		cause = s.wheel(msg)
	case noteMsg:
		cmd = s.say(msg.text, msg.warn)
	case noteOver:
		s.note.forget(msg)
	case printedMsg:
		s.speaker.printing = false
	case doMsg:
		cmd = s.run(msg.command)
	case startedMsg:
		cmd = m.started(msg)
	case repliedMsg:
		cmd = m.form.replied(msg)
	case sources.Loaded:
		if p := s.opened[detailPart]; p != nil {
			cmd, _ = p.Update(msg)
		}
	case pathsMsg:
		m.slash.found(msg, m.question.line.Value())
	case choicesMsg:
		cmd = m.choose(msg)
	case chosenMsg:
		if msg.err != nil {
			cmd = s.say(msg.err.Error(), true)
		}
	case refreshMsg:
		return causeNothing, m.past.pass(msg)
	case historyMsg, previewMsg, digestMsg, filesMsg, importedMsg:
		cmd = m.past.pass(msg)
		if h, ok := msg.(historyMsg); ok && h.same {
			return causeNothing, cmd
		}
	case keptRunMsg:
		cmd = m.past.open(history.Run(msg))
	case comparedMsg:
		m.compare.show(msg[0], msg[1])
	case forkOpenMsg:
		cmd = m.forking.opened(msg)
	case forkedMsg:
		cmd = m.forking.began(msg)
	case forkEditedMsg:
		if s.overlay != nil {
			cmd, _ = s.overlay.Update(msg)
		}
	case faultsMsg:
		m.debugger.settings.faults = msg
	case explainedMsg:
		m.why.explained(msg)
	case tea.KeyReleaseMsg, tea.ColorProfileMsg, tea.KeyboardEnhancementsMsg, tea.EnvMsg, tea.ModeReportMsg, tea.CapabilityMsg, tea.TerminalVersionMsg:
		return causeNothing, nil
	default:
		if s.overlay == nil && s.part() == linePart {
			cmd = m.question.line.update(msg)
		}
	}
	return cause, cmd
}

// refresh updates everything that is derived from other state: the conversation, forms, details,
// layout, the rendering of answers, and the next tick. It reports whether an answer is being
// rendered.
func (m *explorer) refresh() (cmd tea.Cmd, rendering bool) {
	now := m.shell.now()
	for _, t := range m.runs.list {
		at := -1
		if t == m.runs.shown {
			at = m.timeline.instant()
		}
		t.refresh(at, now)
	}
	m.form.refresh()
	paths := m.slash.typed(m.question.line.Value())
	m.inspector.refresh(m.why.reason())
	m.graph.refresh()
	why := m.why.refresh()
	if m.shell.speaker.on {
		return tea.Batch(why, paths, m.speak(now), m.shell.frames.tick(m.player.pulse())), false
	}
	m.shell.arrange()
	render := m.conversation.render()
	return tea.Batch(why, paths, render, m.tick()), render != nil
}

// speak makes announcements in the screen-reader mode, where every part has room.
func (m *explorer) speak(now time.Time) tea.Cmd {
	m.shell.arrangeLinear()
	m.timeline.chart.SetNow(m.runs.shown.clock(now))
	m.timeline.chart.SetSize(80, 24)
	m.inspector.details.SetSize(110, 24)
	if m.shell.w <= 0 { // the width is not known yet
		return nil
	}
	return m.shell.speak(m.runs.shown)
}

// tick schedules the next frame if anything moves by itself. A screen on which nothing happens
// costs nothing.
func (m *explorer) tick() tea.Cmd {
	if m.shell.quit {
		return nil
	}
	every := m.runs.pulse(m.timeline.instant() >= 0)
	if p := m.player.pulse(); p != 0 && (every == 0 || p < every) {
		every = p
	}
	return m.shell.frames.tick(every)
}

// CheckKeys returns an error if keys cannot be assigned to commands in place of the default ones.
func CheckKeys(to map[string][]string) error {
	_, err := bindings(commandTable(new(explorer))).Remap(to)
	return err
}
