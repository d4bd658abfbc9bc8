package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"weft/flow"
	"weft/flow/internal/fold"
)

// A Decoder reads the lines of a journal.
type Decoder struct {
	r       *bufio.Reader
	payload func(flow.Partial) (json.RawMessage, error) // loads the large parts; nil: none is loaded
	records fold.RecordDecoder
	long    []byte // a line that is longer than the reader's buffer

	head   header
	sealed bool
	chain  uint32
	line   int
	offset int64 // the end of the last good line
	held   int   // the length of the line that is being read
	seq    uint64
}

// NewDecoder returns a decoder of a journal, of the lines of "weft ask --json", or of an export,
// from the beginning.
func NewDecoder(r io.Reader) *Decoder { return &Decoder{r: bufio.NewReaderSize(r, 64<<10)} }

// Header returns the journal's header, once a record was decoded. Lines without a header have none.
func (d *Decoder) Header() flow.Header { return d.head.Header }

// Sealed reports whether the lines have checksums.
func (d *Decoder) Sealed() bool { return d.sealed }

// Version returns the version of the format, once a record was decoded; 0: there is no header.
func (d *Decoder) Version() int { return d.head.Version }

// Offset returns where the last good line ends, in bytes: what comes after it is torn.
func (d *Decoder) Offset() int64 { return d.offset }

// Decode returns the next record. It returns io.EOF at the end, also if the last line is torn; see
// [Decoder.Offset]. Other errors wrap [ErrCorrupt], [ErrForeign] or, if they are about lines of a
// later version of the format, [ErrNewer], or they are those of the reader. Records of a kind that
// this program does not know are returned as flow.UnknownKind. Lines without checksums that are
// objects but not records are skipped, because the output of "weft ask --json" ends with the
// result.
func (d *Decoder) Decode() (flow.Record, error) {
	var rec flow.Record
	if d.line == 0 {
		doc, err := d.next()
		if err != nil {
			return rec, err
		}
		if isHeader, err := d.header(doc); err != nil {
			return rec, err
		} else if !isHeader {
			return d.record(doc)
		}
	}
	for {
		doc, err := d.next()
		if err != nil {
			return rec, err
		}
		if d.sealed || !isOther(doc) {
			return d.record(doc)
		}
		d.settle()
	}
}

// isOther reports whether a line is an object that is not a record, such as the last line of "weft
// ask --json", which is the result.
func isOther(doc []byte) bool {
	if bytes.HasPrefix(doc, []byte(`{"seq":`)) {
		return false
	}
	var line struct {
		Seq  json.RawMessage `json:"seq"`
		Kind json.RawMessage `json:"kind"`
	}
	return json.Unmarshal(doc, &line) == nil && line.Seq == nil && line.Kind == nil
}

// header reads the first line, and reports whether it is a header and not a record.
func (d *Decoder) header(doc []byte) (bool, error) {
	var first struct {
		Journal *string `json:"journal"`
		Kind    *string `json:"kind"`
	}
	err := json.Unmarshal(doc, &first)
	switch {
	case err == nil && first.Journal == nil && first.Kind != nil:
		return false, nil
	case err != nil || first.Journal == nil:
		return false, fmt.Errorf("journal: %w: its first line is neither a header nor a record", ErrForeign)
	}
	if err := json.Unmarshal(doc, &d.head); err != nil {
		return false, d.corrupt(err.Error())
	}
	if d.head.Journal != formatName || d.head.Version < 1 {
		return false, fmt.Errorf("journal: %w: it is of %q, version %d", ErrForeign, d.head.Journal, d.head.Version)
	}
	d.settle()
	return true, nil
}

func (d *Decoder) record(doc []byte) (rec flow.Record, err error) {
	if err := d.records.Decode(doc, &rec); err != nil {
		return rec, d.corrupt(err.Error())
	}
	if d.seq != 0 && rec.Seq != d.seq+1 || rec.Seq == 0 {
		return rec, d.corrupt(fmt.Sprintf("record %d follows record %d", rec.Seq, d.seq))
	}
	if partial, ok := rec.Payload.(flow.Partial); ok && d.payload != nil {
		raw, err := d.payload(partial)
		if err != nil {
			return rec, d.corrupt(err.Error())
		}
		rec.Payload = raw
	}
	d.seq = rec.Seq
	d.settle()
	return rec, nil
}

func (d *Decoder) settle() {
	d.offset += int64(d.held)
	d.held = 0
}

// next returns the JSON of the next line, until the next call.
func (d *Decoder) next() ([]byte, error) {
	line, err := d.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		d.long = append(d.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = d.r.ReadSlice('\n')
			d.long = append(d.long, line...)
		}
		line = d.long
	}
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("journal: line %d: %w", d.line+1, err)
	}
	if err == io.EOF { // a last line without a newline was not written completely
		if d.line == 0 && len(line) > 0 && line[0] != '{' {
			return nil, fmt.Errorf("journal: %w: its first line is neither a header nor a record", ErrForeign)
		}
		if d.line == 0 || d.sealed || !json.Valid(line) {
			return nil, io.EOF
		}
		line = append(bytes.Clone(line), '\n')
		d.held = -1
	}
	d.held += len(line)
	d.line++
	doc, sum, sealed, ok := unseal(d.chain, line[:len(line)-1])
	switch {
	case d.line == 1 && !ok && !bytes.HasPrefix(line, []byte("{")):
		return nil, fmt.Errorf("journal: %w: its first line is neither a header nor a record", ErrForeign)
	case !ok:
		return nil, d.corrupt("its checksum does not fit")
	case d.sealed && !sealed:
		return nil, d.corrupt("it has no checksum")
	}
	if d.line == 1 {
		d.sealed = sealed
	}
	if sealed {
		d.chain = sum
	}
	return doc, nil
}

func (d *Decoder) corrupt(why string) error {
	if d.head.Version > Version {
		return fmt.Errorf("journal: line %d: %w: it has version %d, this program knows up to %d; use a newer one", max(d.line, 1), ErrNewer, d.head.Version, Version)
	}
	return fmt.Errorf("journal: line %d: %w: %s", max(d.line, 1), ErrCorrupt, why)
}

// A File is what was read of a journal.
type File struct {
	Header  flow.Header   // empty if there is none
	Version int           // of the format; 0: it has no header
	Records []flow.Record // up to the end or to the first line that cannot be read
	Sealed  bool          // every line has a checksum
	Torn    int64         // bytes at the end that are not a whole line, because the write was cut off
	owner   Owner         // the last one
	chain   uint32
	end     int64 // of the last good line
}

// Read reads a journal, the lines of "weft ask --json", or an export. With an error it returns the
// records before the damage. It does not check whether the run can be continued: see
// [File.Resumable].
func Read(r io.Reader) (*File, error) {
	return NewDecoder(r).file(-1)
}

// file reads the journal to its end; size is the size of the file, -1 if it is not known.
func (d *Decoder) file(size int64) (*File, error) {
	f := &File{}
	var err error
	for {
		var rec flow.Record
		if rec, err = d.Decode(); err != nil {
			break
		}
		if f.Records == nil && size > 0 {
			f.Records = make([]flow.Record, 0, min(size/128+1, 1<<20))
		}
		f.Records = append(f.Records, rec)
		if rec.Kind == flow.RunAdopted {
			if raw, ok := rec.Payload.(json.RawMessage); ok {
				_ = json.Unmarshal(raw, &f.owner) // only messages use it
			}
		}
	}
	f.Header, f.Version, f.Sealed, f.chain, f.end = d.head.Header, d.head.Version, d.sealed, d.chain, d.offset
	if d.head.Owner != nil && f.owner.Epoch == 0 {
		f.owner = *d.head.Owner
	}
	if err == io.EOF {
		err = nil
	}
	if err == nil && size > f.end {
		f.Torn = size - f.end
	}
	return f, err
}

// Resumable returns an error if the run cannot be continued from the file. The error wraps
// [ErrNewer], [ErrEmpty] or [ErrEnded].
func (f *File) Resumable() error {
	if f.Version > Version {
		return fmt.Errorf("journal: %w: it has version %d, this program knows up to %d; use a newer one", ErrNewer, f.Version, Version)
	}
	if len(f.Records) == 0 {
		return fmt.Errorf("journal: %w: no record was written; start the run again", ErrEmpty)
	}
	for _, r := range f.Records {
		if u, ok := r.Payload.(flow.Unknown); ok && !u.Skippable {
			return fmt.Errorf("journal: record %d: %w: it is of the kind %q; use a newer program", r.Seq, ErrNewer, u.Kind)
		}
	}
	if over(f.Records[len(f.Records)-1]) {
		return fmt.Errorf("journal: %w: nothing is left to be done", ErrEnded)
	}
	return nil
}
