package cli

import (
	"io"
	"os"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"weft/ui/markdown"
	"weft/ui/theme"
)

// page returns what draws Markdown on the terminal that w is; nil where nothing can be drawn.
func (s *settings) page(w io.Writer) (*markdown.Scroll, error) {
	f, ok := w.(term.File)
	if !ok || terminalWidth(w) < narrowest {
		return nil, nil
	}
	colours := colorprofile.NewWriter(w, os.Environ())
	if colours.Profile <= colorprofile.NoTTY { // TERM is dumb, or says nothing
		return nil, nil
	}
	t, err := s.look()
	if err != nil {
		return nil, err
	}
	if t.Name == theme.Mono().Name {
		colours.Profile = colorprofile.ASCII
	}
	return markdown.NewScroll(colours, markdown.NewRenderer(markdown.LookOf(t)), func() (cols, rows int) {
		cols, rows, _ = term.GetSize(f.Fd()) // of a terminal that is gone nothing is seen
		return cols, rows
	}), nil
}

// look is the theme in which text is written to a terminal. That is not asked whether it is dark: it might answer when nobody listens any
// more, and its answer would be taken for typed.
func (s *settings) look() (theme.Theme, error) {
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
