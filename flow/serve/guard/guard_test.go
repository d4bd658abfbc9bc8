package guard_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/flow/serve/guard"
)

const token = "correct horse"

func guarded(s guard.Settings) http.Handler {
	return guard.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("in")) }), s)
}

func request(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestWhichRequestsAreLetThrough(t *testing.T) {
	bearer := []string{"Authorization", "Bearer " + token}
	with := func(more ...string) []string { return append(bearer[:2:2], more...) }
	for _, tc := range []struct {
		name, method, target string
		headers              []string
		want                 int
	}{
		{"loopback", "GET", "http://127.0.0.1:8765/a", bearer, 200},
		{"localhost", "POST", "http://localhost:8765/a", bearer, 200},
		{"IPv6", "GET", "http://[::1]:8765/a", bearer, 200},
		{"a name that was given", "GET", "http://docs.example:8765/a", bearer, 200},
		{"another name", "GET", "http://evil.example:8765/a", bearer, 403},
		{"a name that begins alike", "GET", "http://localhost.evil.example/a", bearer, 403},
		{"the same origin", "POST", "http://localhost:8765/a", with("Origin", "http://localhost:8765"), 200},
		{"another origin", "POST", "http://localhost:8765/a", with("Origin", "http://evil.example"), 403},
		{"another port", "GET", "http://localhost:8765/a", with("Origin", "http://localhost:1"), 403},
		{"an opaque origin", "GET", "http://localhost:8765/a", with("Origin", "null"), 403},
		{"a picture on another site", "GET", "http://localhost:8765/a", with("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"), 403},
		{"a link on another site", "GET", "http://localhost:8765/a", with("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"), 200},
		{"a form on another site", "POST", "http://localhost:8765/a", with("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"), 403},
		{"no token", "GET", "http://localhost:8765/a", nil, 401},
		{"an open path", "GET", "http://localhost:8765/health", nil, 200},
		{"a wrong token", "GET", "http://localhost:8765/a", []string{"Authorization", "Bearer correct"}, 401},
		{"an empty token", "GET", "http://localhost:8765/a", []string{"Authorization", "Bearer "}, 401},
		{"another scheme", "GET", "http://localhost:8765/a", []string{"Authorization", "Basic " + token}, 401},
		{"a wrong link", "GET", "http://localhost:8765/a?token=x", nil, 401},
		{"a link for another method", "POST", "http://localhost:8765/a?token=correct+horse", nil, 401},
		{"a wrong cookie", "GET", "http://localhost:8765/a", []string{"Cookie", "weft-token-8765=x"}, 401},
	} {
		w := httptest.NewRecorder()
		guarded(guard.Settings{Token: token, Hosts: []string{"docs.example"}, Open: []string{"/health"}}).
			ServeHTTP(w, request(tc.method, tc.target, tc.headers...))
		if w.Code != tc.want || w.Code != 200 && strings.Contains(w.Body.String(), "in\n") {
			t.Errorf("%s: %d %s, want %d", tc.name, w.Code, w.Body, tc.want)
		}
	}
}

func TestALinkSetsACookieAndLeavesNoTokenInTheAddress(t *testing.T) {
	g := guarded(guard.Settings{Token: token})
	w := httptest.NewRecorder()
	g.ServeHTTP(w, request("GET", "http://localhost:8765/a?token=correct+horse&b=1"))
	cookies := w.Result().Cookies()
	if w.Code != 303 || w.Header().Get("Location") != "/a?b=1" || len(cookies) != 1 {
		t.Fatal(w.Code, w.Header())
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, token) {
		t.Error(c)
	}
	for port, want := range map[string]int{"8765": 200, "9999": 401} { // browsers send it to all ports
		w = httptest.NewRecorder()
		r := request("GET", "http://localhost:"+port+"/a")
		r.AddCookie(c)
		if g.ServeHTTP(w, r); w.Code != want {
			t.Errorf("port %s: %d, want %d", port, w.Code, want)
		}
	}
}

func TestALinkDoesNotLeadElsewhere(t *testing.T) {
	for _, path := range []string{"//evil.example/", `/\evil.example/`} {
		r := request("GET", "http://localhost:8765/?token=correct+horse")
		r.URL.Path = path
		w := httptest.NewRecorder()
		guarded(guard.Settings{Token: token}).ServeHTTP(w, r)
		if to := w.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
			t.Errorf("%s leads to %s", path, to)
		}
	}
}

func TestWithoutATokenHostAndOriginAreChecked(t *testing.T) {
	g := guarded(guard.Settings{})
	for want, r := range map[int]*http.Request{
		200: request("GET", "http://localhost:8765/a"),
		403: request("POST", "http://localhost:8765/a", "Origin", "http://evil.example"),
	} {
		w := httptest.NewRecorder()
		if g.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%d, want %d", w.Code, want)
		}
	}
}
