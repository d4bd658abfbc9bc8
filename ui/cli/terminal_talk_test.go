//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAQuestionIsEditedAndANewTalkForgetsIt(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.ask("how do I deploy the service?")
	s.press("alt+e")
	s.see("╭─ rag", "❯ how do I deploy the service?")
	s.write(" with the script")
	s.see("service? with the script")
	s.tap("ask")
	s.see("conversation · 2 of 2", "▌ how do I deploy the service? with the script", "❯ ask another question", "✓ answered")
	s.write("/new")
	s.see("❯ /new")
	s.press("↵")
	s.see("a new talk", "ask the first question of a new talk")
	s.write("and how do I check it?")
	s.see("check it?")
	s.tap("ask")
	s.see("── new talk ──", "conversation · 3 of 3", "❯ ask another question")
	s.gone("understood as")
}

func TestCommandsAreTypedAfterASlash(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.write("/")
	s.see("/workflow", "choose the workflow that answers", "tab complete")
	s.write("work")
	s.see("❯ /work")
	s.tap("complete")
	s.see("❯ /workflow", "▌rag ", "simple ")
	s.write("sim")
	s.see("❯ /workflow sim")
	s.press("↵")
	s.see("╭─ simple")
	s.write("/nothing")
	s.see("❯ /nothing")
	s.press("↵")
	s.see("there is no command /nothing")
	s.press("^c")
	s.gone("❯ /nothing")
	s.write("/hel")
	s.see("❯ /hel", "/help")
	s.press("↵")
	s.see("╭─ help ")
}

func TestAQuestionIsLimitedToAPathThatIsCompleted(t *testing.T) {
	t.Parallel()
	st := withNotes(t, recipe)
	dir := filepath.Join(st.home, "notes", "team log")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "# Service log\n\nThe service was deployed by Ada on Monday with the new script.\n"
	if err := os.WriteFile(filepath.Join(dir, "log.md"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := st.open(t)
	s.see("3 passages")
	s.write("@")
	s.see(`@"team log/"`, "@note.md", "1 document")
	s.write("lo")
	s.see(`team log/log.md`)
	s.tap("complete")
	s.see(`❯ @"team log/log.md"`)
	s.write("who deployed the service?")
	s.see("who deployed the service?")
	s.tap("ask")
	s.see("deployed by Ada", "✓ answered", "team log/log.md:")
}

// TestATalkOfAnEarlierSessionIsNamedAndContinued asks a question in one session, and in the next one
// gives its talk a title and asks a follow-up to it.
func TestATalkOfAnEarlierSessionIsNamedAndContinued(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	first := keptOf(t, home, "is the sea deep?", "docs")
	keptOf(t, home, "is the lake shallow?", "docs")
	s := start{home: home}.open(t)
	s.see("Ask a question")
	s.press("^r")
	s.see("history of", "2 runs")
	s.press("^n", "t")
	s.see("title of the talk: ", "name the talk")
	s.write("all about water")
	s.press("↵")
	s.see("all about water · is")
	s.press("f")
	s.gone("history of")
	s.see("The sea is deep and blue", "the next question continues this talk")
	s.write("and is it blue?")
	s.press("↵")
	s.see("2 of 2", "✓ answered")
	s.press("^r")
	s.see("3 runs · 2 talks", "all about water · and", "╰ is the sea deep?")
	s.press("esc")
	s.quit()
	if last := weft(t, home, "runs", "list", "--talk", first.ID); strings.Count(last, "· in all about water") != 2 {
		t.Errorf("the runs of the talk are listed as\n%s", last)
	}
	weft(t, home, "runs", "rename", "last", "")
	if out := weft(t, home, "runs", "list"); strings.Contains(out, "water") {
		t.Errorf("after its title is removed, the talk is listed as\n%s", out)
	}
}
