//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAnEditorThatCannotBeToldALineIsSaidTo(t *testing.T) {
	t.Parallel()
	editor := filepath.Join(t.TempDir(), "scribble")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\necho the editor is open\nread x\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := start{env: map[string]string{"EDITOR": editor}}.open(t)
	s.see("ready to be searched")
	s.ask(question)
	s.tap("sources")
	line := s.match(`\[1\] timeline.md:(\d+)`)[1]
	s.press("↵")
	s.gone("╭─ sources ")
	s.tap("edit")
	s.see("the editor is open")
	s.write("\n")
	s.see("the cited text is in line " + line)
}
