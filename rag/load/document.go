// Package load turns files into documents: UTF-8 text with positions that lead back to the file.
//
// Data passes through it in two steps. [Scan] walks the directories of a corpus and lists, without
// opening a file, what can be read and what is left out and why. A [Loader] then reads one listed
// file at a time into a [Document]. Files are untrusted: each one is bounded in size, depth, time
// and memory, what a file does wrong becomes that file's [Error], and control characters that are
// not text never get past this package.
//
// Where things are: scan.go, leftout.go and ignore.go list a corpus; loader.go reads a file, sniff.go
// and kinds.go decide its kind, encoding.go and charset.go decode it; builder.go, table.go and grid.go
// write what readers find; nested.go reads files in files. The readers are named by their format
// (word97.go reads .doc), and share office.go, xmltree.go and cfb.go; text.go, fields.go and the
// readable*.go files read text and take its markup off.
package load

// A Document is the text of one file.
type Document struct {
	Path   string   // slash-separated, relative to its corpus
	Title  string   // from the document itself, else from its name
	Kind   string   // "markdown", "text", "html", "pdf", "source" …
	Text   string   // UTF-8 with \n line ends
	Fields []Field  // front matter, in the order of the file; part of Text only where that holds nothing else
	Marks  []Mark   // where places begin, in order; none where lines of the text are lines of the file
	Notes  []string // what was left out, without a full stop: "page 3 without text: a picture, or blank"; with any, the file counts as read in part
}

// note adds a note; "" is none.
func (d *Document) note(note string) {
	if note != "" {
		d.Notes = append(d.Notes, note)
	}
}

// A Field is one value of a document's front matter: the settings that a Markdown, reStructuredText,
// Org or AsciiDoc file begins with, or the metadata in the head of a web page. A setting that is a
// list gives one field for each entry, all with the list's name.
type Field struct {
	Name  string // in lower case: "title", "aliases", "tags", "date", "description", "author.name" …
	Value string // one line without markup; dates as they are written
}

// A Mark says that from a byte offset of the text on, a place of the file begins.
type Mark struct {
	Offset int    // byte offset in Document.Text
	Place  string // "page 3", "slide 2", "sheet Costs row 7", "cell 4"; "line 7" and "lines 7–9" become a citation's lines
}
