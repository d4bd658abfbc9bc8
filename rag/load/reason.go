package load

import "strings"

// A Reason says why a file or a directory is not read.
type Reason string

// The reasons. Each file that is not read has exactly one. A file that is read in part has one for
// the part that is missing.
const (
	Hidden      Reason = "hidden"      // its name begins with a dot
	Ignored     Reason = "ignored"     // a rule of .gitignore, .ignore or git's exclude file says so
	Generated   Reason = "generated"   // written by programs: lock files, node_modules, minified code
	Secret      Reason = "secret"      // keys, passwords, credentials
	Binary      Reason = "binary"      // not text and not a document
	Unsupported Reason = "unsupported" // a document of a type that is not read
	Link        Reason = "link"        // a symbolic link; its target is read only under its own path
	Special     Reason = "special"     // a pipe, socket or device
	Unreadable  Reason = "unreadable"  // the system denies access or reports an I/O error
	BadName     Reason = "name"        // its printable name equals that of another file
	TooLarge    Reason = "too large"   // the file, or its unpacked content, exceeds the limit
	TooDeep     Reason = "too deep"    // directories or structures nested deeper than the limit
	TooSlow     Reason = "too slow"    // reading it took longer than the limit
	Empty       Reason = "empty"       // the file has no content
	NoText      Reason = "no text"     // pictures only: a scan
	Encrypted   Reason = "encrypted"   // a password is needed
	Damaged     Reason = "damaged"     // not of the format of its extension, or truncated
	Vanished    Reason = "vanished"    // deleted between listing and reading
	Changed     Reason = "changed"     // modified while it was read
	Partly      Reason = "partly"      // read in part: a page is a picture, or the text exceeds the limit
)

// An Error says why one file or directory is not read. [Scan] reports one for each file or
// directory that it leaves out, and a [Loader] returns one for a file that it cannot read.
type Error struct {
	Path   string // slash-separated, relative to its corpus
	Dir    bool   // a directory that is left out with its content
	Reason Reason
	Detail string // a sentence without its subject, such as "is a symbolic link, which is not followed"
	Err    error  // the error of the system or a parser; nil if there is none
	Retry  bool   // a program that is needed is missing: the unchanged file may be read later
}

// Error returns the path and the detail as one sentence.
func (e *Error) Error() string { return e.Path + " " + e.Detail }

// Unwrap returns the underlying error, or nil.
func (e *Error) Unwrap() error { return e.Err }

// causeOf returns the text of an error on one line and of bounded length, without the path that the
// os package puts before it.
func causeOf(err error) string {
	s := err.Error()
	if i := strings.LastIndex(s, ": "); i >= 0 && len(s)-i > 4 {
		s = s[i+2:]
	}
	s = tidy(strings.ToValidUTF8(s, "�")) // it may quote the file
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + " …"
	}
	return s
}
