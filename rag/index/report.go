package index

import (
	"time"

	"weft/rag/chunk"
	"weft/rag/load"
)

// UpdateOptions say what is read and how. The zero value is good.
type UpdateOptions struct {
	Scan     load.ScanOptions
	Loader   *load.Loader  // nil: one with default limits
	Chunks   chunk.Options // how passages are cut
	Progress func(Progress)
}

// Progress says how far an update has come. Calls come from one goroutine at a time, some twenty a second at most, and one at each end of a phase.
type Progress struct {
	Files      int   // files done, unchanged ones included
	TotalFiles int   // files of the corpus
	Chunks     int   // passages committed by this update
	Bytes      int64 // size of the files read
	Embedded   int   // texts embedded
	ToEmbed    int   // texts to embed; 0 until all files are committed
	Skipped    int   // files left out so far
}

// A Report says what an update did.
type Report struct {
	Files     int // files of the corpus that are indexed
	Unchanged int // files that were not read, or read and found the same
	Read      int // files that were read
	Added     []string
	Changed   []string
	Removed   []string
	Renamed   []Rename
	Chunks    int           // passages of the corpus
	Embedded  int           // texts that were embedded
	Bytes     int64         // size of the files read
	Skipped   []*load.Error // what is left out and why, by path; of files with the reason load.Partly only a part is
	Embedding error         // why passages lack vectors, if embedding failed: they are found by their words, and the next update tries again
	Took      time.Duration

	dirs   []string // where files may appear
	unsure bool     // something could not be read for the moment
}

// Quiet reports whether the update found nothing new.
func (r *Report) Quiet() bool {
	return len(r.Added)+len(r.Changed)+len(r.Removed)+len(r.Renamed) == 0
}

// A Rename is a file that has another path than before.
type Rename struct{ From, To string }
