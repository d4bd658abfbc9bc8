package load

import "strings"

// A Reason is the kind of cause for which a file or a directory is not read.
type Reason string

// The reasons. Each file that is not read has exactly one; of a file that is read in part, the part has.
const (
	Hidden      Reason = "hidden"      // its name begins with a dot
	Ignored     Reason = "ignored"     // a rule of .gitignore, .ignore or git's exclude file says so
	Generated   Reason = "generated"   // written by a program for a program: lock files, node_modules, minified code
	Secret      Reason = "secret"      // keys, passwords, credentials
	Binary      Reason = "binary"      // not text and not a document
	Unsupported Reason = "unsupported" // a document of a type that is not read
	Link        Reason = "link"        // a symbolic link: what it leads to is read where it stands, if it belongs to the corpus
	Special     Reason = "special"     // a pipe, socket or device
	Unreadable  Reason = "unreadable"  // the system does not let it be read
	BadName     Reason = "name"        // its name cannot be told from another one once it is made printable
	TooLarge    Reason = "too large"   // the file, or what is packed in it, is larger than the limit
	TooDeep     Reason = "too deep"    // directories or structures nested deeper than the limit
	TooSlow     Reason = "too slow"    // reading it took longer than the limit
	Empty       Reason = "empty"       // nothing is in it
	NoText      Reason = "no text"     // pictures only: a scan
	Encrypted   Reason = "encrypted"   // a password is needed
	Damaged     Reason = "damaged"     // it is not what its name says, or it is cut short
	Vanished    Reason = "vanished"    // it was there when the directory was listed and no longer when it was read
	Changed     Reason = "changed"     // it was written to while it was read
	Partly      Reason = "partly"      // it is read, but not all of it: a page is a picture, or its text is longer than the limit
)

// An Error says why one file or directory is not read: it is what [Scan] reports for each one it leaves out, and what a [Loader] returns.
type Error struct {
	Path   string // slash-separated, relative to its corpus
	Dir    bool   // a directory, left out with all that is in it
	Reason Reason
	Detail string // a sentence without its subject: "is a symbolic link, which is not followed"
	Err    error  // the cause in the system or a parser, if there is one
}

// Error gives the path and the sentence.
func (e *Error) Error() string { return e.Path + " " + e.Detail }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// causeOf gives an error's text without the path that the os package puts in front of it, on one line and of bounded length.
func causeOf(err error) string {
	s := err.Error()
	if i := strings.LastIndex(s, ": "); i >= 0 && len(s)-i > 4 {
		s = s[i+2:]
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + " …"
	}
	return s
}
