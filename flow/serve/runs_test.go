package serve_test

import (
	"errors"
	"strings"
	"testing"

	"weft/flow"
	"weft/flow/host"
	"weft/flow/journal"
	"weft/flow/serve"
)

func TestARunThatIsOutOfTimeSaysSo(t *testing.T) {
	s := open(t, nil)
	s.want(500, "POST", "/workflows/slow/run", `{"handler_id":"s"}`, `"status":"failed"`)
	if _, types := ids(s.want(200, "GET", "/events/s", "")); types[len(types)-1] != "WorkflowTimedOutEvent" {
		t.Error(types)
	}
}

// TestRunsAreContinuedWhenTheServerIsReady interrupts a run, and starts a server that is not ready
// yet.
func TestRunsAreContinuedWhenTheServerIsReady(t *testing.T) {
	dir, err := journal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan bool)
	wf := flow.New[Question, Answer]("twice")
	first := true
	flow.Step(wf, "think", func(c *flow.Context, _ Question) (Answer, error) {
		if first {
			first = false
			close(begun)
			<-c.Done()
			return Answer{}, c.Err()
		}
		return Answer{"done"}, nil
	})
	server, err := serve.New(serve.Settings{Dir: dir}, wf)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, server: server}
	s.listen()
	s.want(200, "POST", "/workflows/twice/run-nowait", `{"handler_id":"r"}`)
	<-begun
	s.stop()
	ready := make(chan struct{})
	if s.server, err = serve.New(serve.Settings{Dir: dir, Ready: ready}, wf); err != nil {
		t.Fatal(err)
	}
	s.listen()
	defer s.stop()
	s.want(202, "GET", "/handlers/r", "", `"state":"suspended"`)
	close(ready)
	s.until("/handlers/r", `"status":"completed"`)
}

// TestRunsThatAreNotShownAreNotTheServers has a run of another program in the folder: it is neither
// listed nor answered, and what it awaits is not offered.
func TestRunsThatAreNotShownAreNotTheServers(t *testing.T) {
	path := t.TempDir()
	other := func(label string, id string) {
		dir, err := journal.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		server, err := serve.New(serve.Settings{Dir: dir, Labels: map[string]string{"of": label}}, asking())
		if err != nil {
			t.Fatal(err)
		}
		s := &site{t: t, server: server}
		s.listen()
		defer s.stop()
		s.want(200, "POST", "/workflows/asking/run-nowait", `{"handler_id":"`+id+`"}`)
		s.until("/handlers/"+id, `"state":"waiting"`)
	}
	other("them", "theirs")
	other("us", "ours")
	dir, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(h flow.Header) bool { return h.Labels["of"] == "us" }
	h, err := host.Open(dir, host.Settings{Has: shown}, asking())
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := h.Waiting()
	if err != nil || len(waiting) != 1 || waiting[0].ID != "ours" {
		t.Errorf("%v %v", waiting, err)
	}
	if err := h.Send("theirs", Approval{}); err == nil {
		t.Error("a run of another program is answered")
	}
	h.Close()
	removed := ""
	server, err := serve.New(serve.Settings{Dir: dir, Shown: shown, Remove: func(id string) error {
		removed = id
		return errors.New("it is marked")
	}}, asking())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, server: server}
	s.listen()
	defer s.stop()
	if all := s.want(200, "GET", "/handlers", ""); strings.Contains(all, "theirs") || !strings.Contains(all, "ours") {
		t.Error(all)
	}
	s.want(404, "GET", "/handlers/theirs", "")
	s.want(404, "POST", "/events/theirs", `{"event":{"type":"Approval","value":{}}}`)
	s.want(409, "POST", "/handlers/ours/cancel?purge=true", "", "it is marked")
	if removed != "ours" {
		t.Errorf("removed %q", removed)
	}
}
