package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeclinedWinsOverIncomplete runs commands on an index that is known to be incomplete. Exit code
// 4 means that there is an answer and that it is incomplete. Without one the code is 3, and what is
// missing is still printed.
func TestDeclinedWinsOverIncomplete(t *testing.T) {
	m := newMachine(t)
	t.Setenv("WEFT_OFFLINE", "true")
	docs := t.TempDir()
	write(t, docs, "ship.md", "# Ship\n\nThe ship sails at six.\n")
	if _, _, err := m.weft("index", docs); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(docs, "ship.md"), docs+".md"); err != nil {
		t.Fatal(err)
	}
	const absent = "who repaired the zeppelin's mooring mast?"
	for _, c := range []struct {
		want int
		args []string
	}{
		{exitIncomplete, []string{"search", "when does the ship sail?"}},
		{exitNothing, []string{"search", absent}},
		{exitNothing, []string{"search", "--json", absent}},
		{exitIncomplete, []string{"ask", "when does the ship sail?"}},
		{exitNothing, []string{"ask", absent}},
		{exitNothing, []string{"ask", "--json", absent}},
		{exitIncomplete, []string{"grep", "sails"}},
		{exitNothing, []string{"grep", "zeppelin"}},
		{exitNothing, []string{"grep", "--json", "zeppelin"}},
		{exitIncomplete, []string{"list", "--glob", "*.md"}},
		{exitNothing, []string{"list", "--glob", "*.pdf"}},
	} {
		args := append(c.args, docs)
		out, errs, err := m.weft(args...)
		code := exitAnswer
		if exit, ok := errors.AsType[*exitError](err); ok {
			code = exit.code
		}
		if code != c.want || !strings.Contains(out, "nothing is found in") {
			t.Errorf("weft %s: exit code %d, want %d: %v\n%s%s", strings.Join(args, " "), code, c.want, err, out, errs)
		}
	}
}
