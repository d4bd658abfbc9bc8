package index

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"weft/rag/embed"
	"weft/rag/load"
)

// edit replaces a text by one of the same size, and gives the file its old time.
func edit(t *testing.T, name, text string) {
	t.Helper()
	fi, err := os.Stat(name)
	if err != nil || fi.Size() != int64(len(text)) {
		t.Fatal(err, len(text))
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, fi.ModTime(), fi.ModTime()); err != nil {
		t.Fatal(err)
	}
}

func TestAnEditThatKeepsSizeAndTimeIsSeen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the system does not report when a file was changed")
	}
	docs := t.TempDir()
	write(t, docs, map[string]string{"a.txt": "an ostrich runs", "b.txt": "a penguin swims"})
	agedBy(t, docs, 60)
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	edit(t, filepath.Join(docs, "a.txt"), "a unicorn jumps")
	// A replacement that was prepared elsewhere, with the size and the time of the old file.
	other := filepath.Join(t.TempDir(), "b.txt")
	if err := os.WriteFile(other, []byte("a dolphin swims"), 0o600); err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(filepath.Join(docs, "b.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(other, fi.ModTime(), fi.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, filepath.Join(docs, "b.txt")); err != nil {
		t.Fatal(err)
	}
	if r := update(t, x, docs); len(r.Changed) != 2 || find(x, "unicorn") == nil || find(x, "dolphin") == nil {
		t.Errorf("the report is %+v", r)
	}
}

// TestEditsThatNoStampShowsAreFoundLater has files with edits that their stamps do not show, as on a file
// system without a time of change.
func TestEditsThatNoStampShowsAreFoundLater(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, map[string]string{"a.txt": "an ostrich runs", "b.txt": "a penguin swims"})
	agedBy(t, docs, 60)
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	edit(t, filepath.Join(docs, "a.txt"), "a unicorn jumps")
	agedBy(t, docs, 60)
	listing, err := load.Scan(t.Context(), []string{docs}, load.ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var tx transaction
	for _, e := range listing.Files {
		f := *x.files[e.Path]
		f.stamp, f.checked = e.Stamp, time.Now().UnixNano()
		tx.touches = append(tx.touches, &f)
	}
	if err := x.commit(tx); err != nil {
		t.Fatal(err)
	}
	if r := update(t, x, docs); r.Read != 0 {
		t.Fatalf("a file that was just read is read again: %+v", r)
	}
	x.now = func() time.Time { return time.Now().Add(recheckAfter + time.Hour) }
	if r := update(t, x, docs); len(r.Changed) != 1 || r.Read != 2 || find(x, "unicorn") == nil {
		t.Errorf("the report is %+v", r)
	}
}

func TestAFewFilesAreReadAgainAtATime(t *testing.T) {
	u := &Updating{report: &Report{}}
	var all []*work
	for i := range 3 * recheckFiles {
		all = append(all, &work{entry: load.Entry{Stamp: load.Stamp{Size: 100}}, known: &file{checked: int64((i * 7) % (3 * recheckFiles))}})
	}
	got := u.recheck(all)
	if len(got) != recheckFiles || u.report.Unchanged != 2*recheckFiles {
		t.Errorf("%d are read again, %d are unchanged", len(got), u.report.Unchanged)
	}
	for i, w := range got {
		if w.known.checked != int64(i) {
			t.Fatalf("file %d was checked at %d", i, w.known.checked)
		}
	}
	if got := (&Updating{report: &Report{}}).recheck([]*work{
		{entry: load.Entry{Stamp: load.Stamp{Size: recheckBytes + 1}}, known: &file{}},
		{entry: load.Entry{Stamp: load.Stamp{Size: 1}}, known: &file{checked: 1}}}); len(got) != 1 {
		t.Errorf("of a large file and another one %d are read", len(got))
	}
}

func TestOverdueFiles(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		change int64
		ago    time.Duration
		kind   string
		want   bool
	}{
		{1, time.Hour, "text", false}, {1, recheckSoon + time.Hour, "text", false}, {1, recheckAfter + time.Hour, "text", true},
		{0, time.Hour, "text", false}, {0, recheckSoon + time.Hour, "text", true}, {0, recheckAfter + time.Hour, "pdf", false},
	} {
		f := &file{kind: c.kind, stamp: load.Stamp{Change: c.change}, checked: now.Add(-c.ago).UnixNano()}
		if got := overdue(f, now); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestTheWatchRestsAfterLongUpdates(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		since, rest, want time.Duration
	}{
		{0, 0, settleTime}, {longestSettle, 0, 0}, {longestSettle - 50*time.Millisecond, 0, 50 * time.Millisecond},
		{0, 10 * time.Second, 10 * time.Second}, {longestSettle, 100 * time.Millisecond, 100 * time.Millisecond},
	} {
		w := &watcher{rested: now.Add(c.rest)}
		if got := w.wait(now, now.Add(-c.since)); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
