package workflows

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/index"
)

func TestIndexedNamesTheUnexpectedlySkippedFilesAndCountsAll(t *testing.T) {
	docs := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.md", "text")
	write("z.docx", "this is no document")
	for i := range listed + 100 {
		write(fmt.Sprintf("p%04d.png", i), "x")
	}
	run := func(most int) show.Indexed {
		x := index.New(embed.NewHashed(), index.Options{})
		r, err := Index(x, index.UpdateOptions{}).Start(t.Context(),
			Directories{Dirs: []string{docs}, Listed: most})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := run(0)
	if len(got.Skipped) != listed || got.LeftOut != listed+101 || got.Partly != 0 || got.Files != 1 {
		t.Errorf("%d are listed of %d left out; %d files", len(got.Skipped), got.LeftOut, got.Files)
	}
	if i := slices.IndexFunc(got.Skipped, func(s show.Skipped) bool { return s.Path == "z.docx" }); i < 0 || got.Skipped[i].Reason != "damaged" {
		t.Error("the damaged file is not listed")
	}
	if !slices.IsSortedFunc(got.Skipped, func(a, b show.Skipped) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the list is not in the order of paths")
	}
	if got := run(1 << 40); len(got.Skipped) != got.LeftOut {
		t.Errorf("%d are listed of %d, though all are asked for", len(got.Skipped), got.LeftOut)
	}
}
