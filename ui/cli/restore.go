package cli

import (
	"os"

	"github.com/charmbracelet/x/term"
)

// savedTerminal returns a function that restores the mode of the terminal that the program was
// started on, and ends what was drawn. Without a terminal the function does nothing.
func savedTerminal() (restore func()) {
	state, err := term.GetState(os.Stdin.Fd())
	if err != nil {
		return func() {}
	}
	return func() {
		now, err := term.GetState(os.Stdin.Fd())
		if err != nil || *now == *state {
			return
		}
		_ = term.Restore(os.Stdin.Fd(), state) // fails only if the terminal is gone
		// While the explorer draws, the mode is another one. Otherwise there is nothing to undo.
		if !sameButOutput(now, state) && term.IsTerminal(os.Stdout.Fd()) {
			_, _ = os.Stdout.WriteString(terminalReset + "\r\n")
		}
	}
}
