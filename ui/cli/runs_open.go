package cli

import (
	"cmp"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"
)

func newRunsOpen() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "open ID",
		Short:   "Open a run in the explorer",
		Long:    "open opens a run in the explorer, on the directory that the run is about, as enter does in the history. No step of it is done again. A run that waits for you shows the form for your reply.",
		Example: "weft runs open last",
		Args:    oneRun,
	}
	addFlags(cmd.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Workflow, &o.Timeout, &o.Classifier, &o.Fault, &o.Theme, &o.ScreenReader, &o.Profile,
			&o.BaseURL, &o.Model, &o.EmbeddingModel, &o.RerankModel, &o.Offline, &o.Allow}
	})
	addFlags(cmd.Flags(), (*options).inclusion)
	dir := cmd.Flags().String("dir", "", "search this directory, and not that of the run")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		_, _, r, err := openRun(cmd, args[0])
		if err != nil {
			return err
		}
		dirs := filepath.SplitList(cmp.Or(*dir, r.Directory))
		if len(dirs) == 0 {
			return usageError{errors.New("the run does not name its directory: give it with --dir")}
		}
		return exploreRun(cmd, dirs, r.ID)
	}
	return cmd
}
