// Package journal keeps the records of runs on disk: one file for each run, one line for each
// record.
//
// A line is the record as JSON, a space, and eight hexadecimal digits: the CRC-32C of the line
// before's checksum (four bytes, big endian) followed by the line's JSON. The first line is a
// header with the format's name and version. So the lines form a chain: a bit that flips, a line
// that is lost, moved or doubled does not go unnoticed. A line is written by one write, so that a
// process that is killed leaves at most its last line torn, and the file is synced each second and
// at the end, so that a power loss takes at most the last second. What is torn at the end of a file
// is left out when it is read and cut off when it is written on; anything else that does not fit is
// an error that names the line.
//
//	dir, err := journal.Open(path)
//	w, err := dir.Create(id)
//	run, err := wf.Start(ctx, start, flow.ID(id), flow.Keep(w))
//	…
//	records, err := dir.Read(id)
//	run, err = wf.Resume(ctx, slices.Values(records))
package journal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"weft/flow"
)

// Version is the version of the format that this package writes. It refuses to read a later one. A
// new kind of record needs no new version: a program that does not know the kind refuses the record
// with [ErrNewer]. The version is raised when something that exists is written in another way.
const Version = 1

// ErrCorrupt is wrapped by errors about a journal that was changed after it was written.
var ErrCorrupt = errors.New("the journal is damaged")

// ErrNewer is wrapped by errors about a journal that a later version of this package has written.
var ErrNewer = errors.New("the journal was written by a newer version")

type header struct {
	Journal string `json:"journal"`
	Version int    `json:"version"`
}

const formatName = "weft"

var table = crc32.MakeTable(crc32.Castagnoli)

// seal appends the checksum of a line's JSON and the end of the line.
func seal(chain uint32, line []byte) (uint32, []byte) {
	sum := checksum(chain, line)
	line = append(line, ' ')
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], sum)
	line = hex.AppendEncode(line, b[:])
	return sum, append(line, '\n')
}

func checksum(chain uint32, line []byte) uint32 {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], chain)
	return crc32.Update(crc32.Update(0, table, b[:]), table, line)
}

// open checks a line, without its end, and returns its JSON.
func open(chain uint32, line []byte) (uint32, []byte, bool) {
	n := len(line) - 9
	if n < 2 || line[n] != ' ' {
		return 0, nil, false
	}
	sum := checksum(chain, line[:n])
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], sum)
	return sum, line[:n], bytes.Equal(hex.AppendEncode(nil, b[:]), line[n+1:])
}

// A Decoder reads the lines of a journal.
type Decoder struct {
	r      *bufio.Reader
	chain  uint32
	line   int
	offset int64 // the end of the last good line
	held   int   // the length of the line that is being read
	seq    uint64
}

// NewDecoder returns a decoder of a journal from its beginning.
func NewDecoder(r io.Reader) *Decoder { return &Decoder{r: bufio.NewReaderSize(r, 64<<10)} }

// Decode returns the next record. It returns io.EOF at the end, also if the last line is torn; see
// [Decoder.Offset]. Other errors wrap [ErrCorrupt] or [ErrNewer], or are those of the reader.
func (d *Decoder) Decode() (flow.Record, error) {
	var rec flow.Record
	if d.line == 0 {
		doc, err := d.next()
		if err != nil {
			return rec, err
		}
		var h header
		if json.Unmarshal(doc, &h) != nil || h.Journal != formatName {
			return rec, d.corrupt("it has no header")
		}
		if h.Version < 1 || h.Version > Version {
			return rec, fmt.Errorf("journal: %w: it has version %d, this program knows up to %d; use a newer one", ErrNewer, h.Version, Version)
		}
		d.settle()
	}
	doc, err := d.next()
	if err != nil {
		return rec, err
	}
	if err := json.Unmarshal(doc, &rec); err != nil {
		return rec, d.corrupt(err.Error())
	}
	if d.seq != 0 && rec.Seq != d.seq+1 || rec.Seq == 0 {
		return rec, d.corrupt(fmt.Sprintf("record %d follows record %d", rec.Seq, d.seq))
	}
	if unknown, ok := rec.Payload.(flow.Unknown); ok {
		return rec, fmt.Errorf("journal: line %d: %w: it has records of the kind %q; use a newer program", d.line, ErrNewer, unknown.Kind)
	}
	d.seq = rec.Seq
	d.settle()
	return rec, nil
}

// Offset returns where the last good line ends, in bytes: what comes after it is torn.
func (d *Decoder) Offset() int64 { return d.offset }

func (d *Decoder) settle() {
	d.offset += int64(d.held)
	d.held = 0
}

// next returns the JSON of the next line.
func (d *Decoder) next() ([]byte, error) {
	line, err := d.r.ReadBytes('\n')
	if err != nil {
		if err == io.EOF { // what has no end was not written to its end
			return nil, io.EOF
		}
		return nil, fmt.Errorf("journal: line %d: %w", d.line+1, err)
	}
	d.held = len(line)
	chain, doc, ok := open(d.chain, line[:len(line)-1])
	if !ok {
		d.line++
		return nil, d.corrupt("its checksum does not fit")
	}
	d.line++
	d.chain = chain
	return doc, nil
}

func (d *Decoder) corrupt(why string) error {
	return fmt.Errorf("journal: line %d: %w: %s", max(d.line, 1), ErrCorrupt, why)
}
