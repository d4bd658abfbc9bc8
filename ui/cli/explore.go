package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"weft/ui/explorer"
)

// explore opens the explorer on directories.
func explore(cmd *cobra.Command, args []string) error {
	if !isTerminal(cmd.OutOrStdout()) || os.Getenv("TERM") == "dumb" {
		return usageError{errors.New(`the explorer needs a terminal on which it can draw: without one, ask with weft ask "QUESTION" DIR`)}
	}
	st, err := loadSettings(cmd.Flags(), os.Getenv)
	if err != nil {
		return err
	}
	reader, err := st.screenReader()
	if err != nil {
		return err
	}
	s, err := newSession(cmd.Context(), st, directories(args))
	if err != nil {
		return err
	}
	defer s.close()
	s.watch()
	past := newHistory(st)
	res, err := explorer.Open(cmd.Context(), s, explorer.Options{
		Theme: st.text("theme"), Keys: st.keys, Workflow: st.text("workflow"), History: past.read(),
		ScreenReader: reader,
	})
	if err != nil {
		return err
	}
	if err := past.write(res.History); err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "weft: the questions of this session could not be kept:", err)
	}
	if res.Summary != "" {
		fmt.Fprintln(cmd.OutOrStdout(), res.Summary)
	}
	return nil
}
