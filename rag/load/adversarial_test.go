//go:build unix

package load_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/load"
)

// work returns the processor time of this process and of its exited child processes.
func work() (total time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err == nil {
			total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return total
}

// peak returns the maximum resident memory of this process or of an exited child, in megabytes.
func peak() int {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes := 0
	fmt.Sscan(rest, &kilobytes)
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err == nil {
		kilobytes = max(kilobytes, int(u.Maxrss))
	}
	return kilobytes >> 10
}

// A verdict is the outcome of indexing a hostile file.
type verdict struct {
	Reason  load.Reason
	Says    string
	Bytes   int
	Chunks  int
	Reading time.Duration // processor time until the file was read and split
	Work    time.Duration // processor time until it was indexed, embedded and written to disk
	Memory  int           // maximum megabytes of the process; 0 where the system does not report it
}

// judge processes a directory with one file as the program does: it lists the directory, reads and
// splits the file, and then indexes the directory.
func judge(dir, state, cache string) (v verdict) {
	l := load.New(load.Options{CacheDir: cache})
	began := work()
	v = readAndCut(dir, l)
	l.Close()
	v.Reading, v.Memory = work()-began, peak()
	forgetPeak()
	began = work()
	x, err := index.Open(state, embed.NewHashed(), index.Options{})
	if err != nil {
		return verdict{Reason: "error", Says: err.Error()}
	}
	defer x.Close()
	l = load.New(load.Options{CacheDir: cache})
	r, err := x.Update(context.Background(), []string{dir}, index.UpdateOptions{Loader: l})
	var empty *load.RootError
	if err != nil && !errors.As(err, &empty) {
		return verdict{Reason: "error", Says: err.Error()}
	}
	l.Close()
	v.Memory, v.Work = max(v.Memory, peak()), work()-began
	v.Chunks = r.Chunks
	for _, s := range r.Skipped {
		v.Says = s.Detail
	}
	return v
}

// forgetPeak resets the maximum that peak returns.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

func readAndCut(dir string, l *load.Loader) verdict {
	listing, err := load.Scan(context.Background(), []string{dir}, load.ScanOptions{})
	if listing == nil {
		return verdict{Reason: "error", Says: err.Error()}
	}
	for _, s := range listing.Skipped {
		return verdict{Reason: s.Reason, Says: s.Error()}
	}
	doc, err := l.File(context.Background(), listing.Files[0])
	var e *load.Error
	if errors.As(err, &e) {
		return verdict{Reason: e.Reason, Says: e.Error()}
	} else if err != nil {
		return verdict{Reason: "error", Says: err.Error()}
	}
	chunk.Split(doc, chunk.Options{})
	return verdict{Reason: read, Bytes: len(doc.Text)}
}

// slow reports whether reading and splitting the file took more than a second, or indexing it took
// more than a second plus a third of a second per thousand passages. A file has about five thousand
// passages at most.
func (v verdict) slow() bool {
	return v.Reading > time.Second || v.Work > time.Second+time.Duration(v.Chunks)*time.Millisecond/3
}

// mostMemory is the maximum memory of a process that reads and indexes a hostile file, in MB. The
// garbage collector falls behind where the processors are busy.
const mostMemory = 200

// judged returns the result of judge for a directory, run in a process of its own.
func judged(t *testing.T, dir string) (v verdict) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestHostileFilesAreSkippedOrBounded$")
	cmd.Env = append(os.Environ(), "WEFT_TEST_HOSTILE="+dir, "WEFT_TEST_STATE="+t.TempDir(), "GOMAXPROCS=2")
	var out bytes.Buffer
	cmd.Stderr = &out
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil || json.Unmarshal(out.Bytes(), &v) != nil {
		t.Fatalf("%v\n%.2000s", err, out.String())
	}
	t.Logf("%s (%.150s) %d bytes, %d chunks; %d MB, work until cut %s, until indexed %s; %s", v.Reason, v.Says, v.Bytes, v.Chunks, v.Memory, v.Reading.Round(time.Millisecond),
		v.Work.Round(time.Millisecond), wall.Round(time.Millisecond))
	return v
}

// TestHostileFilesAreSkippedOrBounded reads each hostile file in a process of its own, whose memory
// is measured.
func TestHostileFilesAreSkippedOrBounded(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "weft-test-pdf")
	if dir := os.Getenv("WEFT_TEST_HOSTILE"); dir != "" {
		if err := json.NewEncoder(os.Stderr).Encode(judge(dir, os.Getenv("WEFT_TEST_STATE"), cache)); err != nil {
			t.Fatal(err)
		}
		return
	}
	warm := filepath.Join(t.TempDir(), "warm")
	os.Mkdir(warm, 0o755)
	adversaries["encrypted.pdf"].make(t, filepath.Join(warm, "a.pdf"))
	judge(warm, t.TempDir(), cache) // compiles PDFium once
	n := 0
	for name, h := range adversaries {
		if n++; n > 3 && os.Getenv("WEFT_LONG") != "1" { // the short suite takes three at random: maps have no order
			break
		}
		t.Run(strings.ToValidUTF8(fmt.Sprintf("%q", name), ""), func(t *testing.T) {
			dir := t.TempDir()
			h.make(t, filepath.Join(dir, name))
			v := judged(t, dir)
			for range 2 { // measure up to twice more and keep the lowest: load only adds, to memory too
				if v.Memory <= mostMemory && (os.Getenv("WEFT_LONG") != "1" || !v.slow()) {
					break
				}
				again := judged(t, dir)
				again.Memory = min(again.Memory, v.Memory)
				if again.Reading+again.Work > v.Reading+v.Work {
					again.Reading, again.Work = v.Reading, v.Work
				}
				v = again
			}
			ok := false
			for _, w := range h.want {
				ok = ok || v.Reason == w
			}
			if !ok {
				t.Errorf("%s: %s, not %q", v.Reason, v.Says, h.want)
			}
			if v.Reason != read && !strings.Contains(v.Says, " ") {
				t.Errorf("no sentence: %q", v.Says)
			}
			if v.Memory > mostMemory {
				t.Errorf("it took %d MB", v.Memory)
			}
			if os.Getenv("WEFT_LONG") == "1" && v.slow() {
				t.Errorf("it took %s of work until it was cut, and %s until it was indexed", v.Reading, v.Work)
			}
		})
	}
}

func TestAFileThatVanishesOrChangesIsSaid(t *testing.T) {
	l := load.New(load.Options{})
	for _, tc := range []struct {
		name   string
		change func(file string)
		want   load.Reason
	}{
		{"vanishes", func(f string) { os.Remove(f) }, load.Vanished},
		{"becomes a directory", func(f string) { os.Remove(f); os.Mkdir(f, 0o755) }, load.Changed},
		{"becomes a pipe", func(f string) { os.Remove(f); syscall.Mkfifo(f, 0o644) }, load.Special},
		{"becomes a link", func(f string) { os.Remove(f); os.Symlink("/etc/passwd", f) }, load.Link},
		{"its directory becomes a link", func(f string) {
			os.RemoveAll(filepath.Dir(f))
			os.Symlink("/etc", filepath.Dir(f))
		}, load.Unreadable},
		{"grows beyond the limit", func(f string) { os.Truncate(f, 1<<40) }, load.TooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "sub", "passwd")
			os.Mkdir(filepath.Dir(file), 0o755)
			content("text")(t, file)
			listing, err := load.Scan(t.Context(), []string{dir}, load.ScanOptions{})
			if err != nil {
				t.Fatal(err)
			}
			tc.change(file)
			_, err = l.File(t.Context(), listing.Files[0])
			var e *load.Error
			if !errors.As(err, &e) || e.Reason != tc.want || e.Path != "sub/passwd" {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestTheRestOfAPDFIsLeftOutWhenItsPagesSayTheSame(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	l := load.New(load.Options{CacheDir: filepath.Join(cache, "weft-test-pdf")})
	defer l.Close()
	for pages, want := range map[int]string{900: "", 1500: "pages 1–1001 of 1500 are read: 1000 of them say the same as others"} {
		doc, err := l.Document(t.Context(), "a.pdf", []byte(samePage(pages)))
		if err != nil || strings.Join(doc.Notes, "; ") != want {
			t.Errorf("%d pages: %q, %v", pages, doc.Notes, err)
		}
	}
	// Blank pages do not count as repeated pages: the text after a long scan is read.
	stream := "BT /F1 9 Tf 10 10 Td (After the scan.) Tj ET"
	scan := pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 1500)+"4 0 R]/Count 1501>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>>>>>", fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(stream), stream), font)
	if doc, err := l.Document(t.Context(), "a.pdf", []byte(scan)); err != nil || !strings.Contains(doc.Text, "After the scan.") {
		t.Errorf("%q, %v", doc.Text, err)
	}
}

func TestAFileThatIsWrittenToWhileItIsReadIsSaid(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.txt")
	content(strings.Repeat("text\n", 4<<20))(t, file)
	listing, err := load.Scan(t.Context(), []string{dir}, load.ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return
		}
		defer f.Close()
		for {
			select {
			case <-done:
				return
			default:
				f.WriteAt([]byte("more\n"), 0)
			}
		}
	}()
	defer func() { close(done); <-stopped }()
	l := load.New(load.Options{})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		_, err := l.File(t.Context(), listing.Files[0])
		var e *load.Error
		if errors.As(err, &e) && e.Reason == load.Changed {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("the change was never noticed")
}
