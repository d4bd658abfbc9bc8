//go:build !windows

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// manualHome is a home directory with a copy of the manual in docs and its finished index in cache.
// All tests share it, because reading and indexing the manual is most of the work of a start.
// TestMain removes it.
var manualHome = sync.OnceValues(func() (home string, err error) {
	if home, err = os.MkdirTemp("", "weft-manual-"); err != nil {
		return "", err
	}
	testDirs = append(testDirs, home)
	// a copy, which does not change during the tests
	if err := os.CopyFS(filepath.Join(home, "docs"), os.DirFS("../../docs")); err != nil {
		return "", err
	}
	index := exec.Command("weft", "index", "docs")
	index.Dir = home
	index.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "WEFT_CACHE=" + filepath.Join(home, "cache"),
		"WEFT_STATE=" + filepath.Join(home, "state"), "WEFT_OFFLINE=true", "GOGC=" + rareGC}
	if out, err := index.CombinedOutput(); err != nil {
		return "", fmt.Errorf("index the manual: %w\n%s", err, out)
	}
	return home, nil
})

// giveManual gives a home directory that has no docs those of manualHome, with a copy of their index.
// If the home has a cache already, the program indexes them itself.
func giveManual(t testing.TB, home string) {
	t.Helper()
	docs := filepath.Join(home, "docs")
	if _, err := os.Lstat(docs); err == nil {
		return
	}
	from, err := manualHome()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(from, "docs"), docs); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(home, "cache")
	if _, err := os.Lstat(cache); err == nil {
		return
	}
	if err := os.CopyFS(cache, os.DirFS(filepath.Join(from, "cache"))); err != nil {
		t.Fatal(err)
	}
}
