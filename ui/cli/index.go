package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/index"
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
	verify := cmd.Flags().Bool("verify", false,
		"change nothing: check the index against its checksums and the files, and say what is wrong")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err == nil {
			err = st.checkDirectories(directories(args))
		}
		if err != nil {
			return err
		}
		s, err := bareSession(cmd.Context(), st)
		if err != nil {
			return err
		}
		defer s.close()
		if *verify {
			return s.corpus.verify(cmd.Context(), cmd.OutOrStdout(), directories(args))
		}
		if *report {
			s.corpus.listed = math.MaxInt
		}
		s.corpus.open(directories(args))
		out := cmd.OutOrStdout()
		for r := range s.life.Records(cmd.Context(), 0) {
			switch ev := r.Payload.(type) {
			case show.Notice:
				fmt.Fprintln(cmd.ErrOrStderr(), "weft:", canvas.Line(ev.Text))
			case show.Progress:
				showIndexing(out, r, *report)
			case show.Opened:
				run, _ := s.runs.find(ev.Run)
				for r := range run.Records(cmd.Context(), 0) {
					showIndexing(out, r, *report)
				}
			case show.Corpus:
				switch ev.State {
				case show.CorpusReady:
					<-s.corpus.built
					return s.corpus.result()
				case show.CorpusFailed:
					return s.corpus.err
				}
			}
		}
		return &exitError{exitCancelled, fmt.Errorf("cancelled: what was indexed so far is kept")}
	}
	return cmd
}

// result returns the exit code of weft index, as an error. A notice has said the cause.
func (c *corpus) result() error {
	switch {
	case c.unsaved() != "":
		return &exitError{code: exitFailed}
	case c.missing() != "":
		return &exitError{code: exitIncomplete}
	}
	return nil
}

// verify checks the index of directories and prints what it finds. A damaged index is an error.
func (c *corpus) verify(ctx context.Context, w io.Writer, dirs []string) error {
	dir, err := indexDir(c.settings, dirs)
	if err != nil {
		return err
	}
	found, err := index.Verify(ctx, dir, dirs, c.updateOptions())
	if errors.Is(err, fs.ErrNotExist) && found == nil {
		return fmt.Errorf("%s has no index yet: weft index builds it", strings.Join(dirs, ", "))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d files, %d passages, %d vectors, %d records of the log, %s, in %s\n", found.Files,
		found.Passages, found.Vectors, found.Records, size(found.Bytes), canvas.Line(dir))
	for _, p := range found.Problems {
		fmt.Fprintln(w, "  damaged:", canvas.Line(p))
	}
	if n := len(found.Stale); n > 0 {
		fmt.Fprintf(w, "  %d files are new, changed or gone since, such as %s: weft index reads them\n", n, canvas.Line(found.Stale[0]))
	}
	if len(found.Problems) > 0 {
		return fmt.Errorf("the index has %d problems: weft index %s repairs it; if not, delete it with weft clean %[2]s",
			len(found.Problems), strings.Join(dirs, " "))
	}
	fmt.Fprintln(w, "  nothing is damaged")
	return nil
}

// showIndexing prints the result of an indexing run and, on a terminal, where a line can be
// overwritten, the progress of opening the index and of the run.
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
		for _, remark := range ev.Remarks {
			fmt.Fprintf(w, "%-12s %s %s\n", "remark", canvas.Line(remark.Path), canvas.Line(remark.Text))
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
