package mcpserver

import (
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// headerVersion is the header in which a client names its revision of the protocol. The first
// request of a client before 2026-07-28 has none.
const headerVersion = "Mcp-Protocol-Version"

// idleSession is how long a client of an older revision may be silent before its session is closed.
const idleSession = 24 * time.Hour

// Handler serves a server to clients of all revisions of the protocol over HTTP ("streamable HTTP").
// It must be behind a check of the origin and of the caller: see package guard.
//
// Since 2026-07-28 a request stands for itself, and a client cancels a call by closing its request.
// Before that, clients have sessions, can continue a stream that broke, and cancel a call by a
// notification. The library has a handler for each of the two; the header of a request decides.
func Handler(s *mcp.Server) http.Handler {
	served := func(*http.Request) *mcp.Server { return s }
	stateless := mcp.NewStreamableHTTPHandler(served,
		&mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true})
	stateful := mcp.NewStreamableHTTPHandler(served,
		&mcp.StreamableHTTPOptions{SessionTimeout: idleSession, EventStore: mcp.NewMemoryEventStore(nil)})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(headerVersion) >= statelessVersion {
			stateless.ServeHTTP(w, r)
			return
		}
		stateful.ServeHTTP(w, r)
	})
}
