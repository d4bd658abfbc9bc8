//go:build !windows

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"weft/ui/keys"
)

// TestAHalfBuiltIndexIsUsedAndSaysHowMuchItHas ends the program while it indexes a recording, whose
// transcript the test withholds. The next start says what it has already, an answer says from how
// much it is, and asking again is offered when the rest is in.
func TestAHalfBuiltIndexIsUsedAndSaysHowMuchItHas(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	docs, transcript, cache := filepath.Join(home, "port"), filepath.Join(home, "transcript"), filepath.Join(home, "own")
	const coasts = "all harbours of the coasts in the north, the south, the east and the west" // too long for a small screen
	if err := os.MkdirAll(filepath.Join(docs, coasts), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		write(t, docs, filepath.Join(coasts, fmt.Sprintf("h%02d.md", i)), fmt.Sprintf("# Harbour %d\n\nHarbour number %d has %d cranes for its ships.\n", i, i, i+7))
	}
	write(t, docs, "talk.wav", "sound")
	if err := syscall.Mkfifo(transcript, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // a program that still waits for the transcript gets an empty one
		if f, err := os.OpenFile(transcript, os.O_RDWR, 0); err == nil {
			f.Close()
		}
	})
	st := start{home: home, args: []string{"port"}, env: map[string]string{"WEFT_TRANSCRIBE": "cat " + transcript, "WEFT_CACHE": cache}}
	s := st.open(t)
	s.see("port · indexing 92%", "12 of 13 files")
	s.match(`read ×\d`) // one row for all workers
	s.until("passages on disk", func(string) bool {
		logs, _ := filepath.Glob(filepath.Join(cache, "index", "*", "log"))
		if len(logs) != 1 {
			return false
		}
		fi, err := os.Stat(logs[0])
		return err == nil && fi.Size() > 200 // more than the header
	})
	s.quit()

	s = st.open(t)
	s.match(`\d+ passages? of \d+ files? from before can be searched already\.`)
	s.see("port · indexing 92%", "12 of 13 files")
	s.post("how many cranes does harbour number 5 have?")
	s.see("waiting for the index")
	s.see("has 12 cranes", "! the documents were still being indexed: 12 of 13 files")
	s.match(`\[1\] …[^\n]*/h05\.md:\d`)
	pipe, err := os.OpenFile(transcript, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(pipe, "The pilot boards at the outer buoy.")
	pipe.Close()
	s.see("all documents are indexed now: " + keys.Label("alt+a") + " asks again")
	s.tap("ask again")
	s.see("conversation · 2 of 2", "✓ answered")
	s.gone("ask again")
}
