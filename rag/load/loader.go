package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
	"unicode/utf8"
)

// Options bound what a [Loader] reads. The zero value holds the defaults.
type Options struct {
	MaxFile   int64         // bytes of a file; larger ones are not read; 0: [DefaultMaxFile]
	MaxText   int           // bytes of a document's text; the rest is left out and noted; 0: [DefaultMaxText]
	Timeout   time.Duration // of processor time for one file that is no PDF; 0: [DefaultTimeout]
	PageTime  time.Duration // of processor time for one page of a PDF; 0: [DefaultPageTime]
	CacheDir  string        // where the compiled PDF reader is kept between runs; "": it is compiled when the first PDF is read, in seconds
	Generated bool          // read text that says of itself that a program wrote it, and minified code
	Secrets   bool          // read private keys
}

// The limits of a loader where none are given.
const (
	DefaultMaxText  = 5 << 20
	DefaultTimeout  = 30 * time.Second
	DefaultPageTime = 5 * time.Second
)

// A Loader reads files. It may be used by several goroutines at once.
type Loader struct {
	opts Options
	pdf  pdfPool
}

// New makes a loader. Nothing is prepared before it is needed.
func New(opts Options) *Loader {
	if opts.MaxFile <= 0 {
		opts.MaxFile = DefaultMaxFile
	}
	if opts.MaxText <= 0 {
		opts.MaxText = DefaultMaxText
	}
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.PageTime <= 0 {
		opts.PageTime = DefaultPageTime
	}
	return &Loader{opts: opts, pdf: pdfPool{cacheDir: opts.CacheDir, pageTime: opts.PageTime}}
}

// Close frees what the loader holds. No file may be read meanwhile or afterwards.
func (l *Loader) Close() error { return l.pdf.close() }

// File reads one file of a listing. Its error is an [*Error], which names the file's path and the reason, or the context's.
func (l *Loader) File(ctx context.Context, e Entry) (Document, error) {
	data, err := l.read(e)
	if err != nil {
		err.Path = e.Path
		return Document{}, err
	}
	return l.Document(ctx, e.Path, data)
}

// Document makes a document of a file's bytes. The path's ending and the bytes themselves tell its kind. Errors are those of [Loader.File].
func (l *Loader) Document(ctx context.Context, path string, data []byte) (Document, error) {
	if err := ctx.Err(); err != nil {
		return Document{}, err
	}
	doc, err := l.parse(ctx, path, data)
	if err == nil {
		return doc, nil
	}
	if ctx.Err() != nil {
		return Document{}, ctx.Err()
	}
	var failure *Error
	if !errors.As(err, &failure) {
		failure = &Error{Reason: Damaged, Detail: "cannot be read, it seems to be damaged: " + causeOf(err), Err: err}
	}
	failure.Path = path
	return Document{}, failure
}

// errTooLong ends the context of a file that takes too long.
var errTooLong = errors.New("it takes too long")

// withProcessorTime ends a context after so much time in which this process was at work: on a busy machine, or one that
// was suspended, a file is not to blame for the time that passes. Other work of the process counts too.
func withProcessorTime(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	began := processorTime()
	go func() {
		for left := most; left > 0; left = most - (processorTime() - began) {
			select {
			case <-time.After(max(left, time.Millisecond)):
			case <-ctx.Done():
				return
			}
		}
		cancel(errTooLong)
	}()
	return ctx, func() { cancel(nil) }
}

// read gives a file's bytes. It opens plain files below the root only, and tells whether the file changed under its hands.
func (l *Loader) read(e Entry) ([]byte, *Error) {
	failed := func(err error) *Error {
		if reason := unreadable(err); reason == Vanished {
			return &Error{Reason: reason, Detail: "is no longer there", Err: err}
		}
		return &Error{Reason: Unreadable, Detail: "cannot be read: " + causeOf(err), Err: err}
	}
	handle, err := os.OpenRoot(e.root)
	if err != nil {
		return nil, failed(err)
	}
	defer handle.Close()
	before, err := handle.Lstat(e.name)
	if err != nil {
		return nil, failed(err)
	}
	if mode := before.Mode(); mode&fs.ModeSymlink != 0 {
		return nil, &Error{Reason: Link, Detail: "is a symbolic link, which is not followed"}
	} else if mode.IsDir() {
		return nil, &Error{Reason: Changed, Detail: "is a directory now"}
	} else if !mode.IsRegular() {
		return nil, &Error{Reason: Special, Detail: "is a pipe, socket or device"}
	}
	f, err := handle.OpenFile(e.name, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, failed(err)
	}
	defer f.Close()
	opened, err := f.Stat()
	if err != nil {
		return nil, failed(err)
	}
	if !os.SameFile(before, opened) {
		return nil, &Error{Reason: Changed, Detail: "was replaced while it was opened: it is read the next time"}
	}
	if opened.Size() > l.opts.MaxFile {
		return nil, &Error{Reason: TooLarge, Detail: tooLargeDetail(opened.Size(), l.opts.MaxFile)}
	}
	var buf bytes.Buffer
	buf.Grow(int(opened.Size()) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(f, l.opts.MaxFile+1)); err != nil {
		return nil, failed(err)
	}
	after, err := f.Stat()
	if err != nil {
		return nil, failed(err)
	}
	if int64(buf.Len()) != opened.Size() || after.Size() != opened.Size() || !after.ModTime().Equal(opened.ModTime()) {
		return nil, &Error{Reason: Changed, Detail: "was written to while it was read: it is read the next time"}
	}
	return buf.Bytes(), nil
}

// An input is one file on its way through a reader.
type input struct {
	path string
	kind string
	data []byte
	opts Options
	nest nesting
}

// nested makes a document of one that stands inside another. Its name and its bytes tell its kind.
func (l *Loader) nested(ctx context.Context, outer input, name string, data []byte) (Document, error) {
	if outer.nest.depth >= maxNesting {
		return Document{}, &Error{Reason: TooDeep, Detail: fmt.Sprintf("lies more than %d files deep", maxNesting)}
	}
	if reason := outer.exhausted(); reason != "" {
		return Document{}, &Error{Reason: TooLarge, Detail: "is not read: " + reason}
	}
	left := outer.nest.left
	left.members--
	left.bytes -= int64(len(data))
	return l.parseInput(ctx, input{path: name, data: data, opts: outer.opts, nest: nesting{depth: outer.nest.depth + 1, left: left}})
}

// readers make a document of a file, by kind. A reader sets text, marks and notes, and title and
// fields where the file has them; parseInput sets the path, the kind, the title of a file that has
// none, and cuts text beyond Options.MaxText. A reader may set the kind where another one read the
// text.
//
// A reader looks at the context every thousand steps or so, limits depth and counts itself, stops
// when its builder is full, writes only text that went through clean (the builder's methods do that),
// and adds a note for content that it sees and does not read.
var readers map[string]func(context.Context, *Loader, input) (Document, error)

func init() { // not a plain initializer: readers of archives and mail look kinds up in it
	readers = map[string]func(context.Context, *Loader, input) (Document, error){
		"markdown": readText, "text": readText, "rst": readText, "org": readText, "asciidoc": readText,
		"json": readText, "yaml": readText, "toml": readText, "source": readText, "log": readText,
		"html": readHTML, "pdf": readPDF, "docx": readDocx, "pptx": readPptx, "xlsx": readXLSX,
		"odt": readODT, "ods": readODS, "odp": readODP, "rtf": readRTF, "xls": readXLS, "doc": readDOC, "ppt": readPPT, "msg": readMSG, "epub": readEPUB, "csv": readCSV, "tsv": readCSV, "notebook": readNotebook,
		"mail": readMail, "mbox": readMbox, "mhtml": readMHTML, "calendar": readCalendar,
		"archive": readArchive, "docbook": readXMLDocument, "jats": readXMLDocument, "fb2": readXMLDocument,
		"man": readMan, "texinfo": readText, "typst": readText, "mediawiki": readText,
	}
}

// parse reads the bytes of a file.
func (l *Loader) parse(ctx context.Context, name string, data []byte) (Document, error) {
	if int64(len(data)) > l.opts.MaxFile {
		return Document{}, &Error{Reason: TooLarge, Detail: tooLargeDetail(int64(len(data)), l.opts.MaxFile)}
	}
	return l.parseInput(ctx, input{path: name, data: data, opts: l.opts, nest: newNesting()})
}

// parseInput finds the reader for a file, or for a file within a file, and keeps its failures from
// reaching further.
func (l *Loader) parseInput(ctx context.Context, in input) (doc Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = Document{}, &Error{Reason: Damaged, Detail: "cannot be read: its contents confuse the reader of its type", Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	kind, note := decideKind(in.path, in.data)
	if kind == "" {
		return Document{}, &Error{Reason: Binary, Detail: "is neither text nor a document" + note}
	}
	read, ok := readers[kind]
	if !ok {
		return Document{}, &Error{Reason: Unsupported, Detail: "is of a type that is not read"}
	}
	in.kind = kind
	if in.kind != "pdf" { // its pages are limited one by one
		var cancel context.CancelFunc
		ctx, cancel = withProcessorTime(ctx, l.opts.Timeout)
		defer cancel()
	}
	if doc, err = read(ctx, l, in); err != nil {
		if context.Cause(ctx) == errTooLong {
			err = &Error{Reason: TooSlow, Detail: fmt.Sprintf("cannot be read: it takes more than %s", l.opts.Timeout), Err: err}
		}
		return Document{}, err
	}
	if doc.Path = in.path; doc.Kind == "" {
		doc.Kind = in.kind
	}
	if note != "" {
		doc.Notes = append(doc.Notes, note)
	}
	if strings.TrimSpace(doc.Text) == "" {
		return Document{}, &Error{Reason: Empty, Detail: "holds no text"}
	}
	if len(doc.Text) > in.opts.MaxText {
		doc.cutAt(in.opts.MaxText)
	}
	doc.Title = strings.Join(strings.Fields(clean(doc.Title)), " ")
	if len(doc.Title) > 200 {
		doc.Title = strings.ToValidUTF8(doc.Title[:200], "") + "…"
	}
	if doc.Title == "" {
		doc.Title = titleOfName(in.path, doc.Kind)
	}
	return doc, nil
}

// cutAt ends the text at the last line's end before an offset, and notes it.
func (d *Document) cutAt(n int) {
	for n > 0 && n < len(d.Text) && !utf8.RuneStart(d.Text[n]) {
		n--
	}
	d.Text = d.Text[:n]
	if i := strings.LastIndexByte(d.Text, '\n'); i > n/2 {
		d.Text = d.Text[:i+1]
	}
	for len(d.Marks) > 0 && d.Marks[len(d.Marks)-1].Offset >= len(d.Text) {
		d.Marks = d.Marks[:len(d.Marks)-1]
	}
	d.Notes = append(d.Notes, fmt.Sprintf("only the first %s of its text are read", bytesText(int64(len(d.Text)))))
}

// titleOfName makes a title of a file's name. For prose the extension says nothing.
func titleOfName(name, kind string) string {
	base := path.Base(name)
	switch kind {
	case "source", "json", "yaml", "toml", "csv", "tsv", "log":
		return base
	}
	if stem := strings.TrimSuffix(base, path.Ext(base)); stem != "" {
		return stem
	}
	return base
}
