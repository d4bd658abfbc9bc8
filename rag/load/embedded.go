package load

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path"
	"strings"
)

// embeddedFile returns the document in the data of an embedded object, and its name if the object
// has one. Office stores it directly, as the storage of a program before 2007, or packed into such
// a storage.
func embeddedFile(data []byte) (name string, file []byte) {
	if !isCompound(data) {
		return "", data
	}
	c, err := openCompound(data)
	if err != nil {
		return "", data
	}
	for _, stream := range []string{"Package", "package_stream", "EmbeddedOdf", "CONTENTS"} {
		if c.has(stream) {
			return "", c.read(stream)
		}
	}
	if c.has("\x01Ole10Native") {
		return packagedFile(c.read("\x01Ole10Native"))
	}
	return "", data
}

// packagedFile returns the file that Windows' Object Packager stored: its name, and after two paths
// its size and its bytes.
func packagedFile(data []byte) (name string, file []byte) {
	if len(data) < 6 {
		return "", nil
	}
	label, rest, ok := bytes.Cut(data[6:], []byte{0})
	if !ok {
		return "", nil
	}
	if _, rest, ok = bytes.Cut(rest, []byte{0}); !ok || len(rest) < 8 {
		return "", nil
	}
	skip := number4(rest, 4) // the length of the temporary path
	if skip < 0 || skip > len(rest)-12 {
		return "", nil
	}
	size := int(binary.LittleEndian.Uint32(rest[8+skip:]))
	name = strings.ReplaceAll(decodeWith(windowsPages[1252], label), `\`, "/")
	return path.Base(name), rest[12+skip : min(12+skip+size, len(rest))]
}

// An embedder writes the documents that are embedded in another one.
type embedder struct {
	l     *Loader
	in    input
	notes noteList
}

// write writes the document in the data of an embedded object under a heading of the given level.
// name is used when the object has no name of its own. It reports whether there is one that can be
// read.
func (e *embedder) write(ctx context.Context, out *builder, data []byte, name, place string, level int) (bool, error) {
	if e.l == nil {
		return false, nil
	}
	own, file := embeddedFile(data)
	if len(file) == 0 {
		return false, nil
	}
	if own = tidy(own); own != "" && own != "." {
		name = own
	}
	to := out
	if len(out.tables) > 0 { // in a cell, on one line
		to = &builder{max: max(out.max-out.b.Len()-out.held, 0)}
	}
	notes, err := e.l.embed(ctx, e.in, to, member{name, place, file}, level)
	if to != out && err == nil {
		var text strings.Builder
		for line := range strings.Lines(to.b.String()) {
			text.WriteString(strings.TrimLeft(line, `\#`))
		}
		out.paragraph(tidy(text.String()))
	}
	var failure *Error
	if errors.As(err, &failure) {
		return false, nil
	}
	for _, note := range notes {
		e.notes.add("%s: %s", name, note)
	}
	return err == nil, err
}
