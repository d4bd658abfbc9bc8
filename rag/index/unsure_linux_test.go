package index

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"weft/rag/embed"
)

// withFiles limits the number of files that the process can open additionally while f runs.
func withFiles(t *testing.T, more int, f func()) {
	t.Helper()
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
		t.Skip(err)
	}
	free, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	next := uint64(free.Fd())
	free.Close()
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &was)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: next + uint64(more), Max: was.Max}); err != nil {
		t.Skip(err)
	}
	f()
}

func TestTemporarilyUnreadableFilesStayIndexed(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, map[string]string{"top.md": "alpha", "a/b/c/deep.md": "beta"})
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	write(t, docs, map[string]string{"top.md": "gamma", "a/b/c/deep.md": "delta"})
	for more := range 8 {
		withFiles(t, more, func() {
			r, err := x.Update(t.Context(), []string{docs}, UpdateOptions{})
			if err == nil && (r.Files != 2 && len(r.Skipped) == 0 || len(r.Added)+len(r.Removed) > 0) {
				t.Errorf("with %d files more to open: %+v", more, r)
			}
			if n := len(find(x, "alpha")) + len(find(x, "gamma")); n != 1 {
				t.Errorf("with %d files more to open, top.md is there %d times", more, n)
			}
			if n := len(find(x, "beta")) + len(find(x, "delta")); n != 1 {
				t.Errorf("with %d files more to open, a/b/c/deep.md is there %d times", more, n)
			}
		})
	}
	update(t, x, docs)
	if find(x, "gamma") == nil || find(x, "delta") == nil {
		t.Error("the edits are not found")
	}
	os.Remove(filepath.Join(docs, "a/b/c/deep.md"))
	update(t, x, docs)
	if find(x, "delta") != nil {
		t.Error("removed text is found")
	}
}
