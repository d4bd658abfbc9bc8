package journal

import (
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"weft/flow"
)

// A fullDisk accepts a number of bytes. The write that exceeds it writes half of its data and
// fails.
type fullDisk struct {
	*os.File
	room int
}

func (f *fullDisk) Write(b []byte) (int, error) {
	if len(b) <= f.room {
		f.room -= len(b)
		return f.File.Write(b)
	}
	n, err := f.File.Write(b[:f.room])
	f.room = 0
	if err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

// TestAFullDisk lets a disk become full at each of many places. What was acknowledged is in the
// journal, the run continues or fails, as its options say, and is resumed when there is room again.
func TestAFullDisk(t *testing.T) {
	room := 0
	for done := false; !done; room += 97 {
		for _, fails := range []bool{false, true} {
			done = testFullDisk(t, room, fails)
		}
	}
	t.Logf("the whole run needs less than %d bytes", room)
}

// testFullDisk reports whether there was room for the whole run.
func testFullDisk(t *testing.T, room int, fails bool) bool {
	dir := open(t)
	dir.wrap = func(f *os.File) file { return &fullDisk{f, room} }
	w, err := dir.Create("r")
	if err != nil {
		t.Fatal(err)
	}
	opts := []flow.KeepOption{flow.Sync()}
	if fails {
		opts = append(opts, flow.FailWithJournal())
	}
	run, err := asksTwice().Start(t.Context(), start{}, flow.ID("r"), flow.Keep(w, opts...))
	if err != nil { // there is no room even for the header
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		w.Close()
		dir.wrap = nil
		w, err := dir.Create("r")
		if err != nil {
			t.Fatalf("room for %d bytes: the identifier is taken: %v", room, err)
		}
		w.Close()
		return false
	}
	acknowledged := 0
	for i := range 2 {
		if run.Send(tick{i + 1}) != nil || run.JournalErr() != nil {
			break // it is not acknowledged, or the run has said that it is no longer kept
		}
		acknowledged++
	}
	run.Send(tick{1})
	run.Send(tick{2})
	s, err := run.Wait(t.Context())
	lost := run.JournalErr()
	switch {
	case lost == nil && (err != nil || s.N != 12):
		t.Fatal(s, err)
	case lost != nil && !errors.Is(lost, syscall.ENOSPC):
		t.Fatal(lost)
	case lost != nil && fails != errors.Is(err, syscall.ENOSPC):
		t.Fatalf("room for %d bytes: the run ended with %v", room, err)
	}
	w.Close()
	dir.wrap = nil
	got, w, err := dir.Continue("r")
	switch {
	case errors.Is(err, ErrEmpty):
		if acknowledged > 0 {
			t.Errorf("room for %d bytes: %d replies were acknowledged, and no record is there", room, acknowledged)
		}
		if w, err = dir.Create("r"); err != nil {
			t.Fatal(err)
		}
		w.Close()
		return false
	case errors.Is(err, ErrEnded):
		return lost == nil
	case err != nil:
		t.Fatal(err)
	}
	replies := 0
	for _, r := range got.Records {
		if r.Kind == flow.EventSent && r.Type == "tick" {
			replies++
		}
	}
	if replies < acknowledged {
		t.Errorf("room for %d bytes: %d replies were acknowledged, %d are there", room, acknowledged, replies)
	}
	again, err := asksTwice().Resume(t.Context(), slices.Values(got.Records), flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	for i := replies; i < 2; i++ {
		if err := again.Send(tick{i + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := again.Wait(t.Context()); err != nil || s.N != 12 {
		t.Fatal(s, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return false
}

// asksTwice returns a workflow that makes a number of two replies.
func asksTwice() *flow.Workflow[start, stop] {
	wf := flow.New[start, stop]("twice")
	flow.Step(wf, "ask", func(c *flow.Context, _ start) (stop, error) {
		n := 0
		for _, key := range []string{"first", "second"} {
			r, err := flow.Await[tick](c, key, start{})
			if err != nil {
				return stop{}, err
			}
			n = 10*n + r.N
		}
		return stop{n}, nil
	}, flow.Awaits[tick]())
	return wf
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("every folder can be written here")
	}
	dir := open(t)
	run, w := waiting(t, dir, "r")
	run.Cancel(nil)
	w.Close()
	os.Chmod(dir.path, 0o500)
	defer os.Chmod(dir.path, 0o700)
	if _, err := dir.Create("new"); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
	if err := dir.Remove("r"); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
	if got, err := dir.Read("r"); err != nil || len(got.Records) == 0 {
		t.Error("what is there cannot be read:", err)
	}
	if _, err := Open(dir.path + "/below"); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
	path, _ := dir.Path("r")
	os.Chmod(path, 0o400)
	if _, _, err := dir.Continue("r"); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
}

// TestContinueRefusesWhatItCannotWriteOn gives each kind of file its own outcome, and leaves the
// file unchanged.
func TestContinueRefusesWhatItCannotWriteOn(t *testing.T) {
	head := `{"journal":"weft","version":1,"run":"r","workflow":"w"}`
	whole := sealed(head, first)
	flipped := slices.Clone(whole)
	flipped[len(flipped)-40] ^= 4
	for name, tt := range map[string]struct {
		file string
		want error
	}{
		"a flipped bit":     {string(flipped), ErrCorrupt},
		"a newer version":   {string(sealed(strings.Replace(head, `"version":1`, `"version":2`, 1), first)), ErrNewer},
		"a newer kind":      {string(sealed(head, first, `{"seq":2,"time":"2026-11-23T12:00:00Z","run":"r","kind":"run.new"}`)), ErrNewer},
		"a foreign file":    {"PK\x03\x04 and so on\n", ErrForeign},
		"an empty file":     {"", ErrEmpty},
		"only a header":     {string(sealed(head)), ErrEmpty},
		"a torn header":     {head[:20], ErrEmpty},
		"a run that ended":  {string(sealed(head, first, `{"seq":2,"time":"2026-11-23T12:00:00Z","run":"r","kind":"run.cancelled","error":"enough"}`)), ErrEnded},
		"without checksums": {head + "\n" + first + "\n", ErrUnsealed},
		"there is none":     {"-", os.ErrNotExist},
	} {
		dir := open(t)
		path, _ := dir.Path("r")
		if tt.file != "-" {
			if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, w, err := dir.Continue("r")
		if !errors.Is(err, tt.want) || w != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v does not name the file", name, err)
		}
		if left, _ := os.ReadFile(path); tt.file != "-" && string(left) != tt.file {
			t.Errorf("%s: the file was changed", name)
		}
		if w, err = dir.Create("r"); (err == nil) != (tt.want == ErrEmpty || tt.want == os.ErrNotExist) {
			t.Errorf("%s: created: %v", name, err)
		} else if err == nil {
			w.Close()
		} else if !errors.Is(err, ErrExists) {
			t.Errorf("%s: %v", name, err)
		}
		list, err := dir.List()
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v %v", name, list, err)
		}
	}
}

// TestATornLineIsCutOff continues a journal whose last line was not written to its end.
func TestATornLineIsCutOff(t *testing.T) {
	file := sealed(`{"journal":"weft","version":1,"run":"r","workflow":"twice"}`, strings.ReplaceAll(first, `"step":"w"`, `"step":"twice"`))
	for _, torn := range []string{"", "{", `{"seq":2,"time":"2026`, strings.Repeat("x", 200_000)} {
		dir := open(t)
		path, _ := dir.Path("r")
		if err := os.WriteFile(path, []byte(string(file)+torn), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := dir.Read("r")
		if err != nil || got.Torn != int64(len(torn)) || len(got.Records) != 1 {
			t.Fatal(err, got.Torn)
		}
		_, w, err := dir.Continue("r")
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		if got, err = dir.Read("r"); err != nil || got.Torn != 0 || len(got.Records) != 2 {
			t.Error(err, got.Torn, len(got.Records))
		}
	}
}

// A failingReader gives a few bytes at a time, and at the end an error.
type failingReader struct {
	io.Reader
	err error
}

func (f failingReader) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b[:min(len(b), 7)])
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func TestAReaderThatFailsIsNoDamage(t *testing.T) {
	file := written(t, records())
	got, err := Read(failingReader{strings.NewReader(string(file[:len(file)/2])), io.ErrUnexpectedEOF})
	if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, ErrCorrupt) || !prefix(t, got.Records, records()) {
		t.Error(err)
	}
	got, err = Read(failingReader{strings.NewReader(string(file)), io.EOF})
	if err != nil || len(got.Records) != len(records()) {
		t.Error(err)
	}
}
