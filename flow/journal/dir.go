package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weft/flow"
)

// Suffix is the end of the names of journals.
const Suffix = ".weft"

// A Dir is a folder of journals.
type Dir struct{ path string }

// Open returns a folder of journals. It is made, for its owner only, if it is not there.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &Dir{path}, nil
}

// Path returns the file of a run. The identifier must be one that is no path.
func (d *Dir) Path(id string) (string, error) {
	bad := func(r rune) bool { return r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) }
	if id == "" || strings.HasPrefix(id, ".") || strings.ContainsFunc(id, bad) {
		return "", fmt.Errorf("journal: %q is no name for a run", id)
	}
	return filepath.Join(d.path, id+Suffix), nil
}

// Create begins the journal of a new run. There must be none of that identifier.
func (d *Dir) Create(id string) (*Writer, error) {
	path, err := d.Path(id)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	w, err := begin(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("journal: %s: %w", path, err)
	}
	return w, nil
}

// Continue returns the records of a run and a writer for those that follow when it is resumed. What
// is torn at the end of the file is cut off.
func (d *Dir) Continue(id string) ([]flow.Record, *Writer, error) {
	path, err := d.Path(id)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	records, dec, err := decode(f)
	if err == nil {
		err = f.Truncate(dec.Offset())
	}
	if err == nil && dec.line == 0 { // not even the header was written
		w, err := begin(f)
		return nil, w, err
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return records, &Writer{f: f, chain: dec.chain}, nil
}

func decode(r io.Reader) (records []flow.Record, dec *Decoder, err error) {
	dec = NewDecoder(r)
	for {
		rec, err := dec.Decode()
		if err == io.EOF {
			return records, dec, nil
		}
		if err != nil {
			return records, dec, err
		}
		records = append(records, rec)
	}
}

// Read returns the records of a run. With an error it returns those before the damage.
func (d *Dir) Read(id string) ([]flow.Record, error) {
	path, err := d.Path(id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	records, _, err := decode(f)
	if err != nil {
		return records, fmt.Errorf("%s: %w", path, err)
	}
	return records, nil
}

// Follow yields the records of a run that another process writes, after the given sequence number,
// and waits for further ones until the run has ended or ctx is done. It looks at the file each
// interval.
func (d *Dir) Follow(ctx context.Context, id string, after uint64, interval time.Duration) iter.Seq2[flow.Record, error] {
	return func(yield func(flow.Record, error) bool) {
		tick := time.NewTicker(max(interval, time.Millisecond))
		defer tick.Stop()
		path, err := d.Path(id)
		if err != nil {
			yield(flow.Record{}, err)
			return
		}
		f, err := os.Open(path)
		if err != nil {
			yield(flow.Record{}, fmt.Errorf("journal: %w", err))
			return
		}
		defer f.Close()
		dec := NewDecoder(f)
		for {
			rec, err := dec.Decode()
			switch {
			case err == io.EOF: // perhaps half a line: begin again at its start
				if _, err := f.Seek(dec.Offset(), io.SeekStart); err != nil {
					yield(flow.Record{}, err)
					return
				}
				dec.r.Reset(f)
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				continue
			case err != nil:
				yield(rec, fmt.Errorf("%s: %w", path, err))
				return
			}
			if rec.Seq > after && !yield(rec, nil) {
				return
			}
			if over(rec) {
				return
			}
		}
	}
}

// over reports whether a record is the last of its run.
func over(r flow.Record) bool {
	switch r.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		return !strings.Contains(r.Run, "/")
	}
	return false
}

// An Info is what a list of journals shows of one.
type Info struct {
	ID       string
	Workflow string
	Started  time.Time
	Changed  time.Time
	Bytes    int64
	Err      error // why it cannot be read
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

func (i *Info) begin(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	rec, err := NewDecoder(f).Decode()
	if err == io.EOF {
		return errors.New("journal: it is empty")
	}
	i.Workflow, i.Started = rec.Step, rec.Time
	return err
}

// Remove deletes the journal of a run.
func (d *Dir) Remove(id string) error {
	path, err := d.Path(id)
	if err == nil {
		err = os.Remove(path)
	}
	return err
}
