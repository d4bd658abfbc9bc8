//go:build unix

package load_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weft/rag/chunk"
	"weft/rag/load"
)

const samples = "../../testdata/files"

// A hostile file is made in a directory; what becomes of it is one of the results, or "read" with at most so much text.
type hostile struct {
	make func(t *testing.T, file string)
	want []load.Reason // any of them; "read" when it may be read
}

const read load.Reason = "read"

// text writes a text with a part that occurs n times.
func text(before, part string, n int, after string) func(*testing.T, string) {
	return func(t *testing.T, file string) { content(before+strings.Repeat(part, n)+after)(t, file) }
}

func content(s string) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		if err := os.WriteFile(file, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func truncated(sample string, share int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		data, err := os.ReadFile(filepath.Join(samples, sample))
		if err != nil {
			t.Fatal(err)
		}
		content(string(data[:len(data)*share/100]))(t, file)
	}
}

func sparse(size int64) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		content("")(t, file)
		if err := os.Truncate(file, size); err != nil {
			t.Fatal(err)
		}
	}
}

// packedWith makes a ZIP file whose part is what is written to it.
func packedWith(part string, body func(io.Writer), others ...string) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z := zip.NewWriter(f)
		for i := 0; i < len(others); i += 2 {
			w, _ := z.Create(others[i])
			io.WriteString(w, others[i+1])
		}
		w, err := z.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		body(w)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// lying makes a ZIP file whose part unpacks to more than its directory says.
func lying(part string, size int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		var packed bytes.Buffer
		w, _ := flate.NewWriter(&packed, 9)
		zeros := bytes.Repeat([]byte("<p>"), size/3)
		w.Write(zeros)
		w.Close()
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		h := &zip.FileHeader{Name: part, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 100, CRC32: crc32.ChecksumIEEE(zeros[:100])}
		raw, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		raw.Write(packed.Bytes())
		z.Close()
		content(out.String())(t, file)
	}
}

func repeat(s string, n int) func(io.Writer) {
	return func(w io.Writer) {
		block := strings.Repeat(s, 4096)
		for ; n >= 4096; n -= 4096 {
			io.WriteString(w, block)
		}
		io.WriteString(w, strings.Repeat(s, n))
	}
}

// noise writes bytes that are no ASCII, the same ones each time.
func noise(before string, n int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		r := rand.New(rand.NewPCG(1, 2))
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(128 + r.IntN(128))
		}
		content(before+string(b))(t, file)
	}
}

const container = `<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>`

var adversaries = map[string]hostile{
	"truncated.pdf":           {truncated("tex.pdf", 60), []load.Reason{read, load.Damaged, load.NoText}},
	"stub.pdf":                {truncated("tex.pdf", 3), []load.Reason{load.Damaged, load.NoText}},
	"truncated.docx":          {truncated("handbook.docx", 70), []load.Reason{load.Damaged}},
	"truncated.xlsx":          {truncated("port.xlsx", 70), []load.Reason{load.Damaged}},
	"truncated.epub":          {truncated("handbook.epub", 70), []load.Reason{load.Damaged}},
	"truncated.odt":           {truncated("handbook.odt", 70), []load.Reason{load.Damaged}},
	"truncated.pptx":          {truncated("handbook.pptx", 70), []load.Reason{load.Damaged}},
	"truncated.ipynb":         {truncated("watch.ipynb", 70), []load.Reason{load.Damaged}},
	"truncated.eml":           {truncated("letter.eml", 70), []load.Reason{read}},
	"encrypted.pdf":           {truncated("encrypted.pdf", 100), []load.Reason{load.Encrypted}},
	"pages.pdf":               {content(manyPages(1_000_000_000)), []load.Reason{load.Damaged, load.NoText}},
	"circle.pdf":              {content(circle), []load.Reason{load.Damaged, load.NoText}},
	"bomb.docx":               {packedWith("word/document.xml", repeat("\x00", 1<<30)), []load.Reason{load.TooLarge}},
	"bomb.xlsx":               {packedWith("xl/worksheets/sheet1.xml", repeat(" ", 1<<30), "xl/workbook.xml", "<workbook/>"), []load.Reason{load.TooLarge}},
	"bomb.pptx":               {packedWith("ppt/presentation.xml", repeat(" ", 1<<30)), []load.Reason{load.TooLarge}},
	"bomb.odt":                {packedWith("content.xml", repeat(" ", 1<<30)), []load.Reason{load.TooLarge}},
	"bomb.epub":               {packedWith("a.opf", repeat(" ", 1<<30), "META-INF/container.xml", container), []load.Reason{load.TooLarge}},
	"lying.docx":              {lying("word/document.xml", 300<<20), []load.Reason{load.Damaged}},
	"deep.docx":               {packedWith("word/document.xml", repeat("<a>", 1_000_000)), []load.Reason{load.TooDeep}},
	"deep.odt":                {packedWith("content.xml", repeat("<list>", 600_000)), []load.Reason{load.TooDeep}},
	"deep.xlsx":               {packedWith("xl/workbook.xml", repeat("<a>", 1_000_000)), []load.Reason{load.TooDeep}},
	"parts.docx":              {manyParts, []load.Reason{load.TooLarge}},
	"zeros.txt":               {sparse(1 << 30), []load.Reason{load.TooLarge}},
	"zeros":                   {sparse(1 << 30), []load.Reason{load.TooLarge}},
	"fewer-zeros.txt":         {sparse(60 << 20), []load.Reason{load.Binary}},
	"fewer-zeros.pdf":         {sparse(60 << 20), []load.Reason{load.Damaged}},
	"fewer-zeros.docx":        {sparse(60 << 20), []load.Reason{load.Damaged}},
	"lines.txt":               {text("", "a\n", 10_000_000, ""), []load.Reason{read}},
	"lines.md":                {text("", "a\n", 10_000_000, ""), []load.Reason{read}},
	"items.md":                {text("", "- a\n", 2_000_000, ""), []load.Reason{read}},
	"line.txt":                {text("", "word ", 4_000_000, ""), []load.Reason{read}},
	"line.md":                 {text("", "a", 20_000_000, ""), []load.Reason{read}},
	"line.html":               {text("<p>", "a b ", 5_000_000, ""), []load.Reason{read}},
	"line.csv":                {text("", "a,", 5_000_000, ""), []load.Reason{read}},
	"line.go":                 {text("package a\nvar a = []int{", "1, ", 5_000_000, "}"), []load.Reason{load.Generated}},
	"deep.json":               {text("", "[", 10_000_000, ""), []load.Reason{read}},
	"deep.ipynb":              {text(`{"cells":`, "[", 10_000_000, ""), []load.Reason{load.Damaged}},
	"deep.html":               {text("", "<div><ul><li>", 1_000_000, ""), []load.Reason{load.Empty}},
	"deep-text.html":          {text("", "<div><table><td>x", 500_000, ""), []load.Reason{read}},
	"attributes.html":         {text("<p ", "a=b ", 3_000_000, ">x"), []load.Reason{read}},
	"unclosed.html":           {text("<script>", "x ", 5_000_000, ""), []load.Reason{load.Empty}},
	"quotes.md":               {text("", ">", 8_000_000, "\n"), []load.Reason{read}},
	"staircase.md":            {staircase(3000), []load.Reason{read}},
	"lists.md":                {text("", "- ", 4_000_000, "\n"), []load.Reason{read}},
	"brackets.md":             {text("", "[a](", 2_000_000, ""), []load.Reason{read}},
	"definitions.md":          {text("", "[a]: /b\n", 1_000_000, ""), []load.Reason{read}},
	"headings.md":             {text("", "# a\n", 2_000_000, ""), []load.Reason{read}},
	"fences.md":               {text("", "```\n", 3_000_000, ""), []load.Reason{read}},
	"columns.md":              {content(strings.Repeat("|a", 1_000_000) + "\n" + strings.Repeat("|-", 1_000_000) + "\n"), []load.Reason{read}},
	"rows.md":                 {text("|a|b|\n|-|-|\n", "|c|d|\n", 1_500_000, ""), []load.Reason{read}},
	"headings.rst":            {text("", "a\n===\n\n", 1_000_000, ""), []load.Reason{read}},
	"code.rst":                {content(strings.Repeat("a::\n\n", 20_000) + strings.Repeat(" ", 200_000)), []load.Reason{read}},
	"blocks.org":              {text("", "#+begin_src\n", 1_000_000, ""), []load.Reason{read}},
	"functions.go":            {text("package a\n", "func f() {\n", 1_000_000, ""), []load.Reason{read}},
	"comments.py":             {text("", "# a\n", 3_000_000, "def f():\n"), []load.Reason{read}},
	"keys.yaml":               {text("", "a:\n", 3_000_000, ""), []load.Reason{read}},
	"quote.csv":               {text("a,b\n\"", "x,y\n", 4_000_000, ""), []load.Reason{read}},
	"multi.eml":               {nestedMail(5000), []load.Reason{read}},
	"base64.eml":              {text("Subject: a\nContent-Transfer-Encoding: base64\n\n", "AAAA", 4_000_000, ""), []load.Reason{read, load.Binary}},
	"noise.txt":               {noise("", 10<<20), []load.Reason{read}},
	"noise.md":                {noise("\xff\xfe", 10<<20), []load.Reason{read}},
	"noise.pdf":               {noise("%PDF-1.7\n", 1<<20), []load.Reason{load.Damaged}},
	"half-utf16.txt":          {content("\xff\xfea\x00b"), []load.Reason{read}},
	"mojibake.html":           {noise("<meta charset=utf-16>", 1<<20), []load.Reason{read}},
	"escapes.log":             {text("", "\x1b]0;", 3_000_000, ""), []load.Reason{read}},
	"escapes-lines.log":       {text("", "\x1b[31mred\x1b[0m\n", 1_000_000, ""), []load.Reason{read}},
	"pipe.md":                 {func(t *testing.T, f string) { syscall.Mkfifo(f, 0o644) }, []load.Reason{load.Special}},
	"loop.md":                 {func(t *testing.T, f string) { os.Symlink(filepath.Base(f), f) }, []load.Reason{load.Link}},
	"up":                      {func(t *testing.T, f string) { os.Symlink("..", f) }, []load.Reason{load.Link}},
	"to-device.md":            {func(t *testing.T, f string) { os.Symlink("/dev/zero", f) }, []load.Reason{load.Link}},
	"device.md":               {device, []load.Reason{load.Special}},
	"e\x1b[31mscape\nname.md": {content("text"), []load.Reason{read}},
}

func manyPages(n int) string {
	return fmt.Sprintf("%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[2 0 R]/Count %d>>\nendobj\ntrailer\n<</Root 1 0 R>>\n", n)
}

// circle has an outline whose entries follow each other in a circle, and one that is its own child.
const circle = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
	"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n4 0 obj\n<</First 5 0 R/Last 6 0 R>>\nendobj\n" +
	"5 0 obj\n<</Title(a)/Next 6 0 R/First 5 0 R/Dest[3 0 R/Fit]>>\nendobj\n6 0 obj\n<</Title(b)/Next 5 0 R/First 4 0 R/Dest[3 0 R/Fit]>>\nendobj\ntrailer\n<</Root 1 0 R>>\n"

func manyParts(t *testing.T, file string) {
	var others []string
	for i := range 30_000 {
		others = append(others, fmt.Sprint("part", i), "")
	}
	packedWith("word/document.xml", repeat(" ", 1), others...)(t, file)
}

func staircase(n int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "- a\n")
		}
		content(b.String())(t, file)
	}
}

func nestedMail(n int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		var b strings.Builder
		b.WriteString("Subject: nested\n")
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		content(b.String())(t, file)
	}
}

func device(t *testing.T, file string) {
	if err := syscall.Mknod(file, syscall.S_IFCHR|0o666, 1<<8|5); err != nil { // /dev/zero under another name
		syscall.Mkfifo(file, 0o644) // only root may make devices
	}
}

// work is the time that processors have spent on this process.
func work() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory this process had, in megabytes.
func peak() int {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes := 0
	fmt.Sscan(rest, &kilobytes)
	return kilobytes >> 10
}

// A verdict is what became of a hostile file.
type verdict struct {
	Reason load.Reason
	Says   string
	Bytes  int
	Chunks int
	Memory int           // the most megabytes of the process; 0 where the system does not tell
	Work   time.Duration // of its processors
}

// judge lists a directory with one file, reads the file and cuts it.
func judge(dir, cache string) (v verdict) {
	began := work()
	defer func() { v.Memory, v.Work = peak(), work()-began }()
	listing, err := load.Scan(context.Background(), []string{dir}, load.ScanOptions{})
	if listing == nil {
		return verdict{Reason: "error", Says: err.Error()}
	}
	for _, s := range listing.Skipped {
		return verdict{Reason: s.Reason, Says: s.Error()}
	}
	l := load.New(load.Options{CacheDir: cache})
	defer l.Close()
	doc, err := l.File(context.Background(), listing.Files[0])
	var e *load.Error
	if errors.As(err, &e) {
		return verdict{Reason: e.Reason, Says: e.Error()}
	} else if err != nil {
		return verdict{Reason: "error", Says: err.Error()}
	}
	chunks := chunk.Split(doc, chunk.Options{})
	return verdict{Reason: read, Says: strings.Join(doc.Notes, "; "), Bytes: len(doc.Text), Chunks: len(chunks)}
}

// TestHostileFilesAreSkippedOrBounded reads each hostile file in a process of its own, whose memory is measured.
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
		if err := json.NewEncoder(os.Stderr).Encode(judge(dir, cache)); err != nil {
			t.Fatal(err)
		}
		return
	}
	warm := filepath.Join(t.TempDir(), "warm")
	os.Mkdir(warm, 0o755)
	adversaries["encrypted.pdf"].make(t, filepath.Join(warm, "a.pdf"))
	judge(warm, cache) // compiles the reader of PDF once
	n := 0
	for name, h := range adversaries {
		if n++; n > 12 && os.Getenv("WEFT_LONG") != "1" { // each run of the short suite takes others, for maps have no order
			break
		}
		t.Run(strings.ToValidUTF8(fmt.Sprintf("%q", name), ""), func(t *testing.T) {
			dir := t.TempDir()
			h.make(t, filepath.Join(dir, name))
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestHostileFilesAreSkippedOrBounded$")
			cmd.Env = append(os.Environ(), "WEFT_TEST_HOSTILE="+dir, "GOMAXPROCS=2")
			var out bytes.Buffer
			cmd.Stderr = &out
			began := time.Now()
			err := cmd.Run()
			wall := time.Since(began)
			var v verdict
			if err != nil || json.Unmarshal(out.Bytes(), &v) != nil {
				t.Fatalf("%v\n%.2000s", err, out.String())
			}
			t.Logf("%s (%s) %d bytes, %d chunks; %d MB, %s of work, %s", v.Reason, v.Says, v.Bytes, v.Chunks, v.Memory, v.Work.Round(time.Millisecond), wall.Round(time.Millisecond))
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
			if v.Memory > 200 {
				t.Errorf("it took %d MB", v.Memory)
			}
			// A second, and half of one for each megabyte that is read.
			if limit := time.Second + time.Duration(v.Bytes)*time.Second>>21; os.Getenv("WEFT_LONG") == "1" && v.Work > limit {
				t.Errorf("it took %s of work", v.Work)
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
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		_, err := l.File(t.Context(), listing.Files[0])
		var e *load.Error
		if errors.As(err, &e) && e.Reason == load.Changed {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("it was never noticed")
}
