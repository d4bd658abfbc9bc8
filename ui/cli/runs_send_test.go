package cli

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestRepliesOfACollectorToTraces(t *testing.T) {
	for _, c := range []struct {
		name, path, reply string
		status            int
		want              string // part of the error; empty: none
	}{
		{"accepts", "", "{}", 200, ""},
		{"accepts without a body", "/otlp", "", 202, ""},
		{"accepts a part", "", `{"partialSuccess": {"rejectedSpans": "3", "errorMessage": "too old"}}`, 200, "too old: 3 spans were rejected by http://127.0.0.1"},
		{"warns", "", `{"partialSuccess": {"errorMessage": "use protobuf"}}`, 200, ""},
		{"refuses", "", `{"code": 3, "message": "no such tenant"}`, 400, "400 Bad Request no such tenant: the traces were refused by http://127.0.0.1"},
		{"is not a collector", "", "<h1>nginx\x1b[31m</h1>", 404, "404 Not Found <h1>nginx"},
		{"redirects", "", "", 302, "302 Found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got *http.Request
			var body []byte
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = r
				body, _ = io.ReadAll(r.Body)
				if c.status == 302 {
					w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.reply)
			}))
			defer server.Close()
			to, err := newCollector(server.URL+c.path, func(string) string { return "Authorization=Bearer%20k, x-tenant=t" })
			if err != nil {
				t.Fatal(err)
			}
			err = to.send(t.Context(), []byte(`{"resourceSpans": []}`))
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\x1b")) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
			if got.URL.Path != c.path+"/v1/traces" || got.Header.Get("Content-Type") != "application/json" ||
				got.Header.Get("Authorization") != "Bearer k" || got.Header.Get("X-Tenant") != "t" || string(body) != `{"resourceSpans": []}` {
				t.Errorf("sent to %s with %v: %s", got.URL, got.Header, body)
			}
		})
	}
}

func TestWhereTracesCannotBeSent(t *testing.T) {
	const headers = "api-key=secret"
	for _, c := range []struct{ address, headers, want string }{
		{"localhost:4318", "", "is not the address of a collector"},
		{"ftp://localhost", "", "is not the address of a collector"},
		{"http://localhost:4318", "api-key", "must be of the form"},
		{"http://localhost:4318", "a=%zz", "must be of the form"},
		{"http://collector.example", headers, "use https"},
		{"http://localhost:4318/v1/traces", headers, ""},
		{"https://collector.example", headers, ""},
		{"http://collector.example", "", ""},
	} {
		to, err := newCollector(c.address, func(string) string { return c.headers })
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%+v: %v", c, err)
		}
		if err == nil && strings.Count(to.url.String(), "/v1/traces") != 1 {
			t.Errorf("%s is sent to %s", c.address, to.url)
		}
	}
	to, err := newCollector("http://user:password@"+strings.TrimPrefix(deadAddress, "http://"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if err := to.send(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "nothing was sent to http://127.0.0.1") || strings.Contains(err.Error(), "password") {
		t.Errorf("without a server the error is %v", err)
	}
}

// TestTracesAreReadByTheCollector sends a run to the OpenTelemetry Collector's receiver, and decodes
// the file with the collector's decoder. Both are programs of a module of their own, which is
// compiled here.
func TestTracesAreReadByTheCollector(t *testing.T) {
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("downloads and compiles the collector's receiver: in the long suite")
	}
	t.Parallel()
	program := filepath.Join(t.TempDir(), "otlpreceiver")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("testdata", "otlpreceiver")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	home := seaHome(t)
	keptOf(t, home, "is the sea deep?", "docs")

	type span struct {
		Trace, ID, Parent, Name, Kind, Status string
		Start, End                            int64
		Attributes                            map[string]any
		Events                                []string
		Links                                 int
	}
	type line struct {
		Resource map[string]any
		Spans    []span
	}
	file := filepath.Join(home, "trace.json")
	weft(t, home, "runs", "export", "last", "--format", "otlp", "-o", file)
	out, err := exec.Command(program, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var decoded line
	if err := json.Unmarshal(out, &decoded); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	ids := map[string]bool{"": true}
	for _, s := range decoded.Spans {
		names[s.Name], ids[s.ID] = true, true
	}
	for _, s := range decoded.Spans {
		if !ids[s.Parent] || len(s.Trace) != 32 || len(s.ID) != 16 || s.End < s.Start || s.Start == 0 || s.Status != "Ok" {
			t.Errorf("a span is %+v", s)
		}
	}
	if !names["rag"] || !names["retrieve"] || !names["synthesize"] || decoded.Resource["service.name"] != "weft" {
		t.Errorf("%v has the spans %v", decoded.Resource, names)
	}

	receiver := exec.Command(program)
	stdout, err := receiver.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = receiver.Process.Kill()
		_ = receiver.Wait()
	})
	lines := bufio.NewReader(stdout)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	weft(t, home, "runs", "export", "last", "--send", "http://"+strings.TrimSpace(address))
	text, err := lines.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var received line
	if err := json.Unmarshal(text, &received); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(received, decoded) {
		t.Errorf("the collector received\n%+v\nand the file has\n%+v", received, decoded)
	}
}
