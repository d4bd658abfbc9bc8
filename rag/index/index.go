// Package index keeps the passages of a corpus where they can be found: by their words and by their vectors.
//
// [Index.Update] brings the index up to date with directories: it lists their files, reads those that changed, cuts them into passages, and commits
// each file as a whole. A commit goes to the log on disk first and then into a new [View]. Searches read a View: an immutable picture that no
// commit disturbs, so that the index can be asked while it is built. Vectors follow behind the words, in batches, and are held by chromem-go.
//
// On disk an index is one snapshot and one log of what came after it (see snapshot.go, log.go). Each record has a checksum and holds whole files, so
// that whatever happens to the process or to the disk, what is read back is a state that the index had. What cannot be trusted is thrown away and
// built anew by the next update. One process writes; others read.
package index

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/load"
)

// An Index is a corpus that can be searched. Its methods may be called by several goroutines at once.
type Index struct {
	opts    Options
	dir     string        // "" keeps nothing on disk
	offline *embed.Hashed // can always serve vectors that it made

	embedders atomic.Pointer[[]embed.Embedder] // that passages are or were embedded with, the present one first

	view atomic.Pointer[View]

	update sync.Mutex // held by Update: one at a time
	mu     sync.Mutex // guards what follows: the writer's state
	files  map[string]*file
	next   *vectors        // being filled for another embedder than the view's vectors; nil when there is none
	byKey  map[key]ID      // a passage that holds, or will hold, the vector of a text
	disk   *disk           // nil without a directory, or when another process writes
	locked *LockedError    // set when another process writes
	unkept error           // why nothing can be kept in dir
	seen   string          // what the directory looked like when it was read
	notice string          // why what was on disk could not be used
	loads  sync.WaitGroup  // vectors on their way from disk into the view
	logged []loggedVectors // of the log being replayed
	closed bool
}

// A file is what the index knows of a file of the corpus.
type file struct {
	path    string
	title   string
	kind    string
	lang    analysis.Language
	stamp   load.Stamp
	checked int64 // when its content was known to be as indexed, in nanoseconds since 1970
	hash    key   // of its text
	failure string
	notes   string // what is not read of it, as sentences
	chunks  []ID   // in order; empty when the file could not be read
}

// Options say how an index is kept. The zero value is good.
type Options struct {
	Language analysis.Language // of all documents; "" detects it for each
	Flat     int               // from how many passages on vectors are scanned without chromem; 0: 50,000
	ReadOnly bool              // do not try to write
}

// DefaultFlat is the number of passages from which on a flat scan answers vector queries instead of chromem.
const DefaultFlat = 50_000

func newIndex(dir string, e embed.Embedder, opts Options) *Index {
	if opts.Flat == 0 {
		opts.Flat = DefaultFlat
	}
	x := &Index{opts: opts, dir: dir, offline: embed.NewHashed(), files: make(map[string]*file), byKey: make(map[key]ID)}
	x.embedders.Store(&[]embed.Embedder{e})
	x.view.Store(emptyView(x))
	return x
}

func emptyView(x *Index) *View {
	return &View{index: x, vectors: newVectors(x.Embedder().Name(), x.Embedder().Dims(), x.opts.Flat)}
}

// View returns the newest committed state.
func (x *Index) View() *View { return x.view.Load() }

// Embedder returns the embedder that passages are embedded with.
func (x *Index) Embedder() embed.Embedder { return (*x.embedders.Load())[0] }

// SetEmbedder makes the next update embed all passages with another embedder. Until every passage has its new vector, the old ones serve.
func (x *Index) SetEmbedder(e embed.Embedder) {
	x.update.Lock() // an update embeds with one embedder from its beginning to its end
	defer x.update.Unlock()
	all := append([]embed.Embedder{e}, *x.embedders.Load()...)
	x.embedders.Store(&all)
}

// A Document is a file's content, ready to be indexed.
type Document struct {
	Path   string
	Title  string
	Kind   string
	Lang   analysis.Language // "" detects it from the chunks
	Chunks []chunk.Chunk
}

// Put commits documents and embeds what is new of them: for callers that have no directory, such as an evaluation. All become visible at once.
func (x *Index) Put(ctx context.Context, docs []Document) error {
	x.update.Lock()
	defer x.update.Unlock()
	if err := x.beginWriting(); err != nil {
		return err
	}
	var tx transaction
	for _, d := range docs {
		tx.puts = append(tx.puts, x.prepare(&file{path: d.Path, title: d.Title, kind: d.Kind, lang: d.Lang}, d.Chunks))
	}
	if err := x.commit(tx); err != nil {
		return err
	}
	return x.embedMissing(ctx, nil)
}

// prepare analyses the chunks of a file; it may run in several goroutines.
func (x *Index) prepare(f *file, chunks []chunk.Chunk) *put {
	if f.lang == "" {
		f.lang = x.languageOf(chunks)
	}
	p := &put{file: f, passages: make([]*passage, len(chunks)), terms: make([][]posting, len(chunks))}
	an := analysis.For(f.lang)
	var s termScratch
	for i, c := range chunks {
		c.Path = f.path
		ps := &passage{Chunk: c, lang: f.lang, key: keyOf(embedText(c))}
		p.terms[i], ps.length = s.terms(an, c, f.title)
		p.passages[i] = ps
	}
	return p
}

// languageOf tells the language of a document: that of its text, or English, which most files that are not prose are nearest to.
func (x *Index) languageOf(chunks []chunk.Chunk) analysis.Language {
	if x.opts.Language != "" {
		return x.opts.Language
	}
	text := ""
	for _, c := range chunks {
		if len(text) > 2<<10 {
			break
		}
		text += c.Text + "\n"
	}
	l := analysis.Detect(text)
	if l == "" || len(text) < tellable && analysis.Latin(l) {
		return analysis.English
	}
	return l
}

// tellable is the length in bytes from which on a document's function words tell its language: in a line of names and titles they mislead.
const tellable = 60

// A put is a file to be indexed, analysed.
type put struct {
	file     *file
	passages []*passage
	terms    [][]posting
}

// A transaction is what becomes true at once, in memory and on disk.
type transaction struct {
	puts    []*put
	removes []string
	touches []*file // known files that only look different on disk
}

func (t *transaction) empty() bool {
	return len(t.puts) == 0 && len(t.removes) == 0 && len(t.touches) == 0
}

// commit writes the transaction to the log and then shows it: also if it cannot be written, because people want answers from a full disk too (see
// disk.append). The caller holds x.update.
func (x *Index) commit(tx transaction) error {
	if tx.empty() {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return errors.New("index: it is closed")
	}
	if x.disk != nil {
		x.disk.append(encodeTransaction(tx))
	}
	x.apply(tx)
	return nil
}

// apply makes the view that a transaction leads to. The caller holds x.mu.
func (x *Index) apply(tx transaction) {
	v := x.view.Load().clone()
	for _, path := range tx.removes {
		x.drop(v, path)
	}
	var b segmentBuilder
	build := func() {
		if s := b.build(); s != nil {
			v.segments = mergeTail(append(slices.Clip(v.segments), s), v.live)
		}
		b = segmentBuilder{}
	}
	for _, p := range tx.puts {
		x.drop(v, p.file.path)
		p.file.chunks = make([]ID, len(p.passages))
		for i, ps := range p.passages {
			id := v.add(ps)
			p.file.chunks[i] = id
			b.add(id, ps.length, p.terms[i])
			p.terms[i] = nil
			if len(b.ids) == segmentPassages {
				build()
			}
			x.shareVector(v.vectors, ps.key, id)
			if x.next != nil {
				x.shareVector(x.next, ps.key, id)
			}
			if _, ok := x.byKey[ps.key]; !ok {
				x.byKey[ps.key] = id
			}
		}
		x.files[p.file.path] = p.file
	}
	for _, f := range tx.touches {
		x.files[f.path] = f
	}
	build()
	x.view.Store(v)
}

// drop takes a file's passages out of the view that is being made.
func (x *Index) drop(v *View, path string) {
	f, ok := x.files[path]
	if !ok {
		return
	}
	for _, id := range f.chunks {
		v.remove(id)
	}
	delete(x.files, path)
}

// shareVector gives a passage the vector of another one with the same text, if there is one.
func (x *Index) shareVector(vs *vectors, k key, id ID) bool {
	if from, ok := x.byKey[k]; ok {
		if vec := vs.get(from); vec != nil {
			return vs.set(id, vec)
		}
	}
	return false
}

// Status says what the index holds.
type Status struct {
	Dir       string                    `json:"dir,omitempty"`
	Files     int                       `json:"files"`
	Failed    int                       `json:"failed"` // files that could not be read
	Chunks    int                       `json:"chunks"`
	Vectors   int                       `json:"vectors"` // passages that have a vector already
	Embedder  string                    `json:"embedder"`
	Serving   string                    `json:"serving"` // the embedder whose vectors are searched: another one while passages are embedded anew
	Languages map[analysis.Language]int `json:"languages"`
	DiskBytes int64                     `json:"disk_bytes"`
	Locked    string                    `json:"locked,omitempty"`  // who writes, if another process does
	Rebuilt   string                    `json:"rebuilt,omitempty"` // why what was on disk could not be used
}

// Status returns what the index holds now.
func (x *Index) Status() Status {
	x.mu.Lock()
	defer x.mu.Unlock()
	v := x.view.Load()
	s := Status{Dir: x.dir, Files: len(x.files), Chunks: v.count, Vectors: v.vectors.count(v.live), Embedder: x.Embedder().Name(), Serving: v.vectors.name,
		Languages: maps.Clone(v.languages), Rebuilt: x.notice}
	if x.next != nil {
		s.Vectors = x.next.count(v.live)
	}
	for _, f := range x.files {
		if f.failure != "" {
			s.Failed++
			s.Files--
		}
	}
	switch {
	case x.disk != nil:
		s.DiskBytes = x.disk.size()
	case x.dir != "": // another process may write there
		for _, name := range []string{snapshotName, logName} {
			if fi, err := os.Stat(filepath.Join(x.dir, name)); err == nil {
				s.DiskBytes += fi.Size()
			}
		}
	}
	if x.locked != nil {
		s.Locked = x.locked.Holder
	}
	return s
}

// Files returns the paths of the files that are indexed, in order.
func (x *Index) Files() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	paths := make([]string, 0, len(x.files))
	for path, f := range x.files {
		if f.failure == "" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}
