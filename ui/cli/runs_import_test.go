package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"weft/ui/history"
)

func TestImportOfARunThatIsKeptSaysWhatToDo(t *testing.T) {
	home := seaHome(t)
	write(t, home, "run.jsonl", weft(t, home, "ask", "--json", "is the sea deep?", "docs"))
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	for id = range mustList(t, st) {
	}
	refused := func(want string) {
		t.Helper()
		said, err := command(t, home, "runs", "import", "run.jsonl").CombinedOutput()
		if err == nil || !strings.Contains(string(said), want) {
			t.Errorf("import says %q (%v), want %q", said, err, want)
		}
		if strings.Contains(string(said), "choose another identifier") {
			t.Errorf("import gives advice that cannot be followed: %s", said)
		}
	}
	refused("the run " + id + " is kept already: see it with `weft runs show " + id + "`")
	weft(t, home, "runs", "show", id)
	weft(t, home, "runs", "delete", id)
	refused("the run " + id + " is deleted but can still be restored: do so with `weft runs undelete " + id + "`")
	weft(t, home, "runs", "undelete", id)
	if err := st.Remove(id); err != nil {
		t.Fatal(err)
	}
	if out := weft(t, home, "runs", "import", "run.jsonl"); !strings.Contains(out, id) {
		t.Errorf("the import of a run that is not kept says %q", out)
	}
}
