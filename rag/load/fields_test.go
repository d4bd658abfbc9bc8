package load

import (
	"slices"
	"strings"
	"testing"
)

func TestFrontMatterBecomesFieldsAndKeepsTheLinesOfTheText(t *testing.T) {
	for _, tc := range []struct {
		name, file, in string
		title          string
		fields         []Field
		line           int // line of the word Body in the file
	}{
		{"YAML", "a.md", "---\ntitle: \"Keeping: the light\"\ntags: [harbour, light]\naliases:\n  - Lamp room\ndate: 2025-05-02\nauthor:\n  name: Ada\nempty:\n---\n\nBody\n",
			"Keeping: the light", []Field{{"title", "Keeping: the light"}, {"tags", "harbour"}, {"tags", "light"}, {"aliases", "Lamp room"}, {"date", "2025-05-02"}, {"author.name", "Ada"}}, 12},
		{"YAML that is none", "a.md", "---\ntitle: Berths: a list\ndescription: {{ .Summary }}\ntags:\n- one\n---\nBody\n",
			"Berths: a list", []Field{{"title", "Berths: a list"}, {"description", "{{ .Summary }}"}, {"tags", "one"}}, 7},
		{"TOML", "a.md", "+++\ntitle = 'Tides'\ndate = 2025-05-02\ntags = ['sea', 'moon']\n[params]\nauthor = 'Ada'\n+++\nBody\n",
			"Tides", []Field{{"title", "Tides"}, {"date", "2025-05-02"}, {"tags", "sea"}, {"tags", "moon"}, {"params.author", "Ada"}}, 8},
		{"Pandoc", "a.md", "% Tides\n% Ada; Cy\n% May 2025\n\nBody\n", "Tides", []Field{{"title", "Tides"}, {"author", "Ada"}, {"author", "Cy"}, {"date", "May 2025"}}, 5},
		{"Org", "a.org", ":PROPERTIES:\n:ID: 7\n:ROAM_ALIASES: \"The lamp\" lens\n:END:\n#+title: Tides\n#+FILETAGS: :sea:moon:\n#+OPTIONS: toc:nil\n\nBody\n",
			"Tides", []Field{{"id", "7"}, {"aliases", "The lamp"}, {"aliases", "lens"}, {"title", "Tides"}, {"tags", "sea"}, {"tags", "moon"}}, 9},
		{"reStructuredText", "a.rst", "=====\nTides\n=====\n\n:Author: Ada\n:Tags: sea, moon\n:Abstract: High\n   water.\n\nBody\n",
			"Tides", []Field{{"author", "Ada"}, {"tags", "sea"}, {"tags", "moon"}, {"abstract", "High water."}}, 10},
		{"AsciiDoc", "a.adoc", "= Tides\nAda Keeper <ada@example.org>\nv1.2, 2025-05-02\n:description: High water.\n:keywords: sea, moon\n\nBody\n",
			"Tides", []Field{{"author", "Ada Keeper <ada@example.org>"}, {"revision", "v1.2, 2025-05-02"}, {"description", "High water."}, {"keywords", "sea"}, {"keywords", "moon"}}, 7},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc, err := New(Options{}).Document(t.Context(), tc.file, []byte(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if doc.Title != tc.title || !slices.Equal(doc.Fields, tc.fields) {
				t.Errorf("title %q, fields %q", doc.Title, doc.Fields)
			}
			at := strings.Index(doc.Text, "Body")
			if at < 0 || strings.Count(doc.Text[:max(at, 0)], "\n")+1 != tc.line {
				t.Errorf("Body is not in line %d of %q", tc.line, doc.Text)
			}
			for _, f := range tc.fields {
				if f.Name != "title" && strings.Contains(doc.Text, f.Value) {
					t.Errorf("%q is left in the text", f.Value)
				}
			}
		})
	}
}

func TestTextBetweenRulesIsNoFrontMatter(t *testing.T) {
	for name, in := range map[string]string{
		"a.md":   "---\nThe pier is ninety metres long.\nIt was built in 1881.\n---\n\nBody\n",
		"b.md":   "---\n\n# Pier\n\nAn open rule.\n",
		"c.rst":  "Pier\n====\n\nBody\n\n:Author: in the text\n",
		"d.org":  "* Pier\nA picture\nBody\n",
		"e.adoc": "# Pier\n\nBody\n",
	} {
		doc, err := New(Options{}).Document(t.Context(), name, []byte(in))
		if err != nil || doc.Text != in || len(doc.Fields) != 0 {
			t.Errorf("%s: %q, fields %q, %v", name, doc.Text, doc.Fields, err)
		}
	}
}

func TestFrontMatterIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("---\na: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\nd: " + strings.Repeat("[", 50) + strings.Repeat("]", 50) + "\n")
	for range 1000 {
		b.WriteString("- not a mapping\n")
	}
	b.WriteString("---\nBody\n")
	many := "---\nlist:\n" + strings.Repeat("- entry\n", 5000) + "long: " + strings.Repeat("w", 9000) + "\n---\nBody\n"
	for _, in := range []string{b.String(), many} {
		doc, err := New(Options{}).Document(t.Context(), "a.md", []byte(in))
		if err != nil || len(doc.Fields) > maxFields || !strings.Contains(doc.Text, "Body") {
			t.Errorf("%d fields, %v", len(doc.Fields), err)
		}
	}
}
