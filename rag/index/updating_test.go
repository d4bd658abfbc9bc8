package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weft/rag/embed"
	"weft/rag/load"
)

// Every file is in one part, in order, and a large corpus has no more parts than can be shown.
func TestFilesAreDividedIntoPartsOfAboutTheSameWork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"markdown", "pdf"}), 0, 2).Draw(t, "kinds")
		var todo []*work
		total := int64(0)
		for _, kind := range kinds { // slow kinds are last
			for range rapid.IntRange(0, 3000).Draw(t, "files") {
				size := rapid.Int64Range(0, 1<<20).Draw(t, "size") >> rapid.IntRange(0, 20).Draw(t, "shift")
				total += size
				todo = append(todo, &work{entry: load.Entry{Path: fmt.Sprintf("f%04d", len(todo)), Kind: kind, Stamp: load.Stamp{Size: size}}})
			}
		}
		parts, n := divideReads(todo), 0
		for _, p := range parts {
			size := int64(0)
			for i, w := range p.files {
				if w != todo[n] || slowToRead(w) != slowToRead(p.files[0]) {
					t.Fatalf("file %d of the part from %s is %+v", i, p.First, w.entry)
				}
				size += w.entry.Stamp.Size
				n++
			}
			if p.Files != len(p.files) || p.Bytes != size || p.First != p.files[0].entry.Path || p.Last != todo[n-1].entry.Path {
				t.Errorf("a part of %d files and %d bytes says %+v", len(p.files), size, p.ReadPart)
			}
			if most := max(2*total/readParts, readPartBytes); p.Files > 1 && size-p.files[p.Files-1].entry.Stamp.Size > most {
				t.Errorf("a part has %d bytes of %d", size, total)
			}
		}
		if n != len(todo) || len(parts) > 2*readParts {
			t.Errorf("%d of %d files are in %d parts", n, len(todo), len(parts))
		}
	})
}

func beginUpdate(t *testing.T, x *Index, docs string) *Updating {
	t.Helper()
	u, err := x.Begin(t.Context(), []string{docs}, UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.Finish(context.Canceled) })
	return u
}

func TestAnUpdateThatEndsEarlyKeepsWhatIsDone(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	for n := range 9 {
		write(t, docs, map[string]string{fmt.Sprintf("f%d.md", n): fmt.Sprintf("# File %d\n\nIt says word%d.\n", n, n)})
	}
	x := open(t, dir, embed.NewHashed())
	u := beginUpdate(t, x, docs)
	ignore := func(Progress) {}
	for n := range 4 {
		if r, err := u.Read(t.Context(), n, ignore); err != nil || r.Files != 1 || r.Passages != 1 {
			t.Fatalf("part %d: %+v, %v", n, r, err)
		}
	}
	if _, err := u.FinishReading(ignore); !errors.Is(err, errUnread) {
		t.Errorf("the reading ends before all is read: %v", err)
	}
	if _, err := u.Embed(t.Context(), 0, ignore); !errors.Is(err, errUnread) {
		t.Errorf("passages are embedded before all is read: %v", err)
	}
	stopped := errors.New("stopped")
	r, err := u.Finish(stopped)
	if !errors.Is(err, stopped) || len(r.Added) != 4 || len(x.Files()) != 4 {
		t.Errorf("the update ends with %v and adds %q; the index has %q", err, r.Added, x.Files())
	}
	if again, err := u.Finish(nil); again != r || !errors.Is(err, stopped) {
		t.Errorf("a second end returns %v and %v", again, err)
	}
	if _, err := u.Read(t.Context(), 5, ignore); !errors.Is(err, errUpdateEnded) {
		t.Errorf("a part of an ended update is read: %v", err)
	}
	x.Close()
	x = open(t, dir, embed.NewHashed())
	defer x.Close()
	if len(x.Files()) != 4 {
		t.Errorf("after the restart the index has %q", x.Files())
	}
	if r := update(t, x, docs); len(r.Added) != 5 || r.Files != 9 {
		t.Errorf("the next update: %+v", r)
	}
}

// An update whose embedding ends early does not use vectors that are not complete.
func TestVectorsServeOnlyWhenAllPartsAreEmbedded(t *testing.T) {
	docs := t.TempDir()
	for n := range 3 * embedBatch {
		write(t, docs, map[string]string{fmt.Sprintf("f%03d.md", n): fmt.Sprintf("# File %d\n\nIt says word%d.\n", n, n)})
	}
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	next := &picky{Hashed: embed.NewHashed()}
	x.SetEmbedder(next)
	u := beginUpdate(t, x, docs)
	for n := range u.Reads() { // the files have just been written, so their stamps are not trusted
		if r, err := u.Read(t.Context(), n, func(Progress) {}); err != nil || r.Unchanged != r.Files {
			t.Fatalf("part %d: %+v, %v", n, r, err)
		}
	}
	rest, err := u.FinishReading(func(Progress) {})
	if err != nil || rest.Texts != 3*embedBatch || len(rest.Parts) != 3 {
		t.Fatalf("to embed: %+v, %v", rest, err)
	}
	var last Progress
	if e, err := u.Embed(t.Context(), 1, func(p Progress) { last = p }); err != nil || e.Texts != embedBatch {
		t.Fatalf("a part embeds %+v, %v", e, err)
	}
	if last.ToEmbed != 0 && last.Embedded != embedBatch {
		t.Errorf("the progress is %+v", last)
	}
	if _, err := u.Finish(context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("the update ends with %v", err)
	}
	if s := x.Status(); !strings.HasPrefix(s.Serving, "hashed") {
		t.Errorf("%s serves, of which a part has vectors", s.Serving)
	}
	made := next.made.Load()
	if r := update(t, x, docs); r.Embedded != 2*embedBatch || next.made.Load() != made+2*embedBatch {
		t.Errorf("the next update embeds %d texts", r.Embedded)
	}
	if s := x.Status(); s.Serving != "picky" {
		t.Errorf("at the end %s serves", s.Serving)
	}
}

func TestThePausesBetweenPartsAreNotInTheRate(t *testing.T) {
	docs := t.TempDir()
	for n := range 3 {
		name := filepath.Join(docs, fmt.Sprintf("%d.md", n))
		if err := os.WriteFile(name, fmt.Appendf(nil, "Berth %d is free.\n", n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		x := New(embed.NewHashed(), Options{})
		defer x.Close()
		u, err := x.Begin(t.Context(), []string{docs}, UpdateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var last Progress
		report := func(p Progress) { last = p }
		for n := range u.Reads() {
			time.Sleep(time.Hour)
			if _, err := u.Read(t.Context(), n, report); err != nil {
				t.Fatal(err)
			}
		}
		if last.Files != 3 || last.Rate < 1 {
			t.Errorf("after reading: %+v", last)
		}
		time.Sleep(time.Hour)
		rest, err := u.FinishReading(func(Progress) {})
		if err != nil {
			t.Fatal(err)
		}
		for n := range rest.Parts {
			time.Sleep(time.Hour)
			if _, err := u.Embed(t.Context(), n, report); err != nil {
				t.Fatal(err)
			}
		}
		if last.Embedded != 3 || last.Rate < 1 {
			t.Errorf("after embedding: %+v", last)
		}
		time.Sleep(time.Hour)
		r, err := u.Finish(nil)
		if err != nil || r.cost > time.Minute {
			t.Errorf("an update of a file takes %v, %v", r.cost, err)
		}
	})
}
