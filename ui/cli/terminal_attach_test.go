package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestTheExplorerIsAttachedToAServer asks a question on a server from an explorer without documents,
// replies to a run there, and starts the server again meanwhile.
func TestTheExplorerIsAttachedToAServer(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	p := serveIn(t, home)
	s := start{args: []string{"attach", p.link}, w: 120, h: 40}.open(t)
	s.see("Ask a question")
	s.ask("is the sea deep?")
	s.see("The sea is deep and blue")
	if all := p.want(200, "GET", "/handlers", ""); strings.Count(all, `"handler_id"`) != 1 || !strings.Contains(all, `"completed"`) {
		t.Error(all)
	}
	p.end(syscall.SIGKILL)
	p = serveIn(t, home, "--addr", strings.TrimPrefix(p.url, "http://"), "--fault", "synthesize:delay=10m")
	s.ask("is the lake shallow?")
	s.see("synthesize")
	p.read(waitForRun(t, p), "", func(ev streamed) bool { return strings.Contains(ev.data, `"name":"synthesize"`) })
	p.end(syscall.SIGKILL)
	s.see("is lost and is made again")
	serveIn(t, home, "--addr", strings.TrimPrefix(p.url, "http://"))
	s.see("The lake is shallow")
}

// waitForRun returns the only run of a server that is under way.
func waitForRun(t *testing.T, p *servedProgram) (id string) {
	t.Helper()
	waitUntil(t, "a run is under way", func() bool {
		_, rest, found := strings.Cut(p.want(200, "GET", "/handlers?status=running", ""), `"handler_id":"`)
		id, _, _ = strings.Cut(rest, `"`)
		return found
	})
	return id
}

// TestAttachSaysWhyItCannot has no server, one that wants a token, and one of another program.
func TestAttachSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	p := serveIn(t, seaHome(t))
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/workflows" {
			_, _ = w.Write([]byte(`{"workflows":["a"]}`))
			return
		}
		_, _ = w.Write([]byte(`{"graph":{"name":"a","nodes":[],"edges":[]}}`))
	}))
	defer foreign.Close()
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"the server wants a token", []string{"attach", p.url}},
		{"connection refused", []string{"attach", strings.TrimSuffix(deadAddress(t), "/v1")}},
		{"the server is another program's", []string{"attach", foreign.URL}},
		{"is no address of a server", []string{"attach", "localhost:8765"}},
	} {
		s := start{args: tc.args}.open(t)
		s.see(tc.want)
	}
	p.end(os.Interrupt)
}
