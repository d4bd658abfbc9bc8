package serve_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheManualsServerRuns builds the program in docs/serving.md and calls it.
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
	post := func(path, body string) (string, error) {
		res, err := http.Post("http://"+address+path, "application/json", strings.NewReader(body))
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		return string(raw), err
	}
	answer, err := post("/query", `{"question":"why?"}`)
	for end := time.Now().Add(2 * time.Minute); err != nil && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		answer, err = post("/query", `{"question":"why?"}`) // it does not listen yet
	}
	if err != nil || answer != `{"Answer":"You asked: why?"}`+"\n" {
		t.Errorf("%q %v", answer, err)
	}
	if answer, err := post("/workflows/query/run", `{"start_event":{"Question":"how?"}}`); err != nil || !strings.Contains(answer, "You asked: how?") {
		t.Errorf("%q %v", answer, err)
	}
	for body, want := range map[string]string{`{`: "it is not JSON", `{"question":1}`: "Question is of the type number, not string", `[]`: "of the type array, not object"} {
		if answer, err := post("/query", body); err != nil || !strings.Contains(answer, "does not fit the start event of the workflow query") || !strings.Contains(answer, want) {
			t.Errorf("%s: %q %v, want %q", body, answer, err, want)
		}
	}
}
