package load

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// readArchive reads the documents in a ZIP or tar file one by one, each under its name. It reads a
// single document compressed with gzip or bzip2 as that document. Names are left out by the same
// rules as in a directory.
func readArchive(ctx context.Context, l *Loader, in input) (Document, error) {
	switch {
	case bytes.HasPrefix(in.data, []byte("PK")):
		return readZip(ctx, l, in)
	case bytes.HasPrefix(in.data, []byte{0x1f, 0x8b}), bytes.HasPrefix(in.data, []byte("BZh")):
		return readCompressed(ctx, l, in)
	case isTar(in.data):
		return readTar(ctx, l, in)
	}
	return Document{}, &Error{Reason: Damaged, Detail: "is neither a ZIP, tar, gzip nor bzip2 file, or is cut short"}
}

// readCompressed decompresses a file that was compressed as a whole, and reads the result.
func readCompressed(ctx context.Context, l *Loader, in input) (Document, error) {
	if in.nest.depth+1 > maxNesting {
		return Document{}, &Error{Reason: TooDeep, Detail: fmt.Sprintf("is packed more than %d times", maxNesting)}
	}
	name := in.path
	var r io.Reader = bzip2.NewReader(bytes.NewReader(in.data))
	if in.data[0] == 0x1f {
		z, err := gzip.NewReader(bytes.NewReader(in.data))
		if err != nil {
			return Document{}, &Error{Reason: Damaged, Detail: "is damaged: it cannot be unpacked", Err: err}
		}
		r = z
	}
	switch ext := path.Ext(name); strings.ToLower(ext) {
	case ".gz", ".bz2":
		name = strings.TrimSuffix(name, ext)
	case ".tgz", ".tbz", ".tbz2":
		name = strings.TrimSuffix(name, ext) + ".tar"
	}
	limit := min(in.opts.MaxFile, in.nest.left.bytes)
	data, err := unpackWhole(&contextReader{ctx, r}, in.data, limit)
	cut := err != nil && len(data) > 0 // a damaged end: the text before it is valid
	switch {
	case ctx.Err() != nil:
		return Document{}, ctx.Err()
	case errors.Is(err, errBomb):
		return Document{}, &Error{Reason: TooLarge, Detail: "unpacks to more than any document needs"}
	case err != nil && !cut:
		return Document{}, &Error{Reason: Damaged, Detail: "is damaged: it cannot be unpacked", Err: err}
	}
	in.nest.left.bytes -= int64(len(data))
	if reason, detail := memberLeftOut(name, in.opts); reason != "" {
		return Document{}, &Error{Reason: reason, Detail: detail}
	}
	doc, err := l.parseInput(ctx, input{path: name, data: data, opts: in.opts,
		nest: nesting{depth: in.nest.depth + 1, left: in.nest.left}})
	if cut && err == nil {
		doc.Notes = append(doc.Notes, "the file is cut short: its end cannot be unpacked")
	}
	return doc, err
}

// errBomb is returned for a file that unpacks to more than the limit, or by a larger factor than
// documents do.
var errBomb = errors.New("it unpacks to too much")

// unpackWhole reads all of r, which decompresses packed. It returns errBomb as soon as the output
// exceeds limit, or exceeds the packed size by a larger factor than documents do (maxRatio). With
// another error it returns the bytes read before the error.
func unpackWhole(r io.Reader, packed []byte, limit int64) ([]byte, error) {
	var out bytes.Buffer
	// A gzip file ends with the size of its content. The size is used only to reserve memory,
	// because a growing buffer takes several times as much.
	if n := len(packed); packed[0] == 0x1f && n > 4 {
		size := int64(binary.LittleEndian.Uint32(packed[n-4:]))
		if size > limit {
			return nil, errBomb
		}
		if size/maxRatio <= int64(n) {
			out.Grow(int(size) + bytes.MinRead)
		}
	}
	const step = 1 << 20
	for {
		n, err := io.CopyN(&out, r, step)
		switch {
		case int64(out.Len()) > limit, out.Len() > 4<<20 && out.Len()/maxRatio > len(packed):
			return nil, errBomb
		case err == io.EOF:
			return out.Bytes(), nil
		case err != nil:
			return out.Bytes(), err
		case n == 0:
			return out.Bytes(), io.ErrNoProgress
		}
	}
}

// A contextReader is a reader that fails once its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read reads from the underlying reader unless the context has ended.
func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// An unpacker writes the documents of an archive.
type unpacker struct {
	ctx     context.Context
	l       *Loader
	in      input
	out     *builder
	notes   noteList
	skipped map[string]int // number of files left out by name, per reason with what to do
	read    int
	stopped string // why reading stopped; "" while it has not
}

func newUnpacker(ctx context.Context, l *Loader, in input) *unpacker {
	return &unpacker{ctx: ctx, l: l, in: in, out: &builder{max: in.opts.MaxText}, skipped: map[string]int{}}
}

// wants reports whether a member is to be read, judging by its name. It counts the others.
func (u *unpacker) wants(name string) bool {
	reason, detail := memberLeftOut(name, u.in.opts)
	if reason == "" && kindOf(name) == "" && slices.Contains(binaries, plainExtension(name)) {
		reason = Binary
	}
	switch {
	case detail == pictureDetail:
		u.skipped["picture (--ocr recognises its text)"]++
	case detail == recordingDetail:
		u.skipped["recording (transcribe names a program that writes down what is said)"]++
	case reason != "":
		u.skipped[string(reason)]++
	}
	return reason == ""
}

// more reports whether another member may be read. If not, it sets stopped.
func (u *unpacker) more() bool {
	if u.stopped = u.in.exhausted(); u.stopped == "" && u.out.full() {
		u.stopped = "its text is longer than the limit"
	}
	return u.stopped == ""
}

// member reads one file of the archive. It notes failures of the file; its error is the context's.
func (u *unpacker) member(name string, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	notes, err := u.l.embed(u.ctx, u.in, u.out, member{name: name, place: name, data: data}, 1)
	var failure *Error
	switch {
	case errors.As(err, &failure):
		u.notes.add("%s %s", name, failure.Detail)
	case err != nil:
		return err
	default:
		u.read++
	}
	for _, note := range notes {
		u.notes.add("%s: %s", name, note)
	}
	return nil
}

// document returns the document. unread is the number of members after the one where reading
// stopped.
func (u *unpacker) document(unread int) (Document, error) {
	doc := u.out.document()
	doc.Kind = "archive"
	doc.Notes = u.notes.list()
	if u.stopped != "" {
		doc.Notes = append(doc.Notes,
			fmt.Sprintf("only the first %d files in it are read, %d are not: %s", u.read, unread, u.stopped))
	}
	var counts []string
	for reason, n := range u.skipped {
		counts = append(counts, fmt.Sprintf("%d %s", n, reason))
	}
	slices.Sort(counts)
	if len(counts) > 0 {
		doc.Notes = append(doc.Notes, "files in it that are left out by their names: "+strings.Join(counts, ", "))
	}
	if strings.TrimSpace(doc.Text) == "" {
		detail := "holds no files"
		if len(doc.Notes) > 0 {
			detail = "holds nothing that is read: " + strings.Join(doc.Notes, "; ")
		}
		return Document{}, &Error{Reason: Empty, Detail: detail}
	}
	return doc, nil
}

// memberLeftOut decides by its path whether a file in an archive is left out, and why.
func memberLeftOut(name string, opts Options) (Reason, string) {
	scan := ScanOptions{Generated: opts.Generated, Secrets: opts.Secrets, Pictures: opts.OCR != "",
		Recordings: opts.Transcribe != ""}
	parts := strings.Split(strings.Trim(name, "/"), "/")
	for i, part := range parts {
		if part == "." || part == ".." || part == "" {
			continue
		}
		// "\x00" is not a directory: byName must not look at files outside the archive.
		if reason, detail := byName(part, i < len(parts)-1, "\x00", scan); reason != "" {
			return reason, detail
		}
	}
	return "", ""
}

// memberName makes the name of an archive member printable, and decodes it if it is not UTF-8.
func memberName(name string) string {
	if !utf8.ValidString(name) {
		if text, _, ok := decode([]byte(name), len(name)); ok {
			name = text
		}
	}
	return strings.TrimLeft(printable(strings.ReplaceAll(name, `\`, "/")), "/")
}

func readZip(ctx context.Context, l *Loader, in input) (Document, error) {
	r, err := zip.NewReader(bytes.NewReader(in.data), int64(len(in.data)))
	if err != nil {
		return Document{}, &Error{Reason: Damaged, Detail: "is damaged or cut short: it cannot be unpacked", Err: err}
	}
	u := newUnpacker(ctx, l, in)
	list := slices.DeleteFunc(slices.Clone(r.File), func(f *zip.File) bool {
		return f.FileInfo().IsDir() || !u.wants(memberName(f.Name))
	})
	slices.SortStableFunc(list, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	for i, f := range list {
		if !u.more() {
			return u.document(len(list) - i)
		}
		name := memberName(f.Name)
		data, err := u.unzip(f)
		var failure *Error
		if errors.As(err, &failure) {
			u.notes.add("%s %s", name, failure.Detail)
			continue
		}
		if err == nil {
			err = u.member(name, data)
		}
		if err != nil {
			return Document{}, err
		}
	}
	return u.document(0)
}

// unzip decompresses one file. Its error is an *Error with the reason, or the context's.
func (u *unpacker) unzip(f *zip.File) ([]byte, error) {
	switch {
	case f.Flags&1 != 0:
		return nil, &Error{Reason: Encrypted, Detail: "is encrypted"}
	case f.UncompressedSize64 > uint64(u.in.opts.MaxFile) ||
		f.UncompressedSize64 > uint64(max(u.in.nest.left.bytes, 0)):
		return nil, &Error{Reason: TooLarge, Detail: "is larger than the limit"}
	}
	if err := checkPart(f); err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err == nil {
		defer r.Close()
		var data []byte
		if data, err = io.ReadAll(&contextReader{u.ctx, r}); err == nil {
			return data, nil
		}
	}
	if u.ctx.Err() != nil {
		return nil, u.ctx.Err()
	}
	return nil, &Error{Reason: Damaged, Detail: "cannot be unpacked: " + causeOf(err), Err: err}
}

func readTar(ctx context.Context, l *Loader, in input) (Document, error) {
	u := newUnpacker(ctx, l, in)
	r := tar.NewReader(&contextReader{ctx, bytes.NewReader(in.data)})
	for n := 0; ; n++ {
		h, err := r.Next()
		if err == io.EOF {
			return u.document(0)
		}
		if ctx.Err() != nil {
			return Document{}, ctx.Err()
		}
		if err != nil {
			if u.read == 0 {
				return Document{}, &Error{Reason: Damaged,
					Detail: "is damaged or cut short: it cannot be unpacked", Err: err}
			}
			u.notes.add("the archive is cut short: its end cannot be unpacked")
			return u.document(0)
		}
		name := memberName(h.Name)
		if h.Typeflag != tar.TypeReg || !u.wants(name) {
			if n > 10*maxMembers {
				u.stopped = fmt.Sprintf("it holds more than %d entries", 10*maxMembers)
				return u.document(1)
			}
			continue
		}
		if !u.more() {
			return u.document(1 + countRest(r))
		}
		if h.Size > in.opts.MaxFile {
			u.notes.add("%s is larger than the limit", name)
			continue
		}
		data, err := io.ReadAll(r) // at most the size of the archive
		if err != nil && len(data) == 0 {
			u.notes.add("%s cannot be unpacked: %s", name, causeOf(err))
			continue
		}
		if err := u.member(name, data); err != nil {
			return Document{}, err
		}
	}
}

// countRest returns the number of files left in a tar file, at most maxMembers.
func countRest(r *tar.Reader) (n int) {
	for n < maxMembers {
		h, err := r.Next()
		if err != nil {
			return n
		}
		if h.Typeflag == tar.TypeReg {
			n++
		}
	}
	return n
}
