package load

import (
	"bytes"
	"compress/gzip"
	"io"
	"path"
	"strings"
)

// maxDrawing is the largest drawing that is read, in bytes.
const maxDrawing = 16 << 20

// partData returns the bytes of a part that the rest of the document does not need, such as a
// picture; nil if it is missing, too large or unreadable.
func (o *office) partData(part string, most uint64) []byte {
	f := o.p.part(part)
	if part == "" || f == nil || f.UncompressedSize64 > most || checkPart(f) != nil ||
		o.p.spent+f.UncompressedSize64 > maxPart/2 { // the other half is for the document's own parts
		return nil
	}
	data, err := o.p.read(part)
	if err != nil {
		return nil
	}
	return data
}

// drawingText returns the text in a picture of the package; "" if it has none or is not a metafile.
func (o *office) drawingText(part string) string {
	switch strings.ToLower(path.Ext(part)) {
	case ".emf", ".wmf":
		return metafileText(o.partData(part, maxDrawing))
	case ".emz", ".wmz": // packed with gzip
		z, err := gzip.NewReader(bytes.NewReader(o.partData(part, maxDrawing)))
		if err != nil {
			return ""
		}
		data, _ := io.ReadAll(io.LimitReader(z, maxDrawing))
		return metafileText(data)
	}
	return ""
}

// pictures writes the texts in pictures of the package. It reports whether there are any.
func (o *office) pictures(parts []string) bool {
	found := false
	for _, part := range parts {
		if text := o.drawingText(part); text != "" {
			o.out.paragraph(text)
			found = true
		}
	}
	return found
}

// object writes an embedded object: its document, or else the text in its pictures.
func (o *office) object(part, program string, pictures []string) {
	place := ""
	if n := len(o.out.marks); n > 0 {
		place = o.out.marks[n-1].Place
	}
	read := false
	if data := o.partData(part, maxEmbedded); data != nil && hasReader(embeddedFile(data)) {
		// An error of the context ends the document itself at the next check.
		read, _ = o.embedded.write(o.ctx, o.out, data, objectName(program), place, 3)
		o.out.place(place)
	}
	if !read && !o.pictures(pictures) {
		o.unread("embedded object")
	}
}

// objectName returns the heading of an embedded object by the identifier of its program, such as
// "Excel.Sheet.12".
func objectName(program string) string {
	name, _, _ := strings.Cut(program, ".")
	switch strings.ToLower(name) {
	case "excel":
		return "Worksheet"
	case "word":
		return "Document"
	case "powerpoint":
		return "Presentation"
	}
	return "Embedded object"
}
