//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"weft/ui/history"
)

// TestARunIsForkedOnTheScreen forks a run that has just ended, with an event that a text editor
// changes, and then a kept one with another question, workflow and a breakpoint.
func TestARunIsForkedOnTheScreen(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	editor := filepath.Join(home, "green")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nsed s/blue/green/ \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := start{home: home, env: map[string]string{"EDITOR": editor}}.open(t)
	s.see("Ask a question")
	s.ask("is the sea deep?")
	s.see("The sea is deep and blue")
	s.press("tab", "G", "↓", "↓", "↓", "↓", "E")
	s.see("fork of this run at synthesize", "░ rerank", "▌↳ synthesize", "3 steps kept · 1 step again", "the event that synthesize gets", "sea.md:1–7")
	s.press("^e")
	s.see("1 field changed", "✎")
	s.press("↵")
	s.see("deep and green", "conversation · 2 of 2", "alt+c compare with run 1")
	s.press("alt+c")
	s.see("A rag", "B rag", "≠ synthesize", "−blue.− +green+")
	s.press("esc")
	s.see("conversation · 2 of 2")

	// The fork is kept below its parent.
	s.press("^r")
	s.see("history of", "2 runs", "╰ ↳ is the sea deep?")
	s.press("E")
	s.see("fork of the run of", "▌↳ understand", "[ and ] move it: 1 of 4", "workflow", "rag, as then")
	s.press("]")
	s.see("▌↳ retrieve", "2 of 4")
	s.press("[", "tab", "^u")
	s.write("is the lake shallow?")
	s.see("✎ text")
	s.press("⇧tab", "⇧tab")
	s.see("←→ choose")
	s.press("→")
	s.see("● understand")
	s.press("↵")
	s.gone("fork of the run of")
	s.see("paused before understand", "▌ is the lake shallow?")
	s.press("tab", "P")
	s.see("The lake is shallow. [1]")
	s.quit()
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	forks, edited := 0, ""
	for _, r := range mustList(t, st) {
		if r.Parent != nil && r.Outcome == history.Done {
			forks++
			if r.Question == "is the sea deep?" {
				edited = r.ID
			}
		}
	}
	if forks != 2 {
		t.Errorf("%d forks are kept", forks)
	}

	// A fork that is opened from the command line is compared with the run that it was forked from.
	s = start{home: home, args: []string{"runs", "open", edited}}.open(t)
	s.see("deep and green", "alt+c compare with the original")
	s.press("alt+c")
	s.see("A rag", "B rag", "−blue.− +green+")
	s.press("esc")
	s.quit()
}
