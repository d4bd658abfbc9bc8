package serve

import (
	"net/http"
	"strings"
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

const debuggerPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// debugger answers requests for the page of the debugger, and reports whether it has done so.
func (s *Server) debugger(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Content-Security-Policy", debuggerPolicy)
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(debuggerPage)) // the client may be gone
	case "/app.js", "/app.css":
		w.Header().Set("Cache-Control", "private, max-age=3600")
		http.ServeFileFS(w, r, s.settings.Debugger, strings.TrimPrefix(r.URL.Path, "/"))
	default:
		return false
	}
	return true
}
