//go:build unix

package load_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"weft/rag/load"
)

func init() { maps.Copy(adversaries, nestedAdversaries) }

// nestedAdversaries are hostile files that attack through the files inside them.
var nestedAdversaries = map[string]hostile{
	"bomb.gz":        {lazy(func() string { return gzipped(repeat("\x00", 1<<30)) }), []load.Reason{load.TooLarge}},
	"text-bomb.gz":   {lazy(func() string { return gzipped(repeat("word ", 20<<20)) }), []load.Reason{load.TooLarge}},
	"bomb.zip":       {packedWith("a.txt", repeat("word ", 200<<20)), []load.Reason{load.Empty}},
	"lying.zip":      {lying("a.html", 300<<20), []load.Reason{load.Empty}},
	"bomb.tar.gz":    {lazy(func() string { return gzipped(tarred(1, strings.Repeat("word ", 20<<20))) }), []load.Reason{load.TooLarge}},
	"members.zip":    {packedWith("0.txt", repeat("word ", 10), names(60_000)...), []load.Reason{read}},
	"members.tar":    {lazy(func() string { var b bytes.Buffer; tarred(60_000, "word")(&b); return b.String() }), []load.Reason{read}},
	"matryoshka.zip": {lazy(func() string { return matryoshka(40) }), []load.Reason{load.Empty}},
	"packed.gz":      {lazy(func() string { return packedAgain(40) }), []load.Reason{load.TooDeep}},
	"truncated.zip":  {truncated("handbook.docx", 70), []load.Reason{load.Damaged}},
	"up.zip":         {packedWith("../../../etc/a.txt", repeat("word ", 10)), []load.Reason{read}},
	"mails.mbox":     {text("", "From a b\nFrom: a\nSubject: b\n\nword\n\n", 400_000, ""), []load.Reason{read}},
	"lines.mbox":     {text("From a b\nFrom: a\n\n", "From a\n", 4_000_000, ""), []load.Reason{read}},
	"events.ics":     {text("BEGIN:VCALENDAR\n", "BEGIN:VEVENT\nSUMMARY:a\nEND:VEVENT\n", 400_000, ""), []load.Reason{read}},
	"folded.ics":     {text("BEGIN:VEVENT\nSUMMARY:a", "\n b", 4_000_000, "\nEND:VEVENT\n"), []load.Reason{read}},
	"begin.ics":      {text("", "BEGIN:VEVENT\n", 1_000_000, ""), []load.Reason{load.Empty, load.NoText}},
	"pages.mhtml":    {text("From: a\nSubject: b\nContent-Type: multipart/related; type=\"text/html\"; boundary=b\n\n", "--b\nContent-Type: text/html\n\n<p>a\n", 500_000, ""), []load.Reason{read}},
}

func gzipped(body func(io.Writer)) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	body(w)
	w.Close()
	return b.String()
}

func tarred(n int, body string) func(io.Writer) {
	return func(w io.Writer) {
		t := tar.NewWriter(w)
		for i := range n {
			t.WriteHeader(&tar.Header{Name: fmt.Sprintf("%d.txt", i), Mode: 0o644, Size: int64(len(body)), Typeflag: tar.TypeReg})
			io.WriteString(t, body)
		}
		t.Close()
	}
}

func names(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("%d.txt", i), "word")
	}
	return list
}

// matryoshka returns an archive inside an archive, nested n times.
func matryoshka(n int) string {
	inner := "word"
	for i := range n {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		name := "a.zip"
		if i == 0 {
			name = "a.txt"
		}
		w, _ := z.Create(name)
		io.WriteString(w, inner)
		z.Close()
		inner = b.String()
	}
	return inner
}

func packedAgain(n int) string {
	s := "word"
	for range n {
		s = gzipped(func(w io.Writer) { io.WriteString(w, s) })
	}
	return s
}

func TestFilesInFilesAreReadWithinTheLimitsOfTheOutermost(t *testing.T) {
	l := load.New(load.Options{MaxText: 2000})
	doc, err := l.Document(t.Context(), "a.zip", []byte(archiveOf(50, strings.Repeat("A line of text.\n\n", 20))))
	if err != nil || len(doc.Text) > 2000 || len(doc.Text) < 1000 {
		t.Fatalf("%d bytes, %v", len(doc.Text), err)
	}
	if last := doc.Notes[len(doc.Notes)-1]; !strings.Contains(strings.Join(doc.Notes, "; "), "files in it are read") {
		t.Errorf("the last note is %q", last)
	}
}

func archiveOf(n int, body string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range n {
		w, _ := z.Create(fmt.Sprintf("%02d.txt", i))
		io.WriteString(w, body)
	}
	z.Close()
	return b.String()
}

func init() { maps.Copy(adversaries, markupAdversaries) }

// markupAdversaries are hostile texts with markup.
var markupAdversaries = map[string]hostile{
	"deep.fb2":       {text("<FictionBook>", "<section>", 1_000_000, "x"), []load.Reason{load.TooDeep}},
	"paragraphs.dbk": {text("<article>", "<para>a</para>\n", 1_500_000, "</article>"), []load.Reason{read}},
	"entities.dbk":   {text("<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><article>", "&b;", 1_000_000, "</article>"), []load.Reason{read}},
	"broken.dbk":     {text("<article><para>a", "<<", 1_000_000, ""), []load.Reason{read, load.Damaged, load.Empty}},
	"cells.dbk":      {text("<article><table>", "<row><entry>a</entry></row>", 500_000, ""), []load.Reason{read}},
	"macros.man":     {text(".TH A 1\n", ".de a\nb\n..\n.ds a \\*a\\*a\n", 300_000, "text\n"), []load.Reason{read}},
	"escapes.man":    {text(".TH A 1\na", "\\fB\\[u0041]\\*(xx\\s+1", 500_000, "\n"), []load.Reason{read}},
	"conditions.man": {text(".TH A 1\n", ".if n .if n \\{\\\n", 500_000, "text"), []load.Reason{read, load.Empty}},
	"nested.man":     {text(".TH A 1\n.if n ", ".el .el .el ", 500_000, "text"), []load.Reason{read, load.Empty}},
	"arguments.man":  {text(".TH A 1\n.Op ", "Op Fl a ", 1_000_000, "\n"), []load.Reason{read}},
	"terms.man":      {text(".TH A 1\n", ".TP\na\nb\n", 700_000, ""), []load.Reason{read}},
	"braces.wiki":    {text("", "{{a|", 1_300_000, ""), []load.Reason{read}},
	"templates.wiki": {text("", "{{a|b\n|c=d}}", 400_000, ""), []load.Reason{read}},
	"links.wiki":     {text("", "[[a|", 1_300_000, ""), []load.Reason{read}},
	"refs.wiki":      {text("", "<ref>a", 900_000, ""), []load.Reason{read}},
	"commands.texi":  {text("", "@code{@var{a", 400_000, ""), []load.Reason{read}},
	"examples.texi":  {text("", "@example\n", 600_000, ""), []load.Reason{read, load.Empty, load.NoText}},
	"calls.typ":      {text("", "#a(", 1_700_000, ""), []load.Reason{read, load.Empty}},
	"contents.typ":   {text("", "#a[", 1_700_000, ""), []load.Reason{read}},
	"quotes.typ":     {text("#a(", "\"b\" ", 1_200_000, ""), []load.Reason{read}},
	"fences.typ":     {text("", "``", 2_500_000, ""), []load.Reason{read}},
	"directives.rst": {text("", ".. a::\n   b\n", 500_000, ""), []load.Reason{read}},
	"literal.rst":    {text("", "a::\n\n", 1_000_000, " b\n"), []load.Reason{read}},
	"targets.rst": {text(".. _b: https://x.example/"+strings.Repeat("x", 20_000)+"\n\n", strings.Repeat("b_ ", 20_000)+"\n", 40, ""),
		[]load.Reason{read}},
	"values.rst": {text(".. |b| replace:: "+strings.Repeat("x", 20_000)+"\n\n", strings.Repeat("|b| ", 15_000)+"\n", 80, ""),
		[]load.Reason{read}},
	"drawers.org": {text("", ":properties:\n", 400_000, "a\n"), []load.Reason{read}},
	"attributes.adoc": {text("= T\n:b: "+strings.Repeat("x", 2000)+"\n\n", strings.Repeat("{b}", 20_000)+"\n", 40, ""),
		[]load.Reason{read}},
	"tables.adoc":   {text("", "|===\n|====\n|a\n", 400_000, ""), []load.Reason{read}},
	"spans.adoc":    {text("[cols=\"100*\"]\n|===\n", "9.9999+|a 999*|b\n", 40_000, "|===\n"), []load.Reason{read}},
	"rows.adoc":     {text("|===\n|a |b\n\n", "|a\n|b\n\n", 16_000, "|===\n"), []load.Reason{read}},
	"cells.adoc":    {text("|===\n", "|\\|", 1_300_000, "\n|===\n"), []load.Reason{read}},
	"fences.adoc":   {text("", "```a\n", 1_000_000, ""), []load.Reason{read, load.Empty}},
	"items.adoc":    {text("", "* a\n** b\n+\n====\n. c\nd::\n", 200_000, ""), []load.Reason{read}},
	"margins.adoc":  {text("* a\n** a\n*** a\n**** a\n. a\n.. a\n... a\n", "b\n", 2_500_000, ""), []load.Reason{read}},
	"cell.adoc":     {text("|===\n|a |b\n", "b b\n", 49_000, "|===\n"), []load.Reason{read}},
	"escapes.adoc":  {text("|===\n|a |b\n", "|"+strings.Repeat("\\|", 30_000)+"\n", 80, "|===\n"), []load.Reason{read}},
	"attached.adoc": {text("* a\n", "\n\n\n+\n--\n", 300_000, ""), []load.Reason{read}},
	"headings.adoc": {text("", "abc\n----\n\n", 400_000, ""), []load.Reason{read}},
	"listings.adoc": {text("", "-----\n------\n", 400_000, "a\n"), []load.Reason{read}},
	"rows.man":      {text(".TH A 1\n.TS\nl.\n", "a\tb\n", 1_000_000, ""), []load.Reason{read}},
}
