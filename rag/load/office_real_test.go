//go:build unix

package load

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pandocNotation matches notation in pandoc's plain text that is not text of the document: the
// names of TeX commands in equations, its numbers of notes, its marks of superscripts and
// subscripts, and the names of picture files, which Word stores as the description of a picture
// that has none.
var pandocNotation = regexp.MustCompile(`\\[A-Za-z]+|\[\d+\]|[\^_]\(([^()]*)\)|` +
	`(?i:\[?[^\s\[\]]+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf)\b\]?)`)

// TestRealOfficeFilesHoldTheWordsThatPandocFinds reads the files below the directory
// WEFT_TEST_OFFICE, such as test fixtures of packages, and compares their text with pandoc's for
// the formats that pandoc reads. Of RTF, only the words count that LibreOffice finds too: pandoc
// ignores the character sets of fonts, LibreOffice symbol fonts. Documents that are not valid XML
// are left out.
func TestRealOfficeFilesHoldTheWordsThatPandocFinds(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("long: reads real Office files")
	}
	dir := os.Getenv("WEFT_TEST_OFFICE")
	if dir == "" {
		t.Fatal("WEFT_TEST_OFFICE names no directory of Office files")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Fatal("LibreOffice is not installed: ", err)
	}
	profile := t.TempDir()
	shares, compared := map[string]float64{}, map[string]float64{}
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind := kindOf(file)
		switch {
		case filepath.Ext(file) == ".fodt":
			return nil
		case kind != "docx" && kind != "odt" && kind != "rtf" && kind != "xlsx" && kind != "pptx" && kind != "epub":
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if kind == "docx" && !validXML(data, "word/document.xml") {
			t.Logf("%s: not valid XML", file)
			return nil
		}
		out, err := exec.Command("pandoc", "-f", kind, "-t", "plain", "--wrap=none", file).Output()
		if err != nil { // not a valid file, or a format that this version of pandoc does not read
			t.Logf("%s: pandoc: %v", file, err)
			return nil
		}
		doc, err := testLoader().Document(t.Context(), file, data)
		words := wordsOf(pandocNotation.ReplaceAllString(string(out), "$1"))
		if kind == "rtf" {
			words = shared(words, wordsOf(converted(t, office, profile, file)))
		}
		if len(words) < 5 {
			return nil
		}
		share := recall(words, strings.Join(wordsOf(doc.Text), " "))
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

// validXML reports whether a part of a package is XML without an error, if the package has it.
func validXML(pack []byte, part string) bool {
	z, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		return true // encrypted, or a package of another kind
	}
	f, err := z.Open(part)
	if err != nil {
		return true
	}
	defer f.Close()
	for d := xml.NewDecoder(f); ; {
		if _, err := d.RawToken(); err != nil {
			_, invalid := errors.AsType[*xml.SyntaxError](err)
			return !invalid // an encoding that the decoder does not know says nothing
		}
	}
}

// shared returns the words of one list that are in another one too, each as often as in both.
func shared(words, others []string) (both []string) {
	have := map[string]int{}
	for _, w := range others {
		have[w]++
	}
	for _, w := range words {
		if have[w] > 0 {
			have[w]--
			both = append(both, w)
		}
	}
	return both
}
