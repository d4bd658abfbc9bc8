//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestANewTalkForgetsTheOneBefore(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.ask("how do I deploy the service?")
	s.press("^n")
	s.see("a new talk", "ask the first question of a new talk")
	s.write("and how do I check it?")
	s.see("check it?")
	s.tap("ask")
	s.see("── new talk ──", "conversation · 2 of 2", "❯ ask another question")
	s.gone("understood as")
}

func TestAQuestionIsEditedAndAskedAgain(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.ask("how do I deploy the service?")
	s.press("alt+e")
	s.see("╭─ rag", "❯ how do I deploy the service?")
	s.write(" with the script")
	s.see("service? with the script")
	s.tap("ask")
	s.see("conversation · 2 of 2", "▌ how do I deploy the service? with the script")
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
