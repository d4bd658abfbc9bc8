package load

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"
)

// A madeFile is a small file in one format, as programs write it, and the expected document.
type madeFile struct {
	data   string
	title  string
	want   []string          // lines expected in the text, in this order
	places map[string]string // expected places by text
	notes  []string          // a part of each expected note, in order; no other notes
	fields []Field
	never  []string // markup that must not be in the text
}

// zipOf returns a ZIP file of the given names and contents, in turn.
func zipOf(files ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			panic(err)
		}
		w.Write([]byte(files[i+1]))
	}
	z.Close()
	return b.String()
}

func tarOf(files ...string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg}); err != nil {
			panic(err)
		}
		w.Write([]byte(files[i+1]))
	}
	w.Close()
	return b.String()
}

func gzipOf(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

// letter returns a mail message with the given subject, content type and body.
func letter(subject, contentType string, body ...string) string {
	return lines(append([]string{"From: Harbour <office@example.org>", "To: Crew <crew@example.org>", "Subject: " + subject,
		"Date: Fri, 2 May 2025 10:00:00 +0000", "MIME-Version: 1.0", "Content-Type: " + contentType, ""}, body...)...)
}

var invitation = lines("BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "TZID:Europe/Oslo", "END:VTIMEZONE", "BEGIN:VEVENT", "SUMMARY:Pier inspection\\, part one",
	"DTSTART;TZID=Europe/Oslo:20250509T090000", "LOCATION:Pier 4", "ORGANIZER;CN=\"Harbour: office\":mailto:office@example.org",
	"ATTENDEE;CN=Ada:mailto:ada@example.org", "DESCRIPTION:Bring the long", "  rope.\\nNo shoes.", "BEGIN:VALARM", "DESCRIPTION:ding", "END:VALARM",
	"END:VEVENT", "END:VCALENDAR")

var madeFiles = map[string]madeFile{
	"invite.ics": {data: invitation,
		want:   []string{"Pier inspection, part one, 2025-05-09 09:00, Pier 4", "Time zone: Europe/Oslo", "Organizer: Harbour: office <office@example.org>", "Attendees: Ada", "Bring the long rope.", "No shoes."},
		places: map[string]string{"Pier inspection": "line 5"}, never: []string{"ding", "VEVENT"}},
	"stub.eml": {title: "Fees", data: letter("Fees", "multipart/alternative; boundary=b", "--b", "Content-Type: text/plain", "", "Please view this in a browser.",
		"--b", "Content-Type: text/html; charset=iso-8859-1", "", "<h1>Fees</h1><p>The night fee for berth seven is five euros, and the w\xe4ter is free for all who stay.</p>", "--b--"),
		want: []string{"# Fees", "The night fee for berth seven is five euros, and the wäter is free"}, never: []string{"browser"}},
	"notice.eml": {title: "Fees", data: letter("Fees", "multipart/alternative; boundary=b", "--b", "Content-Type: text/plain", "", "This message needs an HTML viewer.",
		"--b", "Content-Type: text/html", "", "<p>Berth seven is free from noon.</p>", "--b--"),
		want: []string{"Berth seven is free from noon."}, never: []string{"viewer"}},
	"ascii.eml": {title: "Fees", data: letter("Fees", "text/plain; charset=us-ascii", "The w\xc3\xa4ter is free."),
		want: []string{"The wäter is free."}},
	"packed.eml": {title: "Plans", data: letter("Plans", "multipart/mixed; boundary=b", "--b", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "See the gr=C3=B6=", "sse.",
		"--b", "Content-Type: message/rfc822", "", letter("Old berths", "text/plain", "Berth two was closed."),
		"--b", "Content-Type: application/octet-stream; name=\"plan.md\"", "Content-Disposition: attachment; filename*=utf-8''pl%C3%A4ne.md", "", "---", "author: Ada", "---", "# Cranes", "", "The crane lifts four tons.",
		"--b", "Content-Type: image/png", "Content-Disposition: attachment; filename=crate.png", "Content-Transfer-Encoding: base64", "", "iVBORw0KGgo=",
		"--b", "Content-Type: application/pgp-signature", "", "xxx", "--b--"),
		want:   []string{"See the grösse.", "## message.eml", "### Old berths", "Berth two was closed.", "## pläne.md", `<meta name="author" content="Ada">`, "### Cranes", "The crane lifts four tons."},
		places: map[string]string{"Berth two": "attachment message.eml part 1", "The crane lifts": "attachment pläne.md line 6"},
		notes:  []string{"the attached file crate.png is not read"}},
	"archive.mbox": {data: "From office Fri May  2 10:00:00 2025\n" + letter("Berths", "text/plain", "Berth seven is free.", "", ">From May on, berth eight too.") +
		"\nFrom - Fri May  2 11:00:00 2025\nX-Mozilla-Status: 0009\n" + letter("Gone", "text/plain", "Deleted text.") +
		"\nFrom - Fri May  2 12:00:00 2025\n" + letter("Fees", "text/plain", "The night fee is five euros."),
		want:   []string{"# Berths", "Berth seven is free.", "From May on, berth eight too.", "# Fees", "The night fee is five euros."},
		places: map[string]string{"The night fee": "message 3 part 1"}, notes: []string{"1 deleted messages are not read"}, never: []string{"Deleted text"}},
	"page.mhtml": {title: "Piers", data: letter("Piers", "multipart/related; type=\"text/html\"; boundary=b", "--b", "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "Content-Location: https://example.org/", "",
		"<html><head><title>Piers</title></head><body><h1>Piers</h1><p class=3D\"a\">The pier is ninety metres l=C3=B6ng.</p></body></html>",
		"--b", "Content-Type: image/png", "Content-Transfer-Encoding: base64", "", "iVBORw0KGgo=", "--b--"),
		want: []string{"# Piers", "The pier is ninety metres löng."}, notes: []string{"pictures in the page are not read: 1"}},
	"exported.doc": {title: "Piers", data: lines("Date: Fri, 2 May 2025 10:00:00 +0000 (UTC)", "Message-ID: <1.2@wiki>", "Subject: Exported From a Wiki", "MIME-Version: 1.0", "Content-Type: multipart/related; ", "\tboundary=\"b\"", "", "--b",
		"Content-Type: text/html; charset=UTF-8", "Content-Transfer-Encoding: quoted-printable", "Content-Location: file:///C:/exported.html", "", "<html xmlns:o=3D'urn:schemas-microsoft-com:office:office'><head><title>Piers</title></head><body><h1>Piers</h1><p>The pier is ninety metres l=C3=B6ng.</p></body></html>", "--b--"),
		want: []string{"# Piers", "The pier is ninety metres löng."}, notes: []string{"of the type mhtml, whatever its name says"}},
	"docs.zip": {data: zipOf("guide/berths.csv", "berth,fee\n7,40\n", "guide/crane.md", "# Crane\n\nIt lifts four tons.\n", "lamp.py", "def wind():\n    return 90\n", "node_modules/x.js", "x", "logo.png", "\x89PNG", "talk.mp3", "ID3", "inner.zip", zipOf("deep.txt", "Low water is at six.\n")),
		want:   []string{"# guide/berths.csv", "berth: 7; fee: 40", "# guide/crane.md", "## Crane", "It lifts four tons.", "# inner.zip", "## deep.txt", "Low water is at six.", "# lamp.py", "```py", "def wind():\n    return 90"},
		places: map[string]string{"It lifts": "guide/crane.md line 3", "berth: 7": "guide/berths.csv line 2", "Low water": "inner.zip deep.txt line 1"},
		notes: []string{"files in it that are left out by their names: 1 generated, 1 picture (--ocr recognises its text), " +
			"1 recording (transcribe names a program that writes down what is said)"}},
	"docs.tar.gz": {data: gzipOf(tarOf("a.md", "# Crane\n\nIt lifts four tons.\n", "b.bin", "\x00\x01")), want: []string{"# a.md", "## Crane", "It lifts four tons."}, notes: []string{"left out by their names: 1 binary"}},
	"crane.md.gz": {title: "Crane", data: gzipOf("# Crane\n\nIt lifts four tons.\n"), want: []string{"# Crane", "It lifts four tons."}},
	"page.xhtml": {title: "Tides", data: lines("<?xml version=\"1.0\"?>", "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>Tides</title><script src=\"a.js\"/>", "<meta name=\"author\" content=\"Ada\"/></head>",
		"<body><a id=\"x\"/><h1>Tides</h1><p/><p>High water is at noon.</p><pre/><iframe src=\"b\"/><p><![CDATA[Low <water>]]> is at six.</p></body></html>"),
		want: []string{"# Tides", "High water is at noon.", "Low <water> is at six."}, places: map[string]string{"High water": "line 4"},
		fields: []Field{{"author", "Ada"}}, never: []string{"```"}, notes: []string{"embedded pages that are not read: 1"}},
	"outputs.ipynb": {data: `{"nbformat":4,"cells":[{"cell_type":"raw","source":"---\ntitle: Watch\n---"},{"cell_type":"code","source":"df","outputs":[
		{"output_type":"display_data","data":{"text/plain":["  Ship"],"text/html":["<table><tr><th>Ship</th><th>Tons</th></tr><tr><td>Kittiwake</td><td>54</td></tr></table>"]}},
		{"output_type":"display_data","data":{"text/plain":["<Figure size 640x480>"],"image/png":"iVBORw0KGgo="}},
		{"output_type":"error","ename":"ValueError","evalue":"tons must be positive","traceback":["\u001b[31mValueError\u001b[0m: tons must be positive"]}]}]}`,
		title: "Watch", want: []string{"df", "| Ship", "| Tons", "| Kittiwake", "| 54", "ValueError: tons must be positive"},
		places: map[string]string{"ValueError": "cell 2"}, notes: []string{"outputs that are pictures or widgets and not read: 1"}, never: []string{"Figure", "31m"}},
	"words.json": {data: "{\n  \"a\": \"gr\\u00f6\\u00dfer \\ud83d\\ude00 \\/ two\\nlines \\\"quoted\\\"\",\n  \"b\": \"\\u001b[31m\"\n}\n",
		want: []string{"größer 😀 / two lines \"quoted\""}, never: []string{"\\u"}},
	"plan.md": {data: "# Plan\n\n![the pier](data:image/png;base64," + strings.Repeat("iVBORw0K", 2000) + " \"x\")\n\nThe crane lifts four tons. <img alt=\"the crane\" src=\"data:image/gif;base64," + strings.Repeat("R0lGODlh", 20) + "\">\n" +
		"\nA berth <img src='data:" + "image/svg+xml;utf8,<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0L9 9\"/><text>blue</text></svg>'> is free.\n",
		want: []string{"# Plan\n\n[the pier]\n\nThe crane lifts four tons.", "is free."}, never: []string{"iVBORw", "R0lGODlh", "blue", "svg"}, notes: []string{"data: URIs and not read: 3"}},
	"wide.eml":     {title: "Berths", data: letter("Berths", "text/plain; charset=utf-16", "\xff\xfeF\x00e\x00e\x00 \x00 \xac\x20"), want: []string{"# Berths", "Fee"}},
	"old.1-backup": {title: "Berths", data: letter("Berths", "text/plain", "Berth seven is free."), want: []string{"# Berths", "Berth seven is free."}},
}

func TestMadeFilesOfEachFormatHoldTheirText(t *testing.T) {
	for name, made := range madeFiles {
		t.Run(name, func(t *testing.T) {
			doc, err := New(Options{}).Document(t.Context(), name, []byte(made.data))
			if err != nil {
				t.Fatal(err)
			}
			checkClean(t, doc)
			rest := doc.Text
			for _, want := range made.want {
				i := strings.Index(rest, want)
				if i < 0 {
					t.Fatalf("%q is not in its place in:\n%s", want, doc.Text)
				}
				rest = rest[i+len(want):]
			}
			for _, never := range made.never {
				if strings.Contains(doc.Text, never) {
					t.Errorf("%q is left in:\n%s", never, doc.Text)
				}
			}
			for text, place := range made.places {
				if got := placeOf(doc, text); got != place {
					t.Errorf("%q is in %s, not %s", text, got, place)
				}
			}
			if len(doc.Notes) != len(made.notes) {
				t.Errorf("notes %q, not %q", doc.Notes, made.notes)
			}
			for i, note := range made.notes {
				if i < len(doc.Notes) && !strings.Contains(doc.Notes[i], note) {
					t.Errorf("note %q, not %q", doc.Notes[i], note)
				}
			}
			if made.fields != nil && !slices.Equal(doc.Fields, made.fields) {
				t.Errorf("fields %q, not %q", doc.Fields, made.fields)
			}
			if made.title != "" && doc.Title != made.title {
				t.Errorf("the title is %q", doc.Title)
			}
		})
	}
}
