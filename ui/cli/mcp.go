package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"weft/flow/show"
	"weft/rag/load"
	"weft/rag/mcpserver"
	"weft/rag/statefile"
	"weft/ui/canvas"
)

func newMCP() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "mcp [DIR ...]",
		Short:   "Offer documents to agents, over the Model Context Protocol",
		Long:    "mcp is started by an agent's program and speaks the Model Context Protocol on standard input and output. It offers the documents in DIR by the tools search, read, grep, list, ask and run, and keeps the runs that an agent starts, so that the explorer shows them. It ends when its input ends.",
		Example: "weft mcp ~/notes\nweft mcp --offline docs",
	}
	addFlags(cmd.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Workflow, &o.Timeout, &o.Classifier, &o.Fault}
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err == nil {
			err = errors.Join(st.checkWorkflow(), load.CheckRoots(directories(args)))
		}
		if err != nil {
			return err
		}
		in, out := cmd.InOrStdin(), behind(cmd.OutOrStdout()) // read by a program, never by a terminal
		if out == io.Writer(os.Stdout) {
			// Standard output belongs to the protocol: whatever else is written goes to standard error.
			os.Stdout = os.Stderr
		}
		return serveMCP(cmd.Context(), st, directories(args), cmd.ErrOrStderr(),
			&mcp.IOTransport{Reader: io.NopCloser(in), Writer: keepOpen{out}})
	}
	return cmd
}

// keepOpen is a writer that is not closed at the end of a connection.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

// serveMCP serves one connection until it ends.
func serveMCP(ctx context.Context, st *settings, dirs []string, errs io.Writer, t mcp.Transport) error {
	st.unattended = true
	s, err := bareSession(ctx, st)
	if err != nil {
		return err
	}
	defer s.close()
	s.open(dirs)
	say := func(text string) { fmt.Fprintln(errs, "weft:", canvas.Line(text)) }
	s.keepRuns(func(err error) { say(err.Error()) })
	s.watch()
	s.wg.Go(func() { s.reportProblems(say) })
	key, err := mcpKey(st)
	if err != nil {
		say(fmt.Sprintf("a call that waits for a person cannot be continued by a later start: %v", err))
	}
	err = mcpserver.New(mcpserver.Options{Version: version(), Documents: s.documents(nil), Runs: newAgentRuns(s),
		Key: key, Patience: st.patience}).Run(ctx, t)
	if errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil
	}
	return err
}

// reportProblems says the warnings of the session until it ends.
func (s *session) reportProblems(say func(string)) {
	for r := range s.life.Records(s.ctx, 0) {
		if n, ok := r.Payload.(show.Notice); ok && n.Level != show.Info {
			say(n.Text)
		}
	}
}

// keyBytes is the length of the key that seals the states of calls.
const keyBytes = 32

// mcpKey returns the key that seals the states of calls. It is made at the first start and kept in a
// file; if that fails, a key for this process is returned with the error.
func mcpKey(st *settings) ([]byte, error) {
	key := make([]byte, keyBytes)
	rand.Read(key) // never fails
	kept := key
	err := statefile.Update(filepath.Join(stateDir(st), "mcp.key"), func(old []byte) ([]byte, error) {
		if len(old) == keyBytes {
			kept = old
		}
		return kept, nil
	})
	return kept, err
}
