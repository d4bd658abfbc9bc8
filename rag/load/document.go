// Package load turns files into documents: UTF-8 text with positions that lead back to the file.
//
// It works in two steps. [Scan] walks the directories of a corpus and, without opening a file,
// lists the files that can be read, and those left out with the reason. A [Loader] then reads one
// listed file at a time into a [Document]. Files are untrusted: each is bounded in size, depth,
// time and memory, a malformed file yields an [Error] for that file alone, and control characters
// are removed from all text.
//
// Overview of the source: scan.go, leftout.go and ignore.go list a corpus; loader.go reads a file,
// sniff.go and kinds.go decide its kind, encoding.go and charset.go decode it; builder.go, table.go
// and grid.go write the text of documents; nested.go reads files inside files. Readers are named
// after their format (word97.go reads .doc) and share office.go, xmltree.go and cfb.go; text.go
// reads text, and textformats.go lists for each text format what the fields*.go and readable*.go
// files do with its front matter and markup.
package load

// A Document is the text of one file.
type Document struct {
	Path  string // slash-separated, relative to its corpus
	Title string // from the document itself, else from its file name
	// Date is the date in the document itself: of its front matter, its message or its properties. It
	// has the form "2006-01-02", or is kept as written if its form is not known; "" if there is none.
	Date   string
	Kind   string  // "markdown", "text", "html", "pdf", "source" …
	Text   string  // UTF-8 with \n line ends
	Fields []Field // front matter, in file order; part of Text only if the file holds nothing else
	Marks  []Mark  // where places begin, in order; empty if lines of the text are lines of the file
	// Notes lists the parts left out, without full stops: "page 3 without text: a picture, or
	// blank". A file with notes counts as read in part.
	Notes []string
	// Remarks say what is uncertain about a text that is read whole, without full stops: "its encoding
	// is not stated: read as windows-1251 (Russian)".
	Remarks []string
	// Retry is set if a program that recognises text is missing. Once it is installed, reading the
	// unchanged file again may give more text.
	Retry bool
}

// note adds a note unless it is empty.
func (d *Document) note(note string) {
	if note != "" {
		d.Notes = append(d.Notes, note)
	}
}

// decoded records what is uncertain about the decoding of the text.
func (d *Document) decoded(how decodeReport) {
	d.note(how.lost)
	if how.guess != "" {
		d.Remarks = append(d.Remarks, how.guess)
	}
}

// A Field is one value of a document's front matter: the settings at the start of a Markdown,
// reStructuredText, Org or AsciiDoc file, or the metadata in the head of a web page. A setting that
// is a list yields one field per entry, all with the name of the list.
type Field struct {
	Name  string `json:"name"`  // lower case: "title", "aliases", "tags", "date", "author.name" …
	Value string `json:"value"` // one line without markup; dates as written in the file
}

// A Mark says which place of the file the text comes from, beginning at a byte offset of the text.
type Mark struct {
	Offset int // byte offset in Document.Text
	// Place is "page 3", "slide 2", "sheet Costs row 7", "cell 4" and the like. "line 7" and "lines
	// 7–9" become the line numbers of a citation. Text without a place has the lines of the file.
	Place string
}
