package fakeopenai

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
)

// A cleaner runs functions when a test ends, as *testing.T does.
type cleaner interface{ Cleanup(func()) }

// Start starts a server that listens on loopback until the test ends, and returns it with its base
// URL, which ends in /v1.
func Start(t cleaner, query string, models ...string) (*Server, string) {
	s := New(query, models...)
	ts := httptest.NewUnstartedServer(s)
	ts.Config.ErrorLog = log.New(io.Discard, "", 0)
	ts.Start()
	t.Cleanup(func() {
		ts.CloseClientConnections()
		ts.Close()
	})
	return s, ts.URL + "/v1"
}

// Pipe starts a server that is reached only through the returned transport, whatever the URL's
// host. Its connections are in memory, so it works inside a testing/synctest bubble. It closes when
// the test ends or stop is called, whichever comes first; in a bubble, call stop before the bubble
// ends.
func Pipe(t cleaner, query string, models ...string) (s *Server, transport *http.Transport, stop func()) {
	s = New(query, models...)
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	hs := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		hs.Serve(l)
	}()
	transport = &http.Transport{DialContext: l.dial}
	stop = sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		hs.Close()
		<-served
	})
	t.Cleanup(stop)
	return s, transport, stop
}

// pipeListener accepts one end of each dialled pipe.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
