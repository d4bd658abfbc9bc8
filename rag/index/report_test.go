package index

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"weft/rag/embed"
	"weft/rag/load"
)

func TestPartlyReadFilesAreReportedAtEachUpdate(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, map[string]string{"long.txt": strings.Repeat("a line of text\n", 1000), "short.txt": "short"})
	agedBy(t, docs, 10)
	l := load.New(load.Options{MaxText: 1000})
	for _, what := range []string{"read", "unchanged"} {
		x := open(t, dir, embed.NewHashed())
		r, err := x.Update(context.Background(), []string{docs}, UpdateOptions{Loader: l})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Skipped) != 1 || r.Skipped[0].Path != "long.txt" || r.Skipped[0].Reason != load.Partly || !strings.Contains(r.Skipped[0].Detail, "only the first") {
			t.Errorf("%s: left out: %v", what, r.Skipped)
		}
		if r.Files != 2 {
			t.Errorf("%s: %d files", what, r.Files)
		}
		x.Close()
	}
}

func TestRemarksAreReportedAtEachUpdateAndLeaveNoFileOut(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	text, err := charmap.Windows1251.NewEncoder().String("Причал номер семь стоит сорок евро за каждую ночь, вода и свет входят в эту цену.\n")
	if err != nil {
		t.Fatal(err)
	}
	write(t, docs, map[string]string{"b.txt": text, "a.txt": text, "c.txt": "in UTF-8"})
	agedBy(t, docs, 10)
	const want = "its encoding is not stated: read as windows-1251 (Russian)"
	for _, what := range []string{"read", "unchanged"} {
		x := open(t, dir, embed.NewHashed())
		r := update(t, x, docs)
		if !slices.Equal(r.Remarks, []Remark{{"a.txt", want}, {"b.txt", want}}) || len(r.Skipped) > 0 {
			t.Errorf("%s: remarks %q, left out %v", what, r.Remarks, r.Skipped)
		}
		v := x.View()
		for id := range ID(v.Len()) {
			if remarks := v.Remarks(id); (len(remarks) == 1) != (v.Chunk(id).Path != "c.txt") {
				t.Errorf("%s: %s has the remarks %q", what, v.Chunk(id).Path, remarks)
			}
		}
		x.Close()
	}
}

func TestAFileThatStillCannotBeReadIsNoChange(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, map[string]string{"a.md": "text", "b.docx": "this is no document"})
	x := New(embed.NewHashed(), Options{})
	update(t, x, docs)
	r := update(t, x, docs) // the file is too new for its stamp to be trusted, so it is read again
	if !r.Quiet() || r.Read != 2 || len(r.Skipped) != 1 || r.Skipped[0].Reason != load.Damaged || r.Files != 1 {
		t.Errorf("the second update: %+v", r)
	}
}

func TestFilesFollowTheScanOptions(t *testing.T) {
	docs := t.TempDir()
	write(t, docs, map[string]string{"a.md": "text", ".b.md": "hidden text", ".gitignore": "c.md", "c.md": "ignored text", "go.sum": "generated text", ".env": "secret text"})
	x, clean := New(embed.NewHashed(), Options{}), New(embed.NewHashed(), Options{})
	update(t, clean, docs)
	for _, scan := range []load.ScanOptions{{}, {Hidden: true}, {Ignored: true}, {Generated: true}, {Secrets: true}, {Hidden: true, Ignored: true, Generated: true, Secrets: true}, {}} {
		if _, err := x.Update(context.Background(), []string{docs}, UpdateOptions{Scan: scan}); err != nil {
			t.Fatal(err)
		}
		for path, asked := range map[string]bool{"a.md": true, ".b.md": scan.Hidden, ".gitignore": scan.Hidden, "c.md": scan.Ignored, "go.sum": scan.Generated, ".env": scan.Secrets} {
			if found := slices.Contains(x.Files(), path); found != asked {
				t.Errorf("%+v: %s is indexed: %v", scan, path, found)
			}
		}
	}
	if got := dump(x); got != dump(clean) {
		t.Errorf("the index differs from one that never held more:\n%s", got)
	}
}

func TestASlowFileIsReadAgainOnlyOnceItChanges(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, map[string]string{"a.md": "text", "long.csv": "ship,tons\n" + strings.Repeat("Kittiwake,54\n", 200_000)})
	agedBy(t, docs, 20)
	l := load.New(load.Options{Timeout: time.Nanosecond})
	updated := func() *Report {
		t.Helper()
		x := open(t, dir, embed.NewHashed())
		defer x.Close()
		r, err := x.Update(t.Context(), []string{docs}, UpdateOptions{Loader: l})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Skipped) != 1 || r.Skipped[0].Reason != load.TooSlow || r.Skipped[0].Path != "long.csv" {
			t.Fatalf("left out: %v", r.Skipped)
		}
		return r
	}
	if r := updated(); r.Read != 2 {
		t.Errorf("first: %+v", r)
	}
	if r := updated(); r.Read != 0 || !r.Quiet() {
		t.Errorf("unchanged: %+v", r)
	}
	agedBy(t, docs, 10)
	if r := updated(); r.Read != 2 {
		t.Errorf("changed: %+v", r)
	}
}

func TestAFileThatLacksAProgramIsReadAtEachUpdate(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, map[string]string{"a.md": "text", "scan.png": "\x89PNG\r\n\x1a\n"})
	agedBy(t, docs, 20)
	l := load.New(load.Options{OCR: "eng"})
	for round, read := range []int{2, 1, 1} {
		x := open(t, dir, embed.NewHashed())
		r, err := x.Update(t.Context(), []string{docs},
			UpdateOptions{Loader: l, Scan: load.ScanOptions{Pictures: true}})
		x.Close()
		if err != nil {
			t.Fatal(err)
		}
		if r.Read != read || len(r.Skipped) != 1 || !strings.Contains(r.Skipped[0].Detail, "tesseract") {
			t.Errorf("update %d: %d read, left out %v", round+1, r.Read, r.Skipped)
		}
	}
}
