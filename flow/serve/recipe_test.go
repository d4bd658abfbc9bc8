package serve_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/serve"
	"weft/flow/serve/guard"
)

// TestTheManualsServerRuns checks the program in docs/serving.md. The long suite builds and calls it
// too; linking takes long.
func TestTheManualsServerRuns(t *testing.T) {
	page, err := os.ReadFile("../../docs/serving.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, found := strings.Cut(string(page), "```go\n")
	program, _, closed := strings.Cut(program, "```")
	_, body, _ := strings.Cut(program, "func main() {")
	if n := strings.Count(body, "\n"); !found || !closed || n > 20 {
		t.Fatalf("the page has no short program: %d lines", n)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	if !strings.Contains(program, "127.0.0.1:8000") {
		t.Fatal("the program listens at another address")
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(strings.Replace(program, "127.0.0.1:8000", address, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("WEFT_LONG") != "1" {
		if out, err := exec.Command("go", "vet", source).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	binary := filepath.Join(dir, "program.exe")
	build := exec.Command("go", "build", "-o", binary, source) // imports are found from this module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(binary)
	run.Dir = dir
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = run.Process.Kill(); _ = run.Wait() }()
	answers, err := http.Get("http://" + address)
	for end := time.Now().Add(2 * time.Minute); err != nil && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		answers, err = http.Get("http://" + address) // it does not listen yet
	}
	if err != nil {
		t.Fatal(err)
	}
	answers.Body.Close()
	callManualsServer(t, "http://"+address)
}

// TestAnEndpointAnswersWithTheStopEvent calls the handlers of the program in docs/serving.md.
func TestAnEndpointAnswersWithTheStopEvent(t *testing.T) {
	type query struct{ Question string }
	type reply struct{ Answer string }
	wf := flow.New[query, reply]("query")
	flow.Step(wf, "answer", func(_ *flow.Context, q query) (reply, error) {
		return reply{"You asked: " + q.Question}, nil
	})
	dir, err := journal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err := serve.New(serve.Settings{Dir: dir}, wf)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.Handle("POST /query", serve.Endpoint(wf))
	at := httptest.NewServer(guard.New(mux, guard.Settings{}))
	defer at.Close()
	callManualsServer(t, at.URL)
}

// callManualsServer checks the answers of the server in docs/serving.md.
func callManualsServer(t *testing.T, url string) {
	t.Helper()
	post := func(path, body string) string {
		res, err := http.Post(url+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	if answer := post("/query", `{"question":"why?"}`); answer != `{"Answer":"You asked: why?"}`+"\n" {
		t.Errorf("%q", answer)
	}
	if answer := post("/workflows/query/run", `{"start_event":{"Question":"how?"}}`); !strings.Contains(answer, "You asked: how?") {
		t.Errorf("%q", answer)
	}
	for body, want := range map[string]string{`{`: "it is not JSON", `{"question":1}`: "Question is of the type number, not string", `[]`: "of the type array, not object"} {
		if answer := post("/query", body); !strings.Contains(answer, "does not fit the start event of the workflow query") || !strings.Contains(answer, want) {
			t.Errorf("%s: %q, want %q", body, answer, want)
		}
	}
}
