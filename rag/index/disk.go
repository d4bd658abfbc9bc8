package index

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"weft/rag/embed"
)

// Names of the files of an index.
const (
	snapshotName = "snapshot"
	logName      = "log"
	lockName     = "lock"
	holderName   = "holder"
	tagName      = "CACHEDIR.TAG"
)

// tag is the content of the file that marks a cache directory (https://bford.info/cachedir/).
// Backups skip such directories, and so does load if the index is inside the corpus.
const tag = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory is an index of weft. It can be deleted: weft makes it anew.\n"

// disk is the writing side of an index's directory.
type disk struct {
	dir            string
	lock           *os.File
	openFile       func(name string, flag int) (diskFile, error)
	log            diskFile
	logSize        int64
	carried        int64 // bytes of logSize that were written by carry
	snapSize       int64
	generation     key
	dirty          bool
	unsavedVectors bool  // vectors are only in memory until the next snapshot
	failed         error // a write error; nothing is appended until a new log is started
}

// A diskFile is a file that an index writes. Tests replace it by one that fails.
type diskFile interface {
	io.Writer
	io.WriterAt
	io.Seeker
	Truncate(size int64) error
	Sync() error
	Close() error
}

func openFile(name string, flag int) (diskFile, error) {
	f, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (k *disk) size() int64 { return k.logSize + k.snapSize }

// New returns an empty index that is kept only in memory.
func New(e embed.Embedder, opts Options) *Index { return newIndex("", e, opts) }

// Open opens the index in a directory, which is created if needed. It returns as soon as words can
// be searched; vectors are loaded in the background (see [Index.WaitVectors]).
//
// If another process writes the index, it is opened for reading: [Status] names the process, and
// [Index.Update] tries again. Damaged data is discarded: Status says why, and the next Update
// rebuilds it. If the directory cannot be written, the index is kept in memory, and each Update
// reports this and tries again. Open returns an error only if the data on disk cannot be read.
func Open(dir string, e embed.Embedder, opts Options) (*Index, error) {
	x := newIndex(dir, e, opts)
	if err := x.open(); err != nil {
		return nil, err
	}
	return x, nil
}

// open takes the lock, if it may write, and reads the data on disk.
func (x *Index) open() error {
	if !x.opts.ReadOnly {
		x.disk, x.writeErr = x.acquire()
	}
	err := x.read()
	switch {
	case err == nil:
	case x.writeErr != nil: // the directory cannot be read either
		x.reset()
	default:
		if x.disk != nil {
			x.disk.lock.Close()
		}
		return err
	}
	return nil
}

// read loads the data on disk except the vectors, and attaches to it.
func (x *Index) read() error {
	x.seen = x.onDisk()
	for range 5 { // a writer may replace both files between the two reads
		snap, log, good, err := x.readOnce()
		if err != nil {
			return err
		}
		if x.disk == nil && log != nil && good == 0 {
			if snap != nil {
				snap.f.Close()
			}
			x.reset()
			time.Sleep(10 * time.Millisecond)
			continue
		}
		x.attach(snap, good)
		return nil
	}
	snap, _, good, err := x.readOnce()
	if err != nil {
		return err
	}
	x.attach(snap, good)
	return nil
}

func (x *Index) reset() {
	x.files = make(map[string]*file)
	x.byKey = make(map[key]ID)
	x.logged = nil
	x.next = nil
	x.view.Store(emptyView(x))
}

// readOnce reads the snapshot without its vectors, and the log. good is the offset after the last
// valid record of the log, or 0 if the log does not belong to the snapshot.
func (x *Index) readOnce() (snap *snapshotReader, log []byte, good int64, err error) {
	var generation key
	snap, err = openSnapshot(filepath.Join(x.dir, snapshotName))
	if err == nil && snap != nil {
		generation = snap.header.generation
		if err = x.restore(snap); err != nil {
			snap.f.Close()
			snap = nil
			x.reset()
		}
	}
	var d damage
	if errors.As(err, &d) {
		x.notice = strings.TrimPrefix(d.Error(), "index: ") + ": everything is read again"
		return nil, nil, 0, nil
	}
	if err != nil {
		return nil, nil, 0, err
	}
	log, err = readFile(filepath.Join(x.dir, logName))
	if err != nil {
		if snap != nil {
			snap.f.Close()
		}
		return nil, nil, 0, fmt.Errorf("index: %w", err)
	}
	_, good = x.readLog(log, generation)
	x.rememberKeys()
	if x.disk != nil && snap == nil && len(log) > 0 && good == 0 {
		x.notice = "the log was written by another version, or its snapshot is gone: everything is read again"
	}
	// For a reader, an incomplete record is one that another process is still writing.
	if x.disk != nil && good > 0 && good < int64(len(log)) {
		x.notice = fmt.Sprintf("the last %d bytes of the log were not whole: what they held is read again", int64(len(log))-good)
	}
	return snap, log, good, nil
}

// rememberKeys maps each text to a passage that has it, so that its vector is computed only once.
// Only live passages get the vectors on disk.
func (x *Index) rememberKeys() {
	v := x.view.Load()
	clear(x.byKey)
	for id, p := range v.passages {
		if v.live.has(ID(id)) {
			x.byKey[p.key] = ID(id)
		}
	}
}

// attach prepares the log for writing and starts to load the vectors.
func (x *Index) attach(snap *snapshotReader, good int64) {
	if x.disk != nil {
		if snap != nil {
			x.disk.generation, x.disk.snapSize = snap.header.generation, int64(snap.header.size)
		} else if err := os.Remove(filepath.Join(x.dir, snapshotName)); err != nil &&
			!errors.Is(err, fs.ErrNotExist) {
			x.disk.failed = err
		}
		if x.disk.failed == nil {
			x.disk.failed = x.disk.openLog(good) // a write error must not prevent searching
		}
	}
	logged := x.logged
	x.logged = nil
	if snap == nil && len(logged) == 0 {
		return
	}
	v := x.view.Load()
	count := 0
	if snap != nil {
		s, _ := snap.find(sectionLengths)
		count = int(s.length / 4)
	}
	x.loads.Go(func() { x.loadVectors(v, snap, count, logged) })
}

// openLog opens the log for appending after its last valid record. If good is 0, it starts a new
// log.
func (k *disk) openLog(good int64) error {
	name := filepath.Join(k.dir, logName)
	if good == 0 {
		return k.newLog()
	}
	f, err := k.openFile(name, os.O_RDWR)
	if err != nil {
		return err
	}
	if err := f.Truncate(good); err != nil {
		f.Close()
		return err
	}
	k.log, k.logSize = f, good
	return nil
}

// newLog replaces the log with an empty one of the current generation.
func (k *disk) newLog() error {
	name := filepath.Join(k.dir, logName)
	f, err := k.openFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_RDWR)
	if err != nil {
		return err
	}
	head := logHeader(k.generation)
	_, err = f.Write(head)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if k.log != nil {
		k.log.Close()
		k.log = nil
	}
	if err == nil {
		err = rename(name+".new", name)
	}
	if err == nil {
		err = syncDir(k.dir)
	}
	if err == nil {
		k.log, err = k.openFile(name, os.O_RDWR)
	}
	if err != nil {
		k.failed = fmt.Errorf("begin a new log: %w", err)
		return k.failed
	}
	k.logSize, k.carried = int64(len(head)), 0
	k.failed = nil
	return nil
}

// rename replaces a file. Windows refuses while a process has the target open, as readers do
// briefly, so rename retries there.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for n := 0; err != nil && runtime.GOOS == "windows" && n < 20; n++ {
		time.Sleep(100 * time.Millisecond)
		err = os.Rename(from, to)
	}
	return err
}

// syncDir makes a rename durable. Windows has no such call and does not need it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// checkpoint writes a snapshot of everything committed and starts a new log. The caller holds
// x.update but not x.mu; searches continue meanwhile.
func (x *Index) checkpoint() error {
	x.loads.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.disk == nil || x.closed {
		return nil
	}
	v := x.view.Load().clone()
	v.segments = []*segment{joinAll(v.segments, v.live)}
	files := slices.SortedFunc(maps.Values(x.files),
		func(a, b *file) int { return strings.Compare(a.path, b.path) })
	name := filepath.Join(x.dir, snapshotName)
	generation, size, err := x.disk.writeSnapshot(name+".new", v, files)
	if err != nil {
		return err
	}
	if err := rename(name+".new", name); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if err := syncDir(x.dir); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	x.disk.generation, x.disk.snapSize, x.disk.unsavedVectors = generation, size, false
	if err := x.disk.newLog(); err != nil {
		return err
	}
	x.view.Store(v)
	// The snapshot holds the serving vectors. The next embedder's vectors are carried over in the
	// log.
	if x.next != nil {
		x.carry(v)
	}
	return nil
}

// carry writes the vectors of the next embedder to the new log. A power loss during carry loses
// only vectors, which are computed again.
func (x *Index) carry(v *View) {
	var keys []key
	var vecs [][]float32
	done := make(map[key]bool)
	write := func() {
		if len(keys) > 0 {
			x.disk.append(encodeVectors(x.next.name, keys, vecs))
		}
		keys, vecs = keys[:0], vecs[:0]
	}
	for _, id := range v.ids() {
		k := v.passages[id].key
		if vec := x.next.get(id); vec != nil && !done[k] {
			done[k] = true
			keys, vecs = append(keys, k), append(vecs, vec)
		}
		if len(keys) == embedBatch {
			write()
		}
	}
	write()
	x.disk.sync()
	x.disk.carried = x.disk.logSize
}

// joinAll merges all segments into one without removed passages, starting with the small ones at
// the end.
func joinAll(segs []*segment, live bitset) *segment {
	all := &segment{starts: []uint32{0}}
	for i, s := range slices.Backward(segs) {
		if i == len(segs)-1 && !slices.ContainsFunc(s.ids, func(id ID) bool { return !live.has(id) }) {
			all = s
			continue
		}
		all = merge(s, all, live)
	}
	return all
}

// WaitVectors waits until the vectors on disk are loaded.
func (x *Index) WaitVectors() { x.loads.Wait() }

// Close waits for loading vectors, then closes the files and releases the lock. Views stay
// readable.
func (x *Index) Close() error {
	x.update.Lock()
	defer x.update.Unlock()
	x.loads.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil
	}
	x.closed = true
	if x.disk == nil {
		return nil
	}
	x.disk.sync()
	err := x.disk.failed
	if x.disk.log != nil {
		err = errors.Join(err, x.disk.log.Close())
	}
	os.Remove(filepath.Join(x.dir, holderName))
	return errors.Join(err, x.disk.lock.Close())
}
