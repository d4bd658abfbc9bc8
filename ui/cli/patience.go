package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
)

// waitFlags are the flags --wait and --no-wait of ask and search.
type waitFlags struct{ wait, noWait *bool }

func addWaitFlags(cmd *cobra.Command) waitFlags {
	return waitFlags{
		wait: cmd.Flags().Bool("wait", false,
			"wait until everything is indexed (the default when the output is not a terminal)"),
		noWait: cmd.Flags().Bool("no-wait", false,
			"search what is indexed at once: the exit code is 4 if that is not everything"),
	}
}

// patience returns how long to wait. A person at a terminal sees that the index is incomplete and can
// ask again; a program cannot, so it waits for the whole index.
func (f waitFlags) patience(out io.Writer) (patience, error) {
	switch {
	case *f.wait && *f.noWait:
		return 0, usageError{errors.New("--wait and --no-wait exclude each other: give one of them")}
	case *f.noWait:
		return waitLeast, nil
	case *f.wait || !isTerminal(out):
		return waitAll, nil
	}
	return waitSome, nil
}

// openDirectories opens directories for a command that searches them and has these flags, and says
// on standard error which settings are misplaced. done says what was wrong with the session, and
// closes it.
func (f waitFlags) openDirectories(cmd *cobra.Command, dirs []string) (s *session, done func(), err error) {
	st, err := loadSettings(cmd.Flags(), os.Getenv)
	if err == nil {
		err = st.checkDirectories(dirs)
	}
	if err != nil {
		return nil, nil, err
	}
	long, err := f.patience(cmd.OutOrStdout())
	if err != nil {
		return nil, nil, err
	}
	s, err = bareSession(cmd.Context(), st)
	if err != nil {
		return nil, nil, err
	}
	s.corpus.patience = long
	s.corpus.open(dirs)
	s.corpus.sayMisplaced(cmd.ErrOrStderr())
	return s, func() {
		s.sayTroubles(cmd.ErrOrStderr())
		s.close()
	}, nil
}

// waitReportInterval is the interval between the lines that say how far indexing is. What takes less
// time is not worth a line.
const waitReportInterval = 2 * time.Second

// A waitReport says on standard error how far the index is that a command waits for.
type waitReport struct {
	w     io.Writer
	began time.Time
	last  time.Time
}

// progress writes a line, unless the wait began, or the last line was written, a moment ago.
func (r *waitReport) progress(p show.Progress) {
	if p.Waits == "" {
		return
	}
	now := time.Now()
	if r.began.IsZero() {
		r.began, r.last = now, now
	}
	if now.Sub(r.last) < waitReportInterval {
		return
	}
	r.last = now
	line := p.Message
	if p.Total > 0 {
		line += fmt.Sprintf(": %d of %d %s", p.Done, p.Total, p.Unit)
	}
	fmt.Fprintf(r.w, "weft: %s\n", canvas.Line(line))
}

// record reports the waits that the records of a run tell of.
func (r *waitReport) record(rec flow.Record) {
	if p, ok := rec.Payload.(show.Progress); ok && rec.Kind == flow.EventEmitted {
		r.progress(p)
	}
}
