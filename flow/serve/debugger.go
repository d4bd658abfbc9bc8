package serve

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// debuggerPage loads LlamaIndex's workflow debugger. Its style sheet names fonts of another site,
// which the policy does not let the browser fetch.
const debuggerPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Workflows</title>
<link rel="stylesheet" href="/app.css">
</head>
<body><div id="root"></div><script type="module" src="/app.js"></script></body>
</html>
`

// A pageReads notes which runs the page of the debugger has read to the end, until it asks for their
// status.
//
// The page reads the events only of a run that it sees running when it opens it. A run that is over
// before the page has asked, and one of an earlier day, would have no events there. So an ended run is
// reported as running to the page, and to no other client, until the page has read its events.
type pageReads struct {
	mu   sync.Mutex
	runs map[string]bool
}

// maxPageReads limits how many runs are noted: a page may be closed before it asks.
const maxPageReads = 1000

func (p *pageReads) add(run string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs == nil || len(p.runs) >= maxPageReads {
		p.runs = map[string]bool{}
	}
	p.runs[run] = true
}

// take reports whether a run is noted, and removes the note.
func (p *pageReads) take(run string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	noted := p.runs[run]
	delete(p.runs, run)
	return noted
}

// fromPage reports whether the page of the debugger sends a request.
func (s *Server) fromPage(r *http.Request) bool {
	if s.settings.Debugger == nil || r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		return false
	}
	from, err := url.Parse(r.Referer())
	return err == nil && from.Path == "/"
}

// forPage returns the state of a run as it is reported to the page of the debugger: see pageReads.
func (s *Server) forPage(h handlerInfo) handlerInfo {
	if h.Status != statusRunning && !s.read.take(h.ID) {
		h.Status, h.Completed, h.Error, h.Result = statusRunning, nil, nil, nil
	}
	return h
}

const debuggerPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// debugger answers requests for the page of the debugger, and reports whether it has done so.
func (s *Server) debugger(w http.ResponseWriter, r *http.Request) bool {
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Security-Policy", debuggerPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(debuggerPage)) // the client may be gone
	case "/app.js", "/app.css":
		w.Header().Set("Content-Security-Policy", debuggerPolicy) // a worker has the policy of its own file
		w.Header().Set("Cache-Control", "private, max-age=3600")
		http.ServeFileFS(w, r, s.settings.Debugger, strings.TrimPrefix(r.URL.Path, "/"))
	default:
		return false
	}
	return true
}
