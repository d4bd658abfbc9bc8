package cli

import (
	"io"
	"os"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"weft/ui/markdown"
	"weft/ui/theme"
)

// page returns a renderer for Markdown on the terminal w, or nil if w cannot be drawn on.
func (s *settings) page(w io.Writer) (*markdown.Scroll, error) {
	f, ok := behind(w).(term.File)
	if !ok || terminalWidth(w) < narrowest {
		return nil, nil
	}
	colours := colorprofile.NewWriter(f, os.Environ())
	if colours.Profile <= colorprofile.NoTTY { // TERM is dumb or not set
		return nil, nil
	}
	t, err := s.textTheme()
	if err != nil {
		return nil, err
	}
	if t.Name == theme.Mono().Name {
		colours.Profile = colorprofile.ASCII
	}
	return markdown.NewScroll(colours, markdown.NewRenderer(markdown.LookOf(t)), func() (cols, rows int) {
		cols, rows, _ = term.GetSize(f.Fd()) // an error means that the terminal is gone
		return cols, rows
	}), nil
}

// textTheme returns the theme for text that is written to a terminal. It does not ask the terminal
// whether its background is dark: a late reply would appear as typed input.
func (s *settings) textTheme() (theme.Theme, error) {
	switch name := s.Theme.value; {
	case s.getenv("NO_COLOR") != "":
		return theme.Mono(), nil
	case name == "auto" || name == "":
		return theme.Neutral(), nil
	}
	if err := s.checkTheme(); err != nil {
		return theme.Theme{}, err
	}
	return theme.Pick(s.themes, s.Theme.value, true)
}
