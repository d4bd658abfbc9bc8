package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"weft/ui/history"
)

// TestARunIsAskedAgainEditedDeletedExportedAndImported does each on the command line.
func TestARunIsAskedAgainEditedDeletedExportedAndImported(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	first := keptOf(t, home, "is the sea deep?", "docs")
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args                       []string
		question, workflow, answer string
	}{
		{nil, "is the sea deep?", "rag", "The sea is deep and blue."},
		{[]string{"--question", "is the lake shallow?", "-w", "parallel"}, "is the lake shallow?", "parallel", "The lake is shallow."},
	} {
		out := weft(t, home, append([]string{"runs", "again", first.ID}, c.args...)...)
		r, err := st.Find("last")
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == first.ID || r.Question != c.question || r.Workflow != c.workflow || !strings.Contains(out, c.answer) {
			t.Errorf("asked again with %q, the run is %+v, and it answers %s", c.args, r, out)
		}
	}

	weft(t, home, "runs", "export", first.ID, "-f", "jsonl", "-o", filepath.Join(home, "run.jsonl"))
	listed := func() bool { return strings.Contains(weft(t, home, "runs", "list"), first.ID) }
	weft(t, home, "runs", "delete", first.ID)
	gone := !listed()
	weft(t, home, "runs", "undelete", first.ID)
	if !gone || !listed() {
		t.Errorf("deleted: %v, and listed after that is undone: %v", gone, listed())
	}
	if err := st.Remove(first.ID); err != nil {
		t.Fatal(err)
	}
	var imported history.Run
	out := weft(t, home, "runs", "import", "--json", "run.jsonl")
	if err := json.Unmarshal([]byte(out), &imported); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if imported.ID != first.ID || imported.Question != first.Question || imported.Directory != first.Directory || !listed() {
		t.Errorf("imported, the run is %+v, want %+v", imported, first)
	}
	var marked history.Run
	out = weft(t, home, "runs", "mark", "--json", first.ID)
	if err := json.Unmarshal([]byte(out), &marked); err != nil || marked.ID != first.ID || !marked.Marked {
		t.Errorf("weft runs mark --json prints %s, %v", out, err)
	}
}
