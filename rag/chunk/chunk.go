// Package chunk cuts documents into the passages that are indexed, found and cited.
//
// [Split] takes a [load.Document] and returns its chunks in document order. A chunk follows the
// document's structure (sections, paragraphs, list items, code fences, table rows) and has up to
// 300 tokens. Each section starts a chunk of its own; neighbouring sections of up to 37 tokens
// under one heading are joined into chunks of up to 150. A chunk records its position, so that a
// citation can lead back to the line.
//
// A document is split in three stages: into blocks (a paragraph, a fence, a row, a heading), then
// into sections (the blocks under one heading), then into units (a sentence, a fence, a line of
// code), which are packed into chunks and cut only when longer than a chunk. All functions are
// pure.
package chunk

// A Chunk is one passage of a document.
type Chunk struct {
	// ID is stable: a hash of path, headings, text and occurrence number.
	ID string `json:"id"`
	// Path is the slash-separated path of the document, relative to its corpus.
	Path string `json:"path"`
	// Date is the date of the document according to itself: "2006-01-02", or as written (see
	// [load.Document]); "" if it has none.
	Date string `json:"date,omitempty"`
	// Heading holds the document's title and the headings above the chunk, outermost first.
	Heading []string `json:"heading,omitempty"`
	// Text is the document's text from Start to End.
	Text string `json:"text"`
	// Blocks is the structure of Text.
	Blocks []Block `json:"blocks,omitempty"`
	// Header is the header row of the table that Text continues. Prepend it to Text for embedding
	// and prompts (see [Chunk.WithHeader]).
	Header string `json:"header,omitempty"`
	// Start is a byte offset in the document's text.
	Start int `json:"start"`
	// End is the byte offset of the end, exclusive.
	End int `json:"end"`
	// Line is the first line in the file, from 1. If Place is set, it is the line in the document's
	// text.
	Line int `json:"line"`
	// EndLine is the last line.
	EndLine int `json:"end_line"`
	// Place is the position in files without meaningful line numbers: "page 3", "slide 2", "sheet
	// Costs rows 7–12", "cell 4".
	Place string `json:"place,omitempty"`
}
