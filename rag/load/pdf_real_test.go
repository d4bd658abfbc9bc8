//go:build unix

package load

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// TestRealPDFsSayWhatPdftotextReads reads the PDFs below the directory WEFT_TEST_PDFS, such as the
// manuals of a system's documentation packages, and compares their text with pdftotext's.
func TestRealPDFsSayWhatPdftotextReads(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("long: reads real PDFs")
	}
	dir := os.Getenv("WEFT_TEST_PDFS")
	if dir == "" {
		t.Fatal("WEFT_TEST_PDFS names no directory of PDFs")
	}
	pdfs := realPDFs(t, dir)
	childTime := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	testLoader() // compiles PDFium, unless it is in the cache
	if _, err := loadFile(t, "tex.pdf"); err != nil {
		t.Fatal(err)
	}
	l := New(Options{CacheDir: testLoader().opts.CacheDir, MaxText: 64 << 20})
	texts := map[string]string{}
	before := childTime() + processorTime()
	for name, data := range pdfs {
		doc, err := l.Document(t.Context(), "a.pdf", data)
		var e *Error
		if err != nil && !(errors.As(err, &e) && (e.Reason == NoText || e.Reason == Encrypted || e.Reason == Empty)) {
			t.Errorf("%s: %v", name, err)
		}
		texts[name] = doc.Text
	}
	l.Close()
	ours := childTime() + processorTime() - before
	before = childTime()
	references := map[string]string{}
	for name, data := range pdfs {
		cmd := exec.Command("pdftotext", "-enc", "UTF-8", "-", "-")
		cmd.Stdin = strings.NewReader(string(data))
		out, err := cmd.Output()
		if err != nil {
			t.Logf("%s: pdftotext: %v", name, err)
		}
		references[name] = string(out)
	}
	theirs := childTime() - before
	words, pairs, compared := 0.0, 0.0, 0.0
	for name, reference := range references {
		want, got := wordsOf(withoutHeads(reference)), wordsOf(texts[name])
		if len(want) < 100 {
			continue
		}
		w, p := recall(want, strings.Join(got, " ")), pairRecall(want, got)
		t.Logf("%.4f of the words, %.4f of the pairs: %s", w, p, name)
		words, pairs, compared = words+w, pairs+p, compared+1
	}
	if compared == 0 {
		t.Fatalf("no PDF with text below %s", dir)
	}
	words, pairs = words/compared, pairs/compared
	t.Logf("%.4f of the words and %.4f of the pairs of words in the mean of %.0f files; %s of processor time, %.1f times that of pdftotext", words, pairs, compared,
		ours, float64(ours)/float64(theirs))
	if words < 0.98 || pairs < 0.95 {
		t.Errorf("%.4f of the words and %.4f of their pairs are found", words, pairs)
	}
	if ours > 5*theirs+time.Second {
		t.Errorf("it takes %s of processor time, and pdftotext %s", ours, theirs)
	}
}

// realPDFs returns the distinct PDFs below a directory, including compressed ones.
func realPDFs(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	pdfs := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		packed := strings.HasSuffix(name, ".pdf.gz")
		if err != nil || !d.Type().IsRegular() || !packed && !strings.HasSuffix(name, ".pdf") {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		var r io.Reader = f
		if packed {
			if r, err = gzip.NewReader(f); err != nil {
				return err
			}
		}
		data, err := io.ReadAll(r)
		pdfs[filepath.Base(name)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pdfs
}

func wordsOf(s string) []string { return word.FindAllString(strings.ToLower(norm.NFKC.String(s)), -1) }

// pairRecall returns the share of the pairs of neighbouring words of want that are neighbours in
// got too.
func pairRecall(want, got []string) float64 {
	pairs := func(words []string) []string {
		var out []string
		for i := 1; i < len(words); i++ {
			out = append(out, words[i-1]+"_"+words[i])
		}
		return out
	}
	return recall(pairs(want), strings.Join(pairs(got), " "))
}

var anyNumber = regexp.MustCompile(`[0-9]+|\b[ivxlc]+\b`)

// withoutHeads removes page numbers and repeated page headers and footers, except for their first
// occurrence, from pdftotext's text. The rule is simpler than the loader's, because lines have no
// positions here.
func withoutHeads(text string) string {
	pages := strings.Split(text, "\f")
	edges := func(page string) (at []int, lines []string) {
		lines = strings.Split(page, "\n")
		var full []int
		for i, l := range lines {
			if strings.TrimSpace(l) != "" {
				full = append(full, i)
			}
		}
		if len(full) <= 6 {
			return full, lines
		}
		return append(full[:3:3], full[len(full)-3:]...), lines
	}
	form := func(l string) string { return anyNumber.ReplaceAllString(strings.TrimSpace(l), "#") }
	where := map[string][]int{}
	for n, page := range pages {
		at, lines := edges(page)
		for _, i := range at {
			where[form(lines[i])] = append(where[form(lines[i])], n)
		}
	}
	seen := map[string]bool{}
	var out strings.Builder
	for n, page := range pages {
		at, lines := edges(page)
		for _, i := range at {
			f := form(lines[i])
			near := 0
			for _, m := range where[f] {
				if m >= n-6 && m <= n+6 {
					near++
				}
			}
			bare := strings.Trim(f, "# -–—.|/[]()") == ""
			if near >= 3 && (seen[f] || bare) || bare {
				lines[i] = ""
			}
			seen[f] = seen[f] || near >= 3
		}
		out.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return out.String()
}
