package workflows

import (
	"errors"
	"fmt"

	"weft/flow"
	"weft/rag/index"
	"weft/rag/load"
)

// Directories starts the indexing of a corpus.
type Directories struct {
	Dirs []string `json:"dirs"`
}

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
	Skipped []Skipped `json:"skipped"`
	Warning string    `json:"warning,omitempty"` // what the index does without for now
	TookMS  float64   `json:"took_ms"`
}

// Skipped is a file that is not in the index.
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
}

// Index brings an index up to date with its directories.
func Index(x *index.Index, opts index.UpdateOptions) *flow.Workflow[Directories, Indexed] {
	wf := flow.New[Directories, Indexed]("index", flow.Config{Description: "bring the index up to date with the documents"})
	flow.Step(wf, "update", func(ctx *flow.Context, d Directories) (Indexed, error) {
		opts := opts
		opts.Progress = func(p index.Progress) {
			ctx.Emit(Progress{"reading files", p.Files, p.TotalFiles, "files"})
			if p.ToEmbed > 0 {
				ctx.Emit(Progress{"embedding", p.Embedded, p.ToEmbed, "passages"})
			} else {
				ctx.Emit(Progress{"indexing", p.Chunks, 0, "chunks"})
			}
		}
		r, err := x.Update(ctx, d.Dirs, opts)
		var root *load.RootError
		switch {
		case r == nil || ctx.Err() != nil:
			return Indexed{}, err
		case errors.As(err, &root):
			return indexed(r), err
		}
		out := indexed(r)
		if err != nil { // it goes on in memory, and writes everything when it can
			out.Warning = err.Error()
		}
		return out, nil
	}, flow.Describe("read what changed, cut it into passages, embed them"), flow.Workers(1))
	return wf
}

func indexed(r *index.Report) Indexed {
	out := Indexed{
		Files: r.Files, Chunks: r.Chunks, Read: r.Read, Added: len(r.Added), Changed: len(r.Changed), Removed: len(r.Removed),
		Renamed: len(r.Renamed), TookMS: float64(r.Took.Microseconds()) / 1000, Skipped: []Skipped{},
	}
	for _, s := range r.Skipped {
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
