package index

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"weft/rag/embed"
)

// watching is an index that watches a directory during a test.
type watching struct {
	*Index
	t       *testing.T
	w       *watcher
	reports chan *Report
	marks   int
}

func watch(t *testing.T, poll time.Duration, dir string) *watching {
	t.Helper()
	x := New(embed.NewHashed(), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	reports := make(chan *Report, 1000)
	w := newWatcher(x, []string{dir}, UpdateOptions{}, func(r *Report, _ error) { reports <- r })
	w.poll = poll
	var done sync.WaitGroup
	done.Go(func() { w.run(ctx) })
	t.Cleanup(func() { cancel(); done.Wait() })
	return &watching{Index: x, t: t, w: w, reports: reports}
}

// finds waits until a word is found in exactly these files.
func (x *watching) finds(word string, paths ...string) {
	x.t.Helper()
	eventually(x.t, x.reports, word, func() bool { return slices.Equal(find(x.Index, word), paths) })
}

// settle waits until the watch has processed all earlier events, by waiting for later edits to be
// found.
func (x *watching) settle(dir string) {
	x.t.Helper()
	for range 3 {
		x.marks++
		write(x.t, dir, map[string]string{"mark.md": fmt.Sprint("mark", x.marks)})
		x.finds(fmt.Sprint("mark", x.marks), "mark.md")
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestADirectoryInThePlaceOfOneThatWasRenamedIsWatched(t *testing.T) {
	t.Parallel()
	docs := t.TempDir()
	write(t, docs, map[string]string{"sub/deep/a.md": "alpha"})
	x := watch(t, pollTime, docs)
	x.finds("alpha", "sub/deep/a.md")
	move(t, filepath.Join(docs, "sub"), filepath.Join(docs, "old"))
	x.finds("alpha", "old/deep/a.md")
	write(t, docs, map[string]string{"sub/deep/b.md": "beta"})
	x.finds("beta", "sub/deep/b.md")
	x.settle(docs)
	write(t, docs, map[string]string{"sub/deep/b.md": "gamma"})
	x.finds("gamma", "sub/deep/b.md")
	write(t, docs, map[string]string{"old/deep/a.md": "delta"})
	x.finds("delta", "old/deep/a.md")
}

func TestADirectoryThatIsSwappedForAnotherIsWatched(t *testing.T) {
	t.Parallel()
	docs, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	write(t, docs, map[string]string{"sub/deep/a.md": "alpha"})
	write(t, other, map[string]string{"deep/a.md": "beta"})
	x := watch(t, pollTime, docs)
	x.finds("alpha", "sub/deep/a.md")
	move(t, filepath.Join(docs, "sub"), other+".old")
	move(t, other, filepath.Join(docs, "sub"))
	x.finds("beta", "sub/deep/a.md")
	x.settle(docs)
	write(t, docs, map[string]string{"sub/deep/a.md": "gamma"})
	x.finds("gamma", "sub/deep/a.md")
}

func TestACorpusThatIsSwappedForAnotherIsWatched(t *testing.T) {
	t.Parallel()
	docs := filepath.Join(t.TempDir(), "docs")
	write(t, docs, map[string]string{"sub/a.md": "alpha"})
	x := watch(t, pollTime, docs)
	x.finds("alpha", "sub/a.md")
	move(t, docs, docs+".old")
	write(t, docs, map[string]string{"sub/a.md": "beta"})
	x.finds("beta", "sub/a.md")
	x.settle(docs)
	write(t, docs, map[string]string{"sub/a.md": "gamma"})
	x.finds("gamma", "sub/a.md")
}

func TestACorpusThatIsAnotherWithoutAnEventIsNoticed(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	write(t, base, map[string]string{"above/one/a.md": "alpha", "above/two/a.md": "beta"})
	link := filepath.Join(base, "now")
	if err := os.Symlink(filepath.Join("above", "one"), link); err != nil {
		t.Skip(err)
	}
	x := watch(t, 10*time.Millisecond, link)
	x.finds("alpha", "a.md")
	x.settle(filepath.Join(base, "above", "one"))
	os.Remove(link)
	if err := os.Symlink(filepath.Join("above", "two"), link); err != nil {
		t.Fatal(err)
	}
	x.finds("beta", "a.md")
	move(t, filepath.Join(base, "above"), filepath.Join(base, "away"))
	write(t, base, map[string]string{"above/two/a.md": "gamma"})
	x.finds("gamma", "a.md")
	x.settle(filepath.Join(base, "above", "two"))
	write(t, base, map[string]string{"above/two/a.md": "delta"})
	x.finds("delta", "a.md")
}

func TestAfterAnEventOverflowEveryDirectoryIsWatchedAgain(t *testing.T) {
	t.Parallel()
	docs := t.TempDir()
	write(t, docs, map[string]string{"sub/a.md": "alpha"})
	x := watch(t, pollTime, docs)
	x.finds("alpha", "sub/a.md")
	x.settle(docs)
	// Simulate a directory that was replaced for a moment, with the event lost.
	if err := x.w.fs.Remove(filepath.Join(docs, "sub")); err != nil {
		t.Fatal(err)
	}
	x.w.fs.Errors <- fsnotify.ErrEventOverflow
	x.settle(docs)
	write(t, docs, map[string]string{"sub/a.md": "beta"})
	x.finds("beta", "sub/a.md")
}
