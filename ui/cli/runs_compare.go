package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"weft/ui/compare"
	"weft/ui/history"
)

func newRunsCompare() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "compare A B",
		Short:   "Compare two runs: steps, times, sources, answers",
		Long:    "compare aligns the steps of two runs by step, round and item, says where the runs first differ, and compares times, sources, settings, state and, word by word, the answers. In the answer [-words-] are only in A and {+words+} only in B. Nothing is asked or done again.",
		Example: "weft runs compare k3f9 p2m1\nweft runs compare k3f9 last --json | jq .first",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{errors.New("give two runs: their identifiers, or last; weft runs lists them")}
			}
			return nil
		},
	}
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		_, store, err := openRuns(cmd)
		if err != nil {
			return err
		}
		a, err := sideOf(store, args[0])
		if err != nil {
			return err
		}
		b, err := sideOf(store, args[1])
		if err != nil {
			return err
		}
		c := compare.Compare(a, b, time.Now())
		if *asJSON {
			return c.WriteJSON(cmd.OutOrStdout())
		}
		return c.WriteText(cmd.OutOrStdout())
	}
	return cmd
}

// sideOf returns a run of the store for a comparison.
func sideOf(store *history.Store, id string) (compare.Side, error) {
	k, err := readRun(store, id)
	if err != nil {
		return compare.Side{}, err
	}
	return compare.Side{View: k.Fold().Now(), Header: k.Header}, nil
}
