package index

import (
	"fmt"
	"strings"
	"time"

	"weft/rag/chunk"
	"weft/rag/load"
)

// UpdateOptions configure an update. The zero value is ready to use.
type UpdateOptions struct {
	Scan     load.ScanOptions
	Loader   *load.Loader  // nil: one with default limits
	Chunks   chunk.Options // how text is split into passages
	Progress func(Progress)
}

// Progress describes how far an update is. It is reported from one goroutine at a time, at most
// about twenty times a second, and at the end of each phase. The function that it is reported to
// must not call the update.
type Progress struct {
	Files      int   // files done, including unchanged ones
	TotalFiles int   // files of the corpus
	Chunks     int   // passages committed by this update
	Bytes      int64 // size of the files read
	Embedded   int   // texts embedded
	ToEmbed    int   // texts to embed; 0 until all files are committed
	Skipped    int   // files left out so far
	// Rate is how many files were read per second, or texts embedded once ToEmbed is set. The time in
	// which no part was read or embedded does not count. It is 0 as long as it is not known.
	Rate float64
}

// A Report is the result of an update.
type Report struct {
	Files     int // indexed files of the corpus
	Unchanged int // files that were not read, or had the same content
	Read      int // files that were read
	Added     []string
	Changed   []string
	Removed   []string
	Renamed   []Rename
	Chunks    int   // passages of the corpus
	Embedded  int   // texts that were embedded
	Bytes     int64 // size of the files read
	// Skipped lists the files that are left out, with reasons, sorted by path. Files with the
	// reason load.Partly are indexed in part.
	Skipped []*load.Error
	// Remarks lists what is uncertain about files that are read whole, sorted by path.
	Remarks []Remark
	// Embedding is the error because of which passages lack vectors; nil if none do. These passages
	// can be found by their words, and the next update tries again.
	Embedding error
	// Emptied names the directories, as they were given, in which no file is found any more. Their
	// passages are kept.
	Emptied []string
	Took    time.Duration

	dirs []string // directories in which files may appear
	// cost is how long an update that reads a single file takes: listing all, and the average for a
	// file that was read.
	cost   time.Duration
	unsure bool // a file or directory could temporarily not be read
}

// Warning says what the index cannot do for now, or has kept although it was not found. It is "" if
// all is well.
func (r *Report) Warning() string {
	var parts []string
	if len(r.Emptied) > 0 {
		parts = append(parts, fmt.Sprintf("nothing is found in %s any more: the passages indexed before are still searched; if its documents are gone for good, delete the index with weft clean",
			strings.Join(r.Emptied, " and ")))
	}
	if r.Embedding != nil {
		parts = append(parts, "passages are found by their words only: "+r.Embedding.Error())
	}
	return strings.Join(parts, "; ")
}

// Quiet reports whether the update found no changes.
func (r *Report) Quiet() bool {
	return len(r.Added)+len(r.Changed)+len(r.Removed)+len(r.Renamed) == 0
}

// A Remark says what is uncertain about the text of a file that is read whole, such as a guessed
// encoding.
type Remark struct{ Path, Text string }

// A Rename is a file whose path has changed.
type Rename struct{ From, To string }
