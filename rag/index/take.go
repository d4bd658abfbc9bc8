package index

import (
	"strings"

	"weft/rag/load"
)

// note adds the unread parts of an indexed file, and the remarks on it, to the report.
func (u *Updating) note(f *file) {
	if len(f.notes) > 0 {
		u.report.Skipped = append(u.report.Skipped, &load.Error{Path: f.path, Reason: load.Partly,
			Detail: "is read, but: " + strings.Join(f.notes, "; ")})
	}
	if len(f.remarks) > 0 {
		u.report.Remarks = append(u.report.Remarks, Remark{f.path, strings.Join(f.remarks, "; ")})
	}
}

func (u *Updating) fail(e *load.Error) {
	u.failed++
	u.progress.Skipped++
	u.report.Skipped = append(u.report.Skipped, e)
}

// take adds the result of reading a file to the transaction. The caller holds u.mu.
func (u *Updating) take(w *work) {
	u.progress.Files++
	u.report.Read++
	u.progress.Bytes += w.entry.Stamp.Size
	u.report.Bytes += w.entry.Stamp.Size
	if w.failure != nil {
		u.fail(w.failure)
	}
	if w.touch != nil {
		u.report.Unchanged++
		u.tx.touches = append(u.tx.touches, w.touch)
		u.note(w.touch)
		return
	}
	if w.failure != nil {
		switch {
		case w.failure.Reason == load.Changed, passing(w.failure) && w.known != nil && w.known.failure == "":
			u.report.unsure = true // the indexed content stays until the file can be read
			return
		case w.failure.Reason == load.Vanished:
			if w.known != nil {
				u.gone[w.known.path] = w.known
			}
			return
		}
	}
	u.note(w.put.file)
	u.tx.puts = append(u.tx.puts, w.put)
	u.pending += len(w.put.passages)
	u.progress.Chunks += len(w.put.passages)
	switch old := u.renamed(w); {
	case old != nil: // in the same transaction, so the file is never missing or duplicated
		u.tx.removes = append(u.tx.removes, old.path)
		delete(u.gone, old.path)
		u.report.Renamed = append(u.report.Renamed, Rename{old.path, w.entry.Path})
	case w.known != nil:
		u.report.Changed = append(u.report.Changed, w.entry.Path)
	case w.failure == nil:
		u.report.Added = append(u.report.Added, w.entry.Path)
	}
}

// renamed returns the gone file that this one was renamed from, judged by its stamp or its content,
// or nil.
func (u *Updating) renamed(w *work) *file {
	if w.known != nil || w.failure != nil {
		return nil
	}
	for _, old := range []*file{u.byStamp[moved(w.entry.Stamp)], u.byHash[w.put.file.hash]} {
		if old != nil && u.gone[old.path] == old {
			return old
		}
	}
	return nil
}
