package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/flow"
	"weft/rag/llm/fakeopenai"
	"weft/ui/history"
)

// eventOf returns the event that a step of a kept run got, as JSON.
func eventOf(t *testing.T, st *history.Store, id, step string) []byte {
	t.Helper()
	file, err := st.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	_, event, err := forkPoint(file.Records, step)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range file.Records {
		if r.Event == event && (r.Kind == flow.EventSent || r.Kind == flow.RunStarted) {
			payload, err := r.JSON()
			if err != nil {
				t.Fatal(err)
			}
			return payload
		}
	}
	t.Fatalf("%s has no event %d", id, event)
	return nil
}

func TestARunIsForkedAtAnyStepWithAnEditedEventOrAnotherModel(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	first := keptOf(t, home, "is the sea deep?", "docs")
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(st.Path(), first.ID+".weft")
	before, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	steps := []string{"understand", "retrieve", "rerank", "synthesize"}
	for _, step := range steps {
		if out := weft(t, home, "runs", "fork", first.ID, "--at", step); !strings.Contains(out, "The sea is deep and blue. [1]") {
			t.Errorf("a fork at %s answers %s", step, out)
		}
	}
	edited := bytes.ReplaceAll(eventOf(t, st, first.ID, "synthesize"), []byte("deep and blue"), []byte("deep and green"))
	if out := weft(t, home, "runs", "fork", first.ID, "--at", "synthesize", "--edit", string(edited)); !strings.Contains(out, "deep and green") {
		t.Errorf("with an edited event the answer is %s", out)
	}
	if out := weft(t, home, "runs", "fork", first.ID, "--at", "understand", "--edit", `{"text": "is the lake shallow?"}`); !strings.Contains(out, "The lake is shallow. [1]") {
		t.Errorf("with an edited question the answer is %s", out)
	}
	if last, err := st.Find("last"); err != nil || last.Question != "is the lake shallow?" || last.Parent == nil || last.Parent.Run != first.ID || last.Talk != first.ID {
		t.Errorf("the fork is kept as %+v, %v", last, err)
	}

	// Another model answers from the passages that the original run found.
	model, base := fakeopenai.Start(t, "", "tiny-chat")
	cmd := command(t, home, "runs", "fork", first.ID, "--at", "synthesize", "--json")
	cmd.Env = append(cmd.Env, "WEFT_OFFLINE=false", "WEFT_BASE_URL="+base, "WEFT_MODEL=tiny-chat")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if by := resultOf(t, string(out)).By; by != "tiny-chat" {
		t.Errorf("the fork was answered by %q", by)
	}
	asked := 0
	for _, r := range model.Requests() {
		if strings.HasSuffix(r.Path, "/chat/completions") && strings.Contains(string(r.Body), "The sea is deep and blue") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("the model got the passages %d times", asked)
	}
	after, err := os.ReadFile(journal)
	if err != nil || !bytes.Equal(after, before) {
		t.Errorf("the forked run was changed: %v", err)
	}
	if runs := mustList(t, st); len(runs) != 1+len(steps)+3 {
		t.Errorf("there are %d runs", len(runs))
	}
}

func TestAForkSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	r := keptOf(t, home, "is the sea deep?", "docs")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--at", "nothing"}, "the steps of the run are [understand retrieve rerank synthesize]"},
		{[]string{"--at", "rerank", "--edit", "{"}, "--edit needs an event as JSON"},
		{[]string{"--at", "7", "--edit", "{}"}, "--edit needs an event as JSON, and --at the name of the step"},
		{[]string{"--at", "100000"}, "there is no record 100000"},
		{[]string{"--at", "rerank", "--edit", `{"passages": "none"}`}, "passages"},
		{[]string{"--at", "rerank", "--fault", "nothing:error=1"}, "nothing"},
	} {
		cmd := command(t, home, append([]string{"runs", "fork", r.ID}, c.args...)...)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("weft runs fork %q says %s, %v, want %q", c.args, out, err, c.want)
		}
	}
	var kept struct{ ID string }
	if err := json.Unmarshal([]byte(weft(t, home, "runs", "list", "--json")), &kept); err != nil || kept.ID != r.ID {
		t.Errorf("after these forks the runs are %+v, %v", kept, err)
	}
}
