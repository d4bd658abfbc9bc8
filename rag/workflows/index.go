package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/index"
	"weft/rag/load"
)

// Directories starts an indexing run.
type Directories struct {
	Dirs []string `json:"dirs"`
	// Listed limits how many of the left-out files the result names. 0 means 1,000.
	Listed int `json:"listed,omitempty"`
}

// listed is the default of Directories.Listed. It keeps a directory full of images from filling the
// journal.
const listed = 1000

// Index returns the workflow that brings an index up to date with its directories.
func Index(x *index.Index, opts index.UpdateOptions) *flow.Workflow[Directories, show.Indexed] {
	wf := flow.New[Directories, show.Indexed]("index",
		flow.Describe("bring the index up to date with the documents"))
	flow.Step(wf, "update", func(ctx *flow.Context, d Directories) (show.Indexed, error) {
		opts := opts
		opts.Progress = func(p index.Progress) {
			ctx.Emit(show.Progress{Message: "reading files", Phase: show.PhaseRead, Done: p.Files,
				Total: p.TotalFiles, Unit: "files"})
			if p.ToEmbed > 0 {
				ctx.Emit(show.Progress{Message: "embedding", Phase: show.PhaseEmbed,
					Done: p.Embedded, Total: p.ToEmbed, Unit: "passages"})
			} else {
				ctx.Emit(show.Progress{Message: "indexing", Phase: show.PhaseSplit, Done: p.Chunks,
					Unit: "passages"})
			}
		}
		r, err := x.Update(ctx, d.Dirs, opts)
		var root *load.RootError
		switch {
		case r == nil || ctx.Err() != nil:
			return show.Indexed{}, err
		case errors.As(err, &root):
			return indexed(r, d.Listed), err
		}
		out := indexed(r, d.Listed)
		// The index is usable in memory, but could not be saved. The next update saves it.
		if err != nil {
			out.Unsaved = err.Error()
			out.Warning = strings.TrimPrefix(out.Warning+"; "+err.Error(), "; ")
		}
		return out, nil
	}, flow.Describe("read what changed, cut it into passages, embed them"), flow.Workers(1))
	return wf
}

func indexed(r *index.Report, most int) show.Indexed {
	out := show.Indexed{
		Files: r.Files, Chunks: r.Chunks, Read: r.Read, Added: len(r.Added),
		Changed: len(r.Changed), Removed: len(r.Removed),
		Renamed: len(r.Renamed), TookMS: float64(r.Took.Microseconds()) / 1000, Skipped: []show.Skipped{},
	}
	for _, s := range r.Skipped {
		if s.Reason == load.Partly {
			out.Partly++
		}
	}
	out.LeftOut = len(r.Skipped) - out.Partly
	for _, s := range selectSkipped(r.Skipped, cmp.Or(most, listed)) {
		out.Skipped = append(out.Skipped, show.Skipped{Path: s.Path, Reason: string(s.Reason),
			Detail: s.Detail, ByRule: byRule(s.Reason), Partly: s.Reason == load.Partly})
	}
	for _, remark := range r.Remarks[:min(len(r.Remarks), cmp.Or(most, listed))] {
		out.Remarks = append(out.Remarks, show.Remark(remark))
	}
	out.Warning, out.WordsOnly, out.Emptied = r.Warning(), r.Embedding != nil, r.Emptied
	out.Text = fmt.Sprintf("%d files, %d passages", out.Files, out.Chunks)
	if !r.Quiet() {
		out.Text += fmt.Sprintf(" (%d added, %d changed, %d removed, %d renamed)", out.Added,
			out.Changed, out.Removed, out.Renamed)
	}
	return out
}

// byRule reports whether a file is left out because a setting excludes its kind.
func byRule(r load.Reason) bool {
	return slices.Contains([]load.Reason{load.Hidden, load.Ignored, load.Generated, load.Secret, load.Link}, r)
}

// selectSkipped returns at most a given number of the left-out files, sorted by path. Files whose
// reason cannot be guessed from their name take precedence.
func selectSkipped(all []*load.Error, most int) []*load.Error {
	if len(all) <= most {
		return all
	}
	kept := make([]*load.Error, 0, most)
	for _, plain := range []bool{false, true} {
		for _, s := range all {
			if len(kept) < most && plain == slices.Contains([]load.Reason{load.Hidden, load.Ignored,
				load.Generated, load.Binary, load.Empty, load.Link}, s.Reason) {
				kept = append(kept, s)
			}
		}
	}
	slices.SortFunc(kept, func(a, b *load.Error) int { return strings.Compare(a.Path, b.Path) })
	return kept
}
