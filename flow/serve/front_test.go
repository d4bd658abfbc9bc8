package serve_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"weft/flow/journal"
	"weft/flow/serve"
	"weft/flow/serve/guard"
)

const (
	letThrough = 0 // the request reaches the server behind the guard
	frontName  = "docs.example"
	frontHost  = "localhost:8765"
)

// hostParts are the parts of a host as RFC 3986 has them: an IPv6 address or another name, and a port.
var hostParts = regexp.MustCompile(`^(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+))(?::([0-9]*))?$`)

// mayCall reports whether the guard of the fuzz is called by a host.
func mayCall(host string) bool {
	parts := hostParts.FindStringSubmatch(host)
	if parts == nil {
		return false
	}
	if parts[2] != "" && (strings.EqualFold(parts[2], "localhost") || strings.EqualFold(parts[2], frontName)) {
		return true
	}
	ip, err := netip.ParseAddr(parts[1] + parts[2])
	return err == nil && ip.Unmap().IsLoopback() && ip.Is6() == (parts[1] != "")
}

// frontStatus returns the status with which a request must be answered in front of the routes, or
// letThrough. cookie is the value that a browser has for frontHost after it was signed in.
func frontStatus(r *http.Request, cookie string) int {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	own := strings.EqualFold(origin, "http://"+r.Host) || strings.EqualFold(origin, "https://"+r.Host)
	link := r.Method == "GET" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	switch {
	case !mayCall(r.Host), origin != "" && !own:
		return http.StatusForbidden
	case origin == "" && site != "" && site != "same-origin" && site != "none" && !link:
		return http.StatusForbidden
	case r.URL.Path == "/health":
		return letThrough
	}
	if query := r.URL.Query(); r.Method == "GET" && query.Has("token") {
		if query.Get("token") == goldenToken {
			return http.StatusSeeOther
		}
		return http.StatusUnauthorized
	}
	if header := r.Header.Get("Authorization"); regexp.MustCompile(`(?i)^bearer( |$)`).MatchString(header) {
		if header[len("bearer"):] == " "+goldenToken {
			return letThrough
		}
		return http.StatusUnauthorized
	}
	port := ""
	if parts := hostParts.FindStringSubmatch(r.Host); parts != nil {
		port = parts[3]
	}
	if sent, err := r.Cookie("weft-token-" + port); err == nil && sent.Value == cookie {
		return letThrough
	}
	return http.StatusUnauthorized
}

// FuzzFront sends requests with any host, origin, token and method to a guarded server. The answer
// has the right status, and no handler sees a request that the guard must refuse.
func FuzzFront(f *testing.F) {
	dir, err := journal.Open(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	server, err := serve.New(serve.Settings{Dir: dir, MaxBody: 1 << 10}, quick())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(server.Close)
	reached := 0
	front := guard.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached++
		server.ServeHTTP(w, r)
	}), guard.Settings{Token: goldenToken, Hosts: []string{frontName}, Open: []string{"/health"}})

	signIn := httptest.NewRecorder()
	front.ServeHTTP(signIn, httptest.NewRequest("GET", "http://"+frontHost+"/?token="+url.QueryEscape(goldenToken), nil))
	cookies := signIn.Result().Cookies()
	if len(cookies) != 1 {
		f.Fatalf("%d %v: the link sets no cookie", signIn.Code, signIn.Header())
	}
	cookie := cookies[0]

	const bearer = "Bearer " + goldenToken
	for _, seed := range [][8]string{ // method, host, target, origin, Sec-Fetch-Site, Sec-Fetch-Mode, Authorization, Cookie
		{"GET", frontHost, "/workflows", "", "", "", bearer, ""},
		{"POST", frontHost, "/workflows/quick/run", "http://" + frontHost, "same-origin", "cors", "", cookie.Name + "=" + cookie.Value},
		{"GET", frontHost, "/?token=correct+horse&b=1", "", "cross-site", "navigate", "", ""},
		{"GET", frontHost, "//evil.example/?token=correct%20horse", "", "", "", "", ""},
		{"GET", "evil.example:8765", "/health", "", "", "", "", ""},
		{"GET", "[::1]:8765", "/health", "null", "", "", "", ""},
		{"DELETE", "127.0.0.1", "/handlers/x", "https://127.0.0.1", "none", "", "bearer wrong", ""},
		{"HEAD", "DOCS.example", "/handlers", "http://docs.example.evil.example", "", "", "Bearer", ""},
		{"OPTIONS", "[localhost]", "/events/x", "ftp://" + frontHost, "same-site", "no-cors", "Basic x", cookie.Name + "=x"},
		{"CONNECT", "127.0.0.1]:x", "/runs/x/records", "http://u@" + frontHost, "cross-site", "", bearer, ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5], seed[6], seed[7])
	}
	f.Fuzz(func(t *testing.T, method, host, target, origin, site, mode, authorization, cookies string) {
		to, err := url.Parse(target)
		if err != nil || !strings.HasPrefix(to.Path, "/") {
			return // no server is given such a request
		}
		ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond) // the client is gone then
		defer stop()
		r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
		r.Method, r.Host, r.URL = method, host, to
		for name, value := range map[string]string{
			"Origin": origin, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Authorization": authorization, "Cookie": cookies,
		} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		want := frontStatus(r, cookie.Value)
		reached = 0
		w := httptest.NewRecorder()
		front.ServeHTTP(w, r)
		request := strings.Join([]string{method, host, target, origin, site, mode, authorization, cookies}, " | ")
		if (reached > 0) != (want == letThrough) || want != letThrough && w.Code != want {
			t.Fatalf("%q: %d, reached %d times, want %d", request, w.Code, reached, want)
		}
		checkFrontAnswer(t, request, method, want, w)
	})
}

// checkFrontAnswer checks what the answer to a request holds.
func checkFrontAnswer(t *testing.T, request, method string, want int, w *httptest.ResponseRecorder) {
	t.Helper()
	if to := w.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || to != "" && to[0] != '/' {
		t.Errorf("%q leads to %q", request, to)
	}
	if w.Header().Get("Access-Control-Allow-Origin") != "" || (w.Header().Get("Set-Cookie") != "") != (want == http.StatusSeeOther) {
		t.Errorf("%q: %v", request, w.Header())
	}
	switch want {
	case http.StatusForbidden, http.StatusUnauthorized:
		var refusal map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &refusal); err != nil || len(refusal) != 1 || refusal["detail"] == "" {
			t.Errorf("%q: %s", request, w.Body)
		}
	case letThrough:
		switch {
		case w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden || w.Code >= 500:
			t.Errorf("%q: the server answers %d %s", request, w.Code, w.Body)
		case method != "GET" && method != "HEAD" && method != "POST" && w.Code < 300:
			t.Errorf("%q: a method that no route has is answered with %d", request, w.Code)
		}
	}
}
