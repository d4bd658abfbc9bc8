package load

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAPDFIsReadThoughItsReaderCannotBeKept(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the reader of PDF")
	}
	if _, err := loadFile(t, "office.pdf"); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(testLoader().opts.CacheDir, "*", "*"))
	if err != nil || len(kept) == 0 {
		t.Skip("the reader is not kept here either")
	}
	cache := t.TempDir()
	for _, file := range kept { // directories, where files should be written: as on a full disk, that fails
		at := filepath.Join(cache, filepath.Base(filepath.Dir(file)), filepath.Base(file))
		if err := os.MkdirAll(filepath.Join(at, "full"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(files, "office.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	l := New(Options{CacheDir: cache})
	defer l.Close()
	if _, err := l.Document(t.Context(), "office.pdf", data); err != nil {
		t.Error(err)
	}
}
