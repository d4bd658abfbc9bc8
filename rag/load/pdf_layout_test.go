package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	ServePDF()
	os.Exit(m.Run())
}

// A pdfMaker writes a small PDF: objects 1 and 2 are the catalog and the list of pages, 3 and 4 are
// Helvetica and its bold face, and others follow.
type pdfMaker struct {
	catalog string // further entries of the catalog
	objects []string
	kids    []string
}

// object adds an object and returns its number.
func (m *pdfMaker) object(body string) int {
	m.objects = append(m.objects, body)
	return len(m.objects) + 4
}

// stream adds a stream with the given entries of its dictionary.
func (m *pdfMaker) stream(entries, content string) int {
	return m.object(fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", entries, len(content), content))
}

// page adds a page with the given content and further entries of its dictionary.
func (m *pdfMaker) page(content string, entries ...string) int {
	stream := m.stream("", content)
	n := m.object(fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F 3 0 R/B 4 0 R>>>>%s>>", stream, strings.Join(entries, "")))
	m.kids = append(m.kids, fmt.Sprintf("%d 0 R", n))
	return n
}

func (m *pdfMaker) bytes() []byte {
	all := append([]string{
		"<</Type/Catalog/Pages 2 0 R" + m.catalog + ">>",
		fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(m.kids, " "), len(m.kids)),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
	}, m.objects...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(all))
	for i, o := range all {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(all)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(all)+1, start)
	return b.Bytes()
}

// at returns the operators that draw a text at a position in a type size.
func at(x, y, size float64, text string) string {
	return fmt.Sprintf("BT /F %g Tf %g %g Td (%s) Tj ET\n", size, x, y, text)
}

// readMade reads a PDF that a test has made.
func readMade(t *testing.T, m *pdfMaker) Document {
	t.Helper()
	doc, err := testLoader().Document(t.Context(), "made.pdf", m.bytes())
	if err != nil {
		t.Fatal(err)
	}
	checkClean(t, doc)
	return doc
}

// prose returns lines of distinct words, all of about the same width.
func prose(name string, lines int) (out []string) {
	for i := range lines {
		out = append(out, fmt.Sprintf("%s%d keeps the lamp at %s", name, i, strings.Repeat(string(rune('a'+len(name)*3%26)), 3)+strings.Repeat(string(rune('a'+i)), 3)))
	}
	return out
}

func TestRowsOfATableThatIsDrawnByColumnsStayTogether(t *testing.T) {
	m := &pdfMaker{}
	var b strings.Builder
	rows := [][]string{{"Ship", "Master", "Tons", "Home port"}}
	for i := range 30 {
		rows = append(rows, []string{fmt.Sprintf("Gannet%d", i), fmt.Sprintf("Reid%d", i), fmt.Sprint(100 + i), fmt.Sprintf("Leith%d", i)})
	}
	for column := range 4 {
		for i, row := range rows {
			b.WriteString(at(50+130*float64(column), 700-float64(20*i), 11, row[column]))
		}
	}
	m.page(b.String())
	doc := readMade(t, m)
	for _, row := range rows {
		if !strings.Contains(doc.Text, strings.Join(row, " ")+"\n") {
			t.Errorf("no row %q in\n%s", row, doc.Text)
		}
	}
}

func TestColumnsOfTextAreReadOneAfterTheOther(t *testing.T) {
	for name, shift := range map[string]float64{"lines at the same heights": 0, "lines at different heights": 6} {
		m := &pdfMaker{}
		left, right := prose("Left", 20), prose("Right", 20)
		var b strings.Builder
		b.WriteString(at(50, 740, 18, "A heading over both of the columns of the page"))
		for i := range left { // drawn row by row, so the drawing order does not reveal the columns
			b.WriteString(at(50, 700-float64(14*i), 11, left[i]))
			b.WriteString(at(320, 700-shift-float64(14*i), 11, right[i]))
		}
		b.WriteString(at(50, 380, 11, "And a line that runs below both columns, from one side of the page to the other one."))
		m.page(b.String())
		text := strings.Join(strings.Fields(readMade(t, m).Text), " ")
		want := strings.Join(append(append(left, right...), "And a line that runs"), " ")
		if !strings.Contains(text, want) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestThreeColumnsOfTextAreReadOneAfterTheOther(t *testing.T) {
	m := &pdfMaker{}
	var b strings.Builder
	var want []string
	columns := [][]string{prose("One", 25), prose("Two", 25), prose("Three", 25)}
	for i := range 25 {
		for column, lines := range columns {
			b.WriteString(at(40+185*float64(column), 700-float64(13*i), 10, lines[i]))
		}
	}
	for _, lines := range columns {
		want = append(want, lines...)
	}
	m.page(b.String())
	if text := strings.Join(strings.Fields(readMade(t, m).Text), " "); text != strings.Join(want, " ") {
		t.Errorf("%s", text)
	}
}

func TestWordsAreSetApartByTheirDistance(t *testing.T) {
	m := &pdfMaker{}
	// The text has no blanks: words are positioned, as by groff, and letters are kerned.
	m.page("BT /F 10 Tf 50 700 Td [(K)40(eepers)-280(of)-250(the)-210(l)-20(ight)] TJ ET\n" + at(50, 680, 10, "oil") + at(50+13.3, 680, 10, "and") + at(50+13.3+19.5, 680, 10, "wick"))
	if text := readMade(t, m).Text; text != "Keepers of the light\noil and wick\n" {
		t.Errorf("%q", text)
	}
}

func TestHeadsFeetAndPageNumbersAreLeftOut(t *testing.T) {
	m := &pdfMaker{}
	for n := 1; n <= 8; n++ {
		content := at(50, 760, 9, fmt.Sprintf("The harbour rules     Page %d", n)) + at(300, 30, 9, fmt.Sprintf("- %d -", n+4))
		for i, line := range prose(strings.Repeat("x", n), 12) {
			content += at(50, 700-float64(14*i), 11, line)
		}
		m.page(content)
	}
	doc := readMade(t, m)
	if n := strings.Count(doc.Text, "The harbour rules"); n != 1 {
		t.Errorf("the running head is there %d times, not once:\n%s", n, doc.Text)
	}
	for n := 1; n <= 8; n++ {
		if strings.Contains(doc.Text, fmt.Sprintf("- %d -", n+4)) || !strings.Contains(doc.Text, "\n"+strings.Repeat("x", n)+"0 keeps") {
			t.Errorf("page %d:\n%s", n, doc.Text)
		}
	}
}

func TestLargerLinesAreHeadings(t *testing.T) {
	m := &pdfMaker{}
	content := at(50, 740, 24, "Rules of the harbour") + at(50, 700, 16, "Berths and fees")
	for i, line := range prose("Line", 10) {
		content += at(50, 670-float64(14*i), 11, line)
	}
	m.page(content)
	text := readMade(t, m).Text
	if !strings.HasPrefix(text, "# Rules of the harbour\n\n## Berths and fees\n\nLine0 keeps") {
		t.Errorf("%s", text)
	}
}

func TestBoldLinesThatStandAloneAreHeadings(t *testing.T) {
	m := &pdfMaker{}
	bold := func(y float64, text string) string { return fmt.Sprintf("BT /B 11 Tf 50 %g Td (%s) Tj ET\n", y, text) }
	m.page(bold(740, "NAME") + at(50, 726, 11, "harbour - looks after boats that are in it") + at(50, 712, 11, "and after those that are not") +
		bold(680, "Options of it") + at(50, 666, 11, "There are none, whatever you say.") + at(50, 652, 11, "And there were none before this either.") +
		bold(638, "Bold words") + at(50, 624, 11, "in the midst of a paragraph are no heading."))
	if text := readMade(t, m).Text; text != "# NAME\n\nharbour - looks after boats that are in it\nand after those that are not\n\n# Options of it\n\n"+
		"There are none, whatever you say.\n\nAnd there were none before this either.\nBold words\nin the midst of a paragraph are no heading.\n" {
		t.Errorf("%s", text)
	}
}

func TestTurnedPagesAreReadAlongTheirLines(t *testing.T) {
	m := &pdfMaker{}
	var b strings.Builder
	lines := prose("Turned", 6)
	for i, line := range lines {
		fmt.Fprintf(&b, "BT /F 11 Tf 0 1 -1 0 %d 100 Tm (%s) Tj ET\n", 100+14*i, line)
	}
	m.page(b.String(), "/Rotate 90")
	if text := readMade(t, m).Text; strings.TrimSpace(text) != strings.Join(lines, "\n") {
		t.Errorf("%s", text)
	}
}

func TestLinesFromRightToLeftAreReadInTheirOrder(t *testing.T) {
	for in, want := range map[string]string{
		"abc":              "abc",
		"םולש":             "שלום",
		"12 םולש":          "שלום 12",
		"the word םולש ok": "the word שלום ok",
	} {
		if got := logical([]rune(in)); got != want {
			t.Errorf("%q is read as %q, not %q", in, got, want)
		}
	}
}

func TestWithoutChildProcessesPDFsAreReadInThisOne(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the reader of PDF a second time")
	}
	servesPDF.Store(false)
	defer servesPDF.Store(true)
	l := New(Options{CacheDir: testLoader().opts.CacheDir})
	defer l.Close()
	m := &pdfMaker{}
	m.page(at(50, 700, 11, "Read in this process."))
	doc, err := l.Document(t.Context(), "a.pdf", m.bytes())
	if err != nil || doc.Text != "Read in this process.\n" {
		t.Errorf("%q, %v", doc.Text, err)
	}
	if l.pdf.local == nil {
		t.Error("it was read in another process")
	}
}

// TestAPageThatTakesTooLongIsNamedAndTheOthersAreRead reads a PDF with one page of several million
// operators between short pages.
func TestAPageThatTakesTooLongIsNamedAndTheOthersAreRead(t *testing.T) {
	m := &pdfMaker{}
	for n := range 40 {
		if n == 19 {
			m.page(strings.Repeat("BT /F 9 Tf 10 10 Td (word word word word word ) Tj ET\n", 60_000))
			continue
		}
		m.page(at(50, 700, 11, fmt.Sprintf("Short page number%d.", n+1)))
	}
	data := m.bytes()
	before := goleak.IgnoreCurrent()
	for name, children := range map[string]bool{"in a child process": true, "in this process": false} {
		if !children && testing.Short() {
			continue // PDFium would have to be compiled
		}
		servesPDF.Store(children)
		l := New(Options{CacheDir: testLoader().opts.CacheDir, PageTime: 100 * time.Millisecond})
		doc, err := l.Document(t.Context(), "a.pdf", data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if notes := strings.Join(doc.Notes, "; "); children && notes != "page 20 not read: it takes too long" {
			t.Errorf("%s: notes %q", name, notes)
		}
		for _, n := range []int{1, 19, 21, 40} {
			if children && placeOf(doc, fmt.Sprintf("Short page number%d.", n)) != fmt.Sprintf("page %d", n) {
				t.Errorf("%s: page %d is not read", name, n)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	servesPDF.Store(true)
	goleak.VerifyNone(t, before)
}

func TestAPDFIsNotReadWhenOpeningItTakesTooLong(t *testing.T) {
	l := New(Options{CacheDir: testLoader().opts.CacheDir, PageTime: time.Nanosecond})
	defer l.Close()
	m := &pdfMaker{}
	m.page(at(50, 700, 11, "Never read."))
	var e *Error
	if _, err := l.Document(t.Context(), "a.pdf", m.bytes()); !errors.As(err, &e) || e.Reason != TooSlow {
		t.Errorf("%v", err)
	}
}
