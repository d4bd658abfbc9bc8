package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/rag/llm/fakeopenai"
)

// A machine is an empty one with an embedding model, on which the whole program is started again and
// again.
type machine struct {
	*testing.T
	server *fakeopenai.Server
}

func newMachine(t *testing.T) *machine {
	server, url := fakeopenai.Start(t, "", "tiny-chat", "fake-embed")
	for name, value := range map[string]string{"HOME": t.TempDir(), "WEFT_CACHE": t.TempDir(), "WEFT_STATE": t.TempDir(),
		"WEFT_CONFIG": "", "WEFT_BASE_URL": url, "WEFT_MODEL": "tiny-chat", "WEFT_EMBEDDING_MODEL": "fake-embed",
		"WEFT_OFFLINE": "false"} {
		t.Setenv(name, value)
	}
	return &machine{t, server}
}

// weft runs a command, and returns what it has printed and its error.
func (m *machine) weft(args ...string) (out, errs string, err error) {
	root := newRoot()
	var stdout, stderr bytes.Buffer
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	root.SetArgs(args)
	err = root.ExecuteContext(m.Context())
	return stdout.String(), stderr.String(), err
}

// embedded returns how many passages a command embeds, and fails the test if the command fails or
// reports a problem. Each start sends one text more, to see whether the model works.
func (m *machine) embedded(args ...string) int {
	m.Helper()
	before := m.server.Stats().EmbeddingInputs
	out, errs, err := m.weft(args...)
	for line := range strings.Lines(errs) {
		if !strings.HasPrefix(line, "weft: waiting for the index") { // which a slow machine says
			m.Errorf("weft %s: it says %s", strings.Join(args, " "), line)
		}
	}
	if err != nil {
		m.Fatalf("weft %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return m.server.Stats().EmbeddingInputs - before - 1
}

// TestAPassageIsEmbeddedOnce goes through what people do to directories.
func TestAPassageIsEmbeddedOnce(t *testing.T) {
	m := newMachine(t)
	parent := t.TempDir()
	docs, aside := filepath.Join(parent, "docs"), filepath.Join(parent, "aside")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(docs, 0o700))
	for i := range 10 {
		write(t, docs, fmt.Sprintf("ship%d.md", i), fmt.Sprintf("# Ship %d\n\nShip %d sails at %d.\n", i, i, i))
	}
	if n := m.embedded("index", docs); n != 10 {
		t.Fatalf("%d passages are embedded at first, want 10", n)
	}
	none := func(what string, args ...string) {
		t.Helper()
		if n := m.embedded(args...); n != 0 {
			t.Errorf("%s: %d passages are embedded", what, n)
		}
	}
	none("another flag", "index", "--hidden", docs)
	must(os.Rename(docs, aside))
	none("a renamed directory", "index", aside)
	must(os.Rename(aside, docs))

	old, err := os.ReadFile(filepath.Join(docs, "ship3.md"))
	must(err)
	write(t, docs, "ship3.md", "# Ship 3\n\nShip 3 has sunk.\n")
	must(os.Rename(filepath.Join(docs, "ship4.md"), filepath.Join(parent, "ship4.md")))
	if n := m.embedded("index", docs); n != 1 {
		t.Errorf("on another branch %d passages are embedded, want 1", n)
	}
	write(t, docs, "ship3.md", string(old))
	must(os.Rename(filepath.Join(parent, "ship4.md"), filepath.Join(docs, "ship4.md")))
	none("the first branch again", "index", docs)

	must(os.RemoveAll(filepath.Join(os.Getenv("WEFT_CACHE"), "index")))
	none("an index that was deleted", "index", docs)
}

// TestVectorsThatAnIndexDropsAreKept has an index whose vectors were computed before there was a store.
func TestVectorsThatAnIndexDropsAreKept(t *testing.T) {
	m := newMachine(t)
	docs := t.TempDir()
	write(t, docs, "ship.md", "# Ship\n\nIt sails at six.\n")
	write(t, docs, "harbour.md", "# Harbour\n\nIt opens at five.\n")
	if n := m.embedded("index", docs); n != 2 {
		t.Fatalf("%d passages are embedded at first, want 2", n)
	}
	if err := os.RemoveAll(filepath.Join(os.Getenv("WEFT_CACHE"), "vectors")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(docs, "ship.md")); err != nil {
		t.Fatal(err)
	}
	if n := m.embedded("index", docs); n != 0 {
		t.Errorf("%d passages are embedded without the file", n)
	}
	write(t, docs, "ship.md", "# Ship\n\nIt sails at six.\n")
	if n := m.embedded("index", docs); n != 0 {
		t.Errorf("%d passages are embedded when the file is back", n)
	}
}

func TestAnEmptiedDirectoryIsSearchedAndReported(t *testing.T) {
	m := newMachine(t)
	docs := t.TempDir()
	write(t, docs, "ship.md", "# Ship\n\nThe ship sails at six.\n")
	m.embedded("index", docs)
	if err := os.Rename(filepath.Join(docs, "ship.md"), docs+".md"); err != nil {
		t.Fatal(err)
	}
	out, errs, err := m.weft("search", "when does the ship sail?", docs)
	if exit, ok := errors.AsType[*exitError](err); !ok || exit.code != exitIncomplete {
		t.Errorf("the error is %v", err)
	}
	if !strings.Contains(out, "ship.md") || !strings.Contains(out, "[incomplete: nothing is found in "+docs) {
		t.Errorf("printed is %s%s", out, errs)
	}
	_, errs, err = m.weft("index", docs)
	if exit, ok := errors.AsType[*exitError](err); !ok || exit.code != exitIncomplete || !strings.Contains(errs, "nothing is found in "+docs) {
		t.Errorf("the index is brought up to date: %v %s", err, errs)
	}
	if err := os.Rename(docs+".md", filepath.Join(docs, "ship.md")); err != nil {
		t.Fatal(err)
	}
	if n := m.embedded("index", docs); n != 0 {
		t.Errorf("%d passages are embedded when the file is back", n)
	}
}

// TestADirectoryThatIsGoneIsNoTypingMistake lets a directory vanish, as a drive does that is not
// mounted any more. Each command says that it is gone, and its index outlasts that.
func TestADirectoryThatIsGoneIsNoTypingMistake(t *testing.T) {
	m := newMachine(t)
	docs := filepath.Join(t.TempDir(), "docs")
	if err := os.Mkdir(docs, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, docs, "ship.md", "# Ship\n\nThe ship sails at six.\n")
	m.embedded("index", docs)
	if err := os.Rename(docs, docs+".aside"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"index"}, {"index", "--verify"}, {"search", "ship?"}, {"ask", "ship?"}, {"grep", "ship"},
		{"list"}, {"read", "ship.md"}, {"serve"}, {"mcp"}} {
		_, _, err := m.weft(append(args, docs)...)
		if exit, ok := errors.AsType[*exitError](err); ok || err == nil || !strings.HasPrefix(err.Error(), docs+" is gone since it was used on ") {
			t.Errorf("weft %s: %v %v", args, exit, err)
		}
	}
	if _, _, err := m.weft("search", "ship?", docs+".never"); err == nil || !strings.Contains(err.Error(), "check the spelling") {
		t.Error(err)
	}
	if err := os.Rename(docs+".aside", docs); err != nil {
		t.Fatal(err)
	}
	if n := m.embedded("search", "when does the ship sail?", docs); n > 1 { // the question
		t.Errorf("%d passages are embedded when the directory is back", n-1)
	}
}
