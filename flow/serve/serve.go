// Package serve lets programs and browsers start, watch and answer the runs of workflows over HTTP.
//
//	s, err := serve.New(serve.Settings{Dir: dir}, approvals, reports)
//	…
//	defer s.Close()
//	http.ListenAndServe("127.0.0.1:8765", guard.New(s, guard.Settings{Token: token}))
//
// It speaks the protocol of LlamaIndex's workflow server, so clients of that server work with it.
// All runs are kept in journals: they continue after a restart of the server, can be watched by any
// number of clients from any event on, and be read again when they have ended. What a client is
// shown of a run is in its journal already, so that a client which continues after an event finds
// the same events in a server that was killed and started again.
//
// Who may call the server is not checked here: see package guard.
//
// The routes are those of [Routes]. Errors are JSON objects with the member detail.
package serve

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"weft/flow"
	"weft/flow/host"
	"weft/flow/journal"
)

// Settings are those of a Server. Dir is required.
type Settings struct {
	Dir       *journal.Dir           // where the runs are kept
	Labels    map[string]string      // noted about each run that is started
	Shown     func(flow.Header) bool // which runs of the folder are served; nil: all
	Debugger  fs.FS                  // app.js and app.css of LlamaIndex's workflow debugger, served at "/"; nil: nothing is
	Heartbeat time.Duration          // how often a stream without events shows that it is alive; 0: 25 s
	MaxBody   int64                  // bytes of a request; 0: 4 MiB
	MaxStream int                    // streams at once, further ones are answered with 503; 0: 1,000
	Host      host.Settings          // when runs leave the memory, and how they are written

	// Ready is closed when the runs that were under way when their process ended can be continued, such
	// as when the documents that they search are open. nil: they are continued at once.
	Ready <-chan struct{}
	// Remove deletes a run that has ended, for a client that purges it. The client gets
	// its error. nil: the journal is removed.
	Remove func(id string) error
}

// labelServed marks the runs that a server has started. It continues these when it starts again.
const labelServed = "served"

// maxListed is how many runs GET /handlers returns, the newest ones.
const maxListed = 200

// A Server is an http.Handler for runs of workflows. Its methods may be called from any goroutine.
type Server struct {
	settings Settings
	host     *host.Host
	mux      *http.ServeMux
	names    []string // of the workflows
	flows    map[string]flow.Definition
	streams  chan struct{} // one for each that may be open
	closing  chan struct{} // closed by Close
	close    sync.Once
	resuming sync.WaitGroup // continues the runs
	breaks   sync.Map       // *breakpoints by run
	read     pageReads
}

// New returns a server of workflows. It continues the runs that a server had begun in the folder
// and that were under way when its process ended, once [Settings.Ready] is closed.
func New(s Settings, workflows ...flow.Definition) (*Server, error) {
	if s.Heartbeat <= 0 {
		s.Heartbeat = 25 * time.Second
	}
	if s.MaxBody <= 0 {
		s.MaxBody = 4 << 20
	}
	if s.MaxStream <= 0 {
		s.MaxStream = 1000
	}
	if s.Host.Has == nil {
		s.Host.Has = s.Shown
	}
	if s.Remove == nil {
		s.Remove = s.Dir.Remove
	}
	server := &Server{
		mux: http.NewServeMux(), flows: map[string]flow.Definition{},
		streams: make(chan struct{}, s.MaxStream), closing: make(chan struct{}),
	}
	given := s.Host.Resuming
	s.Host.Resuming = func(id string) []flow.RunOption {
		if given == nil {
			return server.breaksOf(id)
		}
		return append(given(id), server.breaksOf(id)...)
	}
	h, err := host.Open(s.Dir, s.Host, workflows...)
	if err != nil {
		return nil, err
	}
	server.settings, server.host = s, h
	for _, wf := range workflows {
		server.names = append(server.names, wf.Name())
		server.flows[wf.Name()] = wf
	}
	for _, r := range routes {
		server.mux.HandleFunc(r.Method+" "+r.Path, func(w http.ResponseWriter, req *http.Request) { r.serve(server, w, req) })
	}
	server.mux.HandleFunc("/", server.other)
	if s.Ready == nil {
		server.continueRuns()
		return server, nil
	}
	server.resuming.Go(func() {
		select {
		case <-s.Ready:
			server.continueRuns()
		case <-server.closing:
		}
	})
	return server, nil
}

// continueRuns continues the runs that were under way when the process of their server ended.
func (s *Server) continueRuns() {
	ids, err := s.host.Interrupted()
	if err != nil {
		slog.Error("the runs of the folder cannot be listed", "error", err)
	}
	for _, id := range ids {
		head, _, err := s.settings.Dir.Last(id)
		if err != nil || head.Labels[labelServed] == "" || !s.shows(head) || s.flows[head.Workflow] == nil {
			continue // another program's
		}
		switch err := s.host.Continue(id); {
		case err == nil, errors.Is(err, flow.ErrEnded), errors.Is(err, journal.ErrOwned), errors.Is(err, host.ErrClosed):
		default:
			slog.Error("a run that was interrupted cannot be continued", "run", id, "error", err)
		}
	}
}

func (s *Server) shows(h flow.Header) bool { return s.settings.Shown == nil || s.settings.Shown(h) }

// Close suspends the runs, ends the streams, and returns when the journals are closed. The next
// server of the folder continues the runs.
func (s *Server) Close() {
	s.close.Do(func() { close(s.closing) })
	s.host.Close()
	s.resuming.Wait()
}

// Stats are figures about a Server at one moment.
type Stats struct {
	Live    int // runs in memory
	Streams int // open streams
}

// Stats returns figures about the server as it is now.
func (s *Server) Stats() Stats { return Stats{Live: s.host.Live(), Streams: len(s.streams)} }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, s.settings.MaxBody)
	s.mux.ServeHTTP(w, r)
}

// answer writes a JSON answer.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeWithin)) // not every writer has one
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client may be gone
}

// fail writes an error.
func fail(w http.ResponseWriter, status int, reason string) {
	answer(w, status, map[string]string{"detail": reason})
}

// failed writes an error of a run that a request names.
func failed(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fail(w, http.StatusNotFound, "there is no such handler")
	case errors.Is(err, flow.ErrEnded), errors.Is(err, flow.ErrNotAwaited):
		fail(w, http.StatusConflict, err.Error())
	case errors.Is(err, host.ErrClosed):
		fail(w, http.StatusServiceUnavailable, "the server is shutting down")
	case errors.Is(err, journal.ErrOwned), errors.Is(err, host.ErrUnknownWorkflow):
		fail(w, http.StatusConflict, err.Error())
	default:
		slog.Error("a request failed", "error", err)
		fail(w, http.StatusInternalServerError, "the request failed; the server's log says why")
	}
}

// other answers requests that no route takes.
func (s *Server) other(w http.ResponseWriter, r *http.Request) {
	if s.settings.Debugger != nil && r.Method == http.MethodGet && s.debugger(w, r) {
		return
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != "/" && method != r.Method {
			w.Header().Set("Allow", method)
			fail(w, http.StatusMethodNotAllowed, "the method is not allowed here: use "+method)
			return
		}
	}
	fail(w, http.StatusNotFound, "there is nothing at this address")
}
