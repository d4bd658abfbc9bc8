package explorer

import (
	"context"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// A Result is what the caller keeps after the explorer was closed.
type Result struct {
	Summary string   // one line about the last run, "" if nothing was asked
	History []string // questions for the next time, oldest first
}

// Open shows the explorer until the person quits or ctx ends, and restores the terminal. The
// engine's runs belong to the caller and are not cancelled.
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
	if opt.Output == nil { // the output is the terminal of this process
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
	if err != nil && ctx.Err() == nil { // after ctx has ended, the error only says so
		return res, fmt.Errorf("explorer: %w", err)
	}
	return res, nil
}

// showCursor shows the cursor on the terminal's main screen. Some terminals keep its visibility for
// each screen separately, and on a busy machine the program can hide it on the main screen before
// the first frame.
func (m *explorer) showCursor() {
	_, _ = io.WriteString(m.shell.opt.output(), ansi.ShowCursor) // fails only if the terminal is gone
}

func (m *explorer) programOptions(s *coalescer) []tea.ProgramOption {
	env := m.shell.opt.env()
	ops := []tea.ProgramOption{tea.WithContext(m.ctx), tea.WithFilter(s.filter), tea.WithEnvironment(env), tea.WithFPS(fps)}
	switch {
	case m.shell.opt.noColor():
		ops = append(ops, tea.WithColorProfile(colorprofile.ASCII))
	// The library sends no colours to an output that is not a terminal
	case m.shell.opt.Output != nil:
		ops = append(ops, tea.WithColorProfile(colorprofile.Env(env)))
	}
	if m.shell.opt.Input != nil {
		ops = append(ops, tea.WithInput(m.shell.opt.Input), tea.WithoutSignalHandler())
	}
	ops = append(ops, tea.WithOutput(drawTo(m.shell.opt.output())))
	if m.shell.opt.size != [2]int{} {
		ops = append(ops, tea.WithWindowSize(m.shell.opt.size[0], m.shell.opt.size[1]))
	}
	return ops
}
