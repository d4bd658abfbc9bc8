package index

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/rag/embed"
	"weft/rag/load"
)

func verify(t *testing.T, dir, docs string) *Check {
	t.Helper()
	c, err := Verify(t.Context(), dir, []string{docs}, UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestVerifyFindsEveryDamage flips bytes of the files of an index, and cuts them.
func TestVerifyFindsEveryDamage(t *testing.T) {
	h := makeHistory(t)
	dir := t.TempDir()
	restore := func() {
		t.Helper()
		for name, data := range map[string][]byte{snapshotName: h.snapshot, logName: h.log} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	restore()
	if c := verify(t, dir, h.docs); len(c.Problems) > 0 || len(c.Stale) > 0 || c.Files != 2 || c.Passages != 3 || c.Records < 4 || c.Vectors == 0 {
		t.Fatalf("an intact index: %+v", c)
	}
	step := 307
	if os.Getenv("WEFT_LONG") != "" {
		step = 1
	}
	for name, whole := range map[string][]byte{snapshotName: h.snapshot, logName: h.log} {
		for i := 0; i < len(whole); i += step {
			damaged := slices.Clone(whole)
			damaged[i] ^= 0x10
			for what, data := range map[string][]byte{"flipped": damaged, "cut": whole[:i]} {
				if what == "cut" && name == logName && i == 0 {
					continue // an empty log holds nothing that could be damaged
				}
				restore()
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
					t.Fatal(err)
				}
				c := verify(t, dir, h.docs)
				if len(c.Problems) == 0 && !(what == "cut" && name == logName && len(c.Stale) > 0) {
					t.Fatalf("%s %s at %d: %+v", name, what, i, c)
				}
			}
		}
	}
}

func TestVerifyComparesTheFiles(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, map[string]string{"a.md": "an ostrich", "b.md": "a penguin", "c.md": "a falcon", "d.md": "an eagle"})
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	// The stamps in the index are those of the files as they are now, but one text is not.
	write(t, docs, map[string]string{"a.md": "an unicorn"})
	listing, err := load.Scan(t.Context(), []string{docs}, load.ScanOptions{})
	if err != nil || listing.Files[0].Path != "a.md" {
		t.Fatal(listing, err)
	}
	changed := *x.files["a.md"]
	changed.stamp = listing.Files[0].Stamp
	if err := x.commit(transaction{touches: []*file{&changed}}); err != nil {
		t.Fatal(err)
	}
	write(t, docs, map[string]string{"b.md": "two penguins", "e.md": "a swan"})
	if err := os.Remove(filepath.Join(docs, "c.md")); err != nil {
		t.Fatal(err)
	}
	c := verify(t, dir, docs) // while x may write
	if len(c.Problems) != 1 || !strings.HasPrefix(c.Problems[0], "a.md has another text") {
		t.Errorf("problems: %q", c.Problems)
	}
	if want := []string{"b.md", "c.md", "e.md"}; !slices.Equal(c.Stale, want) {
		t.Errorf("stale: %q, want %q", c.Stale, want)
	}
	if _, err := Verify(t.Context(), t.TempDir(), []string{docs}, UpdateOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without an index: %v", err)
	}
}

func TestAnIndexInUseIsNotRemoved(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	var locked *LockedError
	if err := Remove(dir); !errors.As(err, &locked) {
		t.Errorf("while it is written: %v", err)
	}
	x.Close()
	if err := Remove(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
}
