package cli

import (
	"os"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/chunk"
	"weft/rag/index"
	"weft/rag/load"
	"weft/ui/sources"
)

func TestPassagesAreShownWithoutTheMarksOfMarkdown(t *testing.T) {
	asWritten := strings.Fields("text log source json yaml toml picture recording")
	for _, kind := range load.Kinds() {
		want := "bold"
		if slices.Contains(asWritten, kind) {
			want = "**bold**"
		}
		for _, ext := range load.Extensions(kind) {
			if got := sources.Plain(show.Passage{Path: "a." + ext, Text: "**bold**"}); got != want {
				t.Errorf("a passage of a .%s file is shown as %q, want %q: its kind is %s, and markedUp of ui/sources lists the "+
					"extensions of documents that are read as Markdown", ext, got, want, kind)
			}
		}
	}
}

// TestNoPassageIsCalledChanged opens every passage of documents that have not changed.
func TestNoPassageIsCalledChanged(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("it opens a thousand passages; set WEFT_LONG=1")
	}
	for _, dir := range []string{"../../docs", "../../testdata/files"} {
		s := offline(t, dir)
		<-s.corpus.built
		opened := 0
		s.corpus.index.View().Each(func(_ index.ID, c *chunk.Chunk) {
			src := show.Source{Passage: show.Passage{Path: c.Path, Line: c.Line, EndLine: c.EndLine, Text: c.Text}}
			p := sources.NewPreview(src)
			p.Update(sources.Load(sources.Folders{"": dir}, src)().(sources.Loaded))
			if note := p.Note(); note != "" {
				t.Errorf("%s:%d-%d: %s", c.Path, c.Line, c.EndLine, note)
			}
			opened++
		})
		if opened < 100 {
			t.Errorf("%s has %d passages", dir, opened)
		}
		s.close()
	}
}
