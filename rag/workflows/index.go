package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weft/flow"
	"weft/rag/index"
	"weft/rag/load"
)

// Directories starts the indexing of a corpus.
type Directories struct {
	Dirs   []string `json:"dirs"`
	Listed int      `json:"listed,omitempty"` // how many of the files that are left out the result names at most; 0: 1,000
}

// listed is how many files that are left out a record names: a tree of pictures must not fill the journal.
const listed = 1000

// Indexed is what indexing came to.
type Indexed struct {
	Text    string    `json:"text"`  // in a line, for a reader
	Files   int       `json:"files"` // that can be searched
	Chunks  int       `json:"chunks"`
	Read    int       `json:"read"` // files that were read, because they are new or changed
	Added   int       `json:"added"`
	Changed int       `json:"changed"`
	Removed int       `json:"removed"`
	Renamed int       `json:"renamed"`
	LeftOut int       `json:"left_out"`          // files and directories that are not in the index
	Partly  int       `json:"partly"`            // files that are in it in part
	Skipped []Skipped `json:"skipped"`           // both, by path; the more telling ones, where there are too many to list
	Warning string    `json:"warning,omitempty"` // what the index does without for now
	TookMS  float64   `json:"took_ms"`
}

// Skipped is a file or directory that is not in the index, or not as a whole.
type Skipped struct {
	Path   string `json:"path"`
	Reason string `json:"reason"` // one of load's reasons
	Detail string `json:"detail"`
}

// Progress tells how far a step is.
type Progress struct {
	Message string `json:"message"`
	Done    int    `json:"done"`
	Total   int    `json:"total,omitempty"` // 0: nobody knows
	Unit    string `json:"unit,omitempty"`
	Waits   string `json:"waits,omitempty"` // what the step waits for and cannot hasten: until it tells something else, it is not at work
}

// Index brings an index up to date with its directories.
func Index(x *index.Index, opts index.UpdateOptions) *flow.Workflow[Directories, Indexed] {
	wf := flow.New[Directories, Indexed]("index", flow.Config{Description: "bring the index up to date with the documents"})
	flow.Step(wf, "update", func(ctx *flow.Context, d Directories) (Indexed, error) {
		opts := opts
		opts.Progress = func(p index.Progress) {
			ctx.Emit(Progress{Message: "reading files", Done: p.Files, Total: p.TotalFiles, Unit: "files"})
			if p.ToEmbed > 0 {
				ctx.Emit(Progress{Message: "embedding", Done: p.Embedded, Total: p.ToEmbed, Unit: "passages"})
			} else {
				ctx.Emit(Progress{Message: "indexing", Done: p.Chunks, Unit: "chunks"})
			}
		}
		r, err := x.Update(ctx, d.Dirs, opts)
		var root *load.RootError
		switch {
		case r == nil || ctx.Err() != nil:
			return Indexed{}, err
		case errors.As(err, &root):
			return indexed(r, d.Listed), err
		}
		out := indexed(r, d.Listed)
		if err != nil { // it goes on in memory, and writes everything when it can
			out.Warning = err.Error()
		}
		return out, nil
	}, flow.Describe("read what changed, cut it into passages, embed them"), flow.Workers(1))
	return wf
}

func indexed(r *index.Report, most int) Indexed {
	out := Indexed{
		Files: r.Files, Chunks: r.Chunks, Read: r.Read, Added: len(r.Added), Changed: len(r.Changed), Removed: len(r.Removed),
		Renamed: len(r.Renamed), TookMS: float64(r.Took.Microseconds()) / 1000, Skipped: []Skipped{},
	}
	for _, s := range r.Skipped {
		if s.Reason == load.Partly {
			out.Partly++
		}
	}
	out.LeftOut = len(r.Skipped) - out.Partly
	for _, s := range telling(r.Skipped, cmp.Or(most, listed)) {
		out.Skipped = append(out.Skipped, Skipped{s.Path, string(s.Reason), s.Detail})
	}
	if r.Embedding != nil {
		out.Warning = "passages are found by their words only: " + r.Embedding.Error()
	}
	out.Text = fmt.Sprintf("%d files, %d passages", out.Files, out.Chunks)
	if !r.Quiet() {
		out.Text += fmt.Sprintf(" (%d added, %d changed, %d removed, %d renamed)", out.Added, out.Changed, out.Removed, out.Renamed)
	}
	return out
}

// telling chooses the first files whose reason a person would not guess from the name, and then others, by path.
func telling(all []*load.Error, most int) []*load.Error {
	if len(all) <= most {
		return all
	}
	kept := make([]*load.Error, 0, most)
	for _, plain := range []bool{false, true} {
		for _, s := range all {
			if len(kept) < most && plain == slices.Contains([]load.Reason{load.Hidden, load.Ignored, load.Generated, load.Binary, load.Empty, load.Link}, s.Reason) {
				kept = append(kept, s)
			}
		}
	}
	slices.SortFunc(kept, func(a, b *load.Error) int { return strings.Compare(a.Path, b.Path) })
	return kept
}
