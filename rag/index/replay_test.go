package index

import (
	"fmt"
	"path/filepath"
	"testing"

	"weft/rag/embed"
)

// TestALogIsAppliedInItsOrder checks that a log whose records are decoded side by side gives the same
// index as the updates that wrote it, and that reading it reports how far it is.
func TestALogIsAppliedInItsOrder(t *testing.T) {
	dir, docs := t.TempDir(), t.TempDir()
	x := open(t, dir, embed.NewHashed())
	const updates = 25
	for n := range updates {
		write(t, docs, map[string]string{
			"same.md":                  fmt.Sprintf("# Same\n\nversion%d of the text\n", n),
			fmt.Sprintf("f%02d.md", n): fmt.Sprintf("# File %d\n\nThe text of file %d.\n", n, n),
			fmt.Sprintf("new%d.md", n): "# New\n\nThis file is renamed soon.\n",
		})
		update(t, x, docs)
		if n > 0 {
			rename(filepath.Join(docs, fmt.Sprintf("new%d.md", n-1)), filepath.Join(docs, fmt.Sprintf("old%d.md", n-1)))
		}
	}
	want := dump(x)
	if x.disk.snapSize > 0 {
		t.Fatal("the log was replaced by a snapshot")
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	var reported []int64
	y, err := Open(dir, embed.NewHashed(), Options{Opening: func(done, total int64) {
		if total != x.disk.logSize {
			t.Errorf("the log has %d bytes, and %d are reported", x.disk.logSize, total)
		}
		reported = append(reported, done)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	y.WaitVectors()
	if got := dump(y); got != want {
		t.Errorf("after opening:\n%s\nbefore:\n%s", got, want)
	}
	if n := len(reported); n < 2 || reported[0] != 0 || reported[n-1] != x.disk.logSize {
		t.Errorf("reported %v of %d bytes", reported, x.disk.logSize)
	}
}
