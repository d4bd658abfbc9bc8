package explorer

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/run"
	"weft/ui/speech"
	"weft/ui/status"
	"weft/ui/units"
)

// title returns the window's title: what the program does, and with what.
func (m *explorer) title() string {
	t := m.runs.running()
	switch {
	case m.form.awaited():
		return "weft needs you: " + canvas.Truncate(m.form.front.Title, 60)
	case t != nil:
		return "weft is answering: " + canvas.Truncate(t.title, 60)
	case m.runs.indexing():
		return "weft is indexing " + canvas.Line(m.runs.session.corpus.Dir)
	case m.runs.session.corpus.Dir != "":
		return "weft " + canvas.Line(m.runs.session.corpus.Dir)
	}
	return "weft"
}

// progressBar returns the progress that a terminal may show in its tab or task bar.
func (m *explorer) progressBar() *tea.ProgressBar {
	switch {
	case m.shell.quit:
		return nil
	case m.form.awaited():
		return tea.NewProgressBar(tea.ProgressBarWarning, 100)
	case m.runs.running() != nil:
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	case m.runs.indexing():
		if s := m.runs.gauge.share(); s >= 0 {
			return tea.NewProgressBar(tea.ProgressBarDefault, int(s*100))
		}
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return nil
}

// status returns the program's state for terminals that show it. The terminal keeps it after the
// program, so on quitting it is done, failed or idle.
func (m *explorer) status() *tea.ProgramStatus {
	s := &tea.ProgramStatus{State: tea.ProgramStateIdle}
	last := m.runs.last()
	switch {
	case m.shell.quit && last == nil:
	case m.form.awaited() && !m.shell.quit:
		s.State = tea.ProgramStateBlocked
	case m.runs.running() != nil && !m.shell.quit:
		s.State = tea.ProgramStateWorking
	case last != nil && last.failed != nil:
		s.State = tea.ProgramStateError
	case last != nil && last.over():
		switch last.view(-1).Status() {
		case run.Broken:
			s.State = tea.ProgramStateError
		case run.Succeeded:
			s.State = tea.ProgramStateDone
		}
	case m.runs.indexing() && !m.shell.quit:
		s.State = tea.ProgramStateWorking
	}
	return s
}

// summary returns a line about the last run, for the scrollback; "" if nothing was asked.
func (m *explorer) summary() string {
	t := m.runs.last()
	if t == nil {
		return ""
	}
	t.typewriter.skip()
	c := t.content(-1, m.shell.now())
	is, what, incomplete := c.State.Status(), "answered", false
	switch c.State {
	case conversation.Done:
		if c.By != "" {
			what = "answered " + c.Author()
		}
		if n := len(c.Sources); n > 0 {
			what += fmt.Sprintf(" from %s", counted(n, "source"))
		}
		if incomplete = c.Warned && len(c.Notes) > 0; incomplete {
			what += ", incomplete"
		}
	case conversation.Failed:
		what = is.Word() + ": " + c.Error
	case conversation.Cancelled, conversation.Interrupted:
		what = is.Word()
	case conversation.Waiting:
		if what = "not finished"; m.quitter.kept() {
			what = "waits for you, and " + m.shell.keyOf("history") + " lists it after the next start"
		}
	default:
		is, what = status.Cancelled, "not finished"
	}
	mark := is.Glyph()
	switch {
	case m.shell.speaker.on:
		mark = is.Spoken() + ":"
	case incomplete:
		mark = status.Incomplete
	}
	text := canvas.Line(fmt.Sprintf("%s %q %s · %s · %s", mark, canvas.Truncate(t.title, 60), what, t.workflow, units.Duration(c.Elapsed)))
	if m.shell.speaker.on {
		text = speech.Plain(text)
	}
	return text
}
