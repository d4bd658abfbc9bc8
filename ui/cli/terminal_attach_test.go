//go:build !windows

package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"weft/flow/remote/standin"
)

// TestTheExplorerIsAttachedToAServer asks two questions of one conversation on a server, from an
// explorer in a directory without documents. The server is started again meanwhile.
func TestTheExplorerIsAttachedToAServer(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	p := serveIn(t, home)
	s := start{args: []string{"attach", p.link}, w: 120, h: 40}.open(t)
	s.see("Ask a question")
	s.ask("is the sea deep?")
	s.see("The sea is deep and blue")
	if all := p.want(200, "GET", "/handlers", ""); strings.Count(all, `"handler_id"`) != 1 || !strings.Contains(all, `"completed"`) {
		t.Error(all)
	}
	p.end(syscall.SIGKILL)
	p = serveIn(t, home, "--addr", strings.TrimPrefix(p.url, "http://"), "--fault", "synthesize:delay=10m")
	s.post("is the lake shallow?")
	s.see("synthesize")
	second := waitForRun(t, p)
	p.read(second, "", func(ev streamed) bool { return strings.Contains(ev.data, `"name":"synthesize"`) })
	p.end(syscall.SIGKILL)
	s.see("is lost and is made again")
	p = serveIn(t, home, "--addr", strings.TrimPrefix(p.url, "http://"))
	s.see("The lake is shallow")
	if question := p.read(second, "", nil)[0]; question.typ != "Question" || !strings.Contains(question.data, "is the sea deep?") {
		t.Errorf("the second question does not have the first as its conversation: %v", question)
	}
}

// TestARunOnAServerIsAnsweredAndPaused fills in the form of a run on a server, and stops the next run
// before a step.
func TestARunOnAServerIsAnsweredAndPaused(t *testing.T) {
	t.Parallel()
	p := serveIn(t, seaHome(t))
	s := start{args: []string{"attach", "-w", "approve", p.link}, w: 120, h: 40}.open(t)
	s.see("Ask a question")
	s.post("is the sea deep?")
	s.see("propose asks you")
	s.clickOn("propose asks you")
	s.press("↵")
	s.see("✓ answered", "The sea is deep and blue")
	s.press("^p")
	s.write("breakpoints: stop")
	s.see("breakpoints: stop before a step")
	s.press("↵")
	s.see("stop before which?")
	s.write("propose")
	s.press("↵")
	s.see("runs stop before propose")
	s.post("is the lake shallow?")
	s.see("paused before propose")
	s.tap("timeline")
	s.tap("continue")
	s.see("propose asks you")
}

// TestTheExplorerIsAttachedToAForeignServer asks the stand-in for LlamaIndex's server, and replies
// to what it asks. Commands that such a server does not offer say so.
func TestTheExplorerIsAttachedToAForeignServer(t *testing.T) {
	t.Parallel()
	report := standin.Workflow{
		Name: "report", Start: `{"properties":{"topic":{"type":"string"}}}`,
		Graph: `{"nodes":[{"id":"go","label":"AskEvent","node_type":"event","event_type":"AskEvent","event_types":["StartEvent"]},` +
			`{"id":"write","label":"write","node_type":"step"},` +
			`{"id":"ok","label":"ApprovalEvent","node_type":"event","event_type":"ApprovalEvent","event_types":["HumanResponseEvent"]}],` +
			`"edges":[{"source":"go","target":"write"},{"source":"ok","target":"write"}]}`,
		Events: []string{`{"title":"ApprovalEvent","properties":{"by":{"type":"string"}},"required":["by"]}`},
		Do: func(r *standin.Run) {
			r.Running("write", 0, "AskEvent")
			r.NotRunning("write", 0, "AskEvent", "ApproveEvent")
			r.Emit("ApproveEvent", `{"prefix":"Is it approved?"}`, "InputRequiredEvent")
			reply := r.Reply()
			r.Running("write", 0, "ApprovalEvent")
			r.NotRunning("write", 0, "ApprovalEvent", "StopEvent")
			answer, _ := json.Marshal(map[string]string{"result": "Sent: " + string(r.Start) + string(reply)})
			r.Complete("StopEvent", string(answer))
		},
	}
	foreign := httptest.NewServer(standin.New(report))
	defer foreign.Close()
	s := start{args: []string{"attach", foreign.URL}, w: 200, h: 50}.open(t)
	s.see("Ask a question")
	s.write("ferries")
	s.see("ferries")
	s.tap("ask")
	s.see("arrival times", "Is it approved?", "outside waits for ApprovalEvent")
	s.clickOn("outside asks you")
	s.write("Ann")
	s.see("by", "Ann")
	s.press("↵")
	s.see(`Sent: {"topic":"ferries"}`, `"by":"Ann"`)
	s.tap("timeline")
	s.press("b")
	s.see("this server cannot pause a run")
}

// TestAttachSaysWhyItCannot has no server, one that wants a token, and one of web pages.
func TestAttachSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	p := serveIn(t, seaHome(t))
	none := httptest.NewServer(http.NotFoundHandler())
	defer none.Close()
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"the server wants a token", []string{"attach", p.url}},
		{"refused: attach to", []string{"attach", strings.TrimSuffix(deadAddress, "/v1")}},
		{"the program that answers there is not a workflow server", []string{"attach", none.URL}},
		{"is not the address of a server", []string{"attach", "localhost:8765"}},
	} {
		s := start{args: tc.args}.open(t)
		s.see(tc.want)
	}
	p.end(os.Interrupt)
}
