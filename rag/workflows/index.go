package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"

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

// Files is a part of the files that are read one after the other by one worker.
type Files struct {
	Part  int    `json:"part"` // from 0
	Files int    `json:"files"`
	First string `json:"first"` // the path of the first file
	Last  string `json:"last"`  // the path of the last one
	Bytes int64  `json:"bytes"`
}

// Read is the result of reading a part of the files.
type Read struct {
	Files     int `json:"files"`
	Unchanged int `json:"unchanged,omitempty"` // files with the same content as in the index
	LeftOut   int `json:"left_out,omitempty"`  // files that cannot be indexed
	Passages  int `json:"passages"`            // of the new and changed files
}

// Searchable says that all files are read: every passage can be found by its words.
type Searchable struct {
	Files    int   `json:"files"`    // that were read
	Passages int   `json:"passages"` // of the new and changed files
	Removed  int   `json:"removed"`  // files that are gone
	Texts    int   `json:"texts"`    // passages of different text that need a vector
	Parts    []int `json:"parts"`    // how many of them are embedded together
}

// Texts is a part of the passages that one worker embeds.
type Texts struct {
	Part  int `json:"part"` // from 0
	Texts int `json:"texts"`
}

// Embedded says how many passages of a part were embedded.
type Embedded struct {
	Texts int    `json:"texts"`
	Error string `json:"error,omitempty"` // why the others have none
}

// Index returns the workflow that brings an index up to date with its directories. It shows two
// fan-outs in a row: files are read by several workers, and when all are read, their passages are
// embedded by several workers. An event says which files or passages a worker gets, and not what is
// in them, so the records stay small.
//
// A run holds the lock of the index from its first step to its end, and a clean-up step releases it
// whatever the end is. What was read and embedded until then is kept.
func Index(x *index.Index, opts index.UpdateOptions) *flow.Workflow[Directories, show.Indexed] {
	w := &indexing{index: x, opts: opts, updates: make(map[string]indexUpdate)}
	wf := flow.New[Directories, show.Indexed]("index",
		flow.Describe("bring the index up to date with the documents"))
	flow.Each(wf, "list", w.list, flow.Workers(1),
		flow.Describe("list the files, and share out those that changed"))
	flow.Step(wf, "read", w.read, flow.Workers(index.ReadWorkers()),
		flow.Describe("read files and cut them into passages, which can be searched at once"))
	flow.Join(wf, "complete", w.complete, flow.Workers(1),
		flow.Describe("remove files that are gone: all words can be searched"))
	flow.Each(wf, "divide", w.divide, flow.Workers(1),
		flow.Describe("share out the passages that need a vector"))
	flow.Step(wf, "embed", w.embed, flow.Workers(index.EmbedWorkers),
		flow.Describe("make the vectors of passages"))
	flow.Join(wf, "save", w.save, flow.Workers(1),
		flow.Describe("use the new vectors, save the index"))
	flow.Finally(wf, "release", w.release, flow.Describe("let other updates of the index begin"))
	return wf
}

// An indexing holds the update of each run that is under way, by the run's identifier. An update
// cannot be in the run's state, which must be storable as JSON.
type indexing struct {
	index *index.Index
	opts  index.UpdateOptions

	mu      sync.Mutex
	updates map[string]indexUpdate
}

// An indexUpdate is the update of one run, with the limit on the lists in its result.
type indexUpdate struct {
	*index.Updating
	listed int // see Directories.Listed
}

func (w *indexing) list(ctx *flow.Context, d Directories) iter.Seq2[Files, error] {
	return func(yield func(Files, error) bool) {
		u, err := w.begin(ctx, d)
		if err != nil {
			yield(Files{}, err)
			return
		}
		ctx.Emit(readingProgress(u.Progress())) // the first file may take minutes
		ctx.Emit(handsOut("the files"))
		for n, p := range u.Reads() {
			part := Files{Part: n, Files: p.Files, First: p.First, Last: p.Last, Bytes: p.Bytes}
			if !yield(part, nil) {
				return
			}
		}
	}
}

// begin begins the update of a run. If the run has ended meanwhile, its clean-up may be over, so
// begin ends the update.
func (w *indexing) begin(ctx *flow.Context, d Directories) (*index.Updating, error) {
	u, err := w.index.Begin(ctx, d.Dirs, w.opts)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	err = ctx.Err()
	if err == nil {
		w.updates[ctx.RunID()] = indexUpdate{u, cmp.Or(d.Listed, listed)}
	}
	w.mu.Unlock()
	if err != nil {
		_, _ = u.Finish(err)
		return nil, err
	}
	return u, nil
}

// update returns the update of a run.
func (w *indexing) update(ctx *flow.Context) (indexUpdate, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if u, ok := w.updates[ctx.RunID()]; ok {
		return u, nil
	}
	return indexUpdate{}, errors.New("the update has ended, and an update cannot be resumed: index the documents again, which keeps what is indexed")
}

func (w *indexing) read(ctx *flow.Context, f Files) (Read, error) {
	u, err := w.update(ctx)
	if err != nil {
		return Read{}, err
	}
	r, err := u.Read(ctx, f.Part, func(p index.Progress) {
		ctx.Emit(show.Progress{Message: "indexing", Phase: show.PhaseSplit, Done: p.Chunks,
			Unit: "passages"})
		ctx.Emit(readingProgress(p))
	})
	return Read(r), err
}

// handsOut returns the progress that a fan-out emits before it yields its parts. From then on its
// step mostly waits, because a yield blocks while enough parts are queued.
func handsOut(what string) show.Progress {
	return show.Progress{Message: "handing out " + what, Waits: "free workers"}
}

func readingProgress(p index.Progress) show.Progress {
	return show.Progress{Message: "indexing", Phase: show.PhaseRead, Done: p.Files,
		Total: p.TotalFiles, Unit: "files", Rate: math.Round(p.Rate*10) / 10}
}

func embeddingProgress(p index.Progress) show.Progress {
	return show.Progress{Message: "embedding", Phase: show.PhaseEmbed, Done: p.Embedded,
		Total: p.ToEmbed, Unit: "passages", Rate: math.Round(p.Rate*10) / 10}
}

func (w *indexing) complete(ctx *flow.Context, all []Read) (Searchable, error) {
	u, err := w.update(ctx)
	if err != nil {
		return Searchable{}, err
	}
	rest, err := u.FinishReading(func(p index.Progress) {
		ctx.Emit(readingProgress(p))
		if p.ToEmbed > 0 {
			ctx.Emit(embeddingProgress(p))
		}
	})
	s := Searchable{Removed: rest.Removed, Texts: rest.Texts, Parts: rest.Parts}
	for _, r := range all {
		s.Files += r.Files
		s.Passages += r.Passages
	}
	return s, err
}

func (w *indexing) divide(ctx *flow.Context, s Searchable) iter.Seq2[Texts, error] {
	return func(yield func(Texts, error) bool) {
		ctx.Emit(handsOut("the passages"))
		for n, texts := range s.Parts {
			if !yield(Texts{Part: n, Texts: texts}, nil) {
				return
			}
		}
	}
}

func (w *indexing) embed(ctx *flow.Context, t Texts) (Embedded, error) {
	u, err := w.update(ctx)
	if err != nil {
		return Embedded{}, err
	}
	e, err := u.Embed(ctx, t.Part, func(p index.Progress) { ctx.Emit(embeddingProgress(p)) })
	out := Embedded{Texts: e.Texts}
	if e.Failed != nil {
		out.Error = e.Failed.Error()
	}
	return out, err
}

func (w *indexing) save(ctx *flow.Context, _ []Embedded) (show.Indexed, error) {
	u, err := w.update(ctx)
	if err != nil {
		return show.Indexed{}, err
	}
	r, err := u.Finish(nil)
	out := indexed(r, u.listed)
	var root *load.RootError
	if errors.As(err, &root) {
		return out, err
	}
	// The index is usable in memory, but could not be saved. The next update saves it.
	if err != nil {
		out.Unsaved = err.Error()
		out.Warning = strings.TrimPrefix(out.Warning+"; "+err.Error(), "; ")
	}
	return out, nil
}

// release ends the update of a run, unless it has ended. It waits for the steps' calls that are
// under way.
func (w *indexing) release(ctx *flow.Context, end flow.Ending) error {
	w.mu.Lock()
	u, ok := w.updates[ctx.RunID()]
	delete(w.updates, ctx.RunID())
	w.mu.Unlock()
	if ok {
		_, _ = u.Finish(cmp.Or(end.Err, errors.New("the run has ended")))
	}
	return nil
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
	for _, s := range selectSkipped(r.Skipped, most) {
		out.Skipped = append(out.Skipped, show.Skipped{Path: s.Path, Reason: string(s.Reason),
			Detail: s.Detail, ByRule: byRule(s.Reason), Partly: s.Reason == load.Partly})
	}
	for _, remark := range r.Remarks[:min(len(r.Remarks), most)] {
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
