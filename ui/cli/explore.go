package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"weft/ui/explorer"
)

// explore opens the explorer on directories.
func explore(cmd *cobra.Command, args []string) error {
	st, err := loadSettings(cmd.Flags(), os.Getenv)
	if err != nil {
		return err
	}
	s, err := newSession(cmd.Context(), st, directories(args))
	if err != nil {
		return err
	}
	defer s.close()
	s.watch()
	res, err := explorer.Open(cmd.Context(), s, explorer.Options{Theme: st.text("theme"), Workflow: st.text("workflow")})
	if err != nil {
		return err
	}
	if res.Summary != "" {
		fmt.Fprintln(cmd.OutOrStdout(), res.Summary)
	}
	return nil
}
