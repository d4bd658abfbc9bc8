package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/load"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the garbage collector would take a tenth of the processor time
	m.Run()
}

// counting counts the texts that are embedded.
type counting struct {
	embed.Embedder
	texts int
	fail  error
}

func (c *counting) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if c.fail != nil {
		return nil, c.fail
	}
	c.texts += len(texts)
	return c.Embedder.Embed(ctx, texts)
}

func (c *counting) Lexical() bool { return true }

// renamed is an embedder under another name, with different vectors.
type renamed struct {
	embed.Embedder
	name string
	flip bool
}

func (r renamed) Name() string { return r.name }

func (r renamed) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	vs, err := r.Embedder.Embed(ctx, texts)
	if r.flip {
		for _, v := range vs {
			slices.Reverse(v)
		}
	}
	return vs, err
}

func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var manual = map[string]string{
	"runs.md":         "# Runs\n\n## Cancel a run\n\nPress ctrl+c to cancel a run. A cancelled run keeps its journal.\n\n## Replay\n\nA journal can be replayed.\n",
	"index/how.md":    "# The index\n\nThe index is one snapshot and one log. Nothing is read twice.\n",
	"index/query.txt": "Questions are scoped to files or folders.\n",
}

func open(t testing.TB, dir string, e embed.Embedder) *Index {
	t.Helper()
	x, err := Open(dir, e, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func update(t testing.TB, x *Index, dirs ...string) *Report {
	t.Helper()
	r, err := x.Update(context.Background(), dirs, UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Embedding != nil {
		t.Fatal(r.Embedding)
	}
	return r
}

// isKept checks that changes that could not be written at first are written by the next update.
func isKept(t *testing.T, x *Index, docs, dir string) {
	t.Helper()
	update(t, x, docs)
	want := dump(x)
	x.Close()
	y := open(t, dir, embed.NewHashed())
	y.WaitVectors()
	if dump(y) != want {
		t.Error("changes that could not be written at first were not written later")
	}
}

// dump returns all that an index serves, in an order that does not depend on its history.
func dump(x *Index) string {
	v := x.View()
	var b strings.Builder
	v.Each(func(id ID, c *chunk.Chunk) {
		fmt.Fprintf(&b, "%s %s %q %q %d-%d %d-%d %s %s", c.ID, c.Path, c.Heading, c.Text, c.Start, c.End, c.Line, c.EndLine, c.Place, v.passages[id].lang)
		vec := v.Vector(id)
		for _, f := range vec[:min(4, len(vec))] {
			fmt.Fprintf(&b, " %08x", math.Float32bits(f))
		}
		fmt.Fprintf(&b, " %d %d/%d\n", len(vec), v.passages[id].length, v.length)
	})
	for _, q := range []string{"cancel run", "index snapshot", "file"} {
		for _, m := range v.Keyword(termsOf(q), 50, nil) {
			fmt.Fprintf(&b, "%s: %s %.5f\n", q, v.Chunk(m.ID).ID, m.Score)
		}
	}
	for _, f := range x.Files() {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

func termsOf(q string) (ts []Term) {
	for _, w := range analysis.For(analysis.English).Terms(q) {
		ts = append(ts, WordTerm(1, w))
	}
	return ts
}

func find(x *Index, q string) (paths []string) {
	v := x.View()
	for _, m := range v.Keyword(termsOf(q), 10, nil) {
		paths = append(paths, v.Chunk(m.ID).Path)
	}
	return paths
}

func TestASecondStartReadsAndEmbedsNothing(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	agedBy(t, docs, 10)
	e := &counting{Embedder: embed.NewHashed()}
	x := open(t, dir, e)
	r := update(t, x, docs)
	if len(r.Added) != 3 || r.Read != 3 || e.texts == 0 || r.Embedded != e.texts {
		t.Fatalf("first update: %+v, %d texts embedded", r, e.texts)
	}
	want := dump(x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	e.texts = 0
	y := open(t, dir, e)
	y.WaitVectors()
	if got := dump(y); got != want {
		t.Errorf("reopened index differs:\n%s\nwant\n%s", got, want)
	}
	r = update(t, y, docs)
	if !r.Quiet() || r.Read != 0 || r.Unchanged != 3 || e.texts != 0 {
		t.Errorf("second update: %+v, %d texts embedded", r, e.texts)
	}
	if got := dump(y); got != want {
		t.Errorf("index differs after an update that found nothing")
	}
}

func TestASnapshotContainsTheLogsChanges(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	write(t, docs, map[string]string{"runs.md": "# Runs\n\nA run is stopped with ctrl+c.\n"})
	os.Remove(filepath.Join(docs, "index", "query.txt"))
	update(t, x, docs)
	want := dump(x)
	if err := x.checkpoint(); err != nil {
		t.Fatal(err)
	}
	if got := dump(x); got != want {
		t.Errorf("a checkpoint changed the served passages:\n%s\nwant\n%s", got, want)
	}
	if fi, err := os.Stat(filepath.Join(dir, logName)); err != nil || fi.Size() != int64(logHeaderSize) {
		t.Errorf("the log is not empty after a checkpoint: %v %v", fi, err)
	}
	write(t, docs, map[string]string{"new.md": "# New\n\nSomething about a file.\n"})
	update(t, x, docs)
	want = dump(x)
	x.Close()
	y := open(t, dir, embed.NewHashed())
	y.WaitVectors()
	if got := dump(y); got != want {
		t.Errorf("snapshot and log give\n%s\nwant\n%s", got, want)
	}
}

func TestOnlyChangedPassagesAreEmbedded(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, manual)
	e := &counting{Embedder: embed.NewHashed()}
	x := New(e, Options{})
	update(t, x, docs)
	e.texts = 0
	write(t, docs, map[string]string{"runs.md": strings.Replace(manual["runs.md"], "can be replayed", "can be replayed slowly", 1)})
	r := update(t, x, docs)
	if !slices.Equal(r.Changed, []string{"runs.md"}) || e.texts > 1 {
		t.Errorf("an edit of one section: %+v, %d texts embedded", r, e.texts)
	}
	if got := find(x, "slowly"); !slices.Equal(got, []string{"runs.md"}) {
		t.Errorf("the edit is found in %v", got)
	}
	e.texts = 0
	if err := os.Rename(filepath.Join(docs, "runs.md"), filepath.Join(docs, "work.md")); err != nil {
		t.Fatal(err)
	}
	r = update(t, x, docs)
	if !slices.Equal(r.Renamed, []Rename{{"runs.md", "work.md"}}) || len(r.Added)+len(r.Removed) > 0 || e.texts != 0 {
		t.Errorf("a rename: %+v, %d texts embedded", r, e.texts)
	}
	if got := find(x, "replayed"); !slices.Equal(got, []string{"work.md"}) {
		t.Errorf("after the rename it is found in %v", got)
	}
	os.Remove(filepath.Join(docs, "work.md"))
	r = update(t, x, docs)
	if !slices.Equal(r.Removed, []string{"work.md"}) || find(x, "replayed") != nil {
		t.Errorf("a removal: %+v, found in %v", r, find(x, "replayed"))
	}
}

func TestAnUntrustworthyTimeIsReadAgain(t *testing.T) {
	docs := t.TempDir()
	name := filepath.Join(docs, "a.txt")
	write(t, docs, map[string]string{"a.txt": "alpha word here"})
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	fi, _ := os.Stat(name)
	// same size, and then the same time
	write(t, docs, map[string]string{"a.txt": "gamma word here"})
	if err := os.Chtimes(name, fi.ModTime(), fi.ModTime()); err != nil {
		t.Fatal(err)
	}
	update(t, x, docs)
	if find(x, "gamma") == nil || find(x, "alpha") != nil {
		t.Error("an edit within the tick of the clock was not noticed")
	}
}

func TestOldVectorsServeUntilTheNewEmbedderIsDone(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	x.Close()
	other := renamed{embed.NewHashed(), "other", true}
	failing := &counting{Embedder: other, fail: errors.New("the server is away")}
	y := open(t, dir, failing)
	y.WaitVectors()
	if s := y.Status(); s.Serving != "hashed-1024" || y.View().Embedder() == nil || s.Vectors != 0 {
		t.Errorf("before the update: %+v", s)
	}
	r, err := y.Update(context.Background(), []string{docs}, UpdateOptions{})
	if err != nil || r.Embedding == nil || y.Status().Serving != "hashed-1024" {
		t.Errorf("with a failing embedder: %v, %+v", err, y.Status())
	}
	if ms, err := y.View().Nearest(context.Background(), query(t, y, "cancel a run"), 1, nil); err != nil || len(ms) != 1 {
		t.Errorf("the old vectors do not serve: %v %v", ms, err)
	}
	failing.fail = nil
	update(t, y, docs)
	if s := y.Status(); s.Serving != "other" || s.Vectors != s.Chunks {
		t.Errorf("after the update: %+v", s)
	}
	want := dump(y)
	y.Close()
	z := open(t, dir, other)
	z.WaitVectors()
	if got := dump(z); got != want || z.Status().Serving != "other" {
		t.Errorf("reopened:\n%s\nwant\n%s", got, want)
	}
}

func query(t testing.TB, x *Index, q string) []float32 {
	t.Helper()
	v, err := embed.Query(context.Background(), x.View().Embedder(), q)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestChromemAndTheScanAgree(t *testing.T) {
	ctx := context.Background()
	var docs []Document
	for i := range 300 {
		p := fmt.Sprintf("d%03d.md", i)
		docs = append(docs, Document{Path: p, Chunks: []chunk.Chunk{{ID: p, Text: fmt.Sprintf("text %d about topic%d and topic%d", i, i%7, i%11)}}})
	}
	small, large := New(embed.NewHashed(), Options{}), New(embed.NewHashed(), Options{Flat: 1})
	for _, x := range []*Index{small, large} {
		if err := x.Put(ctx, docs); err != nil {
			t.Fatal(err)
		}
		if err := x.commit(transaction{removes: []string{"d004.md", "d011.md"}}); err != nil {
			t.Fatal(err)
		}
	}
	q := query(t, small, "topic4 and topic3")
	a, err := small.View().Nearest(ctx, q, 20, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := large.View().Nearest(ctx, q, 20, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if a[i].ID != b[i].ID || math.Abs(a[i].Score-b[i].Score) > 1e-5 {
			t.Fatalf("rank %d: chromem %v, scan %v", i+1, a[i], b[i])
		}
	}
	only := func(c *chunk.Chunk) bool { return c.Path == "d100.md" }
	if c, err := small.View().Nearest(ctx, q, 20, only); err != nil || len(c) != 1 {
		t.Errorf("scoped to one file: %v %v", c, err)
	}
}

func TestAViewDoesNotChange(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, manual)
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	v := x.View()
	before := v.Keyword(termsOf("cancel run"), 10, nil)
	os.Remove(filepath.Join(docs, "runs.md"))
	write(t, docs, map[string]string{"z.md": "cancel cancel run run"})
	update(t, x, docs)
	if after := v.Keyword(termsOf("cancel run"), 10, nil); !slices.Equal(before, after) {
		t.Errorf("the same view gave %v and then %v", before, after)
	}
}

func TestTwoProcessesDoNotWriteOneIndex(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	// a second open file has a lock of its own, like a second process
	y := open(t, dir, embed.NewHashed())
	y.WaitVectors()
	if got := dump(y); got != dump(x) {
		t.Error("the second index does not read the commits of the first")
	}
	if got, want := y.Status().DiskBytes, x.Status().DiskBytes; got != want || got == 0 {
		t.Errorf("the second says that %d bytes are on disk, the first %d", got, want)
	}
	var locked *LockedError
	if _, err := y.Update(context.Background(), []string{docs}, UpdateOptions{}); !errors.As(err, &locked) || !strings.Contains(locked.Holder, fmt.Sprint(os.Getpid())) {
		t.Errorf("the second may write: %v", err)
	}
	write(t, docs, map[string]string{"later.md": "something later"})
	update(t, x, docs)
	if _, err := y.Update(context.Background(), []string{docs}, UpdateOptions{}); !errors.As(err, &locked) || find(y, "later") == nil {
		t.Errorf("the second index does not follow the commits of the first: %v", err)
	}
	x.Close()
	update(t, y, docs)
	if find(y, "later") == nil {
		t.Error("the second did not take over after the first had ended")
	}
}

func TestTheFirstPassagesOfAnotherProcessAreWaitedFor(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x, y := open(t, dir, embed.NewHashed()), open(t, dir, embed.NewHashed())
	updating := beginUpdate(t, x, docs)
	ended := make(chan error)
	go func() {
		_, err := y.Update(t.Context(), []string{docs}, UpdateOptions{})
		ended <- err
	}()
	for looked := false; !looked; runtime.Gosched() { // until it has found the index written by another
		y.mu.Lock()
		looked = y.locked != nil
		y.mu.Unlock()
	}
	for part := range updating.Reads() {
		if _, err := updating.Read(t.Context(), part, func(Progress) {}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := updating.FinishReading(func(Progress) {}); err != nil {
		t.Fatal(err)
	}
	var locked *LockedError
	if err := <-ended; !errors.As(err, &locked) || y.View().Len() == 0 {
		t.Errorf("%d passages can be searched: %v", y.View().Len(), err)
	}
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	docs, dir := t.TempDir(), filepath.Join(t.TempDir(), "deep", "er")
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	if err := x.checkpoint(); err != nil {
		t.Fatal(err)
	}
	filepath.Walk(filepath.Dir(dir), func(p string, fi os.FileInfo, err error) error {
		if err != nil || fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v (%v)", p, fi.Mode(), err)
		}
		return nil
	})
}

func TestAFullDiskIsReportedAndSurvived(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	x.disk.log.Close() // every write to the log fails from now on,
	x.dir = filepath.Join(dir, "gone")
	x.disk.dir = x.dir // and every snapshot
	write(t, docs, map[string]string{"more.md": "extra words"})
	if _, err := x.Update(context.Background(), []string{docs}, UpdateOptions{}); err == nil || !strings.Contains(err.Error(), "memory only") {
		t.Errorf("the failure to write is not reported: %v", err)
	}
	if find(x, "cancel") == nil || find(x, "extra") == nil {
		t.Error("searching ended with writing")
	}
	x.dir, x.disk.dir = dir, dir // writing is possible again
	isKept(t, x, docs, dir)
}

func TestProgressAddsUp(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, manual)
	write(t, docs, map[string]string{"bad.bin": "\x00\x01\x02"})
	x := New(embed.NewHashed(), Options{})
	var last Progress
	r, err := x.Update(context.Background(), []string{docs}, UpdateOptions{Progress: func(p Progress) {
		if p.Files < last.Files || p.Chunks < last.Chunks || p.Embedded < last.Embedded {
			t.Errorf("progress went back from %+v to %+v", last, p)
		}
		last = p
	}})
	if err != nil {
		t.Fatal(err)
	}
	if last.Files != last.TotalFiles || last.Chunks != r.Chunks || last.Embedded != last.ToEmbed || last.Skipped != len(r.Skipped) || len(r.Skipped) != 1 {
		t.Errorf("last progress %+v, report %+v", last, r)
	}
}

func TestRecordsSurviveTheirEncoding(t *testing.T) {
	x := New(embed.NewHashed(), Options{})
	p := x.prepare(&file{path: "a/b.md", title: "T", kind: "markdown", checked: 5, hash: keyOf("x")}, []chunk.Chunk{
		{ID: "1", Heading: []string{"A", "B"}, Text: "some text", Start: 3, End: 12, Line: 2, EndLine: 4, Place: "page 3"}})
	b := encodeTransaction(transaction{puts: []*put{p}, removes: []string{"gone"}})
	d := &decoder{b: b[1:]}
	tx := x.decodeTransaction(d)
	if d.err != nil || len(d.b) != 0 || !bytes.Equal(encodeTransaction(tx), b) {
		t.Errorf("%v, %d bytes left", d.err, len(d.b))
	}
}

// agedBy sets the times of all files to some seconds ago, and waits until their stamps are trusted:
// the time of the last change cannot be set.
func agedBy(t testing.TB, dir string, seconds int) {
	t.Helper()
	then := time.Now().Add(-time.Duration(seconds) * time.Second)
	err := filepath.Walk(dir, func(p string, fi os.FileInfo, err error) error {
		if err == nil {
			err = os.Chtimes(p, then, then)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	listing, err := load.Scan(t.Context(), []string{dir}, load.ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range listing.Files {
		for !trusted(f.Stamp, time.Now().UnixNano()) {
			time.Sleep(time.Millisecond)
		}
	}
}

func TestAnIndexWhoseFilesChangeAllDayStaysSmall(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, embed.NewHashed())
	for round := range 12 {
		var docs []Document
		for i := range 1000 {
			p := fmt.Sprintf("f%04d.md", i)
			docs = append(docs, Document{Path: p, Lang: "en", Chunks: []chunk.Chunk{{ID: p, Path: p, Text: fmt.Sprintf("file %d of round %d", i, round)}}})
		}
		if err := x.Put(context.Background(), docs); err != nil {
			t.Fatal(err)
		}
		before := dump(x)
		if err := x.settle(true); err != nil {
			t.Fatal(err)
		}
		if dump(x) != before {
			t.Fatal("compacting changed the served passages")
		}
	}
	if n := len(x.View().passages); n > 7000 {
		t.Errorf("%d passages are kept for 1000", n)
	}
	want := dump(x)
	x.Close()
	y := open(t, dir, embed.NewHashed())
	y.WaitVectors()
	if dump(y) != want {
		t.Error("the reopened index differs")
	}
}

func TestOnlyChangedPassagesAreEmbeddedAfterARestart(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	e := &counting{Embedder: embed.NewHashed()}
	// the log holds the file several times
	for _, word := range []string{"slowly", "quickly", "often"} {
		text := "# Watch\n\nIt is watched " + word + ".\n"
		for i := range 5 {
			text += fmt.Sprintf("\n# Part %d\n\n%s\n", i, strings.Repeat(fmt.Sprintf("Some words of part %d. ", i), 50))
		}
		write(t, docs, map[string]string{"runs.md": text})
		x := open(t, dir, e)
		e.texts = 0
		update(t, x, docs)
		if word != "slowly" && e.texts != 1 {
			t.Errorf("an edit of one section after a restart: %d texts embedded", e.texts)
		}
		x.Close()
	}
}
