package load_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"weft/rag/load"
)

func TestAGuessedEncodingIsARemarkForEachFormatOfText(t *testing.T) {
	const note = "its encoding is not stated: read as windows-1251 (Russian)"
	const words = "Причал номер семь стоит сорок евро за каждую ночь, вода и свет входят в эту цену."
	l := load.New(load.Options{})
	for name, tc := range map[string]struct{ before, after, note string }{
		"a.txt":            {"", "\n", note},
		"a.csv":            {"a,b\n1,", "\n", note},
		"a.html":           {"<p>", "</p>", note},
		"a.ics":            {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:", "\nEND:VEVENT\nEND:VCALENDAR\n", note},
		"a.man":            {".TH A 1\n.SH NAME\n", "\n", note},
		"a.dbk":            {"<article><para>", "</para></article>", note},
		"stated.html":      {"<meta charset=windows-1251><p>", "</p>", ""},
		"stated.xhtml":     {`<?xml version="1.0" encoding="windows-1251"?><html><p>`, "</p></html>", ""},
		"stated.dbk":       {`<?xml version="1.0" encoding="windows-1251"?><article><para>`, "</para></article>", ""},
		"stated-wrong.dbk": {`<?xml version="1.0" encoding="utf-8"?><article><para>`, "</para></article>", note},
	} {
		data, err := charmap.Windows1251.NewEncoder().String(tc.before + words + tc.after)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := l.Document(t.Context(), name, []byte(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(doc.Notes) > 0 {
			t.Errorf("%s counts as read in part: %q", name, doc.Notes)
		}
		if strings.Join(doc.Remarks, "; ") != tc.note || !strings.Contains(doc.Text, "номер семь стоит сорок евро") {
			t.Errorf("%s: %q, %q", name, doc.Remarks, doc.Text)
		}
	}
}

func TestRemarksOnFilesInAnArchiveNameTheFile(t *testing.T) {
	data, err := charmap.Windows1251.NewEncoder().String("Причал номер семь стоит сорок евро за каждую ночь.\n")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for i := range 15 {
		w, err := z.Create(fmt.Sprintf("pier%02d.txt", i))
		if err == nil {
			_, err = w.Write([]byte(data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	doc, err := load.New(load.Options{}).Document(t.Context(), "piers.zip", packed.Bytes())
	if err != nil || len(doc.Notes) > 0 {
		t.Fatalf("notes %q, %v", doc.Notes, err)
	}
	if n := len(doc.Remarks); n != 13 || doc.Remarks[12] != "3 more remarks on files in it" ||
		doc.Remarks[0] != "pier00.txt: its encoding is not stated: read as windows-1251 (Russian)" {
		t.Errorf("remarks %q", doc.Remarks)
	}
}

func TestAFileOfFrontMatterAloneIsReadAsItsText(t *testing.T) {
	l := load.New(load.Options{})
	for name, text := range map[string]string{
		"a.md":  "---\ntitle: Berths\ndescription: What a night costs\n---\n",
		"b.md":  "+++\ntitle = \"Berths\"\ndescription = \"What a night costs\"\n+++\n",
		"c.rst": ":title: Berths\n:description: What a night costs\n",
		"d.org": "#+TITLE: Berths\n#+DESCRIPTION: What a night costs\n",
	} {
		doc, err := l.Document(t.Context(), name, []byte(text))
		if err != nil || doc.Title != "Berths" || !strings.Contains(doc.Text, "What a night costs") || strings.Contains(doc.Text, "---") {
			t.Errorf("%s: %q %q, %v", name, doc.Title, doc.Text, err)
		} else if strings.Count(doc.Text, "\n") != strings.Count(text, "\n") {
			t.Errorf("%s: other lines than the file's: %q", name, doc.Text)
		}
	}
}

func TestReadingsOfCharactersFollowTheirWord(t *testing.T) {
	l := load.New(load.Options{})
	for page, want := range map[string]string{
		"<p>a<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>b": "a漢字(かんじ)b",
		"<p><ruby>東京<rt>とうきょう</ruby>へ":                                                      "東京(とうきょう)へ",
		"<p><ruby>東<rt>とう<rp>)京</ruby>へ<p>b":                                                "東(とう)へ b",
		"<p><ruby>東<rt>とう<p>b</rt></ruby>c":                                                 "東(とう) bc",
		"<p>a<rt>b</rt>c": "abc",
	} {
		doc, err := l.Document(t.Context(), "a.html", []byte(page))
		if got := strings.Join(strings.Fields(doc.Text), " "); err != nil || got != want {
			t.Errorf("%s: %q, not %q; %v", page, got, want, err)
		}
	}
}
