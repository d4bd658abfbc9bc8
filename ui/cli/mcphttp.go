package cli

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/flow/serve/guard"
	"weft/rag/mcpserver"
)

// The address of weft mcp --http, unless one is given, and the path of the protocol there.
const (
	agentsAddress = "127.0.0.1:8766"
	agentsPath    = "/mcp"
)

// An agentServer says how weft mcp serves over HTTP.
type agentServer struct {
	address string // to listen on, as host:port
	token   string // that clients send; "": one that follows from the kept key
	noToken bool   // every caller that reaches the address is served
}

// takeAddress returns the address that follows --http, and the other arguments. The flag's value is
// optional, so that the address is an argument if it is not joined with "=". A file or directory of
// that name is not taken for an address.
func takeAddress(args []string) (address string, others []string) {
	for i, arg := range args {
		if _, err := os.Stat(arg); err == nil {
			continue
		}
		if full, err := listenAddress(arg); err == nil {
			return full, append(append([]string{}, args[:i]...), args[i+1:]...)
		}
	}
	return agentsAddress, args
}

// listenAddress completes an address: "8766" and ":8766" are ports of the loopback interface.
func listenAddress(given string) (string, error) {
	host, port, err := net.SplitHostPort(given)
	if err != nil {
		host, port = "", given
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", usageError{fmt.Errorf("%q is no address for --http: give a port, or an address such as %s", given, agentsAddress)}
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hostsOf returns the names and addresses by which clients call a server that listens on an
// address.
func hostsOf(address string) []string {
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
		return []string{host}
	}
	var hosts []string
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	addresses, _ := net.InterfaceAddrs() // none: the server is called by its name
	for _, a := range addresses {
		if prefix, ok := a.(*net.IPNet); ok {
			hosts = append(hosts, prefix.IP.String())
		}
	}
	return hosts
}

// check returns an error if the server would be open to other machines.
func (a agentServer) check() error {
	if a.noToken && !isLoopback(a.address) {
		return usageError{fmt.Errorf("--no-token is for this machine only: %s can be reached from others", a.address)}
	}
	return nil
}

// agentToken returns the token that clients send. It follows from the key that is kept, so that it is
// the same after a restart.
func agentToken(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("token of weft mcp --http"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// serve is a transport for any number of clients over HTTP. It serves until ctx ends.
func (a agentServer) serve(ctx context.Context, server *mcp.Server, key []byte, say func(string)) error {
	listener, err := net.Listen("tcp", a.address)
	if err != nil {
		return fmt.Errorf("%w: choose another address with --http", err)
	}
	address := listener.Addr().String()
	settings := guard.Settings{Hosts: hostsOf(a.address)}
	if !a.noToken {
		settings.Token = cmp.Or(a.token, agentToken(key))
	}
	mux := http.NewServeMux()
	mux.Handle(agentsPath, mcpserver.Handler(server))
	served := &http.Server{Handler: guard.New(mux, settings), ReadHeaderTimeout: 10 * time.Second}
	say("agents are served at http://" + address + agentsPath)
	if settings.Token != "" {
		say("they send the header Authorization: Bearer " + settings.Token)
	}
	ended := make(chan error, 1)
	go func() { ended <- served.Serve(listener) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		served.Close() // streams have no end of their own
		err = <-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
