// Package chunk cuts documents into the passages that are indexed, found and cited.
//
// A [load.Document] comes in, chunks go out in the document's order. A chunk follows the document's
// structure (sections, paragraphs, list items, code fences, table rows) and has up to 300 tokens. Each
// section begins a chunk of its own; neighbouring sections of up to 37 tokens under one heading are
// joined into chunks of up to 150. A chunk holds its place, so that a citation leads back to the line.
//
// Inside, a document passes through three forms: blocks (a paragraph, a fence, a row, a heading), sections (the blocks under one heading), units (a
// sentence, a fence, a line of code: what is never cut). Units are packed into chunks. All of it is pure functions.
package chunk

// A Chunk is one passage of a document.
type Chunk struct {
	ID      string   `json:"id"`                // stable: a hash of path, heading path, text and its occurrence number
	Path    string   `json:"path"`              // the document, slash-separated, relative to its corpus
	Heading []string `json:"heading,omitempty"` // the headings above it, outermost first; the document's title when there is none
	Text    string   `json:"text"`              // what it says: the document's text from Start to End
	Blocks  []Block  `json:"blocks,omitempty"`  // the structure of Text
	Header  string   `json:"header,omitempty"`  // the head of the table that Text continues: to be put before Text where it is embedded or shown to a model
	Start   int      `json:"start"`             // byte offset in the document's text
	End     int      `json:"end"`               // byte offset behind its last byte
	Line    int      `json:"line"`              // first line in the file, from 1; in the document's text where Place is given
	EndLine int      `json:"end_line"`          // last line
	Place   string   `json:"place,omitempty"`   // where lines mean nothing: "page 3", "slide 2", "sheet Costs rows 7–12", "cell 4"
}
