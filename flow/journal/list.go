package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weft/flow"
)

// An Info is what a list of journals shows of one.
type Info struct {
	ID       string
	Workflow string
	Started  time.Time
	Changed  time.Time
	Bytes    int64
	Header   flow.Header // empty if there is none
	Sealed   bool        // its lines have checksums
	Err      error       // why it cannot be read
}

// List returns the journals of the folder, the latest first. It reads only the beginning of each.
func (d *Dir) List() ([]Info, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var all []Info
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), Suffix)
		if !ok || !e.Type().IsRegular() {
			continue
		}
		info := Info{ID: id}
		st, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // removed meanwhile
			continue
		}
		if err == nil {
			info.Changed, info.Bytes = st.ModTime(), st.Size()
			info.Err = info.begin(filepath.Join(d.path, e.Name()))
		} else {
			info.Err = err
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(a, b Info) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// Last returns the header of a run's journal and its last whole record, without the records between
// them, whose checksums it does not look at. A journal in which no record was written has the zero
// Record.
func (d *Dir) Last(id string) (head flow.Header, last flow.Record, err error) {
	path, err := d.Path(id)
	if err != nil {
		return head, last, err
	}
	f, err := os.Open(path)
	if err != nil {
		return head, last, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	dec := &Decoder{r: bufio.NewReaderSize(f, 4<<10), payload: d.payloads().load()}
	first, err := dec.Decode()
	if head = dec.Header(); err == io.EOF && head.Workflow != "" {
		return head, last, nil
	}
	if err == nil && head.Workflow == "" && first.Kind == flow.RunStarted {
		head.Run, head.Workflow, head.Created = first.Run, first.Step, first.Time
	}
	if err == nil {
		last, err = dec.last(f)
	}
	switch {
	case err == io.EOF:
		err = fmt.Errorf("journal: %s: %w", path, ErrEmpty)
	case err != nil:
		err = fmt.Errorf("%s: %w", path, err)
	}
	return head, last, err
}

// last decodes the last record of a file of which the decoder has read the beginning.
func (d *Decoder) last(f *os.File) (rec flow.Record, err error) {
	st, err := f.Stat()
	if err != nil {
		return rec, err
	}
	for size := int64(4 << 10); ; size *= 8 {
		from := max(0, st.Size()-size)
		tail, err := io.ReadAll(io.NewSectionReader(f, from, st.Size()-from))
		if err != nil {
			return rec, err
		}
		tail = tail[:bytes.LastIndexByte(tail, '\n')+1] // half a line at the end counts as none
		lines := bytes.Split(bytes.TrimSuffix(tail, []byte("\n")), []byte("\n"))
		for n := len(lines) - 1; n > 0 || n == 0 && from == 0; n-- {
			doc, _, _, _ := unseal(0, lines[n])
			if d.seq = 0; !isOther(doc) {
				return d.record(doc)
			}
		}
		if from == 0 {
			return rec, io.EOF
		}
	}
}

func (i *Info) begin(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := NewDecoder(f)
	rec, err := d.Decode()
	i.Header, i.Sealed, i.Workflow, i.Started = d.Header(), d.Sealed(), d.Header().Workflow, d.Header().Created
	if err == io.EOF {
		if i.Workflow == "" {
			return fmt.Errorf("journal: %w", ErrEmpty)
		}
		return nil
	}
	if err == nil && i.Workflow == "" && rec.Kind == flow.RunStarted {
		i.Workflow, i.Started = rec.Step, rec.Time
	}
	return err
}
