package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
)

var update = flag.Bool("update", false, "write the golden files")

type memory struct {
	bytes.Buffer
	writes, syncs int
	fail          error
}

func (m *memory) Write(b []byte) (int, error) {
	if m.fail != nil {
		n, _ := m.Buffer.Write(b[:len(b)/2])
		return n, m.fail
	}
	m.writes++
	return m.Buffer.Write(b)
}
func (m *memory) Sync() error  { m.syncs++; return nil }
func (m *memory) Close() error { return nil }
func (m *memory) Truncate(size int64) error {
	m.Buffer.Truncate(int(size))
	return nil
}
func (m *memory) Stat() (os.FileInfo, error) { return sized{size: int64(m.Len())}, nil }

type sized struct {
	os.FileInfo
	size int64
}

func (s sized) Size() int64 { return s.size }

// in returns a writer of a journal that is kept in memory.
func in(t testing.TB, m *memory) *Writer {
	t.Helper()
	w := &Writer{f: m}
	if _, err := w.Begin(goldenHeader); err != nil {
		t.Fatal(err)
	}
	return w
}

// decode reads a journal to its end.
func decode(r io.Reader) ([]flow.Record, *Decoder, error) {
	d := NewDecoder(r)
	f, err := d.file(-1)
	return f.Records, d, err
}

var goldenHeader = flow.Header{
	Run: "run", Workflow: "wörk", Hash: "0123456789abcdef", Shape: json.RawMessage(`{"steps":[],"events":{"A":{"":"object"}}}`),
	Program: "weft v1.2.3", Created: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Parent: &flow.Parent{Run: "parent", Seq: 7},
}

// goldenKinds are those of the golden file, in its order. Kinds that are added later are not in it.
var goldenKinds = []flow.Kind{
	flow.RunStarted, flow.RunPaused, flow.RunResumed, flow.RunFinished, flow.RunFailed,
	flow.RunCancelled, flow.EventSent, flow.EventEmitted, flow.StepQueued, flow.StepStarted,
	flow.StepFinished, flow.StepFailed, flow.StepCancelled, flow.AwaitOpened, flow.AwaitResolved,
	flow.ScopeOpened, flow.ScopeClosed, flow.StateChanged,
}

// records has one record of every kind and every field.
func records() []flow.Record { return recordsOf(flow.Kinds()) }

func recordsOf(kinds []flow.Kind) (all []flow.Record) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	for _, k := range kinds {
		n := uint64(len(all) + 1)
		r := flow.Record{
			Seq: n, Time: at.Add(time.Duration(n) * time.Millisecond), Run: "run/7", Kind: k, Step: "schrítt", Worker: 2, Attempt: 3,
			Execution: 4, Event: 5, Index: 6, Cause: 7, Type: "Thing", Payload: json.RawMessage(`{"text":"a\nb <c> \u2028"}`), Error: "it \"failed\"\n", Due: at,
		}
		if n%2 == 0 {
			r = flow.Record{Seq: n, Time: at, Run: "run", Kind: k}
		}
		if n == 3 { // a line whose end looks almost like a checksum
			r.Payload = json.RawMessage(`{"waits":{"for":"the index"}}`)
		}
		all = append(all, r)
	}
	return all
}

func written(t testing.TB, all []flow.Record) []byte {
	t.Helper()
	m := &memory{}
	w := in(t, m)
	for _, r := range all {
		if _, err := w.Append([]flow.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if m.writes != len(all)+1 || m.syncs != 1 {
		t.Errorf("%d writes and %d syncs for %d records", m.writes, m.syncs, len(all))
	}
	return m.Bytes()
}

func text(t testing.TB, all []flow.Record) string {
	t.Helper()
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTheFormatIsFrozen fails if version 1 of the format can no longer be read or is written
// differently: journals outlive the program.
func TestTheFormatIsFrozen(t *testing.T) {
	path := filepath.Join("testdata", "journal-1.weft")
	m := &memory{}
	w := in(t, m)
	if _, err := w.Append(recordsOf(goldenKinds)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	owner := regexp.MustCompile(`,"owner":.*?\}`) // this process, and the checksums that follow from it
	plain := func(b []byte) string {
		b = regexp.MustCompile(`(?m) [0-9a-f]{8}$`).ReplaceAll(owner.ReplaceAll(b, nil), nil)
		return string(b)
	}
	if *update {
		if err := os.WriteFile(path, m.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain(m.Bytes()) != plain(want) {
		t.Errorf("the format has changed: raise Version and keep reading the old one\n%s", m.Bytes())
	}
	back, err := Read(bytes.NewReader(want))
	if err != nil || text(t, back.Records) != text(t, recordsOf(goldenKinds)) || !back.Sealed || back.Version != 1 {
		t.Errorf("what is read is not what was written: %v\n%s", err, text(t, back.Records))
	}
	if !reflect.DeepEqual(back.Header, goldenHeader) {
		t.Errorf("the header is %+v", back.Header)
	}
}

// sealed returns the lines of a journal.
func sealed(docs ...string) (file []byte) {
	chain := uint32(0)
	for _, doc := range docs {
		start := len(file)
		chain, file = seal(chain, append(file, doc...), start)
	}
	return file
}

const first = `{"seq":1,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.started","step":"w","event":1,"type":"start","payload":{"N":1}}`

// TestANewerVersionIsReadAsFarAsItIsKnown reads journals of a later version of the format: they can
// be shown, but not resumed.
func TestANewerVersionIsReadAsFarAsItIsKnown(t *testing.T) {
	later := fmt.Sprintf(`{"journal":"weft","version":%d}`, Version+1)
	got, err := Read(bytes.NewReader(sealed(later, first)))
	if err != nil || len(got.Records) != 1 || !errors.Is(got.Resumable(), ErrNewer) {
		t.Error(err, got.Resumable())
	}
	got, err = Read(bytes.NewReader(sealed(later, first, `{"what":"is this"}`)))
	if !errors.Is(err, ErrNewer) || len(got.Records) != 1 {
		t.Error(err)
	}
}

// TestOtherFilesAreNoJournals reads files of other kinds.
func TestOtherFilesAreNoJournals(t *testing.T) {
	for _, file := range []string{
		string(sealed(`{"journal":"other","version":1}`)), "PK\x03\x04 zip", "# Notes\n\nsome text\n", "{}\n", `{"a":1}` + "\n", "[1,2]\n", "\n\n", "null\n",
	} {
		if got, err := Read(strings.NewReader(file)); !errors.Is(err, ErrForeign) || len(got.Records) > 0 {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// TestKindsThatAreNotKnown reads records of kinds that this program does not know. They are shown;
// the run is resumed only if they may be skipped. Other mistakes are damage.
func TestKindsThatAreNotKnown(t *testing.T) {
	for record, want := range map[string]struct{ read, resume error }{
		`{"seq":2,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.labelled","type":"label","payload":[1]}`: {nil, ErrNewer},
		`{"seq":2,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.labelled","skippable":true}`:             {nil, nil},
		`{"seq":2,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.paused"}`:                                {nil, nil},
		`{"seq":2,"time":"2026-11-23T12:00:00Z","run":"run"}`:                                                    {ErrCorrupt, nil},
		`{"seq":0,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.labelled"}`:                              {ErrCorrupt, nil},
		`{"seq":3,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.paused"}`:                                {ErrCorrupt, nil},
		`{"seq":2,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.labelled","worker":"one"}`:               {ErrCorrupt, nil},
		`{"seq":2,"time":"never","run":"run","kind":"run.labelled"}`:                                             {ErrCorrupt, nil},
		`{"seq":2,"time":"2026-11-23T12:00:00Z","run":"run","kind":7}`:                                           {ErrCorrupt, nil},
	} {
		file := sealed(`{"journal":"weft","version":1}`, first, record)
		got, err := Read(bytes.NewReader(file))
		if !errors.Is(err, want.read) || !errors.Is(got.Resumable(), want.resume) {
			t.Errorf("%s: %v, %v", record, err, got.Resumable())
		}
		if err == nil && !strings.Contains(text(t, got.Records), record) {
			t.Errorf("%s is written again as %s", record, text(t, got.Records))
		}
	}
}

// TestLinesWithoutChecksums reads what "weft ask --json" writes: the same records without header
// and checksums.
func TestLinesWithoutChecksums(t *testing.T) {
	all := records()
	var b bytes.Buffer
	for _, r := range all {
		doc, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(doc, '\n'))
	}
	b.WriteString(`{"result":{"text":"an answer"}}` + "\n")
	for _, file := range []string{b.String(), strings.TrimSuffix(b.String(), "\n"), strings.ReplaceAll(b.String(), "\n", "\r\n")} {
		got, err := Read(strings.NewReader(file))
		if err != nil || got.Sealed || got.Version != 0 || text(t, got.Records) != text(t, all) {
			t.Error(err, got.Sealed, got.Version, len(got.Records))
		}
	}
	got, err := Read(strings.NewReader(`{"journal":"weft","version":1,"run":"r"}` + "\n" + b.String()))
	if err != nil || got.Sealed || got.Header.Run != "r" || len(got.Records) != len(all) {
		t.Error(err, got.Sealed, got.Header)
	}
	file := sealed(`{"journal":"weft","version":1}`, first)
	file = append(file, `{"seq":2,"time":"2026-11-23T12:00:00Z","run":"run","kind":"run.paused"}`+"\n"...)
	if _, err := Read(bytes.NewReader(file)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a line without a checksum among others: %v", err)
	}
}

// prefix reports whether what was read is the beginning of what was written.
func prefix(t testing.TB, got, all []flow.Record) bool {
	return len(got) == 0 || len(got) <= len(all) && text(t, got) == text(t, all[:len(got)])
}

func TestTruncationAtAnyByteIsAShorterRun(t *testing.T) {
	all := records()
	file := written(t, all)
	step := 5 * raceFactor
	if os.Getenv("WEFT_LONG") == "1" {
		step = raceFactor
	}
	for n := 0; n <= len(file); n += step {
		got, dec, err := decode(bytes.NewReader(file[:n]))
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		lines := bytes.Count(file[:n], []byte("\n"))
		if len(got) != max(0, lines-1) || !prefix(t, got, all) {
			t.Fatalf("cut at %d: %d records of %d whole lines", n, len(got), lines)
		}
		if want := int64(bytes.LastIndexByte(file[:n], '\n') + 1); dec.Offset() != want {
			t.Fatalf("cut at %d: the good part ends at %d, not %d", n, dec.Offset(), want)
		}
	}
}

// TestBitFlipsAreDetected flips every bit, and many pairs of bits: reading returns a prefix of the
// records that were written. If that is not all of them, there is an error, or the flip hit the
// newline of the last line.
func TestBitFlipsAreDetected(t *testing.T) {
	t.Parallel()
	all := records()[:7]
	file := written(t, all)
	right, _, _ := decode(bytes.NewReader(file))
	check := func(bad []byte, what ...int) {
		got, _, err := decode(bytes.NewReader(bad))
		if len(got) > len(right) || !reflect.DeepEqual(got, right[:len(got)]) && len(got) > 0 {
			t.Fatalf("flip of %v: a wrong run", what)
		}
		if err == nil && len(got) == len(all) {
			t.Fatalf("flip of %v was not detected", what)
		}
	}
	for i := 0; i < len(file)*8; i += raceFactor {
		bad := slices.Clone(file)
		bad[i/8] ^= 1 << (i % 8)
		check(bad, i)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	n := 2000 / raceFactor
	if os.Getenv("WEFT_LONG") == "1" {
		n = 100_000
	}
	for range n {
		bad := slices.Clone(file)
		var what []int
		for range 2 + rng.IntN(6) {
			i := rng.IntN(len(bad) * 8)
			bad[i/8] ^= 1 << (i % 8)
			what = append(what, i)
		}
		if !bytes.Equal(bad, file) {
			check(bad, what...)
		}
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	for i := 1; i < len(lines)-2; i++ { // a line is lost, doubled, moved
		check(bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil), i)
		check(bytes.Join(slices.Insert(slices.Clone(lines), i, lines[i]), nil), i)
		swapped := slices.Clone(lines)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		check(bytes.Join(swapped, nil), i)
	}
}

func FuzzDecode(f *testing.F) {
	file := written(f, records()[:2]) // with a longer file the fuzzer spends its time on shortening it
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("{}\n"))
	f.Add([]byte(first + "\n"))
	f.Add(sealed(`{"journal":"weft","version":1}`, first))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, dec, err := decode(bytes.NewReader(b))
		if dec.Offset() > int64(len(b)) {
			t.Fatal("it has read more than there is")
		}
		if err == nil && len(got) > 0 {
			again, _, err := decode(bytes.NewReader(b[:dec.Offset()]))
			if err != nil || text(t, again) != text(t, got) {
				t.Fatal("the good part alone reads differently", err)
			}
		}
	})
}
