//go:build unix

package load

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// recallFiles is the number of files of each kind that are compared with LibreOffice's conversion,
// which takes seconds for each.
const recallFiles = 40

// TestRealOfficeFilesHoldTheWordsThatLibreOfficeFinds compares files below WEFT_TEST_OFFICE with
// LibreOffice's text of them: documents as text, sheets as CSV as they are displayed, slides as a
// PDF. Each distinct word counts once, and also if it is part of a longer one: the conversion breaks
// words at narrow boxes and repeats footers on every slide. Files with content that the loader
// leaves out with a note (hidden sheets, pictures, charts) are no fair comparison and are skipped.
func TestRealOfficeFilesHoldTheWordsThatLibreOfficeFinds(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("long: converts real Office files")
	}
	dir := os.Getenv("WEFT_TEST_OFFICE")
	if dir == "" {
		t.Fatal("WEFT_TEST_OFFICE names no directory of Office files")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Fatal("LibreOffice is not installed: ", err)
	}
	docs := map[string]map[string]Document{} // by extension and file
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		ext := plainExtension(file)
		if err != nil || !d.Type().IsRegular() || conversions[ext] == "" || ext == "rtf" || len(docs[ext]) == recallFiles {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil || len(data) > 2<<20 {
			return err
		}
		doc, err := testLoader().Document(t.Context(), file, data)
		if err != nil || len(doc.Notes) > 0 {
			return nil
		}
		if docs[ext] == nil {
			docs[ext] = map[string]Document{}
		}
		docs[ext][file] = doc
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	compared, profile := 0, t.TempDir()
	for ext, files := range docs {
		sum, n := 0.0, 0
		for file, doc := range files {
			words := distinctWords(converted(t, office, profile, file))
			if len(words) < 5 {
				continue
			}
			text, found := strings.Join(wordsOf(doc.Text), ""), 0
			for _, w := range words {
				if strings.Contains(text, w) {
					found++
				}
			}
			share := float64(found) / float64(len(words))
			t.Logf("%.4f of %d words: %s", share, len(words), strings.TrimPrefix(file, dir))
			sum += share
			n++
		}
		if n == 0 {
			continue
		}
		compared += n
		if t.Logf("%s: %.4f of the words in %d files", ext, sum/float64(n), n); sum/float64(n) < 0.98 {
			t.Errorf("%s: only %.4f of the words", ext, sum/float64(n))
		}
	}
	if compared == 0 {
		t.Fatal("no file was compared")
	}
}

// conversions are LibreOffice's filters. RTF is compared with pandoc as well, in another test. The one for sheets writes all of them, with their values as
// they are displayed.
var conversions = map[string]string{
	"doc": "txt:Text (encoded):UTF8", "docx": "txt:Text (encoded):UTF8", "rtf": "txt:Text (encoded):UTF8",
	"xls": "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", "ppt": "pdf", "pptx": "pdf",
}

func init() { conversions["xlsx"], conversions["xlsb"] = conversions["xls"], conversions["xls"] }

// converted returns LibreOffice's text of a file, or "" if it cannot open it. LibreOffice keeps its
// settings in the directory profile.
func converted(t *testing.T, office, profile, file string) string {
	t.Helper()
	out, ext := t.TempDir(), plainExtension(file)
	cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+profile,
		"--headless", "--convert-to", conversions[ext], "--outdir", out, file)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Logf("%s: LibreOffice: %v: %s", file, err, said)
		return ""
	}
	if conversions[ext] == "pdf" {
		pdf := filepath.Join(out, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))+".pdf")
		text, err := exec.CommandContext(t.Context(), "pdftotext", "-enc", "UTF-8", pdf, "-").Output()
		if err != nil {
			t.Logf("%s: pdftotext: %v", file, err)
		}
		return string(text)
	}
	var all strings.Builder
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(append(data, '\n'))
	}
	return all.String()
}

// distinctWords returns the different words of three letters or more. Numbers are left out: charts
// draw axes with numbers, and programs recalculate formulas.
func distinctWords(text string) (words []string) {
	seen := map[string]bool{}
	for _, w := range wordsOf(strings.ToValidUTF8(text, " ")) {
		if !seen[w] && utf8.RuneCountInString(w) >= 3 && !strings.ContainsFunc(w, unicode.IsDigit) {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}
