package explorer

import (
	"context"
	"fmt"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// A Result is what remains when the explorer was left.
type Result struct {
	Summary string   // one line about the last run, "" if nothing was asked
	History []string // questions for the next time, oldest first
}

// Open shows the explorer until the person quits or ctx ends, and returns what remains. The
// terminal is as it was before. The engine's runs are not cancelled: they are the caller's.
func Open(ctx context.Context, e Engine, opt Options) (Result, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	m, err := newExplorer(inner, e, opt)
	if err != nil {
		return Result{}, err
	}
	m.pump = newPump(inner, frameInterval)
	s := &coalescer{every: frameInterval}
	p := tea.NewProgram(m, m.programOptions(s)...)
	s.send = p.Send
	m.shell.frames.clock = &renderClock{program: p}
	m.pump.start(p.Send)
	if opt.Output == nil { // the terminal itself
		defer keepLogs(p.Send)()
	}
	if opt.program != nil {
		opt.program(p)
	}
	_, err = p.Run()
	m.showCursor()
	cancel()
	m.pump.wait()
	res := Result{Summary: m.summary(), History: m.question.line.history}
	if err != nil && ctx.Err() == nil { // otherwise the caller ended it
		return res, fmt.Errorf("explorer: %w", err)
	}
	return res, nil
}

// showCursor shows the cursor on the terminal's own screen, of which some terminals keep it apart.
// A machine with much to do can let the program draw before there is a first frame, and that hides
// it there, where it ends without being shown again.
func (m *explorer) showCursor() {
	var out io.Writer = os.Stdout
	if m.shell.opt.Output != nil {
		out = m.shell.opt.Output
	}
	_, _ = io.WriteString(out, ansi.ShowCursor) // a terminal that is gone has none
}

func (m *explorer) programOptions(s *coalescer) []tea.ProgramOption {
	env := m.shell.opt.env()
	ops := []tea.ProgramOption{tea.WithContext(m.ctx), tea.WithFilter(s.filter), tea.WithEnvironment(env), tea.WithFPS(fps)}
	switch {
	case m.shell.opt.noColor():
		ops = append(ops, tea.WithColorProfile(colorprofile.ASCII))
	case m.shell.opt.Output != nil: // what is no terminal would get no colours
		ops = append(ops, tea.WithColorProfile(colorprofile.Env(env)))
	}
	if m.shell.opt.Input != nil {
		ops = append(ops, tea.WithInput(m.shell.opt.Input), tea.WithoutSignalHandler())
	}
	if m.shell.opt.Output != nil {
		ops = append(ops, tea.WithOutput(m.shell.opt.Output))
	}
	if m.shell.opt.size != [2]int{} {
		ops = append(ops, tea.WithWindowSize(m.shell.opt.size[0], m.shell.opt.size[1]))
	}
	return ops
}
