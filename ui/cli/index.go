package cli

import (
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/units"
)

func newIndex() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "index [DIR ...]",
		Short: "Bring the index of a directory up to date",
		Long:  "index reads the new and changed files in DIR and reports what it did. The explorer and ask update the index by themselves.",
		Args:  cobra.ArbitraryArgs,
	}
	report := cmd.Flags().Bool("report", false,
		"list every file that is not indexed, or only in part, with the reason")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err != nil {
			return err
		}
		s, err := bareSession(cmd.Context(), st)
		if err != nil {
			return err
		}
		defer s.close()
		if *report {
			s.listed = math.MaxInt
		}
		s.open(directories(args))
		out := cmd.OutOrStdout()
		for r := range s.life.Records(cmd.Context(), 0) {
			switch ev := r.Payload.(type) {
			case show.Notice:
				fmt.Fprintln(cmd.ErrOrStderr(), "weft:", canvas.Line(ev.Text))
			case show.Opened:
				run, _ := s.Run(ev.Run)
				for r := range run.Records(cmd.Context(), 0) {
					showIndexing(out, r, *report)
				}
			case show.Corpus:
				switch ev.State {
				case show.CorpusReady:
					return nil
				case show.CorpusFailed:
					return s.err
				}
			}
		}
		return &exitError{exitCancelled, fmt.Errorf("cancelled: what was indexed so far is kept")}
	}
	return cmd
}

// showIndexing prints the progress of an indexing run on a terminal, where it can be overwritten,
// and its result.
func showIndexing(w io.Writer, r flow.Record, report bool) {
	switch ev := r.Payload.(type) {
	case show.Progress:
		if isTerminal(w) && ev.Total > 0 {
			fmt.Fprintf(behind(w), "\r\x1b[K%s: %d of %d %s", canvas.Line(ev.Message), ev.Done, ev.Total, canvas.Line(ev.Unit))
		}
	case show.Indexed:
		if r.Kind != flow.RunFinished {
			return
		}
		if isTerminal(w) {
			fmt.Fprint(behind(w), "\r\x1b[K")
		}
		fmt.Fprintf(w, "%s, %s\n", ev.Text, units.Duration(time.Duration(ev.TookMS*float64(time.Millisecond))))
		if !report {
			if ev.LeftOut+ev.Partly > 0 {
				fmt.Fprintln(w, leftOut(ev)+": --report lists them with the reason")
			}
			return
		}
		for _, s := range ev.Skipped {
			fmt.Fprintf(w, "%-12s %s %s\n", s.Reason, canvas.Line(s.Path), canvas.Line(s.Detail))
		}
	}
}

// leftOut says how many files are left out of the index, or are only partly in it.
func leftOut(ev show.Indexed) string {
	out := fmt.Sprintf("%d files are left out", ev.LeftOut)
	if ev.Partly > 0 {
		out += fmt.Sprintf(", %d are read in part", ev.Partly)
	}
	return out
}
