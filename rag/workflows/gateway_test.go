package workflows

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"weft/rag/llm/fakeopenai"
)

// A routed transport adds to each request the header in which the gateway expects the address of the
// provider.
type routed struct {
	http.RoundTripper
	to string
}

func (r routed) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Portkey-Provider", "openai")
	req.Header.Set("X-Portkey-Custom-Host", r.to)
	return r.RoundTripper.RoundTrip(req)
}

// TestEveryQuirkBehindAGateway sends the questions through Portkey's gateway, a proxy between weft
// and the scripted services that rewrites errors and headers.
func TestEveryQuirkBehindAGateway(t *testing.T) {
	script := external(t, "WEFT_PORTKEY", "the file build/start-server.js of @portkey-ai/gateway")
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	gateway := startProcess(t, address, "/", "node", script, "--port="+port, "--headless")
	search := pumpCorpus(t)
	for _, c := range quirkCases {
		switch c.quirk {
		case "redirect", // the gateway follows redirects itself
			"cut-runes",    // it decodes each event by itself
			"overflow-tgi": // it loses the words of an error that is a text
			continue
		}
		t.Run(c.quirk, func(t *testing.T) {
			server, base := fakeopenai.Start(t, "", c.quirk)
			wf := quirkWorkflow(t, search, gateway.base, c.quirk, routed{http.DefaultTransport, base})
			for n := range 2 {
				got := look(t, wf, server)
				if got.mark != c.mark || !strings.Contains(got.text, c.text) || got.mark == "degraded" && got.sentence == "" {
					t.Errorf("question %d:\n got %+v\nwant %+v", n+1, got, c)
				}
			}
		})
	}
}
