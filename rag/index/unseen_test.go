package index

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/rag/embed"
	"weft/rag/load"
)

// empty removes everything in a directory, as unmounting a drive does.
func empty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnEmptiedDirectoryKeepsItsPassages(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	had := update(t, x, docs)
	empty(t, docs)
	for range 2 {
		r := update(t, x, docs)
		if !slices.Equal(r.Emptied, []string{docs}) || !r.Quiet() || r.Files != had.Files || !strings.Contains(r.Warning(), docs) {
			t.Errorf("the report is %+v", r)
		}
		if find(x, "cancel") == nil {
			t.Error("nothing is found")
		}
		x.Close()
		x = open(t, dir, embed.NewHashed())
	}
	write(t, docs, map[string]string{"new.md": "an ostrich"})
	if r := update(t, x, docs); r.Emptied != nil || len(r.Removed) != had.Files || r.Files != 1 || r.Warning() != "" {
		t.Errorf("with a new file the report is %+v", r)
	}
}

func TestOneOfSeveralDirectoriesIsEmptied(t *testing.T) {
	parent := t.TempDir()
	write(t, parent, map[string]string{"a/x.md": "an ostrich", "b/y.md": "a penguin", "b/z.md": "a falcon"})
	a, b := filepath.Join(parent, "a"), filepath.Join(parent, "b")
	x := New(embed.NewHashed(), Options{})
	update(t, x, a, b)
	empty(t, a)
	if err := os.Remove(filepath.Join(b, "z.md")); err != nil {
		t.Fatal(err)
	}
	r := update(t, x, a, b)
	if !slices.Equal(r.Emptied, []string{a}) || !slices.Equal(r.Removed, []string{"b/z.md"}) {
		t.Errorf("the report is %+v", r)
	}
	if find(x, "ostrich") == nil || find(x, "falcon") != nil {
		t.Error("the wrong passages are kept")
	}
}

func TestARuleThatLeavesOutEverythingIsFollowed(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, map[string]string{"x.md": "an ostrich", "in/y.md": "a penguin"})
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	write(t, docs, map[string]string{".ignore": "*\n"})
	r, err := x.Update(t.Context(), []string{docs}, UpdateOptions{})
	if root, ok := errors.AsType[*load.RootError](err); !ok || root.Problem != load.NoDocuments {
		t.Errorf("the error is %v", err)
	}
	if len(r.Removed) != 2 || r.Emptied != nil || x.View().Len() != 0 {
		t.Errorf("%d passages are left, and the report is %+v", x.View().Len(), r)
	}
}

func TestADirectoryThatVanishesIsReportedEachTime(t *testing.T) {
	t.Parallel()
	for _, vanishing := range []struct {
		name       string
		gone, back func(docs string) error
	}{
		{"its files", func(docs string) error { return os.Rename(filepath.Join(docs, "a.md"), docs+".md") },
			func(docs string) error { return os.Rename(docs+".md", filepath.Join(docs, "a.md")) }},
		{"the directory", func(docs string) error { return os.Rename(docs, docs+"-away") },
			func(docs string) error { return os.Rename(docs+"-away", docs) }},
	} {
		t.Run(vanishing.name, func(t *testing.T) {
			docs := filepath.Join(t.TempDir(), "docs")
			write(t, docs, map[string]string{"a.md": "an ostrich"})
			x := New(embed.NewHashed(), Options{})
			ctx, cancel := context.WithCancel(t.Context())
			reports := make(chan string, 100)
			w := newWatcher(x, []string{docs}, UpdateOptions{}, func(r *Report, err error) {
				switch {
				case err != nil:
					reports <- err.Error()
				default:
					reports <- r.Warning()
				}
			})
			w.poll = 10 * time.Millisecond
			var done sync.WaitGroup
			done.Go(func() { _ = w.run(ctx) })
			defer done.Wait()
			defer cancel()
			next := func(vanished bool) {
				t.Helper()
				deadline := time.After(time.Minute)
				for {
					select {
					case text := <-reports:
						if vanished == strings.Contains(text, docs) && vanished == (text != "") {
							return
						}
					case <-deadline:
						t.Fatalf("nothing is reported (vanished: %v)", vanished)
					}
				}
			}
			next(false)
			for range 3 {
				if err := vanishing.gone(docs); err != nil {
					t.Fatal(err)
				}
				next(true)
				if find(x, "ostrich") == nil {
					t.Fatal("its passages are lost")
				}
				if err := vanishing.back(docs); err != nil {
					t.Fatal(err)
				}
				next(false)
			}
		})
	}
}
