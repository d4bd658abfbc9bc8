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
	"weft/rag/mcpserver"
	"weft/rag/statefile"
	"weft/ui/canvas"
)

func newMCP() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "mcp [DIR ...]",
		Short:   "Offer documents to agents, over the Model Context Protocol",
		Long:    "mcp is started by an agent's program and speaks the Model Context Protocol on standard input and output. It offers the documents in DIR by the tools search, read, grep, list, ask and run, and keeps the runs that an agent starts, so that the explorer shows them. It ends when its input ends.\n\nWith --http it serves any number of agents over HTTP instead, until it is interrupted. They send the token that it prints.",
		Example: "weft mcp ~/notes\nweft mcp --offline docs\nweft mcp --http 127.0.0.1:8766 docs",
	}
	addFlags(cmd.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Workflow, &o.Timeout, &o.Classifier, &o.Fault}
	})
	address := cmd.Flags().String("http", "", "serve over HTTP at `ADDR`, a port or host:port (none: "+agentsAddress+")")
	cmd.Flags().Lookup("http").NoOptDefVal = agentsAddress
	noToken := cmd.Flags().Bool("no-token", false, "serve every program of this machine over HTTP, without a token")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		overHTTP, http := cmd.Flags().Changed("http"), agentServer{noToken: *noToken}
		var err error
		switch {
		case overHTTP && *address == agentsAddress:
			http.address, args = takeAddress(args)
		case overHTTP:
			http.address, err = listenAddress(*address)
		case *noToken:
			err = usageError{errors.New("--no-token goes with --http: without it there is no token")}
		}
		if err == nil {
			err = http.check()
		}
		if err != nil {
			return err
		}
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err == nil {
			err = errors.Join(st.checkWorkflow(), st.checkDirectories(directories(args)))
		}
		if err != nil {
			return err
		}
		http.token = st.getenv("WEFT_TOKEN")
		transport := http.serve
		if !overHTTP {
			transport = onStdio(cmd.InOrStdin(), cmd.OutOrStdout())
		}
		return serveMCP(cmd.Context(), st, directories(args), cmd.ErrOrStderr(), transport)
	}
	return cmd
}

// A transport connects clients to a server until ctx or the connection ends. The key is the one that
// seals the states of calls; say writes a line for a person.
type transport func(ctx context.Context, server *mcp.Server, key []byte, say func(string)) error

// onStdio returns the transport for one client on standard input and output.
func onStdio(in io.Reader, stdout io.Writer) transport {
	out := behind(stdout) // read by a program, never by a terminal
	if out == io.Writer(os.Stdout) {
		// Standard output belongs to the protocol: whatever else is written goes to standard error.
		os.Stdout = os.Stderr
	}
	return over(&mcp.IOTransport{Reader: io.NopCloser(in), Writer: keepOpen{out}})
}

// over returns the transport for one client of the library's transport t.
func over(t mcp.Transport) transport {
	return func(ctx context.Context, server *mcp.Server, _ []byte, _ func(string)) error {
		err := server.Run(ctx, t)
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return nil
		}
		return err
	}
}

// keepOpen is a writer that is not closed at the end of a connection.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

// serveMCP serves the documents in dirs until the transport ends.
func serveMCP(ctx context.Context, st *settings, dirs []string, errs io.Writer, serve transport) error {
	st.unattended = true
	s, err := bareSession(ctx, st)
	if err != nil {
		return err
	}
	defer s.close()
	s.corpus.open(dirs)
	say := func(text string) { fmt.Fprintln(errs, "weft:", canvas.Line(text)) }
	s.keeping.keep(func(err error) { say(err.Error()) })
	s.corpus.watch()
	s.wg.Go(func() { s.reportProblems(say) })
	key, err := mcpKey(st)
	if err != nil {
		say(fmt.Sprintf("calls that wait for a person and the token of --http hold until weft ends only: %v", err))
	}
	return serve(ctx, s.agentServer(key), key, say)
}

// agentServer returns the server for agents, whose runs are those of the session. The key seals the
// states of calls.
func (s *session) agentServer(key []byte) *mcp.Server {
	return mcpserver.New(mcpserver.Options{Version: version(), Documents: s.corpus.documents(nil),
		Runs: newAgentRuns(s), Key: key, Patience: s.settings.patience})
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
