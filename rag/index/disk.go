package index

import (
	"errors"
	"fmt"
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

// The files of an index.
const (
	snapshotName = "snapshot"
	logName      = "log"
	lockName     = "lock"
	holderName   = "holder"
	tagName      = "CACHEDIR.TAG"
)

// tag is the content of the file by which programs know a directory whose content can be made again (https://bford.info/cachedir/): backups leave it out,
// and so does load, should the index be kept among the documents.
const tag = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory is an index of weft. It can be deleted: weft makes it anew.\n"

// disk is the writing side of an index's directory.
type disk struct {
	dir        string
	lock       *os.File
	log        *os.File
	logSize    int64
	carried    int64 // of it, what the last snapshot did not take up
	snapSize   int64
	generation key
	dirty      bool
	owed       bool  // vectors are in memory only, until the next snapshot
	failed     error // nothing can be written any more
}

func (k *disk) size() int64 { return k.logSize + k.snapSize }

// New returns an empty index that is kept in memory only.
func New(e embed.Embedder, opts Options) *Index { return newIndex("", e, opts) }

// Open opens the index in a directory, which is made if need be. It returns as soon as words can be searched; vectors follow in the background (see
// [Index.WaitVectors]).
//
// If another process writes the index it is opened for reading: [Status] says by whom it is locked, and [Index.Update] tries again. What is damaged on
// disk is thrown away, Status says why, and the next Update builds it anew. If nothing can be written, the index is kept in memory, and each Update says
// so and tries again. An error is one of reading what is on disk.
func Open(dir string, e embed.Embedder, opts Options) (*Index, error) {
	x := newIndex(dir, e, opts)
	if !opts.ReadOnly {
		x.disk, x.unkept = x.acquire()
	}
	err := x.read()
	switch {
	case err == nil:
	case x.unkept != nil: // nor can anything be read
		x.reset()
	default:
		if x.disk != nil {
			x.disk.lock.Close()
		}
		return nil, err
	}
	return x, nil
}

// read takes in what is on disk and, for the writer, makes the log ready.
func (x *Index) read() error {
	x.seen = x.onDisk()
	for range 5 { // a writer may replace both files between our two reads
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

// readOnce reads the snapshot without its vectors, and the log. good is the offset behind the log's last good record, 0 if it is not the snapshot's.
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
	good = readLog(log, generation, x.replay)
	x.rememberKeys()
	if x.disk != nil && snap == nil && len(log) > 0 && good == 0 {
		x.notice = "the log was written by another version, or its snapshot is gone: everything is read again"
	}
	if x.disk != nil && good > 0 && good < int64(len(log)) { // what another process is just writing is no damage
		x.notice = fmt.Sprintf("the last %d bytes of the log were not whole: what they held is read again", int64(len(log))-good)
	}
	return snap, log, good, nil
}

// rememberKeys notes which passage has which text, so that vectors are made once. Only passages that are there get the vectors that are on disk.
func (x *Index) rememberKeys() {
	v := x.view.Load()
	clear(x.byKey)
	for id, p := range v.passages {
		if v.live.has(ID(id)) {
			x.byKey[p.key] = ID(id)
		}
	}
}

// attach readies the log for writing and starts to read the vectors.
func (x *Index) attach(snap *snapshotReader, good int64) {
	if x.disk != nil {
		if snap != nil {
			x.disk.generation, x.disk.snapSize = snap.header.generation, int64(snap.header.size)
		} else if err := os.Remove(filepath.Join(x.dir, snapshotName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			x.disk.failed = err
		}
		if x.disk.failed == nil {
			x.disk.failed = x.disk.openLog(good) // a full disk keeps nobody from searching
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

// openLog opens the log for appending behind its last good record; good 0 begins a new one.
func (k *disk) openLog(good int64) error {
	name := filepath.Join(k.dir, logName)
	if good == 0 {
		return k.newLog()
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0o600)
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

// newLog puts an empty log of the current generation in the place of the old one.
func (k *disk) newLog() error {
	name := filepath.Join(k.dir, logName)
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
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
		k.log, err = os.OpenFile(name, os.O_RDWR, 0o600)
	}
	if err != nil {
		k.failed = fmt.Errorf("begin a new log: %w", err)
		return k.failed
	}
	k.logSize, k.carried = int64(len(head)), 0
	k.failed = nil
	return nil
}

// rename puts a file in the place of another one. Windows refuses while some process has that one open, as a reader has for moments.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for n := 0; err != nil && runtime.GOOS == "windows" && n < 20; n++ {
		time.Sleep(100 * time.Millisecond)
		err = os.Rename(from, to)
	}
	return err
}

// syncDir makes a rename survive a power loss. Windows has no such call and needs none.
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

// checkpoint writes a snapshot of all that is committed and begins a new log. The caller holds x.update and not x.mu; searches go on.
func (x *Index) checkpoint() error {
	x.loads.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.disk == nil || x.closed {
		return nil
	}
	v := x.view.Load().clone()
	v.segments = []*segment{joinAll(v.segments, v.live)}
	files := slices.SortedFunc(maps.Values(x.files), func(a, b *file) int { return strings.Compare(a.path, b.path) })
	name := filepath.Join(x.dir, snapshotName)
	generation, size, err := writeSnapshot(name+".new", v, files)
	if err != nil {
		return err
	}
	if err := rename(name+".new", name); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if err := syncDir(x.dir); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	x.disk.generation, x.disk.snapSize, x.disk.owed = generation, size, false
	if err := x.disk.newLog(); err != nil {
		return err
	}
	x.view.Store(v)
	if x.next != nil { // the snapshot holds the vectors that serve; those that are still being made stand in the log
		x.carry(v)
	}
	return nil
}

// carry writes the vectors for the next embedder into a new log. A power loss on the way takes vectors only: they are made again.
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

// joinAll makes one segment of all, without what is gone; the small ones at the end first.
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

// WaitVectors waits until the vectors that were on disk are there.
func (x *Index) WaitVectors() { x.loads.Wait() }

// Close ends all writing. Views stay readable.
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
