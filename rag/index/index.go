// Package index stores the passages of a corpus for search by words and by vectors.
//
// [Index.Update] synchronises the index with directories: it lists their files, reads those that
// changed, splits them into passages, and commits each file as a whole. A commit is first written
// to the log on disk and then published as a new [View]. Searches read a View, an immutable
// snapshot in memory, so the index can be searched while it is being built. Vectors are added after
// the words, in batches, and are held by chromem-go.
//
// On disk an index consists of one snapshot and a log of later changes (see snapshot.go and
// log.go). Each record has a checksum and holds whole files. Therefore the data that is read back
// after a crash or a disk error is always a state that the index once had. Data that fails a check
// is discarded and rebuilt by the next update. One process writes; others read.
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
	"time"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/load"
)

// An Index is a searchable corpus. It is safe for concurrent use.
type Index struct {
	opts    Options
	dir     string        // "" keeps nothing on disk
	offline *embed.Hashed // the embedder without a model: always available for queries on its vectors
	split   func(load.Document, chunk.Options) []chunk.Chunk
	detect  func(text string) analysis.Language
	now     func() time.Time
	// openFile opens a file for writing, and creates it if flag says so.
	openFile func(name string, flag int) (diskFile, error)

	// embedders lists the current embedder, then the ones used before.
	embedders atomic.Pointer[[]embed.Embedder]

	view atomic.Pointer[View]

	update sync.Mutex // serialises Update
	mu     sync.Mutex // guards the fields below: the writer's state
	files  map[string]*file
	// next is filled with the vectors of a new embedder. It is nil if the view's vectors are of the
	// current one.
	next *vectors
	// byKey maps a text to a passage that has, or will have, its vector.
	byKey    map[key]ID
	disk     *disk           // nil without a directory, or if another process writes
	locked   *LockedError    // set if another process writes
	writeErr error           // why dir cannot be written
	seen     string          // state of the directory when it was read
	notice   string          // why the data on disk could not be used
	loads    sync.WaitGroup  // vectors being loaded from disk into the view
	logged   []loggedVectors // of the log being replayed
	closed   bool
}

// A file is the index's record of a file of the corpus.
type file struct {
	path  string
	title string
	kind  string
	date  string // see load.Document.Date
	lang  analysis.Language
	stamp load.Stamp
	// checked is when the content was last known to match the index, in nanoseconds since 1970.
	checked int64
	hash    key // of the text
	failure string
	fields  []load.Field // that describe the document, see load.Describing
	notes   []string     // which parts of the file are not read
	remarks []string     // see load.Document.Remarks
	chunks  []ID         // in document order; empty if the file could not be read
}

// Options configure an index. The zero value is ready to use.
type Options struct {
	Language analysis.Language // of all documents; "" detects it for each
	// Flat is the number of passages at which vector queries switch from chromem to a flat scan. 0
	// means DefaultFlat.
	Flat     int
	ReadOnly bool // never write
	// Opening is called while Open reads the log, with how many bytes of it are read and how many it
	// has. This takes seconds after a long update was interrupted, because the texts in the log are
	// analysed again. It is called at the beginning, at most about twenty times a second, and at the
	// end, but not for a log without records.
	Opening func(done, total int64)
}

// DefaultFlat is the number of passages at which vector queries switch from chromem to a flat scan.
const DefaultFlat = 50_000

func newIndex(dir string, e embed.Embedder, opts Options) *Index {
	if opts.Flat == 0 {
		opts.Flat = DefaultFlat
	}
	x := &Index{opts: opts, dir: dir, offline: embed.NewHashed(), split: chunk.Split,
		detect: analysis.Detect, now: time.Now, openFile: openFile,
		files: make(map[string]*file), byKey: make(map[key]ID)}
	x.embedders.Store(&[]embed.Embedder{e})
	x.view.Store(emptyView(x))
	return x
}

func emptyView(x *Index) *View {
	return &View{index: x, vectors: newVectors(x.Embedder().Name(), x.Embedder().Dims(), x.opts.Flat)}
}

// View returns the latest committed state.
func (x *Index) View() *View { return x.view.Load() }

// Embedder returns the embedder for passages.
func (x *Index) Embedder() embed.Embedder { return (*x.embedders.Load())[0] }

// SetEmbedder makes the next update embed all passages with another embedder. Until every passage
// has its new vector, the old vectors serve.
func (x *Index) SetEmbedder(e embed.Embedder) {
	x.update.Lock() // an update uses one embedder throughout
	defer x.update.Unlock()
	all := append([]embed.Embedder{e}, *x.embedders.Load()...)
	x.embedders.Store(&all)
}

// A Document is the content of a file, ready to be indexed.
type Document struct {
	Path   string
	Title  string
	Kind   string
	Lang   analysis.Language // "" detects it from the chunks
	Fields []load.Field      // as of load.Describing
	Chunks []chunk.Chunk
}

// Put commits documents and embeds their new passages. It serves callers without a directory, such
// as an evaluation. All documents become visible at once. A document whose text makes the analysis or
// the embedder panic is left out: the error is then a [*load.Error], or several joined, and the other
// documents are indexed.
func (x *Index) Put(ctx context.Context, docs []Document) error {
	x.update.Lock()
	defer x.update.Unlock()
	if err := x.beginWriting(); err != nil {
		return err
	}
	var tx transaction
	var failures []error
	for _, d := range docs {
		f := &file{path: d.Path, title: d.Title, kind: d.Kind, lang: d.Lang, fields: d.Fields}
		p, failure := x.analysed(f, func() []chunk.Chunk { return d.Chunks })
		if failure != nil {
			failures = append(failures, failure)
			p = &put{file: &file{path: d.Path, failure: failureOf(failure)}} // earlier content is outdated
		}
		tx.puts = append(tx.puts, p)
	}
	if err := x.commit(tx); err != nil {
		return err
	}
	leftOut, err := x.embedMissing(ctx)
	for _, failure := range leftOut {
		failures = append(failures, failure)
	}
	return errors.Join(append(failures, err)...)
}

// prepare analyses the chunks of a file. It is safe for concurrent use.
func (x *Index) prepare(f *file, chunks []chunk.Chunk) *put {
	if f.lang == "" {
		f.lang = x.languageOf(chunks)
	}
	p := &put{file: f, passages: make([]*passage, len(chunks)), terms: make([][]posting, len(chunks))}
	an := analysis.For(f.lang)
	var s termScratch
	for i, c := range chunks {
		c.Path, c.Date = f.path, f.date
		ps := &passage{Chunk: c, file: f, lang: f.lang, key: keyOf(embedText(c))}
		p.terms[i], ps.length = s.terms(an, c, f, i == 0)
		p.passages[i] = ps
	}
	return p
}

// languageOf returns the language of a document, or English if it cannot be detected, because most
// files that are not prose are closest to English.
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
	l := x.detect(text)
	if l == "" || len(text) < tellable && analysis.Latin(l) {
		return analysis.English
	}
	return l
}

// tellable is the minimum length in bytes of a text whose language is detected by its function
// words. In shorter texts, such as names and titles, function words mislead.
const tellable = 60

// A put is a file to index, analysed.
type put struct {
	file     *file
	passages []*passage
	terms    [][]posting
}

// A transaction is a set of changes that take effect at once, in memory and on disk.
type transaction struct {
	puts    []*put
	removes []string
	touches []*file // known files of which only the metadata changed
}

func (t *transaction) empty() bool {
	return len(t.puts) == 0 && len(t.removes) == 0 && len(t.touches) == 0
}

// commit writes a transaction to the log and publishes it. It is published even if it cannot be
// written, so that the index stays current when the disk is full (see disk.append). The caller
// holds x.update.
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

// apply publishes the view that results from a transaction. The caller holds x.mu.
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

// drop removes a file and its passages from the view that is being built.
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

// shareVector gives a passage the vector of another passage with the same text, and reports whether
// there was one.
func (x *Index) shareVector(vs *vectors, k key, id ID) bool {
	if from, ok := x.byKey[k]; ok {
		if vec := vs.get(from); vec != nil {
			return vs.set(id, vec)
		}
	}
	return false
}

// Status describes the content of an index.
type Status struct {
	Dir      string `json:"dir,omitempty"`
	Files    int    `json:"files"`
	Failed   int    `json:"failed"` // files that could not be read
	Chunks   int    `json:"chunks"`
	Vectors  int    `json:"vectors"` // passages that have a vector
	Embedder string `json:"embedder"`
	// Serving is the embedder whose vectors are searched. It differs from Embedder while the
	// passages are re-embedded.
	Serving   string                    `json:"serving"`
	Languages map[analysis.Language]int `json:"languages"`
	DiskBytes int64                     `json:"disk_bytes"`
	Locked    string                    `json:"locked,omitempty"`  // the other process that writes the index, if any
	Rebuilt   string                    `json:"rebuilt,omitempty"` // why the data on disk could not be used
}

// Status returns the current status.
func (x *Index) Status() Status {
	x.mu.Lock()
	defer x.mu.Unlock()
	v := x.view.Load()
	s := Status{Dir: x.dir, Files: len(x.files), Chunks: v.count, Vectors: v.vectors.count(v.live),
		Embedder: x.Embedder().Name(), Serving: v.vectors.name,
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

// Files returns the sorted paths of the indexed files.
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
