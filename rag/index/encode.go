package index

import (
	"encoding/binary"
	"errors"
	"math"
	"unsafe"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/load"
)

// Kinds of log record.
const (
	recordTransaction = 1
	recordVectors     = 2
)

// errDamaged reports a record with a valid checksum that cannot be decoded, so that other software
// must have written it.
var errDamaged = errors.New("index: a record cannot be decoded")

// An encoder appends values to a buffer: integers as varints, strings with a length prefix.
type encoder struct{ b []byte }

func (e *encoder) uint(n uint64)   { e.b = binary.AppendUvarint(e.b, n) }
func (e *encoder) int(n int64)     { e.b = binary.AppendVarint(e.b, n) }
func (e *encoder) str(s string)    { e.uint(uint64(len(s))); e.b = append(e.b, s...) }
func (e *encoder) key(k key)       { e.b = append(e.b, k[:]...) }
func (e *encoder) float(f float32) { e.b = binary.LittleEndian.AppendUint32(e.b, math.Float32bits(f)) }

func (e *encoder) stamp(s load.Stamp) {
	e.int(s.Size)
	e.int(s.ModTime)
	e.uint(s.Inode)
	e.int(s.Change)
}

func (e *encoder) file(f *file) {
	e.str(f.path)
	e.str(f.title)
	e.str(f.kind)
	e.str(f.date)
	e.str(string(f.lang))
	e.stamp(f.stamp)
	e.int(f.checked)
	e.key(f.hash)
	e.str(f.failure)
	e.strs(f.notes)
	e.strs(f.remarks)
	e.uint(uint64(len(f.fields)))
	for _, d := range f.fields {
		e.str(d.Name)
		e.str(d.Value)
	}
}

// chunk encodes a chunk without its path and date, which are the file's.
func (e *encoder) chunk(c *chunk.Chunk) {
	e.str(c.ID)
	e.strs(c.Heading)
	e.str(c.Text)
	e.int(int64(c.Start))
	e.int(int64(c.End))
	e.int(int64(c.Line))
	e.int(int64(c.EndLine))
	e.str(c.Place)
	e.str(c.Header)
	e.uint(uint64(len(c.Blocks)))
	for _, b := range c.Blocks {
		e.b = append(e.b, byte(b.Kind))
		e.uint(uint64(b.Start))
		e.uint(uint64(b.End))
		e.uint(uint64(b.Depth))
		e.strs(b.Under)
	}
}

func (e *encoder) strs(list []string) {
	e.uint(uint64(len(list)))
	for _, s := range list {
		e.str(s)
	}
}

// A decoder decodes what an encoder has written. After the first error it returns zero values. Its
// strings share the memory of the buffer.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail() {
	d.err = errDamaged
	d.b = nil
}

func (d *decoder) uint() uint64 {
	n, w := binary.Uvarint(d.b)
	if w <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[w:]
	return n
}

func (d *decoder) int() int64 {
	n, w := binary.Varint(d.b)
	if w <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[w:]
	return n
}

func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) str() string {
	b := d.bytes(d.uint())
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b)) // the buffer is never modified
}

// count decodes the length of a list whose elements take at least one byte each. It rejects lengths
// above the remaining bytes, so damaged data cannot cause huge allocations.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) key() (k key) {
	copy(k[:], d.bytes(uint64(len(k))))
	return k
}

func (d *decoder) stamp() load.Stamp {
	return load.Stamp{Size: d.int(), ModTime: d.int(), Inode: d.uint(), Change: d.int()}
}

func (d *decoder) file() *file {
	f := &file{path: d.str(), title: d.str(), kind: d.str(), date: d.str(), lang: analysis.Language(d.str()),
		stamp: d.stamp(), checked: d.int(), hash: d.key(),
		failure: d.str(), notes: d.strs(), remarks: d.strs()}
	for range d.count() {
		f.fields = append(f.fields, load.Field{Name: d.str(), Value: d.str()})
	}
	return f
}

func (d *decoder) chunk(f *file) chunk.Chunk {
	c := chunk.Chunk{ID: d.str(), Path: f.path, Date: f.date, Heading: d.strs()}
	c.Text = d.str()
	c.Start, c.End, c.Line, c.EndLine = int(d.int()), int(d.int()), int(d.int()), int(d.int())
	c.Place = d.str()
	c.Header = d.str()
	if n := d.count(); n > 0 {
		c.Blocks = make([]chunk.Block, 0, n)
		for range n {
			kind := d.bytes(1)
			if kind == nil {
				return c
			}
			b := chunk.Block{Kind: chunk.Kind(kind[0]), Start: int(d.uint()), End: int(d.uint()),
				Depth: int(d.uint()), Under: d.strs()}
			// callers use these offsets to slice the text
			if b.Start < 0 || b.Start > b.End || b.End > len(c.Text) {
				d.fail()
				return c
			}
			c.Blocks = append(c.Blocks, b)
		}
	}
	return c
}

func (d *decoder) strs() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.str()
	}
	return list
}

func encodeTransaction(tx transaction) []byte {
	e := encoder{b: []byte{recordTransaction}}
	e.uint(uint64(len(tx.removes)))
	for _, p := range tx.removes {
		e.str(p)
	}
	e.uint(uint64(len(tx.touches)))
	for _, f := range tx.touches {
		e.str(f.path)
		e.stamp(f.stamp)
		e.int(f.checked)
	}
	e.uint(uint64(len(tx.puts)))
	for _, p := range tx.puts {
		e.file(p.file)
		e.uint(uint64(len(p.passages)))
		for _, ps := range p.passages {
			e.chunk(&ps.Chunk)
		}
	}
	return e.b
}

// decodeTransaction decodes a transaction and analyses its files again. Of a touched file it knows
// only what the transaction says. It reads nothing of the index that changes, so transactions can be
// decoded concurrently.
func (x *Index) decodeTransaction(d *decoder) (tx transaction) {
	for range d.count() {
		tx.removes = append(tx.removes, d.str())
	}
	for range d.count() {
		tx.touches = append(tx.touches, &file{path: d.str(), stamp: d.stamp(), checked: d.int()})
	}
	for range d.count() {
		f := d.file()
		var chunks []chunk.Chunk
		for range d.count() {
			chunks = append(chunks, d.chunk(f))
		}
		if d.err != nil {
			return tx
		}
		tx.puts = append(tx.puts, x.prepare(f, chunks))
	}
	return tx
}

func encodeVectors(name string, keys []key, vecs [][]float32) []byte {
	e := encoder{b: []byte{recordVectors}}
	e.str(name)
	e.uint(uint64(len(vecs[0])))
	e.uint(uint64(len(keys)))
	for i, k := range keys {
		e.key(k)
		for _, f := range vecs[i] {
			e.float(f)
		}
	}
	return e.b
}

// loggedVectors are the vectors of one log record, all of one embedder.
type loggedVectors struct {
	name string
	dims int
	keys []key
	vecs [][]float32
}

func decodeVectors(d *decoder) (l loggedVectors) {
	l.name, l.dims = d.str(), int(d.uint())
	n := d.count()
	if d.err != nil || l.dims <= 0 || n*(len(key{})+4*l.dims) != len(d.b) {
		d.fail()
		return l
	}
	all := make([]float32, n*l.dims)
	for i := range n {
		l.keys = append(l.keys, d.key())
		vec := all[i*l.dims : (i+1)*l.dims]
		for j := range vec {
			vec[j] = math.Float32frombits(binary.LittleEndian.Uint32(d.b[4*j:]))
		}
		d.b = d.b[4*l.dims:]
		l.vecs = append(l.vecs, vec)
	}
	return l
}
