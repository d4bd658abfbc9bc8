package load

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
)

// maxRTFData is how many bytes of the pictures and objects of an RTF file are kept.
const maxRTFData = 64 << 20

// An rtfObject is an embedded object and what represents it in the text.
type rtfObject struct {
	file  []byte // the document in it; nil if there is none that can be read
	name  string
	text  string // the text in its picture
	shown bool   // text represents it
}

// enterObject begins an embedded object.
func (r *rtfReader) enterObject() {
	if r.state.object == nil && r.state.target == rtfBody {
		r.state.object = &rtfObject{name: "Embedded object"}
	}
}

// endObject handles an embedded object whose group has ended.
func (r *rtfReader) endObject(o *rtfObject) {
	switch {
	case o.file != nil:
		r.objects = append(r.objects, o)
	case strings.TrimSpace(o.text) != "":
		r.later = append(r.later, o.text)
	case !o.shown:
		r.omitted.add("embedded object", "not read")
	}
}

// endData handles the bytes of a picture or an object, which are written in hexadecimal.
func (r *rtfReader) endData(g rtfState) {
	data := r.hexData
	r.hexData = nil
	raw := make([]byte, hex.DecodedLen(len(data)))
	n, _ := hex.Decode(raw, data)
	raw = append(raw[:n], r.binData...)
	r.binData = nil
	if g.target == rtfObjectData {
		if r.state.object != nil {
			r.state.object.file = oleNative(raw)
		}
		return
	}
	text := metafileText(raw)
	switch {
	case r.state.object != nil:
		r.state.object.text = text
	case text != "" && !r.state.hidden && !r.state.deleted:
		r.later = append(r.later, text)
	default:
		r.unreadPicture(g)
	}
}

// unreadPicture notes a picture that is part of the text, unless it has a description.
func (r *rtfReader) unreadPicture(g rtfState) {
	if g.counted && g.object == nil && !r.described {
		r.omitted.add("picture", "not read")
	}
}

// property handles a property of a picture or a shape: its description, or the text of WordArt.
func (r *rtfReader) property(name, value string) {
	switch name {
	case "wzDescription":
		alt := description(&node{attrs: []xml.Attr{{Name: xml.Name{Local: "descr"}, Value: value}}})
		if alt != "" && !r.described {
			r.described = true
			r.later = append(r.later, "["+alt+"]")
		}
	case "gtextUNICODE":
		r.later = append(r.later, value)
	}
}

// oleNative returns the data of an embedded object of OLE 1 (MS-OLEDS 2.2.5) if it holds a document
// of a type that is read, else nil.
func oleNative(data []byte) []byte {
	if len(data) < 8 || binary.LittleEndian.Uint32(data[4:]) != 2 {
		return nil
	}
	data = data[8:]
	for range 3 { // the names of the class, the topic and the item
		if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
			return nil
		}
		data = data[4+binary.LittleEndian.Uint32(data):]
	}
	if len(data) < 4 {
		return nil
	}
	data = data[4:min(4+uint64(binary.LittleEndian.Uint32(data)), uint64(len(data)))]
	if !isCompound(data) && !bytes.HasPrefix(data, []byte("PK")) {
		return nil
	}
	if name, file := embeddedFile(data); len(file) == 0 || !hasReader(name, file) {
		return nil
	}
	return data
}

// hasReader reports whether a file inside another one is of a type that is read without a program.
func hasReader(name string, file []byte) bool {
	kind, _ := decideKind(name, file)
	return kind != "" && kind != "picture" && kind != "recording" && readers[kind] != nil
}

// writeObjects writes the documents embedded in the paragraph that has ended.
func (r *rtfReader) writeObjects() {
	objects := r.objects
	r.objects = nil
	for _, o := range objects {
		place := fmt.Sprintf("paragraph %d", max(r.count, 1))
		read, err := r.embedded.write(r.ctx, r.out, o.file, o.name, place, 3)
		switch {
		case err != nil:
			r.failed = err
		case read:
		case o.text != "":
			r.out.paragraph(o.text)
		case !o.shown:
			r.omitted.add("embedded object", "not read")
		}
	}
}
