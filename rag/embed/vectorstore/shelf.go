package vectorstore

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"weft/rag/statefile"
)

// The vectors of a model are in a directory with two files for each month:
//
//	2026-11.vectors  records: key (16 bytes), vector (float32, little-endian), CRC-32C of both
//	2026-11.keys     the keys of these records, in their order: key, CRC-32C of it
//
// Both only grow, and a record's number is its place. A vector is returned only if its own record
// has the right key and checksum. So the file of keys need not be right: it spares reading the
// vectors to learn which there are. Writers take a lock in turns; an incomplete last record is
// overwritten.
//
// A vector that is used and is not in the file of this month is copied to it. So the file of a month
// that is long ago holds only what was not used since, and can be deleted as a whole.
const (
	vectorsEnding = ".vectors"
	keysEnding    = ".keys"
	modelFile     = "model"
	lockFile      = "lock"
	keyRecord     = len(key{}) + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A shelf holds the vectors of one model.
type shelf struct {
	root  string // the store's directory
	dir   string
	model string
	dims  int
	now   func() time.Time
	tell  func(error)
	// openFile opens a file for writing, and creates it.
	openFile func(name string) (file, error)

	mu     sync.Mutex
	places map[key]place  // nil until the keys have been read
	read   map[string]int // number of records of each period of which the keys are in places
	full   bool           // a write failed: nothing more is written
}

// A file is one that a store writes. Tests replace it by one that fails.
type file interface {
	io.WriterAt
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	Close() error
}

func openFile(name string) (file, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// A place says where a vector is.
type place struct {
	period string
	record int
}

func (s *shelf) recordSize() int { return len(key{}) + 4*s.dims + 4 }

func (s *shelf) file(period, ending string) string { return filepath.Join(s.dir, period+ending) }

// find puts the vectors that are kept into found, in the order of the keys.
func (s *shelf) find(keys []key, found [][]float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh()
	files := map[string]*os.File{}
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	current := period(s.now())
	var oldKeys []key
	var old [][]float32
	for i, k := range keys {
		at, ok := s.places[k]
		if !ok {
			continue
		}
		f, opened := files[at.period]
		if !opened {
			f = s.open(at.period)
			files[at.period] = f
		}
		if found[i] = s.vector(f, at.record, k); found[i] == nil {
			delete(s.places, k)
			continue
		}
		if at.period != current {
			oldKeys, old = append(oldKeys, k), append(old, found[i])
		}
	}
	s.write(oldKeys, old)
}

// open opens the vectors of a period. It returns nil if they cannot be read: a file that is gone
// was pruned by another process, which is not a failure.
func (s *shelf) open(period string) *os.File {
	f, err := os.Open(s.file(period, vectorsEnding))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.tell(err)
		}
		return nil
	}
	return f
}

// vector reads a record, and returns nil if it is not an undamaged one of the key.
func (s *shelf) vector(f *os.File, record int, k key) []float32 {
	if f == nil {
		return nil
	}
	b := make([]byte, s.recordSize())
	if _, err := f.ReadAt(b, int64(record)*int64(len(b))); err != nil {
		return nil
	}
	body := b[:len(b)-4]
	if key(body[:len(k)]) != k || crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[len(body):]) {
		return nil
	}
	v := make([]float32, s.dims)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[len(k)+4*i:]))
	}
	return v
}

// refresh reads the keys that were added since, by this process or another one.
func (s *shelf) refresh() {
	names := []string{period(s.now())} // only this month's files grow
	if s.places == nil {
		s.places, s.read = map[key]place{}, map[string]int{}
		names = s.periods()
	}
	for _, name := range names {
		s.readKeys(name)
	}
}

// periods returns the names of the periods that have vectors, the oldest first.
func (s *shelf) periods() (names []string) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.tell(err)
	}
	for _, e := range entries {
		name, isVectors := strings.CutSuffix(e.Name(), vectorsEnding)
		if _, ok := periodEnd(name); ok && isVectors {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// readKeys adds the keys of a period's records that are not known yet.
func (s *shelf) readKeys(period string) {
	fi, err := os.Stat(s.file(period, vectorsEnding))
	if err != nil {
		return
	}
	known, count := s.read[period], int(fi.Size())/s.recordSize()
	if count <= known {
		return
	}
	b := make([]byte, (count-known)*keyRecord)
	n := 0
	if f, err := os.Open(s.file(period, keysEnding)); err == nil {
		n, _ = f.ReadAt(b, int64(known)*int64(keyRecord)) // the rest is read from the vectors
		f.Close()
	}
	var vectors *os.File
	for i := range count - known {
		r := b[i*keyRecord:][:keyRecord]
		k := key(r[:len(key{})])
		if (i+1)*keyRecord > n || crc32.Checksum(k[:], castagnoli) != binary.LittleEndian.Uint32(r[len(k):]) {
			if vectors == nil {
				if vectors = s.open(period); vectors == nil {
					return
				}
				defer vectors.Close()
			}
			if _, err := vectors.ReadAt(k[:], int64(known+i)*int64(s.recordSize())); err != nil {
				return
			}
		}
		s.places[k] = place{period, known + i}
	}
	s.read[period] = count
}

// keep writes vectors that are not in this month's file yet.
func (s *shelf) keep(keys []key, vectors [][]float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.places == nil {
		s.refresh()
	}
	current := period(s.now())
	var newKeys []key
	var added [][]float32
	for i, k := range keys {
		if s.places[k].period != current && usable(vectors[i], s.dims) {
			newKeys, added = append(newKeys, k), append(added, vectors[i])
		}
	}
	s.write(newKeys, added)
}

// write appends records to this month's files. After a failure nothing more is written. The caller
// holds s.mu.
func (s *shelf) write(keys []key, vectors [][]float32) {
	if len(keys) == 0 || s.full {
		return
	}
	if err := s.append(period(s.now()), keys, vectors); err != nil {
		s.full = true
		s.tell(err)
	}
}

func (s *shelf) append(current string, keys []key, vectors [][]float32) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	defer statefile.Lock(filepath.Join(s.dir, lockFile))()
	f, err := s.openFile(s.file(current, vectorsEnding))
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if fi.Size() == 0 {
		if err := s.begin(); err != nil {
			return err
		}
	}
	first := int(fi.Size()) / s.recordSize()
	records := make([]byte, 0, len(keys)*s.recordSize())
	list := make([]byte, 0, len(keys)*keyRecord)
	for i, k := range keys {
		at := len(records)
		records = append(records, k[:]...)
		for _, x := range vectors[i] {
			records = binary.LittleEndian.AppendUint32(records, math.Float32bits(x))
		}
		records = binary.LittleEndian.AppendUint32(records, crc32.Checksum(records[at:], castagnoli))
		list = append(list, k[:]...)
		list = binary.LittleEndian.AppendUint32(list, crc32.Checksum(k[:], castagnoli))
	}
	if _, err := f.WriteAt(records, int64(first)*int64(s.recordSize())); err != nil {
		return errors.Join(err, f.Truncate(int64(first)*int64(s.recordSize())))
	}
	if err := s.writeAt(s.file(current, keysEnding), list, int64(first)*int64(keyRecord)); err != nil {
		return err
	}
	for i, k := range keys {
		s.places[k] = place{current, first + i}
	}
	return nil
}

// begin completes the directory when the first vector of a month is written: the name of the model
// is written for people, and what was not used for long is deleted.
func (s *shelf) begin() error {
	if err := statefile.Write(filepath.Join(s.dir, modelFile), []byte(s.model+"\n")); err != nil {
		return err
	}
	if err := tagCache(s.root); err != nil {
		return err
	}
	_, err := Prune(s.root, s.now().Add(-keptFor), keptBytes, false)
	return err
}

func (s *shelf) writeAt(name string, data []byte, at int64) error {
	f, err := s.openFile(name)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, at)
	return errors.Join(err, f.Close())
}
