package chunk

import "weft/rag/load"

// SplitBy splits with windows of another size.
func SplitBy(doc load.Document, opts Options, window int) []Chunk { return split(doc, opts, window) }

// HasStructure reports whether it is decided how the text of a kind is structured.
func HasStructure(kind string) bool { return structures[kind] != "" }
