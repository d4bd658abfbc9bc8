package explorer

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/theme"
	"weft/ui/theme/appearance"
)

// Options are a person's settings. The zero value works.
type Options struct {
	Env      []string            // KEY=value; nil: the process's own
	Theme    string              // a name that theme.Pick knows; NO_COLOR takes precedence
	Themes   []theme.Theme       // the person's own
	Keys     map[string][]string // keys by the names of commands, in place of the usual ones
	Workflow string              // the workflow that is asked at first; "": the engine's first
	Question string              // asked at once, if there is one
	Run      string              // the identifier of a kept run that is opened at once, if there is one
	History  []string            // questions asked before, oldest first
	Folders  map[string]string   // where documents are, as sources.Folders; nil: in the session's corpus

	ScreenReader bool // write what happens as lines of text, one after the other, and draw nothing

	// For tests: where keys come from and the screen goes to, the clock, and the system's
	// clipboard.
	Input     io.Reader
	Output    io.Writer
	Now       func() time.Time
	Clipboard func(string) error
	size      [2]int

	appearance func() (dark, known bool) // the setting of the system
	program    func(*tea.Program)        // receives the program, so that a test can send it messages
}

func (o Options) env() []string {
	if o.Env == nil {
		return os.Environ()
	}
	return o.Env
}

// output returns where the screen is drawn.
func (o Options) output() io.Writer {
	if o.Output == nil {
		return os.Stdout
	}
	return o.Output
}

// getenv returns the last value of an environment variable.
func (o Options) getenv(key string) string {
	for _, kv := range slices.Backward(o.env()) {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v
		}
	}
	return ""
}

// noColor reports whether NO_COLOR is set to any non-empty value, as its specification asks.
func (o Options) noColor() bool { return o.getenv("NO_COLOR") != "" }

// home abbreviates the person's home directory in a path to ~.
func (o Options) home(dir string) string {
	if home := o.getenv("HOME"); len(home) > 1 {
		if rest, ok := strings.CutPrefix(dir, home+"/"); ok {
			return "~/" + rest
		}
	}
	return dir
}

// expand replaces a leading ~ of a typed path by the person's home directory.
func (o Options) expand(typed string) string {
	if rest, ok := strings.CutPrefix(typed, "~/"); ok && o.getenv("HOME") != "" {
		return filepath.Join(o.getenv("HOME"), rest)
	}
	return typed
}

// background returns the background that the terminal announces in COLORFGBG, as in "0;15". A
// terminal without that variable is asked.
func (o Options) background() (light, known bool) {
	fgbg := o.getenv("COLORFGBG")
	n, err := strconv.Atoi(fgbg[strings.LastIndexByte(fgbg, ';')+1:])
	return n == 7 || n == 15, err == nil
}

// A desktopMsg says whether the system's windows are dark.
type desktopMsg bool

// desktop returns what the settings of the system say about dark windows.
func (o Options) desktop() (dark, known bool) {
	if o.appearance != nil {
		return o.appearance()
	}
	return appearance.Dark(o.getenv)
}

// answerTime is how long the terminal has to answer before the system is asked: the screen must not
// change its colours twice.
const answerTime = 300 * time.Millisecond

// askDesktop returns a command that asks the system whether its windows are dark, unless the terminal
// has announced its background.
func askDesktop(o Options) tea.Cmd {
	if _, known := o.background(); known {
		return nil
	}
	return tea.Tick(answerTime, func(time.Time) tea.Msg {
		if dark, known := o.desktop(); known {
			return desktopMsg(dark)
		}
		return nil
	})
}
