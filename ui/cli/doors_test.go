//go:build !windows

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weft/ui/canvas"
)

// evil is text that takes over a terminal, in each of the forms that terminals know.
const evil = "\x1b]0;owned\x07\x1b[2J\u009b\u202e\u2066\u200b\u00ad"

// evilServer answers every request with a hostile model's name, text or error.
func evilServer(t *testing.T, status int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		send := func(v any) {
			if err := json.NewEncoder(w).Encode(v); err != nil {
				t.Error(err)
			}
		}
		type m = map[string]any
		switch {
		case strings.HasSuffix(r.URL.Path, "/models"):
			send(m{"object": "list", "data": []m{{"id": "model" + evil, "object": "model", "owned_by": evil}}})
		case status != http.StatusOK:
			w.WriteHeader(status)
			send(m{"error": m{"message": "no" + evil, "type": evil, "code": evil}})
		case strings.HasSuffix(r.URL.Path, "/chat/completions"):
			w.Header().Set("Content-Type", "text/event-stream")
			for _, text := range []string{"Every 400 ", "hours" + evil + " [1].", "\n\nSources\n* [1]  /etc/passwd:1"} {
				data, err := json.Marshal(m{"object": "chat.completion.chunk", "model": evil,
					"choices": []m{{"index": 0, "delta": m{"content": text}}}})
				if err != nil {
					t.Error(err)
				}
				fmt.Fprintf(w, "data: %s\n\n", data)
			}
			fmt.Fprint(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
		default:
			w.WriteHeader(http.StatusNotFound)
			send(m{"error": m{"message": "no " + r.URL.Path + evil}})
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

// TestNothingHostileLeavesTheProgram runs every command on documents with hostile names and text,
// with hostile arguments, and with servers that say hostile things. Whatever a command prints, on
// either output, has no character that a terminal would act on. What it prints as JSON still means
// the same.
func TestNothingHostileLeavesTheProgram(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	dir := "docs" + evil
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(dir+"/filter"+evil+".md", "# Filter"+evil+"\n\nReplace the filter"+evil+" every 400 hours.\n")
	write(dir+"/broken"+evil+".docx", "no archive"+evil)
	write(dir+"/questions.jsonl", `{"question": "when do I replace the filter?", "kind": "fact`+"\u202e"+`", "file": ["filter.md"], "must": ["400"]}`+"\n")
	write("bad"+evil+".toml", "model = = 1")
	write("bad.toml", "workflow = \"no\\u001B[2J\"\n")
	answers, fails := evilServer(t, http.StatusOK), evilServer(t, http.StatusBadRequest)
	question := "when do I replace the filter" + evil + "?"
	plainly := "when do I replace the filter?"
	for _, c := range []struct {
		name string
		args []string
		env  string
		says string // is part of the output
	}{
		{"index", []string{"index", "--report", dir}, "", "broken"},
		{"search", []string{"search", question, dir}, "", "filter"},
		{"search in JSON", []string{"search", "--json", question, dir}, "", `\u200b`},
		{"ask", []string{"ask", question, dir}, "", "Sources"},
		{"ask in JSON", []string{"ask", "--json", question, dir}, "", `\u202e`},
		{"ask, all records", []string{"ask", "-v", "--plain", question, dir}, "", "Sources"},
		{"ask a model", []string{"ask", "--base-url", answers, plainly, dir}, "", "> Sources\n> * [1]  /etc/passwd:1"},
		{"ask a model, in JSON", []string{"ask", "--json", "--base-url", answers, plainly, dir}, "", `\u202e`},
		{"ask a server that fails", []string{"ask", "--base-url", fails, plainly, dir}, "", "[degraded: "},
		{"the same in JSON", []string{"ask", "--json", "--base-url", fails, plainly, dir}, "", `"degraded"`},
		{"grep", []string{"grep", "filter", dir}, "", "400 hours"},
		{"grep in JSON", []string{"grep", "--json", "filter", dir}, "", `\u200b`},
		{"grep with a hostile pattern", []string{"grep", "(" + evil, dir}, "", "weft: "},
		{"read", []string{"read", "questions.jsonl", dir}, "", "fact"},
		{"read in JSON", []string{"read", "--json", "questions.jsonl", dir}, "", "fact"},
		{"read what is not there", []string{"read", "x" + evil, dir}, "", "weft: "},
		{"list", []string{"list", dir}, "", "filter"},
		{"list in JSON", []string{"list", "--json", dir}, "", `\u200b`},
		{"doctor", []string{"doctor", dir}, "", "Index"},
		{"doctor with a model", []string{"doctor", "--base-url", answers, dir}, "", "model"},
		{"doctor with a server that fails", []string{"doctor", "--base-url", fails, "--model", "x" + evil, dir}, "", "model"},
		{"runs", []string{"runs"}, "", "filter"},
		{"runs in JSON", []string{"runs", "list", "--json"}, "", `\u202e`},
		{"runs show", []string{"runs", "show", "last"}, "", "filter"},
		{"runs show, events", []string{"runs", "show", "last", "--events"}, "", "filter"},
		{"runs show, JSON", []string{"runs", "show", "last", "--json"}, "", `\u202e`},
		{"runs show, a step", []string{"runs", "show", "last", "--step", "retrieve"}, "", `\u200b`},
		{"runs show, no step", []string{"runs", "show", "last", "--step", "x" + evil}, "", "there is no step"},
		{"runs show, no run", []string{"runs", "show", "x" + evil}, "", "weft: "},
		{"runs export", []string{"runs", "export", "last"}, "", "filter"},
		{"runs export json", []string{"runs", "export", "last", "-f", "json"}, "", `\u202e`},
		{"runs export jsonl", []string{"runs", "export", "last", "-f", "jsonl"}, "", `\u202e`},
		{"runs export mermaid", []string{"runs", "export", "last", "-f", "mermaid"}, "", "gantt"},
		{"runs export chrome", []string{"runs", "export", "last", "-f", "chrome", "--content"}, "", `\u202e`},
		{"runs export otlp", []string{"runs", "export", "last", "-f", "otlp", "--content"}, "", `\u202e`},
		{"runs again", []string{"runs", "again", "last", "--question", question}, "", "Sources"},
		{"runs compare", []string{"runs", "compare", "last", "x" + evil}, "", "weft: "},
		{"runs import", []string{"runs", "import", "no" + evil}, "", "weft: "},
		{"eval", []string{"eval", dir}, "", "1 question of"},
		{"eval in JSON", []string{"eval", "--json", dir}, "", "question"},
		{"the timeline of an evaluation", []string{"runs", "show", "last"}, "", "1 question of docs"},
		{"an evaluation asked again", []string{"runs", "again", "last"}, "", "with weft eval"},
		{"eval without a collection", []string{"eval", "no" + evil}, "", "weft: "},
		{"a directory that is not there", []string{"ask", question, "no" + evil}, "", "does not exist"},
		{"a flag that is unknown", []string{"ask", "--x" + evil}, "", "weft: "},
		{"a command that is unknown", []string{"runs", "x" + evil}, "", "weft: "},
		{"a workflow that is unknown", []string{"ask", "-w", "x" + evil, question, dir}, "", "weft: "},
		{"a theme that is unknown", []string{"--theme", "x" + evil, dir}, "", "weft: "},
		{"a config file with a hostile name", []string{"search", question, dir}, "WEFT_CONFIG=bad" + evil + ".toml", "weft: "},
		{"a config file with a hostile value", []string{"ask", question, dir}, "WEFT_CONFIG=bad.toml", "weft: "},
		{"a variable with a hostile value", []string{"ask", question, dir}, "WEFT_TIMEOUT=" + evil, "weft: "},
		{"the explorer without a terminal", []string{dir}, "", "weft: "},
		{"help", []string{"--help"}, "", "Usage"},
	} {
		cmd := exec.Command("weft", c.args...)
		cmd.Dir = home
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GOGC=" + rareGC, "WEFT_OFFLINE=" + fmt.Sprint(!strings.Contains(fmt.Sprint(c.args), "--base-url"))}
		if c.env != "" {
			cmd.Env = append(cmd.Env, c.env)
		}
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		out := stdout.String() + stderr.String()
		for line := range strings.Lines(out) {
			if clean := canvas.Clean(line); strings.ReplaceAll(line, "\t", "    ") != clean {
				t.Errorf("%s: the line %q should be %q", c.name, line, clean)
			}
		}
		if !strings.Contains(out, c.says) {
			t.Errorf("%s: there is no %q in\n%s", c.name, c.says, out)
		}
		if strings.Contains(c.name, "JSON") {
			checkLines(t, c.name, stdout.String())
		}
	}
}

// checkLines checks that each line is JSON.
func checkLines(t *testing.T, name, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%s: not JSON: %q", name, line)
		}
	}
}
