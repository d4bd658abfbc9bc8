// Package load turns files into documents: UTF-8 text with positions that lead back to the file.
package load

// A Document is the text of one file.
type Document struct {
	Path  string // slash-separated, relative to its corpus
	Title string // from the document itself, else from its name
	Kind  string // "markdown", "text", "html", "pdf", "source" …
	Text  string // UTF-8 with \n line ends
	Marks []Mark // where places begin, in order; none where lines of the text are lines of the file
}

// A Mark says that from a byte offset of the text on, a place of the file begins.
type Mark struct {
	Offset int    // byte offset in Document.Text
	Place  string // "page 3", "slide 2", "sheet Costs row 7", "cell 4"
}
