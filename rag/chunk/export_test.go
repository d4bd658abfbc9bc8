package chunk

import "weft/rag/load"

// SplitBy is Split with another window size, in bytes.
func SplitBy(doc load.Document, opts Options, window int) []Chunk { return split(doc, opts, window) }

// HasStructure reports whether structures has an entry for a kind.
func HasStructure(kind string) bool { return structures[kind] != "" }
