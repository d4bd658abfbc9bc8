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

// Options are the limits of a [Loader]. The zero value selects the defaults.
type Options struct {
	MaxFile   int64         // bytes of a file; larger files are not read; 0: [DefaultMaxFile]
	MaxText   int           // bytes of a document's text; the rest is cut off and noted; 0: [DefaultMaxText]
	Timeout   time.Duration // processor time for one file other than a PDF; 0: [DefaultTimeout]
	PageTime  time.Duration // processor time for one page of a PDF; 0: [DefaultPageTime]
	CacheDir  string        // cache of the compiled PDF reader; "": compile it for the first PDF, which takes seconds
	Generated bool          // read minified code and text that declares itself generated
	Secrets   bool          // read private keys, passwords and tokens
	// OCR names the languages, such as "eng+deu", in which the text of pictures and of scanned
	// pages is recognised with the program Tesseract. "" turns recognition off.
	OCR string
	// Transcribe is the command that writes a transcript of a recording to its standard output,
	// such as "whisper-cli -m model.bin -f {file}". "" turns transcription off.
	Transcribe string
}

// Defaults of the fields of [Options].
const (
	DefaultMaxText  = 5 << 20
	DefaultTimeout  = 30 * time.Second
	DefaultPageTime = 5 * time.Second
)

// A Loader reads files. It is safe for concurrent use.
type Loader struct {
	opts Options
	pdf  pdfPool
	ocr  *recognizer // nil: recognition is off

	transcriber *transcriber // nil: transcription is off
}

// New returns a Loader. It starts nothing; the PDF reader starts with the first PDF.
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
	return &Loader{opts: opts, ocr: newRecognizer(opts.OCR), transcriber: newTranscriber(opts.Transcribe),
		pdf: pdfPool{cacheDir: opts.CacheDir, pageTime: opts.PageTime}}
}

// Close stops the PDF reader. It must not be called while a file is being read, and no file may be
// read afterwards.
func (l *Loader) Close() error { return l.pdf.close() }

// File reads one file that [Scan] listed. Its error is an [*Error] with the file's path and the
// reason, or the context's error.
func (l *Loader) File(ctx context.Context, e Entry) (Document, error) {
	data, err := l.read(e)
	if err != nil {
		err.Path = e.Path
		return Document{}, err
	}
	return l.Document(ctx, e.Path, data)
}

// Document makes a document of the bytes of a file. The path's extension and the bytes decide its
// kind. Its errors are those of [Loader.File].
func (l *Loader) Document(ctx context.Context, path string, data []byte) (Document, error) {
	if err := ctx.Err(); err != nil {
		return Document{}, err
	}
	doc, err := l.parse(ctx, path, data)
	if err == nil {
		if doc.Date = ownDate(doc.Date); doc.Date == "" {
			doc.Date = dateOf(doc.Fields)
		}
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

// errTooLong is the cancellation cause of a file that exceeds its processor time.
var errTooLong = errors.New("it takes too long")

// withProcessorTime returns a context that is cancelled once this process has used the given
// processor time. Processor time is measured instead of wall time so that a busy or suspended
// machine does not fail a file. Work on other files counts too.
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

// read returns the bytes of a file. It opens only regular files below the corpus root, and fails
// with [Changed] if the file was replaced or written to in the meantime.
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

// An input is a file that is being read.
type input struct {
	path string
	kind string
	data []byte
	opts Options
	nest nesting
}

// nested makes a document of a file inside the file outer. The name and the bytes decide its kind.
// It fails when the limits on nested files are reached.
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
	return l.parseInput(ctx, input{path: name, data: data, opts: outer.opts,
		nest: nesting{depth: outer.nest.depth + 1, left: left}})
}

// readers maps each kind to the function that makes a document of its files. A reader sets the
// text, marks and notes, and the title and fields if the file has them. A reader that passes a file
// on to another reader may set the kind. parseInput sets the path, the kind and a missing title,
// leaves secrets out and cuts text beyond Options.MaxText.
//
// A reader checks the context about every thousand steps, enforces its own limits on depth and
// counts, stops when its builder is full, writes only text cleaned by clean (the methods of builder
// do that), and adds a note for content that it recognises and does not read.
var readers map[string]func(context.Context, *Loader, input) (Document, error)

func init() { // set here because the readers of archives and mail refer to readers
	readers = map[string]func(context.Context, *Loader, input) (Document, error){
		"markdown": readText, "text": readText, "rst": readText, "org": readText, "asciidoc": readText,
		"json": readText, "yaml": readText, "toml": readText, "source": readText, "log": readText,
		"html": readHTML, "pdf": readPDF, "docx": readDocx, "pptx": readPptx, "xlsx": readXLSX,
		"odt": readODT, "ods": readODS, "odp": readODP, "rtf": readRTF, "xls": readXLS, "doc": readDOC,
		"ppt": readPPT, "msg": readMSG, "epub": readEPUB, "csv": readCSV, "tsv": readCSV,
		"notebook": readNotebook,
		"mail":     readMail, "mbox": readMbox, "mhtml": readMHTML, "calendar": readCalendar,
		"archive": readArchive, "docbook": readXMLDocument, "jats": readXMLDocument, "fb2": readXMLDocument,
		"man": readMan, "texinfo": readText, "typst": readText, "mediawiki": readText,
		"picture": readPicture, "recording": readRecording,
	}
}

// parse makes a document of the bytes of a file that is not inside another file.
func (l *Loader) parse(ctx context.Context, name string, data []byte) (Document, error) {
	if int64(len(data)) > l.opts.MaxFile {
		return Document{}, &Error{Reason: TooLarge, Detail: tooLargeDetail(int64(len(data)), l.opts.MaxFile)}
	}
	return l.parseInput(ctx, input{path: name, data: data, opts: l.opts, nest: newNesting()})
}

// parseInput chooses the reader for a file, which may be inside another file, and runs it. It turns
// a panic of the reader into an [*Error] of that file.
func (l *Loader) parseInput(ctx context.Context, in input) (doc Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = Document{}, &Error{Reason: Damaged,
				Detail: "cannot be read: its contents confuse the reader of its type",
				Err:    fmt.Errorf("panic: %v", p)}
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
	// The time of a PDF is limited page by page, that of pictures and recordings by the programs
	// that read them.
	if in.kind != "pdf" && in.kind != "picture" && in.kind != "recording" {
		var cancel context.CancelFunc
		ctx, cancel = withProcessorTime(ctx, l.opts.Timeout)
		defer cancel()
	}
	if doc, err = read(ctx, l, in); err != nil {
		if context.Cause(ctx) == errTooLong {
			err = &Error{Reason: TooSlow, Err: err,
				Detail: fmt.Sprintf("cannot be read: it takes more than %s", l.opts.Timeout)}
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
		if len(doc.Notes) > 0 {
			return Document{}, &Error{Reason: NoText, Detail: "holds no text: " + strings.Join(doc.Notes, "; ")}
		}
		return Document{}, &Error{Reason: Empty, Detail: "holds no text"}
	}
	if !in.opts.Secrets {
		if err := doc.withoutSecrets(); err != nil {
			return Document{}, err
		}
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

// cutAt cuts the text at the last line end before byte n, or at n if the last line is long, and
// notes it.
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

// titleOfName derives a title from the name of a file. It drops the extension unless the extension
// is informative, as for source code and data.
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
