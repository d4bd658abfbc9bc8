package load

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"time"
)

// maxPages is how many pages of a file are read. Without a limit a small file could list one page
// any number of times.
const maxPages = 5_000

// maxRepeated is how many pages with the same text as an earlier page are read before the rest is
// left out.
const maxRepeated = 1_000

var pageSeed = maphash.MakeSeed()

// The processor time for all pages of a file together. The limit of each page is not enough:
// hundreds of pages just below it would take an hour.
const (
	pdfAllowance     = 20 * time.Second
	pdfPageAllowance = 50 * time.Millisecond // added for each page of the file
)

// maxPDFStops is how many pages of a file may crash or time out their reader before the remaining
// pages are left out.
const maxPDFStops = 3

// readPDF reads the text of each page in reading order. Notes name the pages that are not read.
func readPDF(ctx context.Context, l *Loader, in input) (Document, error) {
	if head := in.data[:min(len(in.data), 1024)]; !strings.Contains(string(head), "%PDF-") {
		return Document{}, &Error{Reason: Damaged, Detail: "is not a PDF: it has no %PDF header"}
	}
	r := pdfReading{said: map[uint64]bool{}, max: in.opts.MaxText}
	info, err := l.pdf.read(ctx, in.data, r.add)
	if err != nil && (len(r.pages) == 0 || ctx.Err() != nil) {
		return Document{}, err
	}
	r.info = info
	if pages := r.recognisable(); l.ocr != nil && len(pages) > 0 {
		if r.recognised, err = l.recognise(ctx, in.data, pages); err != nil {
			return Document{}, err
		}
	}
	return r.document()
}

// recognisable returns the numbers of the pages that show something and have no text.
func (r *pdfReading) recognisable() (pages []int) {
	for i := range r.pages {
		if p := &r.pages[i]; !p.Slow && !p.Failed && p.blank() && p.cause() != "blank" && p.cause() != "form" {
			pages = append(pages, p.Number)
		}
	}
	return pages
}

// A pdfReading collects the pages of a PDF.
type pdfReading struct {
	info       pdfInfo
	pages      []pdfPage
	recognised pdfRecognition  // empty where recognition is off
	said       map[uint64]bool // hashes of the page texts so far
	repeated   int
	bytes      int
	max        int // bytes
}

// add appends the next page and reports whether more pages are wanted.
func (r *pdfReading) add(p pdfPage) bool {
	var hash maphash.Hash
	hash.SetSeed(pageSeed)
	for _, l := range p.Lines {
		hash.WriteString(l.Text)
		hash.WriteByte('\n')
		r.bytes += len(l.Text) + 1
	}
	if sum := hash.Sum64(); !r.said[sum] {
		r.said[sum] = true
	} else if len(p.Lines) > 0 { // pages of pictures are all blank, and pages with text may follow
		r.repeated++
	}
	if r.repeated > maxRepeated {
		return false
	}
	r.pages = append(r.pages, p)
	return r.bytes <= r.max
}

// document builds the document from the collected pages.
func (r *pdfReading) document() (Document, error) {
	var blank, failed, slow, recognised []int
	c := newPDFComposer(r.info, r.pages)
	out := &builder{max: r.max}
	for i := range r.pages {
		p := &r.pages[i]
		switch {
		case p.Slow:
			slow = append(slow, p.Number)
			continue
		case p.Failed:
			failed = append(failed, p.Number)
			continue
		case r.recognised.texts[p.Number] != "":
			recognised = append(recognised, p.Number)
			out.place(fmt.Sprintf("page %d", p.Number))
			out.write(r.recognised.texts[p.Number], false)
			continue
		case p.blank():
			blank = append(blank, i)
		}
		out.place(fmt.Sprintf("page %d", p.Number))
		if text := c.page(i); text != "" {
			out.write(text, false)
		}
	}
	doc := out.document()
	if strings.TrimSpace(doc.Text) == "" {
		return Document{}, r.noText(len(failed), len(slow))
	}
	doc.Title, doc.Date = r.info.Title, r.info.Date
	doc.Notes = r.blankNotes(blank)
	if len(recognised) > 0 {
		doc.note(recognisedNote("pdf", r.info.Pages, recognised))
	}
	if needs := r.recognised.needs; needs != nil {
		doc.note("recognising text " + needs.Detail)
		doc.Retry = needs.Retry
	}
	if len(failed) > 0 {
		doc.Notes = append(doc.Notes,
			numbers("page", failed)+" cannot be read: damaged, or in need of more memory than any page should take")
	}
	if len(slow) > 0 {
		doc.Notes = append(doc.Notes, numbers("page", slow)+" not read: it takes too long")
	}
	if n := len(r.pages); n < r.info.Pages {
		note := fmt.Sprintf("pages 1–%d of %d are read", n, r.info.Pages)
		switch {
		case r.repeated > maxRepeated:
			note += fmt.Sprintf(": %d of them say the same as others", maxRepeated)
		case r.bytes > r.max:
			note += fmt.Sprintf(": they hold %s of text, more is not read", bytesText(int64(r.max)))
		case n >= maxPages:
			note += ": more are not read"
		default:
			note += ": the rest takes too long"
		}
		doc.Notes = append(doc.Notes, note)
	}
	return doc, nil
}

// noText returns the error for a PDF without text, with the cause.
func (r *pdfReading) noText(failed, slow int) *Error {
	where := fmt.Sprintf("its %d pages", r.info.Pages)
	if r.info.Pages == 1 {
		where = "its only page"
	}
	if slow > 0 {
		return &Error{Reason: TooSlow, Detail: "cannot be read: " + where + " took too long"}
	}
	if failed > 0 {
		return &Error{Reason: Damaged, Detail: "cannot be read: damage on " + where + ", or need of more memory than any page should take"}
	}
	counts := map[string]int{}
	for i := range r.pages {
		counts[r.pages[i].cause()]++
	}
	for _, c := range pdfCauses {
		if counts[c.name] == 0 {
			continue
		}
		e := &Error{Reason: c.reason, Detail: "has no text on " + where + ": " + c.what}
		switch {
		case c.name == "form" || c.name == "blank":
			e.Detail += c.advice
		case r.recognised.needs != nil:
			e.Detail += ". Recognising it " + r.recognised.needs.Detail
			e.Retry = r.recognised.needs.Retry
		case r.recognised.texts == nil:
			e.Detail += c.advice
		default:
			e.Detail += ", in which no text is recognised"
		}
		return e
	}
	return &Error{Reason: Empty, Detail: "has no pages"}
}

// pdfCauses are the reasons why pages have no text, in order of precedence for a file.
var pdfCauses = []struct {
	name   string
	reason Reason
	what   string // for a file without text
	advice string // what to do, for a file without text
	note   string // for single pages
}{
	{"fonts", NoText, "the fonts do not say which letters they draw", recognitionAdvice,
		"not read: fonts that do not say which letters they draw"},
	{"scan", NoText, "pictures only, as of a scan", recognitionAdvice, "without text: a picture"},
	{"form", NoText, "a form, empty or shown by Adobe's programs only", ". Print it to a PDF",
		"without text: an empty form"},
	{"drawing", NoText, "drawings only; letters may be drawn as lines", recognitionAdvice,
		"without text: a drawing"},
	{"blank", Empty, "blank", "", "blank"},
}

// recognitionAdvice ends the reason for a file whose text could be recognised.
const recognitionAdvice = ". --ocr recognises their text"

// cause returns the name of the reason why a page has no text.
func (p *pdfPage) cause() string {
	switch {
	case p.garbled():
		return "fonts"
	case p.Images > 0:
		return "scan"
	case p.Fields:
		return "form"
	case p.Drawings > 0:
		return "drawing"
	}
	return "blank"
}

// blankNotes lists the pages without text by cause, with what to do while recognition is off. Pages
// that are truly blank are not listed.
func (r *pdfReading) blankNotes(blank []int) (notes []string) {
	byCause := map[string][]int{}
	off := r.recognised.texts == nil && r.recognised.needs == nil
	for _, i := range blank {
		byCause[r.pages[i].cause()] = append(byCause[r.pages[i].cause()], r.pages[i].Number)
	}
	for _, c := range pdfCauses {
		if pages := byCause[c.name]; len(pages) > 0 && c.name != "blank" {
			note := numbers("page", pages) + " " + c.note
			if c.advice == recognitionAdvice && off {
				note += " (--ocr recognises its text)"
			}
			notes = append(notes, note)
		}
	}
	return notes
}

// errPDFStopped is returned when a reader ended within a page, because it crashed or ran out of
// time.
var errPDFStopped = errors.New("the reader of PDF has stopped")
