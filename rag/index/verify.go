package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"weft/rag/embed"
	"weft/rag/load"
)

// A Check is the result of [Verify].
type Check struct {
	Files    int // in the index, unreadable ones included
	Passages int
	Vectors  int // texts on disk that have a vector
	Records  int // of the log
	Bytes    int64
	// Problems say what is wrong with the index. Opening it for writing repairs all of them, except
	// that of a file of which the index has another text.
	Problems []string
	// Stale lists the files that have changed since they were indexed, are gone, or are new, by path.
	Stale []string
}

// Verify checks the index in a directory: each part of the snapshot and each record of the log
// against its checksum, passages against the hashes of their texts, vectors, and the content of the
// files in dirs against what was read of them. It changes nothing, and may run while another process
// writes. The error says why the index could not be checked; for one that does not exist it is
// [fs.ErrNotExist].
func Verify(ctx context.Context, dir string, dirs []string, opts UpdateOptions) (*Check, error) {
	x := newIndex(dir, embed.NewHashed(), Options{ReadOnly: true})
	var c *Check
	for range 5 { // a writer may replace the files meanwhile
		x.reset()
		before := x.onDisk()
		if before == "" {
			return nil, fmt.Errorf("index: there is none in %s: %w", dir, fs.ErrNotExist)
		}
		c = &Check{}
		if err := c.parts(x); err != nil {
			return nil, err
		}
		if len(c.Problems) == 0 || x.onDisk() == before {
			break
		}
	}
	c.passages(x)
	return c, c.corpus(ctx, x, dirs, opts)
}

func (c *Check) problem(format string, args ...any) {
	c.Problems = append(c.Problems, fmt.Sprintf(format, args...))
}

// parts checks the snapshot and the log, and fills x with what is intact.
func (c *Check) parts(x *Index) error {
	var generation key
	snap, err := openSnapshot(filepath.Join(x.dir, snapshotName))
	if snap != nil {
		defer snap.f.Close()
		c.Bytes, generation = int64(snap.header.size), snap.header.generation
		if err = x.restore(snap); err != nil {
			x.reset()
		}
	}
	var d damage
	switch {
	case errors.As(err, &d):
		c.problem("the snapshot %s", string(d))
	case err != nil:
		return err
	case snap != nil:
		if err := c.vectors(snap, x.view.Load().count); err != nil {
			c.problem("the snapshot %s", strings.TrimPrefix(err.Error(), "index: the snapshot "))
		}
	}
	log, err := readFile(filepath.Join(x.dir, logName))
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	c.Bytes += int64(len(log))
	if len(c.Problems) > 0 && snap == nil {
		return nil // which log belongs to the snapshot is not known
	}
	records, good := x.readLog(log, generation)
	c.Records = records
	switch rest := log[good:]; {
	case len(rest) == 0:
	case good == 0:
		c.problem("the log belongs to another snapshot, or its header is damaged: what it holds (%d bytes) is not used", len(log))
	case wholeRecord(rest):
		c.problem("record %d of the log is damaged: it and what follows (%d bytes) are not used", c.Records+1, len(rest))
	default:
		c.problem("the last record of the log is not whole, as after a crash: %d bytes are not used", len(rest))
	}
	for _, l := range x.logged {
		c.Vectors += len(l.keys)
		for _, v := range l.vecs {
			c.vector(v)
		}
	}
	return nil
}

// wholeRecord reports whether data begins with a record that is not cut off.
func wholeRecord(data []byte) bool {
	return len(data) >= recordHead && int64(binary.LittleEndian.Uint32(data)) <= int64(len(data)-recordHead)
}

func (c *Check) vectors(snap *snapshotReader, count int) error {
	_, dims, has, blocks, err := restoreVectors(snap, count)
	if err != nil {
		return err
	}
	for i := range count {
		if has.has(ID(i)) {
			c.Vectors++
			c.vector(blocks[i/blockVectors][i%blockVectors*dims:][:dims])
		}
	}
	return nil
}

// vector checks that a vector is normalised.
func (c *Check) vector(v []float32) {
	const tolerance = 1e-3
	if length := Dot(v, v); !(math.Abs(length-1) < tolerance) && !slices.Contains(c.Problems, badVector) {
		c.Problems = append(c.Problems, badVector)
	}
}

const badVector = "a vector does not have the length 1"

// passages checks the passages against the hashes of their texts.
func (c *Check) passages(x *Index) {
	v := x.view.Load()
	c.Files, c.Passages = len(x.files), v.count
	for _, path := range slices.Sorted(maps.Keys(x.files)) {
		for _, id := range x.files[path].chunks {
			if p := v.passages[id]; keyOf(embedText(p.Chunk)) != p.key {
				c.problem("a passage of %s does not have the text that was indexed", path)
				break
			}
		}
	}
}

// corpus reads the files that have not changed since they were indexed, and compares their texts.
func (c *Check) corpus(ctx context.Context, x *Index, dirs []string, opts UpdateOptions) error {
	listing, err := load.Scan(ctx, dirs, opts.Scan)
	if listing == nil {
		return err
	}
	if opts.Loader == nil {
		opts.Loader = load.New(load.Options{})
		defer opts.Loader.Close()
	}
	u := &Updating{x: x, opts: opts, listing: listing, report: &Report{}}
	listed := make(map[string]bool)
	var todo []*work
	for _, e := range listing.Files {
		listed[e.Path] = true
		f := x.files[e.Path]
		switch {
		case f == nil || f.stamp != e.Stamp:
			c.Stale = append(c.Stale, e.Path)
		case f.failure == "":
			todo = append(todo, &work{entry: e, known: f})
		}
	}
	for path := range x.files {
		if !listed[path] {
			c.Stale = append(c.Stale, path)
		}
	}
	slices.Sort(c.Stale)
	jobs := make(chan *work)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for w := range jobs {
				u.load(ctx, w)
			}
		})
	}
	for _, w := range todo {
		jobs <- w
	}
	close(jobs)
	workers.Wait()
	for _, w := range todo {
		switch {
		case w.err != nil:
			return w.err
		case w.failure != nil:
			c.problem("%s cannot be read now: %s", w.entry.Path, w.failure.Detail)
		case w.touch == nil:
			c.problem("%s has another text than the index, although its size and times are the same", w.entry.Path)
		}
	}
	return nil
}

// Remove deletes the index in a directory. It returns a [*LockedError] if a process writes it.
func Remove(dir string) error {
	x := newIndex(dir, embed.NewHashed(), Options{})
	held, err := x.acquire()
	if err != nil {
		return err
	}
	if held == nil {
		return x.locked
	}
	defer held.lock.Close()
	return os.RemoveAll(dir)
}
