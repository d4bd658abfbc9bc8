package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weft/ui/canvas"
)

// Widths of the help, in columns.
const (
	usualWidth = 80  // width without a terminal
	widestHelp = 110 // greatest width on a terminal
	// least width of a description beside its flag; with less room it is printed below
	leastBeside = 30
)

// showHelp prints a command's description and flags, wrapped between words.
func showHelp(cmd *cobra.Command, _ []string) {
	out := cmd.OutOrStdout()
	cols := terminalWidth(out)
	h := help{w: behind(out), bold: cols > 0, width: usualWidth}
	if cols > 0 {
		h.width = min(max(cols, narrowest), widestHelp)
	}
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	h.text(about, 0)
	h.title("Usage")
	h.text(cmd.UseLine(), 2)
	if cmd.Example != "" {
		h.title("Examples")
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			h.text(line, 2)
		}
	}
	var commands, flags [][2]string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			commands = append(commands, [2]string{c.Name(), c.Short})
		}
	}
	cmd.InitDefaultHelpFlag()
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			flags = append(flags, flagHelp(f))
		}
	})
	h.table("Commands", commands)
	h.table("Flags", flags)
}

// flagHelp returns a flag's names and value, and its description with the default.
func flagHelp(f *pflag.Flag) [2]string {
	value, about := pflag.UnquoteUsage(f)
	name := "    --" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", --" + f.Name
	}
	if value != "" {
		name += " " + value
	}
	switch f.DefValue {
	case "", "false", "[]", "0s":
	default:
		about += " (" + f.DefValue + ")"
	}
	return [2]string{name, about}
}

// A help formats help text.
type help struct {
	w     io.Writer
	width int
	bold  bool
}

func (h help) title(s string) {
	if h.bold {
		s = "\x1b[1m" + s + "\x1b[m"
	}
	fmt.Fprintf(h.w, "\n%s\n", s)
}

// text prints wrapped text indented by at columns.
func (h help) text(s string, at int) {
	for line := range strings.SplitSeq(ansi.Wordwrap(s, h.width-at, ""), "\n") {
		fmt.Fprintln(h.w, strings.TrimRight(strings.Repeat(" ", at)+line, " "))
	}
}

// table prints names with their descriptions beside them, or below if there is no room.
func (h help) table(title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	h.title(title)
	at := 0
	for _, r := range rows {
		at = max(at, canvas.Width(r[0])+4)
	}
	for _, r := range rows {
		if h.width-at < leastBeside {
			h.text(r[0], 2)
			h.text(r[1], 10)
			continue
		}
		var about strings.Builder
		help{w: &about, width: h.width}.text(r[1], at)
		fmt.Fprintf(h.w, "  %-*s%s", at-2, r[0], strings.TrimLeft(about.String(), " "))
	}
}
