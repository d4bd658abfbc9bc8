package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/rag/chunk"
	"weft/rag/load"
)

// A work is a file to read and the result of reading it.
type work struct {
	entry   load.Entry
	known   *file // nil: new
	put     *put
	touch   *file
	failure *load.Error
	err     error // of the context
}

// A readPart is a group of files that are read one after the other.
type readPart struct {
	ReadPart
	files []*work
}

// A ReadPart describes the files of a part of the reading.
type ReadPart struct {
	Files       int
	First, Last string // the paths of the first and the last file
	Bytes       int64
}

// A part has about 1/readParts of the files and of their bytes, so that all parts take about
// equally long, and a large corpus has no more parts than a screen can show.
const (
	readParts     = 256
	readPartBytes = 256 << 10 // files of fewer bytes together are not divided by their sizes
)

// divideReads divides the files to read into parts, in order. Files of slow kinds are not in one
// part with others.
func divideReads(todo []*work) []*readPart {
	total := int64(0)
	for _, w := range todo {
		total += w.entry.Stamp.Size
	}
	most := (len(todo) + readParts - 1) / readParts
	mostBytes := max(total/readParts*2, readPartBytes)
	var parts []*readPart
	var last *readPart
	for i, w := range todo {
		if last == nil || last.Files >= most || last.Bytes >= mostBytes || slowToRead(w) != slowToRead(todo[i-1]) {
			last = &readPart{ReadPart: ReadPart{First: w.entry.Path}}
			parts = append(parts, last)
		}
		last.files = append(last.files, w)
		last.Files, last.Last, last.Bytes = last.Files+1, w.entry.Path, last.Bytes+w.entry.Stamp.Size
	}
	return parts
}

func slowToRead(w *work) bool { return slices.Contains(slowKinds, w.entry.Kind) }

// Reads returns the parts of the reading, in the order in which they should begin. It has only the
// files whose content must be looked at.
func (u *Updating) Reads() []ReadPart {
	parts := make([]ReadPart, len(u.reads))
	for i, p := range u.reads {
		parts[i] = p.ReadPart
	}
	return parts
}

// Listed returns the number of files that were listed.
func (u *Updating) Listed() int { return len(u.listing.Files) }

// ReadResult is the result of reading a part.
type ReadResult struct {
	Files     int // files that were read
	Unchanged int // files among them with the same content as in the index
	LeftOut   int // files among them that cannot be indexed
	Passages  int // of the new and changed files
}

// Read reads a part of the files, numbered from 0, cuts them into passages and commits them: at the
// latest a tenth of a second later they can be searched. A file that cannot be read is part of the
// report. The error is that of the context or of committing, or of an update that has ended; files
// that were read before it are committed.
func (u *Updating) Read(ctx context.Context, part int, report func(Progress)) (ReadResult, error) {
	var r ReadResult
	if !u.enter() {
		return r, errUpdateEnded
	}
	defer u.leave()
	files := u.reads[part].files
	for i, w := range files {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		u.load(ctx, w)
		if w.err != nil {
			return r, w.err
		}
		r.count(w)
		if u.collect(w, i == len(files)-1, report) {
			if err := u.flush(); err != nil {
				return r, err
			}
		}
		files[i] = nil // the index now holds its content
	}
	return r, nil
}

func (r *ReadResult) count(w *work) {
	r.Files++
	switch {
	case w.failure != nil:
		r.LeftOut++
	case w.touch != nil:
		r.Unchanged++
	default:
		r.Passages += len(w.put.passages)
	}
}

// collect adds the result of reading a file to the transaction, and reports whether the transaction
// is large enough to be committed now. A smaller one is committed a while after its first file was
// added. After the last file of a part, progress is reported in any case, because the files of
// other parts may take minutes.
func (u *Updating) collect(w *work, last bool, report func(Progress)) (full bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	begins := u.tx.empty()
	u.take(w)
	if begins && !u.tx.empty() {
		wait := batchTime
		if u.x.View().Len() == 0 {
			wait = firstTime
		}
		u.timer.Reset(wait)
	}
	u.unread--
	u.reportProgress(last, report)
	return u.pending >= batchChunks
}

// load reads and analyses a file. It is safe for concurrent use.
func (u *Updating) load(ctx context.Context, w *work) {
	checked := time.Now().UnixNano()
	doc, err := u.opts.Loader.File(ctx, w.entry)
	f := &file{path: w.entry.Path, stamp: w.entry.Stamp, checked: checked}
	if err != nil {
		if ctx.Err() != nil {
			w.err = ctx.Err()
			return
		}
		if !errors.As(err, &w.failure) {
			w.failure = &load.Error{Path: f.path, Reason: load.Unreadable, Detail: err.Error(), Err: err}
		}
		w.fail(f)
		return
	}
	if doc.Retry {
		f.checked = 0
	}
	f.title, f.kind, f.date, f.hash = doc.Title, doc.Kind, doc.Date, hashOf(&doc)
	if w.known != nil && w.known.failure == "" && w.known.hash == f.hash && w.known.title == f.title &&
		w.known.date == f.date {
		g := *w.known
		g.stamp, g.checked = f.stamp, f.checked
		w.touch = &g
		return
	}
	if w.put, w.failure = u.analyse(f, doc); w.failure != nil {
		w.fail(&file{path: f.path, stamp: f.stamp, checked: f.checked})
	}
}

// fail makes f, which has no content, the record of a file whose failure is set.
func (w *work) fail(f *file) {
	f.failure = failureOf(w.failure)
	if w.failure.Reason == load.Unreadable || w.failure.Retry {
		f.checked = 0 // permissions and installed programs may change without changing the file's stamp
	}
	if w.known != nil && w.known.failure == f.failure { // it fails in the same way as before
		g := *w.known
		g.stamp, g.checked = f.stamp, f.checked
		w.touch = &g
		return
	}
	w.put = &put{file: f}
}

// analyse splits a document into passages and analyses their words. It turns a panic into a failure
// of that file, so that one unforeseen text does not stop the indexing of the others.
func (u *Updating) analyse(f *file, doc load.Document) (p *put, failure *load.Error) {
	return u.x.analysed(f, func() []chunk.Chunk {
		chunks := u.x.split(doc, u.opts.Chunks)
		if n := len(chunks); n > 0 && strings.TrimSpace(doc.Text[chunks[n-1].End:]) != "" {
			doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d passages of its text are indexed", n))
		}
		f.notes, f.remarks, f.fields = doc.Notes, doc.Remarks, load.Describing(doc.Fields)
		return chunks
	})
}

// hashOf returns a hash of everything in a document that the index depends on: kind, locations,
// fields, notes, remarks and text.
func hashOf(d *load.Document) key {
	h := sha256.New()
	h.Write([]byte(d.Kind))
	var n [8]byte
	for _, m := range d.Marks {
		binary.LittleEndian.PutUint64(n[:], uint64(m.Offset))
		h.Write(n[:])
		h.Write([]byte(m.Place))
	}
	for _, field := range d.Fields {
		h.Write([]byte{1})
		h.Write([]byte(field.Name))
		h.Write([]byte{0})
		h.Write([]byte(field.Value))
	}
	for _, note := range d.Notes {
		h.Write([]byte{0})
		h.Write([]byte(note))
	}
	for _, remark := range d.Remarks {
		h.Write([]byte{2})
		h.Write([]byte(remark))
	}
	h.Write([]byte{0})
	h.Write([]byte(d.Text))
	return key(h.Sum(nil)[:16])
}
