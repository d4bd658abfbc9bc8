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

	"weft/rag/embed"
)

func TestWithoutAPlaceToWriteTheIndexIsInMemoryUntilThereIsOne(t *testing.T) {
	docs, dir := t.TempDir(), filepath.Join(t.TempDir(), "taken", "index")
	write(t, docs, manual)
	write(t, filepath.Dir(filepath.Dir(dir)), map[string]string{"taken": "a file where the directory should be"})
	x := open(t, dir, embed.NewHashed())
	for range 2 {
		if _, err := x.Update(t.Context(), []string{docs}, UpdateOptions{}); err == nil || !strings.Contains(err.Error(), "memory only") {
			t.Errorf("the directory that cannot be written is not reported: %v", err)
		}
		if find(x, "cancel") == nil {
			t.Error("nothing is found")
		}
	}
	os.Remove(filepath.Dir(dir))
	isKept(t, x, docs, dir)
}

func TestSearchWorksIfTheDiskIsFullAtTheStart(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	// directories prevent these files from being created
	write(t, dir, map[string]string{holderName + "/x": "", logName + ".new/x": "", snapshotName + ".new/x": ""})
	x := open(t, dir, embed.NewHashed())
	if _, err := x.Update(t.Context(), []string{docs}, UpdateOptions{}); err == nil || !strings.Contains(err.Error(), "memory only") {
		t.Errorf("the directory that cannot be written is not reported: %v", err)
	}
	if find(x, "cancel") == nil {
		t.Error("nothing is found")
	}
	for _, name := range []string{logName, snapshotName} {
		os.RemoveAll(filepath.Join(dir, name+".new"))
	}
	isKept(t, x, docs, dir)
}

func TestAReaderLosesNothingWhileFollowingAWriter(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	had := x.View().Len()
	y := open(t, dir, embed.NewHashed())
	y.WaitVectors()
	stop := make(chan struct{})
	var searching sync.WaitGroup
	searching.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if v := y.View(); v.Len() < had || v.Embedded() < v.Len() {
				t.Errorf("a search finds %d passages, of which %d have vectors", v.Len(), v.Embedded())
				return
			}
		}
	})
	for _, text := range []string{"alpha", "beta", "gamma", "delta"} {
		write(t, docs, map[string]string{"more.md": text})
		update(t, x, docs)
		if err := x.checkpoint(); err != nil {
			t.Fatal(err)
		}
		var locked *LockedError
		if _, err := y.Update(context.Background(), []string{docs}, UpdateOptions{}); !errors.As(err, &locked) {
			t.Error(err)
		}
		if dump(y) != dump(x) {
			t.Error("the reader does not have the written passages")
		}
	}
	close(stop)
	searching.Wait()
}

func TestAnIndexAmongTheDocumentsIsNoneOfThem(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, manual)
	x := open(t, filepath.Join(docs, "cache"), embed.NewHashed())
	for range 2 {
		r := update(t, x, docs)
		// The index files must not be indexed, or writing them would trigger the next update.
		if r.Files != len(manual) || len(x.Files()) != len(manual) || len(r.Skipped) != 1 {
			t.Errorf("%d files are indexed, %v are left out", r.Files, r.Skipped)
		}
	}
}

func TestAllMayHappenAtOnce(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x, y := open(t, dir, embed.NewHashed()), open(t, dir, embed.NewHashed())
	var all sync.WaitGroup
	for _, z := range []*Index{x, y} {
		each := func(f func(round int)) {
			all.Go(func() {
				for round := range 20 {
					f(round)
				}
			})
		}
		each(func(round int) {
			write(t, docs, map[string]string{"runs.md": strings.Repeat("to cancel zebras ", round+1)})
			z.Update(context.Background(), []string{docs}, UpdateOptions{})
		})
		each(func(round int) {
			z.SetEmbedder(renamed{embed.NewHashed(), []string{"one", "two"}[round%2], round%2 == 0})
		})
		each(func(int) {
			v := z.View()
			v.Keyword(termsOf("cancel"), 10, nil)
			if e := v.Embedder(); e != nil {
				if q, err := embed.Query(context.Background(), e, "cancel"); err == nil {
					v.Nearest(context.Background(), q, 10, nil)
				}
			}
			z.WaitVectors()
			z.Status()
			z.Files()
		})
		each(func(round int) {
			if z == x && round > 10 { // the other index takes over
				z.Close()
			}
		})
	}
	all.Wait()
	if _, err := x.Update(context.Background(), []string{docs}, UpdateOptions{}); err == nil {
		t.Error("a closed index is written to")
	}
	update(t, y, docs)
	if want := []string{"runs.md"}; !slices.Equal(find(y, "zebra"), want) || len(y.Files()) != len(manual) {
		t.Errorf("at the end %v of %v are found", find(y, "zebra"), y.Files())
	}
}
