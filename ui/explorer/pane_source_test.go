package explorer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/sources"
)

// TestASourceLinksToItsFile draws sources with and without a border, and looks for the link that a
// terminal opens.
func TestASourceLinksToItsFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ship.md"), []byte("It sails at six.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, boxed := range []bool{false, true} {
		for path, want := range map[string]string{"ship.md": "/ship.md", "../ship.md": ""} {
			s := newShell(Options{Now: time.Now})
			s.layout.boxed = boxed
			source := show.Source{Passage: show.Passage{Path: path, Line: 1, EndLine: 1, Text: "It sails at six."}}
			p := &sourcePane{shell: s, preview: sources.NewPreview(source), folders: sources.Folders{"": dir}}
			p.Update(sources.Load(p.folders, source)())
			c := canvas.New(40, 10)
			p.Draw(c, c.Bounds(), true)
			_, link, linked := strings.Cut(c.String(), "\x1b]8;;")
			address, rest, _ := strings.Cut(link, "\x07")
			shown, _, _ := strings.Cut(rest, "\x1b]8;")
			if linked != (want != "") || linked && (!strings.HasPrefix(address, "file://") || !strings.HasSuffix(address, want) || !strings.Contains(shown, path+":1")) {
				t.Errorf("boxed %v, %s: the link %q is on %q", boxed, path, address, shown)
			}
		}
	}
}
