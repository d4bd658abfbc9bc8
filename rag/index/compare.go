package index

import (
	"errors"
	"io/fs"
	"slices"

	"weft/rag/load"
)

// slowKinds are the kinds of files that are read last: PDFium takes seconds to compile on first
// use, text recognition takes seconds for a page, transcription minutes. Other files do not wait
// for them.
var slowKinds = []string{"pdf", "picture", "recording"}

// compare returns the files that must be read, slow ones last, and determines which known files are
// gone.
func (u *Updating) compare() []*work {
	x := u.x
	x.mu.Lock()
	defer x.mu.Unlock()
	u.progress.TotalFiles = len(u.listing.Files)
	u.progress.Skipped = len(u.listing.Skipped)
	var todo, slow, old []*work
	now := x.now()
	listed := make(map[string]bool, len(u.listing.Files))
	for _, e := range u.listing.Files {
		listed[e.Path] = true
		f := x.files[e.Path]
		if f != nil && f.stamp == e.Stamp && trusted(e.Stamp, f.checked) && !f.failedWithOther(x.Embedder().Name()) {
			if overdue(f, now) {
				old = append(old, &work{entry: e, known: f})
			} else {
				u.unchanged(f)
			}
			continue
		}
		if w := (&work{entry: e, known: f}); slices.Contains(slowKinds, e.Kind) {
			slow = append(slow, w)
		} else {
			todo = append(todo, w)
		}
	}
	u.gone = make(map[string]*file)
	u.byStamp = make(map[load.Stamp]*file)
	u.byHash = make(map[key]*file)
	unseen, emptied := u.unseen(), u.emptied()
	for path, f := range x.files {
		switch {
		case listed[path]:
		case unseen(path), emptied(path):
			if f.failure == "" {
				u.kept++
			}
		default:
			u.gone[path] = f
			u.byStamp[moved(f.stamp)] = f
			if f.failure == "" {
				u.byHash[f.hash] = f
			}
		}
	}
	return slices.Concat(todo, u.recheck(old), slow)
}

// passing reports whether a failure is temporary.
func passing(e *load.Error) bool {
	return e.Reason == load.Changed || e.Reason == load.Unreadable && e.Err != nil &&
		!errors.Is(e.Err, fs.ErrPermission)
}
