package index

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/rag/chunk"
	"weft/rag/embed"
)

// history is an index's directory after several updates, with all states of the index.
type history struct {
	docs     string
	snapshot []byte
	log      []byte
	states   []string // dumps of the passages, without vectors
	clean    string   // dump of the last state, with vectors
}

// makeHistory updates an index several times, with a checkpoint in between.
func makeHistory(t testing.TB) history {
	t.Helper()
	h := history{docs: t.TempDir()}
	dir := t.TempDir()
	x := open(t, dir, embed.NewHashed())
	h.states = append(h.states, passages(x))
	commit := func(files map[string]string, gone ...string) {
		write(t, h.docs, files)
		for _, g := range gone {
			os.Remove(filepath.Join(h.docs, g))
		}
		update(t, x, h.docs)
		h.states = append(h.states, passages(x))
	}
	commit(map[string]string{"a.md": "# A\n\nalpha one\n\n## B\n\nbeta two"})
	commit(map[string]string{"b.txt": "gamma three", "c.txt": "delta four"})
	if err := x.checkpoint(); err != nil {
		t.Fatal(err)
	}
	commit(map[string]string{"a.md": "# A\n\nalpha changed\n\n## B\n\nbeta two"})
	commit(map[string]string{"d.txt": "epsilon five"})
	commit(nil, "b.txt")
	commit(nil, "c.txt")
	h.clean = dump(x)
	x.Close()
	h.snapshot = readAll(t, filepath.Join(dir, snapshotName))
	h.log = readAll(t, filepath.Join(dir, logName))
	return h
}

func readAll(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// passages dumps the served passages without vectors.
func passages(x *Index) string {
	var b strings.Builder
	v := x.View()
	v.Each(func(id ID, c *chunk.Chunk) {
		fmt.Fprintf(&b, "%s %s %q %q %d\n", c.ID, c.Path, c.Heading, c.Text, c.Line)
	})
	for _, f := range x.Files() {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

// reopen opens an index from the bytes of its files and checks that its passages are an earlier
// state of the index, that each vector belongs to its passage, that words find the passages that
// contain them, and that an update repairs the index completely.
func (h history) reopen(t testing.TB, snapshot, log []byte, what string) {
	t.Helper()
	dir := t.TempDir()
	if snapshot != nil {
		os.WriteFile(filepath.Join(dir, snapshotName), snapshot, 0o600)
	}
	if log != nil {
		os.WriteFile(filepath.Join(dir, logName), log, 0o600)
	}
	x, err := Open(dir, embed.NewHashed(), Options{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer x.Close()
	if got := passages(x); !slices.Contains(h.states, got) {
		t.Fatalf("%s: a state that the index never had:\n%s", what, got)
	}
	x.WaitVectors()
	checkVectors(t, x, what)
	update(t, x, h.docs)
	if got := dump(x); got != h.clean {
		t.Fatalf("%s: after an update\n%s\nwant\n%s", what, got, h.clean)
	}
}

func checkVectors(t testing.TB, x *Index, what string) {
	t.Helper()
	v := x.View()
	v.Each(func(id ID, c *chunk.Chunk) {
		vec := v.Vector(id)
		if vec == nil {
			return
		}
		want, err := x.offline.Embed(context.Background(), []string{embedText(*c)})
		if err != nil {
			t.Fatal(err)
		}
		if Dot(vec, want[0]) < 0.9999 {
			t.Fatalf("%s: %s has the vector of another text", what, c.Path)
		}
	})
}

func TestEveryTruncationAndManyBitFlipsAreSurvived(t *testing.T) {
	h := makeHistory(t)
	h.reopen(t, h.snapshot, h.log, "undamaged")
	h.reopen(t, nil, h.log, "without the snapshot")
	h.reopen(t, h.snapshot, nil, "without the log")
	random := rand.New(rand.NewPCG(1, 1))
	n := 20
	if os.Getenv("WEFT_LONG") == "1" {
		n = 1000
	}
	for range n {
		at := random.IntN(len(h.log))
		h.reopen(t, h.snapshot, h.log[:at], fmt.Sprintf("log cut at %d", at))
		at = random.IntN(len(h.log))
		h.reopen(t, h.snapshot, flip(h.log, at, random.IntN(8)), fmt.Sprintf("log flipped at %d", at))
		at = random.IntN(len(h.snapshot))
		h.reopen(t, h.snapshot[:at], h.log, fmt.Sprintf("snapshot cut at %d", at))
		at = random.IntN(len(h.snapshot))
		if random.IntN(2) == 0 {
			// the header and the passages, which are small compared to the vectors
			at = random.IntN(4096)
		}
		h.reopen(t, flip(h.snapshot, at, random.IntN(8)), h.log, fmt.Sprintf("snapshot flipped at %d", at))
	}
}

func flip(b []byte, at, bit int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 1 << bit
	return c
}

// FuzzDamage truncates and changes the files of an index.
func FuzzDamage(f *testing.F) {
	h := makeHistory(f)
	f.Add(uint32(0), uint32(100), []byte{1}, false)
	f.Add(uint32(600), uint32(1<<30), []byte{0xff, 0xff}, true)
	f.Fuzz(func(t *testing.T, at, cut uint32, change []byte, inLog bool) {
		snapshot, log := bytes.Clone(h.snapshot), bytes.Clone(h.log)
		b := &snapshot
		if inLog {
			b = &log
		}
		for i, c := range change {
			(*b)[(int(at)+i)%len(*b)] ^= c
		}
		if int(cut) < len(*b) {
			*b = (*b)[:cut]
		}
		h.reopen(t, snapshot, log, fmt.Sprintf("at %d ^ %x, cut %d, log %v", at, change, cut, inLog))
	})
}

// FuzzRecord tests records with arbitrary content and a valid checksum: decoding must not panic or
// allocate without bound.
func FuzzRecord(f *testing.F) {
	x := New(embed.NewHashed(), Options{})
	p := x.prepare(&file{path: "a.md"}, []chunk.Chunk{{ID: "1", Heading: []string{"A"}, Text: "text"}})
	f.Add(encodeTransaction(transaction{puts: []*put{p}, removes: []string{"b"}}))
	f.Add(encodeVectors("hashed-1024", []key{{1}}, [][]float32{{1, 2}}))
	f.Fuzz(func(t *testing.T, payload []byte) {
		x := New(embed.NewHashed(), Options{})
		r := &logRecord{payload: payload, decoded: make(chan struct{})}
		x.decodeRecord(r)
		_ = x.applyRecord(r)
	})
}

// FuzzSections changes the sections of a snapshot and repairs their checksums: reading must not
// panic.
func FuzzSections(f *testing.F) {
	h := makeHistory(f)
	f.Add(uint32(512), []byte{1})
	f.Add(uint32(530), []byte{0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, at uint32, change []byte) {
		b := bytes.Clone(h.snapshot)
		for i, c := range change {
			b[headerSize+(int(at)+i)%(len(b)-headerSize)] ^= c
		}
		head, err := decodeHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range head.sections {
			s := &head.sections[i]
			s.crc = crc32.Checksum(b[s.offset:s.offset+s.length], castagnoli)
		}
		copy(b, head.encode())
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, snapshotName), b, 0o600)
		x, err := Open(dir, embed.NewHashed(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		x.WaitVectors()
		find(x, "alpha beta")
		if x.View().Embedder() != nil {
			x.View().Nearest(context.Background(), query(t, x, "alpha"), 5, nil)
		}
	})
}

func TestTheFormatsAreThoseThatAreDescribed(t *testing.T) {
	h := makeHistory(t)
	if string(h.snapshot[:8]) != snapshotMagic || binary.LittleEndian.Uint32(h.snapshot[8:]) != snapshotVersion {
		t.Errorf("a snapshot begins with %q", h.snapshot[:12])
	}
	if string(h.log[:8]) != logMagic || !bytes.Equal(h.log[8:24], h.snapshot[16:32]) {
		t.Errorf("a log begins with %q", h.log[:24])
	}
}

func TestALogOfAnotherVersionIsNotUsed(t *testing.T) {
	dir, docs := t.TempDir(), t.TempDir()
	write(t, docs, manual)
	x := open(t, dir, embed.NewHashed())
	update(t, x, docs)
	want := dump(x)
	x.Close()
	log := readAll(t, filepath.Join(dir, logName))
	binary.LittleEndian.PutUint32(log[24:], snapshotVersion-1)
	binary.LittleEndian.PutUint32(log[28:], crc32.Checksum(log[:28], castagnoli))
	if err := os.WriteFile(filepath.Join(dir, logName), log, 0o600); err != nil {
		t.Fatal(err)
	}
	y := open(t, dir, embed.NewHashed())
	if s := y.Status(); s.Chunks != 0 || !strings.Contains(s.Rebuilt, "another version") {
		t.Errorf("it is served, passages cut by other rules and all: %+v", s)
	}
	update(t, y, docs)
	if dump(y) != want {
		t.Error("it is not rebuilt")
	}
}
