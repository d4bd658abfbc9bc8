package index

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"unsafe"
)

// A snapshot is the whole index in one file, laid out so that it is read with few large reads and
// little processing:
//
//	header    "WEFTIDX1", version, byte order, generation, size of the file, a table of
//	          sections, CRC-32C
//	sections  files and passages; the inverted index as arrays (lengths, terms, starts,
//	          documents, frequencies); the name of the embedder, a bitmap of the passages
//	          that have a vector, and all vectors as one array
//
// The table holds the offset, length and CRC-32C of each section. Arrays are in the machine's byte
// order; a machine with another order rebuilds the snapshot. A new snapshot is written beside the
// old one, synced, and renamed over it, so that one complete snapshot always exists.
const (
	snapshotMagic = "WEFTIDX1"
	// snapshotVersion is raised when the format (including the log's), the analysis, the splitting
	// into passages, or the text that a reader makes of a file changes. Without that, unchanged
	// files would keep their old passages, because they are not read again.
	snapshotVersion = 16
	byteOrderMark   = 0x01020304
	headerSize      = 512
	maxSections     = 12
)

// Kinds of section, in the order in which they are written.
const (
	sectionPassages = iota + 1
	sectionLengths
	sectionTerms
	sectionStarts
	sectionDocs
	sectionFreqs
	sectionVectorInfo
	sectionVectors
)

type section struct {
	kind   uint32
	crc    uint32
	offset uint64
	length uint64
}

type header struct {
	generation key
	size       uint64
	sections   []section
}

func (h *header) encode() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, snapshotMagic...)
	b = binary.LittleEndian.AppendUint32(b, snapshotVersion)
	b = binary.NativeEndian.AppendUint32(b, byteOrderMark)
	b = append(b, h.generation[:]...)
	b = binary.LittleEndian.AppendUint64(b, h.size)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(h.sections)))
	for _, s := range h.sections {
		b = binary.LittleEndian.AppendUint32(b, s.kind)
		b = binary.LittleEndian.AppendUint32(b, s.crc)
		b = binary.LittleEndian.AppendUint64(b, s.offset)
		b = binary.LittleEndian.AppendUint64(b, s.length)
	}
	b = b[:headerSize-4]
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// damage describes what is wrong with a snapshot, which is then rebuilt.
type damage string

func (d damage) Error() string { return "index: the snapshot " + string(d) }

func decodeHeader(b []byte) (*header, error) {
	if len(b) < headerSize {
		return nil, damage("is cut off")
	}
	if string(b[:8]) != snapshotMagic {
		return nil, damage("is no snapshot")
	}
	if crc32.Checksum(b[:headerSize-4], castagnoli) != binary.LittleEndian.Uint32(b[headerSize-4:]) {
		return nil, damage("is damaged in its header")
	}
	if binary.LittleEndian.Uint32(b[8:]) != snapshotVersion {
		return nil, damage("was written by another version")
	}
	if binary.NativeEndian.Uint32(b[12:]) != byteOrderMark {
		return nil, damage("was written on another kind of machine")
	}
	h := &header{generation: key(b[16:32]), size: binary.LittleEndian.Uint64(b[32:])}
	n := binary.LittleEndian.Uint32(b[40:])
	if n > maxSections {
		return nil, damage("is damaged in its header")
	}
	at := b[44:]
	for range n {
		s := section{kind: binary.LittleEndian.Uint32(at), crc: binary.LittleEndian.Uint32(at[4:]),
			offset: binary.LittleEndian.Uint64(at[8:]),
			length: binary.LittleEndian.Uint64(at[16:])}
		if s.offset < headerSize || s.offset > h.size || s.length > h.size-s.offset {
			return nil, damage("is damaged in its header")
		}
		h.sections = append(h.sections, s)
		at = at[24:]
	}
	return h, nil
}

// bytesOf returns a slice of numbers as bytes, without copying.
func bytesOf[T uint8 | uint32 | uint64 | float32](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// writeSnapshot writes a view whose single segment holds exactly its live passages. It returns the
// snapshot's generation and size.
func (k *disk) writeSnapshot(name string, v *View, files []*file) (generation key, size int64, err error) {
	f, err := k.openFile(name, os.O_CREATE|os.O_TRUNC|os.O_RDWR)
	if err != nil {
		return key{}, 0, fmt.Errorf("index: %w", err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(name)
		}
	}()
	if _, err := rand.Read(generation[:]); err != nil {
		return key{}, 0, err
	}
	w := &sectionWriter{w: bufio.NewWriterSize(f, 1<<20), header: header{generation: generation}, at: headerSize}
	if _, err := f.Seek(headerSize, io.SeekStart); err != nil {
		return key{}, 0, err
	}
	w.section(sectionPassages, func() { writePassages(w, v, files) })
	seg := v.segments[0]
	w.section(sectionLengths, func() { w.write(bytesOf(seg.lens)) })
	w.section(sectionTerms, func() { w.write(bytesOf(seg.terms)) })
	w.section(sectionStarts, func() { w.write(bytesOf(seg.starts)) })
	w.section(sectionDocs, func() { w.write(bytesOf(seg.docs)) })
	w.section(sectionFreqs, func() { w.write(bytesOf(seg.freqs)) })
	v.vectors.write(w, seg.ids)
	if w.err == nil {
		w.err = w.w.Flush()
	}
	if w.err == nil {
		w.header.size = w.at
		_, w.err = f.WriteAt(w.header.encode(), 0)
	}
	if w.err == nil {
		w.err = f.Sync()
	}
	if w.err == nil {
		w.err = f.Close()
	}
	if w.err != nil {
		return key{}, 0, fmt.Errorf("index: write %s: %w", name, w.err)
	}
	return generation, int64(w.at), nil
}

// A sectionWriter writes sections in sequence and records them in the header's table.
type sectionWriter struct {
	w      *bufio.Writer
	header header
	at     uint64
	crc    uint32
	err    error
}

func (w *sectionWriter) section(kind uint32, write func()) {
	start := w.at
	w.crc = 0
	write()
	w.header.sections = append(w.header.sections,
		section{kind: kind, crc: w.crc, offset: start, length: w.at - start})
}

func (w *sectionWriter) write(b []byte) {
	if w.err != nil {
		return
	}
	w.crc = crc32.Update(w.crc, castagnoli, b)
	_, w.err = w.w.Write(b)
	w.at += uint64(len(b))
}

// writePassages writes the files with their passages, and the passages' numbers in the inverted
// index.
func writePassages(w *sectionWriter, v *View, files []*file) {
	rank := make(map[ID]uint32, len(v.segments[0].ids))
	for i, id := range v.segments[0].ids {
		rank[id] = uint32(i)
	}
	e := encoder{}
	e.uint(uint64(len(rank)))
	e.uint(uint64(len(files)))
	for _, f := range files {
		e.file(f)
		e.uint(uint64(len(f.chunks)))
		for _, id := range f.chunks {
			p := v.passages[id]
			e.uint(uint64(rank[id]))
			e.key(p.key)
			e.chunk(&p.Chunk)
		}
		if len(e.b) > 1<<20 {
			w.write(e.b)
			e.b = e.b[:0]
		}
	}
	w.write(e.b)
}

// write writes the vectors of the passages in order. A passage without a vector gets zeros.
func (vs *vectors) write(w *sectionWriter, ids []ID) {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	if vs.dims == 0 {
		return
	}
	w.section(sectionVectorInfo, func() {
		e := encoder{}
		e.str(vs.name)
		e.uint(uint64(vs.dims))
		var has bitset
		for i, id := range ids {
			if vs.has.has(id) {
				has.set(ID(i))
			}
		}
		e.uint(uint64(len(has)))
		for _, word := range has {
			e.uint(word)
		}
		w.write(e.b)
	})
	zero := make([]float32, vs.dims)
	w.section(sectionVectors, func() {
		for _, id := range ids {
			if vec := vs.at(id); vec != nil {
				w.write(bytesOf(vec))
			} else {
				w.write(bytesOf(zero))
			}
		}
	})
}

// A snapshotReader reads the sections of an open snapshot.
type snapshotReader struct {
	f      *os.File
	header *header
}

// openSnapshot opens a snapshot. It returns nil if there is none, and a damage error if it is
// unusable.
func openSnapshot(name string) (*snapshotReader, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	b := make([]byte, headerSize)
	n, err := io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		f.Close()
		return nil, fmt.Errorf("index: read %s: %w", name, err)
	}
	h, err := decodeHeader(b[:n])
	if err == nil {
		var fi os.FileInfo
		if fi, err = f.Stat(); err == nil && uint64(fi.Size()) != h.size {
			err = damage("is cut off")
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &snapshotReader{f, h}, nil
}

func (r *snapshotReader) find(kind uint32) (section, bool) {
	for _, s := range r.header.sections {
		if s.kind == kind {
			return s, true
		}
	}
	return section{}, false
}

// read reads a whole section as numbers and verifies its checksum.
func read[T uint8 | uint32 | uint64](r *snapshotReader, kind uint32) ([]T, error) {
	var one T
	s, ok := r.find(kind)
	if !ok || s.length%uint64(unsafe.Sizeof(one)) != 0 {
		return nil, damage("lacks a section")
	}
	out := make([]T, s.length/uint64(unsafe.Sizeof(one)))
	b := bytesOf(out)
	if _, err := r.f.ReadAt(b, int64(s.offset)); err != nil {
		return nil, damage("cannot be read: " + err.Error())
	}
	if crc32.Checksum(b, castagnoli) != s.crc {
		return nil, damage("is damaged")
	}
	return out, nil
}
