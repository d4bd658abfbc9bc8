package workflows

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
)

// notes writes n files of some passages each, and returns their directory.
func notes(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		var b strings.Builder
		for part := range 4 {
			fmt.Fprintf(&b, "# Note %d, part %d\n\n%s\n\n", i, part, strings.Repeat(fmt.Sprintf("harbour %d of ship%d sails. ", part, i), 60))
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("note%03d.md", i)), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func startIndex(t *testing.T, x *index.Index, dir string, opts ...flow.RunOption) *flow.Run[show.Indexed] {
	t.Helper()
	r, err := Index(x, index.UpdateOptions{}).Start(t.Context(), Directories{Dirs: []string{dir}}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// recordsOf waits for the end of a run and returns its records.
func recordsOf(t *testing.T, r *flow.Run[show.Indexed]) []flow.Record {
	t.Helper()
	<-r.Done()
	return slices.Collect(r.Records(t.Context(), 0))
}

// paired is an embedder whose first two calls wait for each other.
type paired struct {
	*embed.Hashed
	calls atomic.Int64
	both  chan struct{}
}

func (p *paired) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if p.calls.Add(1) == 2 {
		close(p.both)
	}
	select {
	case <-p.both:
		return p.Hashed.Embed(ctx, texts)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestAnIndexRunReadsAndEmbedsWithSeveralWorkers(t *testing.T) {
	dir := notes(t, 120)
	x := index.New(&paired{Hashed: embed.NewHashed(), both: make(chan struct{})}, index.Options{})
	r := startIndex(t, x, dir)
	got, err := r.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	busy, most := map[string]int{}, map[string]int{}
	parts := map[string]int{}
	rates := map[show.Phase]float64{}
	for _, rec := range recordsOf(t, r) {
		switch rec.Kind {
		case flow.StepStarted:
			busy[rec.Step]++
			parts[rec.Step]++
			most[rec.Step] = max(most[rec.Step], busy[rec.Step])
		case flow.StepFinished:
			busy[rec.Step]--
		}
		if p, ok := rec.Payload.(show.Progress); ok && p.Rate > 0 {
			rates[p.Phase] = p.Rate
		}
		js, err := rec.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(js), "harbour") || len(js) > 2000 {
			t.Errorf("a record of %s has %d bytes: %.200s", rec.Step, len(js), js)
		}
	}
	if most["read"] < 2 || most["embed"] != 2 {
		t.Errorf("at once, %d parts were read and %d embedded", most["read"], most["embed"])
	}
	if parts["read"] < 100 || parts["embed"] < 4 || got.Files != 120 {
		t.Errorf("%d files were read in %d parts and embedded in %d", got.Files, parts["read"], parts["embed"])
	}
	if rates[show.PhaseRead] == 0 || rates[show.PhaseEmbed] == 0 {
		t.Errorf("the rates of the phases are %v", rates)
	}
}

// content returns all passages of an index with their vectors, sorted.
func content(x *index.Index) []string {
	var all []string
	v := x.View()
	v.Each(func(id index.ID, c *chunk.Chunk) {
		vector, _ := binary.Append(nil, binary.LittleEndian, v.Vector(id))
		all = append(all, fmt.Sprint(c.Path, c.Line, c.Text)+string(vector))
	})
	slices.Sort(all)
	return all
}

func TestAnIndexRunHasTheResultOfAnUpdate(t *testing.T) {
	dir := notes(t, 30)
	byRun := index.New(embed.NewHashed(), index.Options{})
	byUpdate := index.New(embed.NewHashed(), index.Options{})
	compare := func(when string) show.Indexed {
		t.Helper()
		got, err := startIndex(t, byRun, dir).Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r, err := byUpdate.Update(t.Context(), []string{dir}, index.UpdateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := indexed(r, listed)
		got.TookMS, want.TookMS = 0, 0
		got.Read, want.Read = 0, 0 // depends on which stamps are trusted already
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s the run gives\n%+v\nand the update\n%+v", when, got, want)
		}
		if !slices.Equal(content(byRun), content(byUpdate)) {
			t.Errorf("%s the passages differ", when)
		}
		return got
	}
	compare("at first")
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Remove(filepath.Join(dir, "note003.md")))
	must(os.Rename(filepath.Join(dir, "note004.md"), filepath.Join(dir, "renamed.md")))
	must(os.WriteFile(filepath.Join(dir, "note005.md"), []byte("# Another text\n\nIt is short."), 0o644))
	must(os.WriteFile(filepath.Join(dir, "new.docx"), []byte("this is no document"), 0o644))
	if got := compare("after changes"); got.Removed != 1 || got.Renamed != 1 || got.Changed != 1 || got.LeftOut != 1 {
		t.Errorf("the changes are %+v", got)
	}
}

func TestACancelledIndexRunKeepsWhatItHasRead(t *testing.T) {
	dir := notes(t, 40)
	x := index.New(embed.NewHashed(), index.Options{})
	var reads atomic.Int64
	r := startIndex(t, x, dir, flow.Breakpoints(func(step, _ string) bool {
		return step == "read" && reads.Add(1) > 10 // the run is held before the next part is read
	}))
	for rec := range r.Records(t.Context(), 0) {
		if rec.Kind == flow.RunPaused {
			break
		}
	}
	stopped := errors.New("the person has cancelled")
	r.Cancel(stopped)
	if _, err := r.Wait(t.Context()); !errors.Is(err, stopped) {
		t.Fatalf("the cancelled run ends with %v", err)
	}
	done := 0
	for _, rec := range recordsOf(t, r) {
		if rec.Kind == flow.StepFinished && rec.Step == "read" {
			done++
		}
	}
	kept := len(x.Files())
	if kept < done || kept > 10 || done == 0 {
		t.Errorf("%d parts of one file were read, and %d files are indexed", done, kept)
	}
	report, err := x.Update(t.Context(), []string{dir}, index.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Files != 40 || len(report.Added) != 40-kept {
		t.Errorf("the next update adds %d files to %d", len(report.Added), kept)
	}
}

func TestAnIndexRunThatIsCancelledWhileItWaitsForTheIndexReleasesIt(t *testing.T) {
	dir := notes(t, 3)
	x := index.New(embed.NewHashed(), index.Options{})
	other, err := x.Begin(t.Context(), []string{dir}, index.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := startIndex(t, x, dir)
	for rec := range r.Records(t.Context(), 0) {
		if rec.Kind == flow.StepStarted {
			break
		}
	}
	r.Cancel(nil)
	<-r.Done()
	if _, err := other.Finish(nil); err != nil {
		t.Fatal(err)
	}
	if got, err := startIndex(t, x, dir).Wait(t.Context()); err != nil || got.Files != 3 {
		t.Errorf("the next run gives %d files and %v", got.Files, err)
	}
}

// failing is an embedder whose calls fail.
type failing struct{ *embed.Hashed }

func (failing) Embed(context.Context, []string) ([][]float32, error) {
	return nil, errors.New("the server is away")
}

func TestAnIndexRunWithoutVectorsSucceedsAndSaysWhy(t *testing.T) {
	x := index.New(failing{embed.NewHashed()}, index.Options{})
	r := startIndex(t, x, notes(t, 20))
	got, err := r.Wait(t.Context())
	if err != nil || !got.WordsOnly || !strings.Contains(got.Warning, "the server is away") || got.Files != 20 {
		t.Errorf("the run gives %+v and %v", got, err)
	}
	for _, rec := range recordsOf(t, r) {
		if e, ok := rec.Payload.(Embedded); ok && (e.Texts != 0 || !strings.Contains(e.Error, "the server is away")) {
			t.Errorf("a part gives %+v", e)
		}
	}
}

func TestAnIndexRunOfAMissingDirectoryFailsAndReleasesTheIndex(t *testing.T) {
	x := index.New(embed.NewHashed(), index.Options{})
	if _, err := startIndex(t, x, filepath.Join(t.TempDir(), "missing")).Wait(t.Context()); err == nil {
		t.Error("a missing directory is indexed")
	}
	if _, err := startIndex(t, x, notes(t, 2)).Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// A screen shows what is there already, even if the first file to be read takes long.
func TestAnIndexRunSaysHowManyFilesHaveNotChangedBeforeItReadsOthers(t *testing.T) {
	dir := notes(t, 3)
	old := time.Now().Add(-time.Hour) // so that the times of the files are trusted
	for i := range 3 {
		if err := os.Chtimes(filepath.Join(dir, fmt.Sprintf("note%03d.md", i)), old, old); err != nil {
			t.Fatal(err)
		}
	}
	x := index.New(embed.NewHashed(), index.Options{})
	recordsOf(t, startIndex(t, x, dir))
	if err := os.WriteFile(filepath.Join(dir, "new.md"), []byte("# New\n\nA new harbour.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, r := range recordsOf(t, startIndex(t, x, dir)) {
		if p, ok := r.Payload.(show.Progress); ok && p.Phase == show.PhaseRead {
			if r.Step != "list" || p.Total != 4 {
				t.Errorf("first, step %s reports %+v", r.Step, p)
			}
			return
		}
	}
	t.Error("no progress was reported")
}
