package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"weft/flow"
	"weft/flow/internal/fold"
)

// Suffix is the end of the names of journals.
const Suffix = ".weft"

// maxName is the number of bytes in the longest identifier of a run. File systems hold names of 255
// bytes; what is left is for the suffix, and for what a writer appends to a temporary file.
const maxName = 200

// A Dir is a folder of journals.
type Dir struct {
	path string
	wrap func(*os.File) file // for tests: a disk that fails

	mu  sync.Mutex
	box *mailbox // nil: nothing comes from other processes
}

// Open returns the folder of journals at a path. If there is none it is created, with access for
// its owner only.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &Dir{path: path}, nil
}

// Folder returns the path of the folder.
func (d *Dir) Folder() string { return d.path }

// Path returns the path of the file of a run. An identifier that cannot be the name of a file on
// every system is an error: one that is a path, is not UTF-8, or is longer than 200 bytes.
func (d *Dir) Path(id string) (string, error) {
	bad := func(r rune) bool { return r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) }
	if id == "" || len(id) > maxName || !utf8.ValidString(id) ||
		strings.HasPrefix(id, ".") || strings.ContainsFunc(id, bad) {
		return "", fmt.Errorf("journal: %q is no name for a run", id)
	}
	return filepath.Join(d.path, id+Suffix), nil
}

func (d *Dir) payloads() payloads { return payloads{path: filepath.Join(d.path, payloadFolder)} }

// Create makes the journal of a new run, whose identifier must be id. A journal that is there
// already is an error that wraps [ErrExists], or an [OwnedError]; one in which no run has begun is
// used again.
func (d *Dir) Create(id string) (*Writer, error) {
	path, err := d.Path(id)
	if err != nil {
		return nil, err
	}
	f, err := d.own(path, id, os.O_CREATE)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && st.Size() > 0 {
		var unread *fs.PathError
		switch _, err = NewDecoder(f).Decode(); {
		case err == io.EOF: // it has no whole record
			err = f.Truncate(0)
		case !errors.As(err, &unread):
			err = fmt.Errorf("%w; choose another identifier, or remove it", ErrExists)
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("journal: %s: %w", path, err)
	}
	return d.writer(id, f), nil
}

func (d *Dir) writer(id string, f *os.File) *Writer {
	store := d.payloads()
	d.mu.Lock()
	defer d.mu.Unlock()
	w := &Writer{run: id, path: f.Name(), store: &store, f: f, box: d.box}
	if d.wrap != nil {
		w.f = d.wrap(f)
	}
	return w
}

// own opens the file of a journal and takes its lock.
func (d *Dir) own(path, id string, flags int) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|flags, 0o600)
		if err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		taken, err := lock(f)
		if err != nil {
			err = fmt.Errorf("journal: lock %s: %w", path, err)
		} else if taken {
			err = &OwnedError{id, ownerOf(f)}
		}
		same := false
		if err == nil {
			same, err = current(f, path)
		}
		if same && err == nil {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
		// The journal was compacted or removed meanwhile: open it again.
	}
}

// current reports whether a path still leads to an open file.
func current(f *os.File, path string) (bool, error) {
	st, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("journal: %w", err)
	}
	now, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("journal: %w", err)
	}
	return os.SameFile(st, now), nil
}

// Continue takes over the journal of a run, whose process must have ended or closed it. It returns
// the records, from which the run is resumed, and a writer for those that follow. The last of the
// records says that this process has taken over. A torn last line is cut off.
//
// The error is an [OwnedError] if another process owns the run, and wraps what [File.Resumable] or
// [Dir.Read] return otherwise; the file is then unchanged, and the records that could be read are
// returned. A run that has ended is an error that wraps [ErrEnded]; to get its result, resume the
// returned records without [flow.Keep].
func (d *Dir) Continue(id string) (*File, *Writer, error) {
	path, err := d.Path(id)
	if err != nil {
		return nil, nil, err
	}
	f, err := d.own(path, id, 0)
	if err != nil {
		return nil, nil, err
	}
	got, err := d.read(f)
	if err == nil {
		err = got.Resumable()
	}
	if err == nil && !got.Sealed {
		err = fmt.Errorf("journal: %w, so nothing can follow; resume its records in a new journal", ErrUnsealed)
	}
	var w *Writer
	if err == nil {
		w, err = d.adopt(f, id, got)
	}
	if err != nil {
		f.Close()
		return got, nil, fmt.Errorf("%s: %w", path, err)
	}
	return got, w, nil
}

// adopt cuts off a torn last line and records that this process has taken over.
func (d *Dir) adopt(f *os.File, id string, got *File) (*Writer, error) {
	if err := f.Truncate(got.end); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	last := got.Records[len(got.Records)-1]
	w := d.writer(id, f)
	w.begun, w.head, w.owner = true, got.Header, w.owned(got.owner.Epoch+1)
	w.last, w.chain, w.size = last.Seq, got.chain, got.end
	adopted := fold.Adopted(last, w.owner)
	if _, err := w.Append([]flow.Record{adopted}); err != nil {
		_ = f.Truncate(got.end)
		return nil, err
	}
	got.Records, got.Torn, got.owner = append(got.Records, adopted), 0, w.owner
	return w, nil
}

func (d *Dir) read(f *os.File) (*File, error) {
	size := int64(-1)
	if st, err := f.Stat(); err == nil {
		size = st.Size()
	}
	dec := NewDecoder(f)
	dec.payload = d.payloads().load()
	return dec.file(size)
}

// Read returns the records of a run, also if another process owns it. With an error it returns the
// records before the damage. It accepts the journal of a changed workflow, and of a newer version
// as long as its lines can be read: see [File.Resumable].
func (d *Dir) Read(id string) (*File, error) {
	path, err := d.Path(id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	got, err := d.read(f)
	if err != nil {
		return got, fmt.Errorf("%s: %w", path, err)
	}
	return got, nil
}

// decode opens the file of a run for reading.
func (d *Dir) decode(id string) (*os.File, *Decoder, error) {
	path, err := d.Path(id)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	dec := NewDecoder(f)
	dec.payload = d.payloads().load()
	return f, dec, nil
}

// Records yields the records of a run from the first one, without holding them: those that are in
// its file when it gets there, also if another process owns the run. If a line cannot be read, the
// last that it yields is the error. See [Dir.Follow] for those that come later.
func (d *Dir) Records(id string) iter.Seq2[flow.Record, error] {
	return func(yield func(flow.Record, error) bool) {
		f, dec, err := d.decode(id)
		if err != nil {
			yield(flow.Record{}, err)
			return
		}
		defer f.Close()
		for {
			rec, err := dec.Decode()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(rec, fmt.Errorf("%s: %w", f.Name(), err))
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// Remove deletes the journal of a run, and the payloads that no other run has. A run that is under
// way is an [OwnedError].
func (d *Dir) Remove(id string) error {
	path, err := d.Path(id)
	if err != nil {
		return err
	}
	f, err := d.own(path, id, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if runtime.GOOS == "windows" { // where an open file cannot be removed
		f.Close()
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("journal: %w", err)
	}
	if err := d.payloads().forget(id); err != nil {
		return fmt.Errorf("journal: %s: payloads: %w", id, err)
	}
	return nil
}

// Compact replaces the journal of a run by one that begins with a snapshot: the run can be resumed
// as before, and its past is gone. The snapshot must be of the last record; see
// flow.Workflow.SnapshotOf. A run that is under way is an [OwnedError].
func (d *Dir) Compact(id string, s *flow.Snapshot) error {
	path, err := d.Path(id)
	if err != nil {
		return err
	}
	f, err := d.own(path, id, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	got, err := d.read(f)
	if err == nil {
		err = got.Resumable()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if last := got.Records[len(got.Records)-1].Seq; s.Seq() != last || s.Run() != id {
		return fmt.Errorf("journal: %s: the snapshot is of record %d of run %s, and the last record is %d", path, s.Seq(), s.Run(), last)
	}
	part := path + ".part"
	if err := d.writeCompact(part, id, got, s); err != nil {
		os.Remove(part)
		return fmt.Errorf("journal: %s: %w", path, err)
	}
	if runtime.GOOS == "windows" { // where an open file cannot be replaced
		f.Close()
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

func (d *Dir) writeCompact(path, id string, old *File, s *flow.Snapshot) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	head := old.Header
	head.Run, head.Parent = id, &flow.Parent{Run: id, Seq: s.Seq()}
	w := d.writer(id, f)
	_, err = w.Begin(head)
	if err == nil {
		_, err = w.Append([]flow.Record{flow.Restored(s)})
	}
	if e := w.Close(); err == nil {
		err = e
	}
	return err
}
