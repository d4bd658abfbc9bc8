package load

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"strings"
)

// The types of records about pictures and embedded objects.
const (
	pptDrawings, artDrawings, artPictures, artPictureEntry = 0x40b, 0xf000, 0xf001, 0xf007
	pptObjects, pptEmbed, pptObjectAtom, pptObjectStorage  = 0x409, 0xfcc, 0xfc3, 0x1011
	artEMF, artWMF                                         = 0xf01a, 0xf01b
)

// maxDrawings is how many drawings of a presentation are read.
const maxDrawings = 2000

// A pptStore finds the drawings and the embedded objects of a presentation.
type pptStore struct {
	file     *compoundFile
	drawings map[int]int // offsets in the stream of pictures, by the number of the drawing
	texts    map[int]string
	objects  map[int]pptEmbedded
}

// A pptEmbedded is an embedded object: its name and the number of its storage.
type pptEmbedded struct {
	name    string
	storage int
}

// newPPTStore reads the lists of pictures and objects in the document's record.
func newPPTStore(file *compoundFile, document []byte) *pptStore {
	s := &pptStore{file: file, drawings: map[int]int{}, texts: map[int]string{}, objects: map[int]pptEmbedded{}}
	eachRecord(document, func(body []byte) {
		number := 0
		for _, r := range recordsIn(body) {
			if r.kind != artPictureEntry {
				continue
			}
			number++
			if len(r.body) >= 32 && (r.body[0] == 2 || r.body[0] == 3) { // EMF, WMF
				s.drawings[number] = number4(r.body, 28)
			}
		}
	}, pptDrawings, artDrawings, artPictures)
	eachRecord(document, func(body []byte) {
		id, object := 0, pptEmbedded{name: "Embedded object"}
		for _, r := range recordsIn(body) {
			switch {
			case r.kind == pptObjectAtom && len(r.body) >= 20:
				id, object.storage = number4(r.body, 8), number4(r.body, 16)
			case r.kind == pptString && r.instance == 3: // as in the menu that inserts it
				if name := tidy(pptCharacters(r)); name != "" {
					object.name = name
				}
			}
		}
		if id != 0 && object.storage != 0 {
			s.objects[id] = object
		}
	}, pptObjects, pptEmbed)
	return s
}

// eachRecord calls do with the body of each record that is reached by a path of types.
func eachRecord(body []byte, do func(body []byte), kinds ...int) {
	if len(kinds) == 0 {
		do(body)
		return
	}
	for _, r := range recordsIn(body) {
		if r.kind == kinds[0] {
			eachRecord(r.body, do, kinds[1:]...)
		}
	}
}

// object returns an embedded object by its identifier.
func (s *pptStore) object(id int) (pptEmbedded, bool) {
	if s == nil {
		return pptEmbedded{}, false
	}
	object, ok := s.objects[id]
	return object, ok
}

// drawing returns the text in a picture, by its number; "" if it has none or is not a drawing.
func (s *pptStore) drawing(number int) string {
	if s == nil {
		return ""
	}
	at, ok := s.drawings[number]
	if !ok {
		return ""
	}
	text, read := s.texts[number]
	if !read && len(s.texts) < maxDrawings {
		head := s.file.part("Pictures", at, 8)
		if len(head) == 8 {
			size := number4(head, 4)
			text = blipText(s.file.part("Pictures", at, 8+max(size, 0)))
		}
		s.texts[number] = text
	}
	return text
}

// blipText returns the text in a picture's record (MS-ODRAW, 2.2.24 and 2.2.25); "" if it is not a
// metafile.
func blipText(record []byte) string {
	for _, r := range recordsIn(record) {
		if r.kind != artEMF && r.kind != artWMF {
			continue
		}
		at := 16 + 34 // an identifier, and what describes the picture
		if r.instance&1 != 0 {
			at += 16 // a second identifier
		}
		if len(r.body) < at {
			return ""
		}
		data := r.body[at:]
		if compressed := r.body[at-2] == 0; compressed {
			data = inflated(data, 16<<20)
		}
		return metafileText(data)
	}
	return ""
}

// inflated unpacks data compressed with zlib, up to a number of bytes. Of damaged data it returns
// the beginning.
func inflated(data []byte, most int64) []byte {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(z, most))
	return out
}

// storage returns the data of an embedded object.
func (w *pptReader) storage(object pptEmbedded) []byte {
	r, ok := w.recordAt(w.places[object.storage])
	if !ok || r.kind != pptObjectStorage {
		return nil
	}
	if r.instance == 1 && len(r.body) > 4 { // compressed, after its size
		return inflated(r.body[4:], int64(min(binary.LittleEndian.Uint32(r.body), maxEmbedded)))
	}
	return r.body
}

// maxEmbedded is the largest embedded object that is unpacked, in bytes.
const maxEmbedded = 64 << 20

// object writes an embedded object: its document, or else the text in its picture.
func (w *pptReader) object(t pptText, place string) error {
	if object, ok := w.store.object(t.object); ok {
		read, err := w.embedded.write(w.ctx, w.out, w.storage(object), object.name, place, 3)
		if read || err != nil {
			w.out.place(place)
			return err
		}
	}
	if t.text == "" {
		w.omitted.add("embedded object", "not read")
		return nil
	}
	w.out.paragraph(strings.ReplaceAll(t.text, "\v", "\n"))
	return nil
}
