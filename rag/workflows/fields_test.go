package workflows

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
)

// described writes documents with front matter, one of them in an archive and one that is read in
// part.
func described(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("oats.md", "---\ntitle: Oats from the oven\naliases: [crunchy muesli]\ntags: [breakfast]\ndate: 2022-10-03\n---\n\n"+
		"Mix 300 g of oats with oil and syrup.\n\n# Baking\n\nBake them for 40 minutes at 150 degrees.\n")
	write("bread.md", "# Bread\n\nKnead the dough for ten minutes, and bake it for 50 minutes.\n")
	f, err := os.Create(filepath.Join(dir, "old.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for name, text := range map[string]string{
		"mill.md": "---\nkeywords: windmill\nsecret: grindstone\n---\n\nFurl the sails above seven knots of wind.\n",
		"raw.bin": "\x00\x01\x02\x03",
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFieldsOfADocumentAreFoundAndShownAndNotQuoted(t *testing.T) {
	p := Parts{Search: corpus(t, described(t))}
	for _, c := range []struct{ question, path, says string }{
		{"How long do I bake crunchy muesli?", "oats.md", "40 minutes"},
		{"Which breakfast do I mix with oil and syrup?", "oats.md", "300 g"},
		{"When do I furl the sails of a windmill?", "old.zip", "seven knots"},
	} {
		a, _, err := run(t, RAG(p), Question{Text: c.question})
		if err != nil {
			t.Fatal(err)
		}
		if a.Abstained || !strings.Contains(a.Text, c.says) {
			t.Errorf("%s: %q", c.question, a.Text)
		}
		for _, field := range []string{"alias", "muesli", "2022", "breakfast", "windmill", "grindstone", "<meta"} {
			if strings.Contains(a.Text, field) {
				t.Errorf("%s: the answer quotes the field %s: %q", c.question, field, a.Text)
			}
		}
		i := slices.IndexFunc(a.Sources, func(s show.Source) bool { return s.Cited })
		if i < 0 || a.Sources[i].Path != c.path {
			t.Errorf("%s: sources %+v", c.question, a.Sources)
			continue
		}
		if c.path == "oats.md" && !slices.Contains(a.Sources[i].Fields, show.Field{Name: "alias", Value: "crunchy muesli"}) {
			t.Errorf("%s: fields %v", c.question, a.Sources[i].Fields)
		}
	}
}

func TestAnAnswerSaysWhatIsMissingFromTheDocumentsItCites(t *testing.T) {
	p := Parts{Search: corpus(t, described(t))}
	a, _, err := run(t, RAG(p), Question{Text: "When do I furl the sails of a windmill?"})
	if err != nil {
		t.Fatal(err)
	}
	got := show.Unread(a.Sources)
	if len(got) != 1 || !strings.Contains(got[0], "old.zip is read in part: ") || !strings.Contains(got[0], "1 binary") {
		t.Errorf("not read: %q", got)
	}
	a, _, err = run(t, RAG(p), Question{Text: "How long do I bake bread?"})
	if err != nil || len(show.Unread(a.Sources)) != 0 {
		t.Errorf("%v: a document that is read as a whole: %q", err, show.Unread(a.Sources))
	}
}
