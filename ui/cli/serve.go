package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"

	"weft/flow/serve"
	"weft/flow/serve/guard"
	"weft/flow/serve/observe"
	"weft/rag/mcpserver"
	"weft/ui/history"
)

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "serve [DIR ...]",
		Short:   "Answer questions over HTTP",
		Long:    "serve lets programs and browsers ask questions about the documents in DIR over HTTP, by the protocol of LlamaIndex's workflow server, and agents by the Model Context Protocol, at /mcp. It listens on this machine only, unless --addr says otherwise, and asks for a token. Runs are kept with those of weft ask; when it ends they are suspended, and continue when it starts again.",
		Example: "weft serve docs\nweft serve --addr 127.0.0.1:9000 --no-token docs\nweft serve --debugger node_modules/@llamaindex/workflow-debugger docs",
	}
	addFlags(cmd.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Timeout, &o.Classifier, &o.Fault}
	})
	f := &serving{}
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8765", "address and port to listen on")
	cmd.Flags().StringVar(&f.token, "token", "", "token that clients send (none: WEFT_TOKEN, or one that is made at the first start and kept)")
	cmd.Flags().BoolVar(&f.noToken, "no-token", false, "ask for no token; on a loopback address only")
	cmd.Flags().StringSliceVar(&f.hosts, "host", nil, "name by which clients call the server, beside its address")
	cmd.Flags().StringVar(&f.debugger, "debugger", "", "directory with LlamaIndex's workflow debugger, to be served at /")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err == nil {
			err = errors.Join(st.checkWorkflow(), st.checkDirectories(directories(args)))
		}
		if err == nil {
			err = f.check(st)
		}
		if err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
		slog.SetDefault(log)
		return f.run(cmd.Context(), st, directories(args), cmd.OutOrStdout(), log)
	}
	return cmd
}

// A serving is one run of weft serve: its flags, and what follows from them.
type serving struct {
	addr, token, debugger string
	noToken               bool
	hosts                 []string

	files fs.FS // of the debugger; nil: there is none
}

// check reports flags that do not fit together, and completes the others.
func (f *serving) check(st *settings) error {
	switch _, _, err := net.SplitHostPort(f.addr); {
	case err != nil:
		return usageError{fmt.Errorf("--addr is %q: it must be an address and a port, such as 127.0.0.1:8765", f.addr)}
	case f.noToken && f.token != "":
		return usageError{errors.New("--token and --no-token exclude each other: give one of them")}
	case f.noToken && !isLoopback(f.addr):
		return usageError{fmt.Errorf("--no-token is for loopback addresses only: others can reach %s", f.addr)}
	}
	if !f.noToken && f.token == "" {
		f.token = st.getenv("WEFT_TOKEN")
	}
	if f.debugger == "" {
		return nil
	}
	for _, part := range []string{"", "dist", "node_modules/@llamaindex/workflow-debugger/dist"} {
		dir := filepath.Join(f.debugger, filepath.FromSlash(part))
		if _, err := os.Stat(filepath.Join(dir, "app.js")); err == nil {
			f.files = os.DirFS(dir)
			return nil
		}
	}
	return usageError{fmt.Errorf("there is no app.js in %s: install it there with npm install @llamaindex/workflow-debugger", f.debugger)}
}

// Limits of the server. Bodies, streams and writes have limits of their own in package serve.
const (
	maxConnections    = 1200
	readHeadersWithin = 10 * time.Second
	idleConnection    = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	// shutdownWithin is how long answers may take that are being written when the server ends. The
	// runs are suspended by then.
	shutdownWithin = 300 * time.Millisecond
)

// run serves until ctx ends.
func (f *serving) run(ctx context.Context, st *settings, dirs []string, out io.Writer, log *slog.Logger) error {
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return fmt.Errorf("%w: choose another address with --addr", err)
	}
	defer listener.Close()
	st.unattended = true
	// The session outlasts ctx, so that steps do not fail for its end before their runs are suspended.
	s, err := bareSession(context.WithoutCancel(ctx), st)
	if err != nil {
		return err
	}
	defer s.close()
	if _, err := s.faults.all(); err != nil {
		return usageError{err}
	}
	if !f.noToken && f.token == "" {
		f.token = keptToken(st, log)
	}
	s.corpus.open(dirs)
	s.corpus.watch()
	s.wg.Go(func() { s.reportProblems(func(text string) { log.Warn(text) }) })
	server, end, err := s.server(f.files, log)
	if err != nil {
		return err
	}
	defer end()
	key, err := mcpKey(st)
	if err != nil {
		log.Warn("calls of agents that wait for a person hold until the server ends only", "error", err)
	}
	o := observe.New(log, server.Stats)
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.Handle(agentsPath, mcpserver.Handler(s.agentServer(key)))
	mux.Handle("GET /metrics", o.Metrics())
	web := &http.Server{
		Handler:           o.Watch(guard.New(mux, guard.Settings{Token: f.token, Hosts: f.names(listener.Addr()), Open: []string{"/health"}})),
		ReadHeaderTimeout: readHeadersWithin, IdleTimeout: idleConnection, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	f.announce(out, s.corpus.title(), listener.Addr(), log)
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(netutil.LimitListener(listener, maxConnections)) }()
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	listener.Close()
	server.Close()
	within, stop := context.WithTimeout(context.Background(), shutdownWithin)
	defer stop()
	if web.Shutdown(within) != nil {
		web.Close()
	}
	return err
}

// announce says where the server is, and how a person opens it.
func (f *serving) announce(out io.Writer, title string, at net.Addr, log *slog.Logger) {
	base := "http://" + f.shownAddress(at)
	fmt.Fprintf(out, "weft serves %s at %s\n", title, base)
	path := "/workflows"
	if f.files != nil {
		path = "/"
	}
	if f.token != "" {
		path += "?token=" + url.QueryEscape(f.token)
	}
	fmt.Fprintf(out, "Open %s in a browser. Ctrl+c ends the server.\n", base+path)
	if !isLoopback(at.String()) {
		log.Warn("answers and the token are sent without encryption: put a proxy with TLS before the server", "addr", at.String())
	}
}

// shownAddress returns the address for a link. A server that listens on all addresses is called by
// the name of the machine.
func (f *serving) shownAddress(at net.Addr) string {
	host, port, _ := net.SplitHostPort(at.String()) // it is that of a listener
	if given, _, err := net.SplitHostPort(f.addr); err == nil && given != "" && net.ParseIP(given) == nil {
		host = given
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return net.JoinHostPort(host, port)
}

// names returns the names and addresses by which the server may be called. Those of the machine are
// safe: no web page can make a name of its own lead to them.
func (f *serving) names(at net.Addr) []string {
	names := append(hostsOf(at.String()), f.hosts...)
	if given, _, err := net.SplitHostPort(f.addr); err == nil && given != "" {
		names = append(names, given)
	}
	return names
}

// server returns the handler for the runs of the session, and the function that closes it.
func (s *session) server(debugger fs.FS, log *slog.Logger) (*serve.Server, func(), error) {
	store, done, err := servedStore(s.settings, log)
	if err != nil {
		return nil, nil, err
	}
	// The runs of agents are kept with the others, so that the host sees them.
	s.keeping.keepIn(func() (*history.Store, error) { return store, nil }, func(err error) { log.Warn(err.Error()) })
	all, err := s.servedWorkflows(log)
	if err != nil {
		done()
		return nil, nil, err
	}
	settings := serve.Settings{
		Dir: store.Journals(), Shown: servedRuns(store, s.corpus.directory()), Debugger: debugger, Ready: s.corpus.words, Remove: store.Delete,
	}
	server, err := serve.New(settings, all...)
	if err != nil {
		done()
		return nil, nil, err
	}
	return server, func() { server.Close(); done() }, nil
}
