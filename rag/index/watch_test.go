package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weft/rag/embed"
)

// eventually waits until a condition holds, checking it after each report of the watch.
func eventually(t *testing.T, reports <-chan *Report, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	begin := time.Now()
	for !ok() {
		select {
		case <-reports:
		case <-deadline:
			t.Fatalf("%s: not within a minute", what)
		}
	}
	t.Logf("%s: %v", what, time.Since(begin).Round(time.Millisecond))
}

func TestChangesAreSearchableWhileWatching(t *testing.T) {
	defer goleak.VerifyNone(t)
	docs := t.TempDir()
	write(t, docs, manual)
	x := New(embed.NewHashed(), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	reports := make(chan *Report, 100)
	var done sync.WaitGroup
	done.Go(func() {
		err := x.Watch(ctx, []string{docs}, UpdateOptions{}, func(r *Report, err error) {
			if err != nil {
				t.Error(err)
			}
			reports <- r
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the watch ended with %v", err)
		}
	})
	defer done.Wait()
	defer cancel()
	eventually(t, reports, "the first update", func() bool { return find(x, "cancel") != nil })
	write(t, docs, map[string]string{"index/how.md": "# The index\n\nIt is watched by a falcon.\n"})
	eventually(t, reports, "an edit", func() bool { return find(x, "falcon") != nil })
	write(t, docs, map[string]string{"new/deep/er.md": "an ostrich in a new directory"})
	eventually(t, reports, "a file in a new directory", func() bool { return find(x, "ostrich") != nil })
	write(t, docs, map[string]string{"new/deep/er.md": "a penguin came after it"})
	eventually(t, reports, "an edit in the new directory", func() bool { return find(x, "penguin") != nil && find(x, "ostrich") == nil })
	if err := os.Rename(filepath.Join(docs, "runs.md"), filepath.Join(docs, "work.md")); err != nil {
		t.Fatal(err)
	}
	eventually(t, reports, "a rename", func() bool { return slices.Equal(find(x, "replayed"), []string{"work.md"}) })
	os.Remove(filepath.Join(docs, "work.md"))
	eventually(t, reports, "a removal", func() bool { return find(x, "replayed") == nil })
}

func TestSearchWorksDuringIndexing(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	files := make(map[string]string)
	for i := range 300 {
		files[fmt.Sprintf("d%d/f%03d.md", i%7, i)] = fmt.Sprintf("# File %d\n\nThe common word stands in file%d, and word%d in some.\n", i, i, i%10)
	}
	write(t, docs, files)
	x := open(t, dir, embed.NewHashed())
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v := x.View()
				ms := v.Keyword(termsOf("common"), v.Len()+10, nil)
				if len(ms) != v.Len() {
					t.Errorf("%d of %d passages are found by the word that all have", len(ms), v.Len())
					return
				}
				if _, err := v.Nearest(context.Background(), query(t, x, "file7 word7"), 5, nil); err != nil {
					t.Error(err)
					return
				}
				x.Status()
			}
		})
	}
	update(t, x, docs)
	for i := range 5 {
		write(t, docs, map[string]string{fmt.Sprintf("d%d/f%03d.md", i%7, i): fmt.Sprintf("common words changed%d", i)})
		update(t, x, docs)
		if err := x.checkpoint(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
	if x.View().Len() != 300 {
		t.Errorf("%d passages", x.View().Len())
	}
}

func TestACancelledUpdateKeepsItsCommits(t *testing.T) {
	docs := t.TempDir()
	const files = 3 * batchChunks
	texts := make(map[string]string)
	for i := range files {
		texts[fmt.Sprintf("f%04d.md", i)] = fmt.Sprintf("common file%d", i)
	}
	write(t, docs, texts)
	x := New(embed.NewHashed(), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	_, err := x.Update(ctx, []string{docs}, UpdateOptions{Progress: func(p Progress) {
		if p.Files > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	update(t, x, docs)
	if n := x.View().Len(); n != files {
		t.Errorf("%d of %d passages after the second update", n, files)
	}
	goleak.VerifyNone(t)
}
