package load

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealOfficeFilesHoldTheWordsThatPandocFinds reads the files below the directory
// WEFT_TEST_OFFICE, such as test fixtures of packages, and compares their text with pandoc's for
// the formats that pandoc reads.
func TestRealOfficeFilesHoldTheWordsThatPandocFinds(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("long: reads real Office files")
	}
	dir := os.Getenv("WEFT_TEST_OFFICE")
	if dir == "" {
		t.Fatal("WEFT_TEST_OFFICE names no directory of Office files")
	}
	shares, compared := map[string]float64{}, map[string]float64{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind := kindOf(file)
		from, ok := map[string]string{"docx": "docx", "odt": "odt", "rtf": "rtf", "xlsx": "xlsx", "pptx": "pptx"}[kind]
		if !ok || filepath.Ext(file) == ".fodt" {
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		out, err := exec.Command("pandoc", "-f", from, "-t", "plain", "--wrap=none", file).Output()
		if err != nil { // not a valid file, or a format that this version of pandoc does not read
			t.Logf("%s: pandoc: %v", file, err)
			return nil
		}
		doc, err := testLoader().Document(t.Context(), file, data)
		words := word.FindAllString(string(out), -1)
		if len(words) < 5 {
			return nil
		}
		share := recall(words, doc.Text)
		t.Logf("%.4f of %d words, %v: %s", share, len(words), err, strings.TrimPrefix(file, dir))
		shares[kind] += share
		compared[kind]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(compared) == 0 {
		t.Fatal("no file was compared")
	}
	for kind, n := range compared {
		t.Logf("%s: %.4f of the words in %.0f files", kind, shares[kind]/n, n)
		if shares[kind]/n < 0.98 {
			t.Errorf("%s: only %.4f of the words", kind, shares[kind]/n)
		}
	}
}
