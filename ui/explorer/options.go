package explorer

import (
	"io"
	"os"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/theme"
)

// Options are a person's settings. The zero value works.
type Options struct {
	Env      []string            // KEY=value; nil: the process's own
	Theme    string              // a name that theme.Pick knows; NO_COLOR takes precedence
	Themes   []theme.Theme       // the person's own
	Keys     map[string][]string // keys by the names of commands, in place of the usual ones
	Workflow string              // the workflow that is asked at first; "": the engine's first
	Question string              // asked at once, if there is one
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
	program   func(*tea.Program) // receives the program, so that a test can send it messages
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

// light reports whether the terminal announces a light background in COLORFGBG, as in "0;15". Other
// terminals are asked.
func (o Options) light() bool {
	fgbg := o.getenv("COLORFGBG")
	bg := fgbg[strings.LastIndexByte(fgbg, ';')+1:]
	return bg == "7" || bg == "15"
}
