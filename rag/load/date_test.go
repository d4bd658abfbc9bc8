package load

import "testing"

func TestADocumentHasTheDateInIt(t *testing.T) {
	for _, c := range []struct{ path, text, want string }{
		{"a.md", "---\ntitle: A\ndate: 2025-03-03\n---\ntext", "2025-03-03"},
		{"a.md", "---\ndate: 2025-03-03T10:00:00Z\nlastmod: 2025-06-07\n---\ntext", "2025-06-07"},
		{"a.md", "+++\ndate = 2025-03-03T10:00:00Z\n+++\ntext", "2025-03-03"},
		{"a.md", "---\ndate: 3 March 2025\n---\ntext", "2025-03-03"},
		{"a.md", "---\ndate: 03/04/2025\n---\ntext", "03/04/2025"},
		{"a.md", "---\ndate: Spring 2024\n---\ntext", "Spring 2024"},
		{"a.md", "---\ndate: today\nupdated: \"{{ now }}\"\n---\ntext", ""},
		{"a.md", "---\ndate: 1970-01-01\ncreated: 2024-01-02\n---\ntext", "2024-01-02"},
		{"a.md", "# A\n\nOn 2025-03-03 it rained.", ""},
		{"a.org", "#+title: A\n#+date: <2025-03-03 Mon>\n\ntext", "2025-03-03"},
		{"a.html", "<html><head><meta property=\"article:published_time\" content=\"2025-03-03T08:00:00+01:00\"></head><body><p>text of it</p></body></html>", "2025-03-03"},
		{"a.eml", "From: a@b.test\nTo: c@d.test\nSubject: S\nDate: Mon, 03 Mar 2025 23:30:00 -0500\n\ntext\n", "2025-03-03"},
	} {
		doc, err := testLoader().Document(t.Context(), c.path, []byte(c.text))
		if err != nil || doc.Date != c.want {
			t.Errorf("%s %q: %q, want %q (%v)", c.path, c.text, doc.Date, c.want, err)
		}
	}
}

func TestDatesInPropertiesAreRead(t *testing.T) {
	for value, want := range map[string]string{
		"D:20250303101500+01'00'": "2025-03-03", "D:20250303": "2025-03-03", "2025-03-03T10:15:00Z": "2025-03-03",
		"2025:03:03 10:15:00": "2025-03-03", "20250303T101500": "2025-03-03", "20251399": "", "D:00000000000000Z": "",
		"0001-01-01T00:00:00Z": "", "a long text in which 2025 is named, no date": "", "": "",
	} {
		if got := ownDate(value); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}
