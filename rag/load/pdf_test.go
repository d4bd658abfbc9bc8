//go:build unix

package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"weft/rag/load"
)

func TestAPDFIsReadThoughItsReaderCannotBeKept(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" || raceDetector {
		t.Skip("compiles the reader of PDF without a cache")
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "files", "office.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(cache string) {
		t.Helper()
		l := load.New(load.Options{CacheDir: cache})
		defer l.Close()
		if _, err := l.Document(t.Context(), "office.pdf", data); err != nil {
			t.Error(err)
		}
	}
	user, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	user = filepath.Join(user, "weft-test-pdf")
	read(user)
	kept, err := filepath.Glob(filepath.Join(user, "*", "*"))
	if err != nil || len(kept) == 0 {
		t.Skip("the reader is not kept here either")
	}
	cache := t.TempDir()
	for _, file := range kept { // a directory in place of each file makes writing fail, as on a full disk
		at := filepath.Join(cache, filepath.Base(filepath.Dir(file)), filepath.Base(file))
		if err := os.MkdirAll(filepath.Join(at, "full"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	read(cache)
}
