// Package explorer is weft's screen: questions and answers, and the timeline of how each answer is made.
//
//	records of runs ─▶ pump ─▶ model.Update ─▶ run.Run (index) ─▶ panels ─▶ canvas ─▶ Bubble Tea
//
// It knows runs only by their records and drives them through the Engine interface; nothing of documents or models is known
// here. There is one tea.Model; panels are plain values that draw into rectangles which arrange, a pure function, hands out.
// Everything that takes time (asking, replying, rendering Markdown, reading a document) happens in commands.
package explorer

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"weft/ui/theme"
)

// Options are what a person has set. The zero value works.
type Options struct {
	Env      []string            // KEY=value; nil: the process's own
	Theme    string              // a name that theme.Pick knows; NO_COLOR goes before it
	Themes   []theme.Theme       // the person's own
	Keys     map[string][]string // keys by the names of commands, in place of the usual ones
	Workflow string              // the workflow that is asked at first; "": the engine's first
	Question string              // asked at once, if there is one
	History  []string            // questions asked before, oldest first
	Dir      string              // the folder that sources' paths are relative to; "": what the session's corpus says

	ScreenReader bool // write what happens as lines of text, one after the other, and draw nothing

	// For tests: where keys come from and the screen goes to, the clock, and the system's clipboard.
	Input     io.Reader
	Output    io.Writer
	Now       func() time.Time
	Clipboard func(string) error
	size      [2]int
	program   func(*tea.Program) // is told the program, to send it what a test cannot do otherwise
}

func (o Options) env() []string {
	if o.Env == nil {
		return os.Environ()
	}
	return o.Env
}

// getenv returns the last value of a variable.
func (o Options) getenv(key string) string {
	for _, kv := range slices.Backward(o.env()) {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v
		}
	}
	return ""
}

// noColor reports whether NO_COLOR has any value: the rule is not to look which.
func (o Options) noColor() bool { return o.getenv("NO_COLOR") != "" }

// home writes a path below the person's home with a ~.
func (o Options) home(dir string) string {
	if home := o.getenv("HOME"); len(home) > 1 {
		if rest, ok := strings.CutPrefix(dir, home+"/"); ok {
			return "~/" + rest
		}
	}
	return dir
}

// light reports whether the terminal has said beforehand that it is light (COLORFGBG=0;15). The rest say it when asked.
func (o Options) light() bool {
	fgbg := o.getenv("COLORFGBG")
	bg := fgbg[strings.LastIndexByte(fgbg, ';')+1:]
	return bg == "7" || bg == "15"
}

// A Result is what remains when the explorer was left.
type Result struct {
	Summary string   // one line about the last run, "" if nothing was asked
	History []string // questions for the next time, oldest first
}

// Open shows the explorer until the person quits or ctx ends, and returns what remains. The terminal is as it was before. The
// engine's runs are not cancelled: they are the caller's.
func Open(ctx context.Context, e Engine, opt Options) (Result, error) {
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	m, err := newModel(own, e, opt)
	if err != nil {
		return Result{}, err
	}
	m.pump = newPump(own, frameInterval)
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

// showCursor shows the cursor on the terminal's own screen, of which some terminals keep it apart. A machine with much to do can let
// the program draw before there is a first frame, and that hides it there, where it ends without being shown again.
func (m *model) showCursor() {
	var out io.Writer = os.Stdout
	if m.shell.opt.Output != nil {
		out = m.shell.opt.Output
	}
	_, _ = io.WriteString(out, ansi.ShowCursor) // a terminal that is gone has none
}

func (m *model) programOptions(s *coalescer) []tea.ProgramOption {
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
