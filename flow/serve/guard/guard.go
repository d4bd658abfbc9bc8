// Package guard protects an HTTP server that works for one person from web pages and from other
// users of the machine: it checks the host, the origin and a token of each request.
//
//	mux := http.NewServeMux()
//	…
//	server := &http.Server{Handler: guard.New(mux, guard.Settings{Token: token})}
//
// Anything that listens on the loopback interface can be reached by every web page that a browser
// on the machine shows. The host is checked against pages that let a name of their own lead to
// 127.0.0.1, the origin against requests from other pages, and the token against other users.
package guard

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Settings say which requests are let through. The zero value lets requests to a loopback address
// through that do not come from another site, without a token.
type Settings struct {
	Token string   // what requests must carry; "": nothing
	Hosts []string // names and addresses, without ports, by which the server is called; localhost and loopback addresses are always right
	Open  []string // paths that need no token, such as one that reports that the server is alive
}

// New returns a handler that checks each request before it passes it on.
//
// A request to another host, or from another origin, is answered with 403. One without the token
// is answered with 401. Programs send the token as "Authorization: Bearer TOKEN". A person opens a
// link that ends in ?token=TOKEN: the browser is given a cookie and is sent to the same address
// without the token, so that the token is not kept in the browser's history.
func New(next http.Handler, s Settings) http.Handler {
	g := &guard{next: next, settings: s, token: sha256.Sum256([]byte(s.Token))}
	mac := hmac.New(sha256.New, []byte(s.Token))
	mac.Write([]byte("cookie"))
	g.cookie = hex.EncodeToString(mac.Sum(nil))
	return g
}

type guard struct {
	next     http.Handler
	settings Settings
	token    [sha256.Size]byte // of the token, so that comparing takes the same time for any length
	cookie   string            // the value of the cookie, from which the token cannot be computed
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !g.rightHost(r.Host):
		refuse(w, http.StatusForbidden, "wrong host: the server is not called by this name")
	case foreign(r):
		refuse(w, http.StatusForbidden, "wrong origin: requests from other sites are not answered")
	case g.settings.Token == "" || slices.Contains(g.settings.Open, r.URL.Path):
		g.next.ServeHTTP(w, r)
	case r.Method == http.MethodGet && r.URL.Query().Has("token"):
		g.signIn(w, r)
	case g.signedIn(r):
		g.next.ServeHTTP(w, r)
	default:
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, "missing or wrong token")
	}
}

// rightHost reports whether the server may be called by the host of a request.
func (g *guard) rightHost(host string) bool {
	u, err := url.Parse("//" + host)
	if err != nil || u.Host != host {
		return false // there is more in it than a name and a port
	}
	name := u.Hostname()
	if ip := net.ParseIP(name); ip != nil && ip.IsLoopback() {
		return true
	}
	return strings.EqualFold(name, "localhost") ||
		slices.ContainsFunc(g.settings.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

// foreign reports whether a page of another origin has sent a request. A link on another page may
// lead here: that is how a person opens the link with the token.
func foreign(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		return !strings.EqualFold(origin, "http://"+r.Host) && !strings.EqualFold(origin, "https://"+r.Host)
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate"
}

// signedIn reports whether a request has the token, or the cookie.
func (g *guard) signedIn(r *http.Request) bool {
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return g.isToken(token)
	}
	cookie, err := r.Cookie(cookieName(r))
	return err == nil && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(g.cookie)) == 1
}

func (g *guard) isToken(given string) bool {
	hash := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(hash[:], g.token[:]) == 1
}

// cookieName returns the name of the cookie. Browsers send cookies to all ports of a host, so it
// holds the port.
func cookieName(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return "weft-token-" + port
}

// signIn gives the browser the cookie, if the link has the right token.
func (g *guard) signIn(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if !g.isToken(query.Get("token")) {
		refuse(w, http.StatusUnauthorized, "wrong token")
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r), Value: g.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil, MaxAge: 30 * 24 * 60 * 60,
	})
	query.Del("token")
	to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/\\"), RawQuery: query.Encode()}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// refuse answers with a status and its reason.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"detail": reason}) // the client may be gone
}
