package vectorstore

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weft/rag/statefile"
)

// What a store deletes by itself, once a month: vectors that were not used for half a year, and, of a
// store that is larger, those that were not used for the longest time.
const (
	keptFor   = 180 * 24 * time.Hour
	keptBytes = 4 << 30
)

// A Part is the vectors of one model that were last used in one month.
type Part struct {
	Model string
	Dims  int
	Month string    // such as "2026-11"
	End   time.Time // the end of that month
	Bytes int64
	Count int // vectors

	dir string
}

// Parts returns what is in the store of a directory, the least recently used first. A store that
// does not exist is empty.
func Parts(dir string) ([]Part, error) {
	models, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var parts []Part
	for _, m := range models {
		dims, ok := dimsOf(m.Name())
		if !ok || !m.IsDir() {
			continue
		}
		s := &shelf{dir: filepath.Join(dir, m.Name()), dims: dims, tell: func(e error) { err = cmp.Or(err, e) }}
		name, _ := os.ReadFile(filepath.Join(s.dir, modelFile)) // informative
		s.model = cmp.Or(strings.TrimSpace(string(name)), "unknown model")
		for _, month := range s.periods() {
			end, _ := periodEnd(month)
			p := Part{Model: s.model, Dims: dims, Month: month, End: end, dir: s.dir}
			if fi, err := os.Stat(s.file(month, vectorsEnding)); err == nil {
				p.Bytes, p.Count = fi.Size(), int(fi.Size())/s.recordSize()
			}
			if fi, err := os.Stat(s.file(month, keysEnding)); err == nil {
				p.Bytes += fi.Size()
			}
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), strings.Compare(a.dir, b.dir))
	})
	return parts, err
}

// Prune deletes the parts of a store whose month ended before a time, and then the least recently
// used parts until at most a number of bytes remain (negative: any number). It returns the deleted
// parts. With dryRun it deletes nothing, and returns what it would delete.
func Prune(dir string, before time.Time, maxBytes int64, dryRun bool) (deleted []Part, err error) {
	parts, err := Parts(dir)
	if err != nil {
		return nil, err
	}
	var left int64
	for _, p := range parts {
		left += p.Bytes
	}
	for _, p := range parts {
		if !p.End.Before(before) && (maxBytes < 0 || left <= maxBytes) {
			continue
		}
		if !dryRun {
			if err := p.Remove(); err != nil {
				return deleted, err
			}
		}
		left -= p.Bytes
		deleted = append(deleted, p)
	}
	return deleted, nil
}

// Remove deletes the files of a part. The directory stays, because another process may be about to
// write there.
func (p Part) Remove() error {
	name := filepath.Join(p.dir, p.Month)
	return errors.Join(gone(os.Remove(name+keysEnding)), gone(os.Remove(name+vectorsEnding)))
}

// gone returns err unless it says that a file does not exist.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// tag is the content of the file that marks a cache directory (https://bford.info/cachedir/). Backups
// skip such directories, and so does weft if the cache is inside the documents.
const tag = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory holds vectors that weft has computed. It can be deleted: weft computes them again.\n"

func tagCache(dir string) error {
	name := filepath.Join(dir, "CACHEDIR.TAG")
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	return statefile.Write(name, []byte(tag))
}
