package chunk

import "weft/rag/load"

// SplitBy is Split with another window size, in bytes.
func SplitBy(doc load.Document, opts Options, window int) []Chunk { return split(doc, opts, window) }

// HasStructure reports whether it is decided how the text of a kind is structured.
func HasStructure(kind string) bool { return structures[kind] != "" }
