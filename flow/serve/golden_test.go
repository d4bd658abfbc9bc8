package serve_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weft/flow"
	"weft/flow/host"
	"weft/flow/journal"
	"weft/flow/serve"
	"weft/flow/serve/guard"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing")

const goldenToken = "correct horse"

// endless runs until it is cancelled.
func endless() flow.Definition {
	wf := flow.New[Question, Answer]("endless")
	flow.Step(wf, "think", func(c *flow.Context, _ Question) (Answer, error) {
		<-c.Done()
		return Answer{}, c.Err()
	})
	return wf
}

// An example is a request whose answer is in the golden file.
type example struct {
	name, method, path, body string
	headers                  []string // keys and values, in addition to the token
}

// A goldenSite is a server behind its guard. It writes down what it answers.
type goldenSite struct {
	*site
	path  string // of the folder of the journals
	out   strings.Builder
	codes map[string][]int // the codes that each route has answered, by method and path
	mux   *http.ServeMux   // which finds the route of a request
}

func newGoldenSite(t *testing.T) *goldenSite {
	path := t.TempDir()
	dir, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	page := fstest.MapFS{"app.js": {Data: []byte("run()\n")}, "app.css": {Data: []byte("a{}\n")}}
	server, err := serve.New(serve.Settings{
		Dir: dir, Debugger: page, MaxBody: 150, MaxStream: 1, Host: host.Settings{ReleaseAfter: time.Hour},
	}, quick(), asking(), slow(), endless())
	if err != nil {
		t.Fatal(err)
	}
	front := guard.New(server, guard.Settings{Token: goldenToken, Open: []string{"/health"}})
	g := &goldenSite{
		site: &site{t: t, server: server, http: httptest.NewServer(front)},
		path: path, codes: map[string][]int{}, mux: http.NewServeMux(),
	}
	t.Cleanup(g.stop)
	for _, r := range serve.Routes() {
		g.mux.Handle(r.Method+" "+r.Path, http.NotFoundHandler())
	}
	return g
}

// ask sends a request. Redirections are answers, too.
func (g *goldenSite) ask(e example) (*http.Response, error) {
	req, err := http.NewRequestWithContext(g.t.Context(), e.method, g.http.URL+e.path, strings.NewReader(e.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+goldenToken)
	for i := 0; i < len(e.headers); i += 2 {
		if req.Header.Set(e.headers[i], e.headers[i+1]); e.headers[i] == "Host" {
			req.Host = e.headers[i+1]
		}
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if _, pattern := g.mux.Handler(req); pattern != "" && err == nil {
		g.codes[pattern] = append(g.codes[pattern], res.StatusCode)
	}
	return res, err
}

// send is ask for a request that must be answered.
func (g *goldenSite) send(e example) *http.Response {
	g.t.Helper()
	res, err := g.ask(e)
	if err != nil {
		g.t.Fatal(err)
	}
	return res
}

// show sends requests and writes them down with their answers.
func (g *goldenSite) show(examples ...example) {
	g.t.Helper()
	for _, e := range examples {
		g.write(e, g.send(e))
	}
}

func (g *goldenSite) write(e example, res *http.Response) {
	g.t.Helper()
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	fmt.Fprintf(&g.out, "# %s\n%s %s\n", e.name, e.method, e.path)
	for i := 0; i < len(e.headers); i += 2 {
		fmt.Fprintf(&g.out, "%s: %s\n", e.headers[i], e.headers[i+1])
	}
	if e.body != "" {
		fmt.Fprintf(&g.out, "%s\n", e.body)
	}
	fmt.Fprintf(&g.out, "\n%d\n", res.StatusCode)
	writeHeaders(&g.out, res.Header)
	switch {
	case e.path == "/openapi.json":
		compareGolden(g.t, "testdata/openapi.json", layout(raw, "")+"\n")
		g.out.WriteString("(the content of openapi.json)\n")
	case res.Header.Get("Content-Type") == "application/json":
		g.out.WriteString(layout(raw, "") + "\n")
	default:
		g.out.Write(raw)
	}
	g.out.WriteString("\n")
}

// writeHeaders writes all headers but those that each answer has, and those whose values change. An
// answer that lacks one of the headers that all should have has a line without a value.
func writeHeaders(out io.Writer, headers http.Header) {
	headers = headers.Clone()
	headers.Del("Date")
	headers.Del("Content-Length")
	for name, value := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		switch headers.Get(name) {
		case value:
			headers.Del(name)
		case "":
			headers.Set(name, "")
		}
	}
	var names []string
	for name := range headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintln(out, strings.TrimSpace(name+": "+strings.Join(headers[name], ", ")))
	}
}

// layout returns JSON with each value that fits on one line.
func layout(raw []byte, indent string) string {
	var flat bytes.Buffer
	if err := json.Compact(&flat, raw); err != nil {
		return "not JSON: " + string(raw)
	}
	if flat.Len()+len(indent) <= 100 || flat.Bytes()[0] != '{' && flat.Bytes()[0] != '[' {
		return flat.String()
	}
	values := json.NewDecoder(&flat)
	open, _ := values.Token() // it is JSON: no error comes
	shut := map[json.Delim]string{'{': "}", '[': "]"}[open.(json.Delim)]
	var out strings.Builder
	out.WriteString(open.(json.Delim).String())
	for between := "\n"; values.More(); between = ",\n" {
		out.WriteString(between + indent + "  ")
		if shut == "}" {
			name, _ := values.Token()
			fmt.Fprintf(&out, "%q: ", name)
		}
		var value json.RawMessage
		_ = values.Decode(&value)
		out.WriteString(layout(value, indent+"  "))
	}
	return out.String() + "\n" + indent + shut
}

// What differs from one run of the test to the next.
var changing = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`), "TIME"},
	{regexp.MustCompile(`weft-token-\d+`), "weft-token-PORT"},
	{regexp.MustCompile(`_id": "[a-z2-7]{10}"`), `_id": "CHOSEN"`},
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	for _, c := range changing {
		got = c.pattern.ReplaceAllString(got, c.instead)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i, line := range gotLines {
		if i == len(wantLines) || line != wantLines[i] {
			t.Fatalf("%s:%d: the answers differ; -update writes them\nwant %s\ngot  %s",
				path, i+1, strings.Join(wantLines[i:min(i+5, len(wantLines))], "\n"), strings.Join(gotLines[i:min(i+5, len(gotLines))], "\n"))
		}
	}
	if len(wantLines) != len(gotLines) {
		t.Fatalf("%s: the answers end at line %d; -update writes them", path, len(gotLines))
	}
}
