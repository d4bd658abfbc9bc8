package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
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

// read reads files in parallel and commits them in batches as they arrive.
func (u *updating) read(ctx context.Context, todo []*work) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs := make(chan *work)
	results := make(chan *work, 64)
	var workers sync.WaitGroup
	for range max(2, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for w := range jobs {
				u.load(ctx, w)
				results <- w
			}
		})
	}
	go func() {
		defer close(results)
		defer workers.Wait()
		defer close(jobs)
		for _, w := range todo {
			select {
			case jobs <- w:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() { // release the workers in any case
		cancel()
		for range results {
		}
	}()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case w, ok := <-results:
			if !ok {
				if err := ctx.Err(); err != nil {
					return err
				}
				return u.flush()
			}
			if w.err != nil {
				return w.err
			}
			begun := u.tx.empty()
			u.take(w)
			if begun && !u.tx.empty() {
				wait := batchTime
				if u.x.View().Len() == 0 {
					wait = firstTime
				}
				timer.Reset(wait)
			}
			if u.pending >= batchChunks {
				if err := u.flush(); err != nil {
					return err
				}
			}
			u.reportProgress(false)
		case <-timer.C:
			if err := u.flush(); err != nil {
				return err
			}
		}
	}
}

// load reads and analyses a file. It is safe for concurrent use.
func (u *updating) load(ctx context.Context, w *work) {
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
func (u *updating) analyse(f *file, doc load.Document) (p *put, failure *load.Error) {
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
