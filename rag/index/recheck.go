package index

import (
	"cmp"
	"slices"
	"time"

	"weft/rag/load"
)

// A write within the same tick of the file system's clock does not change a file's times. So a stamp
// is trusted only if its times were older when the file was read.
const (
	coarseTick = 2 * time.Second       // the coarsest in use (FAT)
	fineTick   = 50 * time.Millisecond // of times with fractions of a second: more than a tick of any kernel
)

// trusted reports whether a file that has a stamp now has not changed since it was read at a time, in
// nanoseconds since 1970, if it had that stamp then.
func trusted(s load.Stamp, checked int64) bool {
	tick := coarseTick
	if s.Change%int64(time.Second) != 0 {
		tick = fineTick
	}
	return s.ModTime < checked-int64(coarseTick) && s.Change < checked-int64(tick)
}

// The content of a file whose stamp is unchanged is compared now and then, because a stamp does not
// show every edit: some file systems have no time of change, and clocks are set back. An update reads
// at most recheckFiles such files of at most recheckBytes together, those first that were not read
// for the longest time.
const (
	recheckFiles = 64
	recheckBytes = 16 << 20
	recheckAfter = 30 * 24 * time.Hour // with a time of change
	recheckSoon  = 24 * time.Hour      // without one
)

// overdue reports whether the content of a file was not read for so long that it is compared again.
func overdue(f *file, now time.Time) bool {
	after := recheckAfter
	if f.stamp.Change == 0 {
		after = recheckSoon
	}
	return f.checked < now.Add(-after).UnixNano() && !slices.Contains(slowKinds, f.kind)
}

// recheck selects the files to read again among those that are overdue, and counts the others as
// unchanged.
func (u *Updating) recheck(candidates []*work) []*work {
	slices.SortFunc(candidates, func(a, b *work) int { return cmp.Compare(a.known.checked, b.known.checked) })
	n, size := 0, int64(0)
	for n < min(recheckFiles, len(candidates)) {
		if size += candidates[n].entry.Stamp.Size; size > recheckBytes && n > 0 {
			break
		}
		n++
	}
	for _, w := range candidates[n:] {
		u.unchanged(w.known)
	}
	return candidates[:n]
}

// unchanged counts a file that is not read.
func (u *Updating) unchanged(f *file) {
	u.progress.Files++
	u.report.Unchanged++
	if f.failure != "" {
		u.fail(f.loadError())
	}
	u.note(f)
}

// moved returns the part of a file's stamp that a rename keeps: the rename sets a new time of
// change.
func moved(s load.Stamp) load.Stamp {
	s.Change = 0
	return s
}
