package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/klippa-app/go-pdfium"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// maxPages is how many pages of a file are read: one page can stand in the list of pages any number of times.
const maxPages = 5_000

// maxRepeated is how many pages may say what another page has said before the rest is left out: one page of a file can be all of its pages.
const maxRepeated = 1_000

var pageSeed = maphash.MakeSeed()

// A pdfPool holds PDFium (the PDF reader of Chromium), compiled to WebAssembly and run by wazero: it sees neither files nor network, a crash in it is an
// error here, and its memory is bounded. Each file has an instance of its own, so that none can harm the next. It is made when the first PDF is read.
type pdfPool struct {
	mu     sync.Mutex
	pool   pdfium.Pool
	cancel context.CancelFunc
	cache  wazero.CompilationCache
}

// instance gives a fresh PDFium.
func (p *pdfPool) instance(ctx context.Context, cacheDir string) (pdfium.Pdfium, error) {
	pool, err := p.ready(cacheDir)
	if err != nil {
		return nil, err
	}
	return pool.GetInstanceWithContext(ctx)
}

func (p *pdfPool) ready(cacheDir string) (pdfium.Pool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pool != nil {
		return p.pool, nil
	}
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(pdfMemory >> 16).
		WithCloseOnContextDone(true)
	start := func(config wazero.RuntimeConfig) (err error) {
		ctx, cancel := context.WithCancel(withPDFMemory(context.Background()))
		p.pool, err = webassembly.Init(webassembly.Config{
			Context: ctx, MaxTotal: runtime.GOMAXPROCS(0), RuntimeConfig: config, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
		})
		if err != nil {
			cancel()
			p.pool = nil
			return err
		}
		p.cancel = cancel
		return nil
	}
	if cacheDir != "" { // without it, or when nothing can be written there, the start takes longer, no more
		if cache, err := wazero.NewCompilationCacheWithDir(cacheDir); err == nil {
			if start(config.WithCompilationCache(cache)) == nil {
				p.cache = cache
				return p.pool, nil
			}
			_ = cache.Close(context.Background())
		}
	}
	if err := start(config); err != nil {
		return nil, &Error{Reason: Unreadable, Detail: "cannot be read: the reader of PDF does not start: " + causeOf(err), Err: err}
	}
	return p.pool, nil
}

func (p *pdfPool) close() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pool != nil {
		err = p.pool.Close()
		p.cancel()
		p.pool = nil
	}
	if p.cache != nil {
		err = errors.Join(err, p.cache.Close(context.Background()))
		p.cache = nil
	}
	return err
}

// readPDF reads the text of each page, in the order of its reading. Pages without text are named.
func readPDF(ctx context.Context, l *Loader, in input) (doc Document, err error) {
	if head := in.data[:min(len(in.data), 1024)]; !strings.Contains(string(head), "%PDF-") {
		return Document{}, &Error{Reason: Damaged, Detail: "is no PDF file: it does not begin like one"}
	}
	instance, err := l.pdf.instance(ctx, l.opts.CacheDir)
	if err != nil {
		return Document{}, err
	}
	killed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		_ = instance.Kill()
	})
	defer func() {
		if stop() {
			_ = instance.Close()
			return
		}
		<-killed
		if err != nil { // whatever it says, it is because of the kill
			err = ctx.Err()
		}
	}()
	opened, err := instance.OpenDocument(&requests.OpenDocument{FileReader: bytes.NewReader(in.data), FileReaderSize: int64(len(in.data))})
	if err != nil {
		return Document{}, pdfError(err)
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil {
		return Document{}, pdfError(err)
	}
	out := &builder{max: in.opts.MaxText}
	outline := pdfOutline(instance, opened.Document)
	pages := pageReader{instance: instance, doc: opened.Document}
	said := map[uint64]bool{}
	repeated, read := 0, 0
	var blank, failed []int
	for page := range min(count.PageCount, maxPages) {
		if err := ctx.Err(); err != nil {
			return Document{}, err
		}
		if out.full() {
			break
		}
		text, err := pages.text(page)
		if err != nil {
			read++
			failed = append(failed, page+1)
			continue
		}
		if hash := maphash.String(pageSeed, text); said[hash] && !isBlank(text) { // pages that are pictures are all blank, and others may follow
			repeated++
		} else {
			said[hash] = true
		}
		if repeated > maxRepeated {
			break
		}
		read++
		out.place(fmt.Sprintf("page %d", page+1))
		if lines := pdfLines(text, page+1); len(lines) > 0 {
			out.write(strings.Join(markHeadings(lines, outline[page]), "\n"), false)
		} else {
			blank = append(blank, page+1)
		}
	}
	if doc = out.document(); strings.TrimSpace(doc.Text) == "" {
		if len(failed) > 0 {
			return Document{}, &Error{Reason: Damaged, Detail: "cannot be read: its pages are damaged, or take more memory than any should"}
		}
		return Document{}, &Error{Reason: NoText, Detail: fmt.Sprintf("has no text on its %d pages: a scan? Recognise the text (OCR) first", count.PageCount)}
	}
	if len(blank) > 0 {
		doc.Notes = append(doc.Notes, numbers("page", blank)+noTextNote)
	}
	if len(failed) > 0 {
		doc.Notes = append(doc.Notes, numbers("page", failed)+" cannot be read")
	}
	switch {
	case repeated > maxRepeated:
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d of its %d pages are read: %d of them say the same as others", read, count.PageCount, maxRepeated))
	case count.PageCount > maxPages:
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d of its %d pages are read", maxPages, count.PageCount))
	}
	doc.Title = pdfTitle(instance, opened.Document)
	return doc, nil
}

func isBlank(text string) bool { return strings.Trim(text, "\x00 \r\n\t") == "" }

// A pageReader reads the pages of a document. It keeps a page open until the next one is: what both use, such as their fonts, is made once.
type pageReader struct {
	instance pdfium.Pdfium
	doc      references.FPDF_DOCUMENT
	open     references.FPDF_PAGE
}

// text gives the text of a page, numbered from 0.
func (p *pageReader) text(index int) (string, error) {
	page, err := p.instance.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: p.doc, Index: index})
	if err != nil {
		return "", err
	}
	if p.open != "" {
		if _, err := p.instance.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: p.open}); err != nil {
			return "", err
		}
	}
	p.open = page.Page
	text, err := p.instance.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: requests.Page{ByReference: &page.Page}})
	if err != nil {
		return "", err
	}
	count, err := p.instance.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil {
		return "", err
	}
	all, err := p.instance.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: text.TextPage, Count: max(count.Count, 0)})
	if err != nil {
		return "", err
	}
	_, err = p.instance.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage})
	return all.Text, err
}

// pdfTitle gives the title in the file's settings, unless it is the name of a file or of a program's empty document.
func pdfTitle(instance pdfium.Pdfium, doc references.FPDF_DOCUMENT) string {
	meta, err := instance.FPDF_GetMetaText(&requests.FPDF_GetMetaText{Document: doc, Tag: "Title"})
	if err != nil {
		return ""
	}
	title := tidy(meta.Value)
	lower := strings.ToLower(title)
	for _, end := range []string{".doc", ".docx", ".dvi", ".tex", ".indd", ".pdf", ".odt", ".ppt", ".pptx", ".qxd"} {
		if strings.HasSuffix(lower, end) {
			return ""
		}
	}
	if strings.HasPrefix(lower, "microsoft word - ") || strings.HasPrefix(lower, "untitled") || len(title) < 3 {
		return ""
	}
	return title
}

func pdfError(err error) error {
	switch {
	case errors.Is(err, pdferrors.ErrPassword):
		return &Error{Reason: Encrypted, Detail: "is encrypted: a password is needed to read it", Err: err}
	case errors.Is(err, pdferrors.ErrSecurity):
		return &Error{Reason: Encrypted, Detail: "is protected in a way that cannot be read", Err: err}
	case errors.Is(err, pdferrors.ErrFormat):
		return &Error{Reason: Damaged, Detail: "is damaged or cut short: it cannot be read as PDF", Err: err}
	}
	return &Error{Reason: Damaged, Detail: "cannot be read: its contents confuse the reader of PDF", Err: err}
}

var ligatures = strings.NewReplacer("\ufb00", "ff", "\ufb01", "fi", "\ufb02", "fl", "\ufb03", "ffi", "\ufb04", "ffl", "\ufb05", "st", "\ufb06", "st", "\x02", "\ufffe")

// pdfLines makes lines of a page's text: words that were divided at a line's end become one again, and paragraphs and headings, which a PDF does not
// mark, are set apart by an empty line where the lengths of the lines show them. The page's number at its foot goes.
func pdfLines(text string, page int) []string {
	text = strings.ReplaceAll(ligatures.Replace(text), "\r\n", "\n")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\ufffe\n", ""), "\ufffe", "")
	var lines []string
	longest := 0
	for l := range strings.SplitSeq(clean(text), "\n") {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			if l[0] == '#' {
				l = `\` + l
			}
			lines = append(lines, l)
		}
	}
	if n := len(lines) - 1; n > 0 && lines[n] == strconv.Itoa(page) {
		lines = lines[:n]
	}
	lengths := make([]int, len(lines))
	for i, l := range lines {
		lengths[i] = utf8.RuneCountInString(l)
	}
	if sorted := slices.Sorted(slices.Values(lengths)); len(sorted) > 0 {
		longest = sorted[len(sorted)*9/10] // a wide table must not make every line look short
	}
	var out []string
	fresh := true // the line before ended a paragraph
	for i, l := range lines {
		ends := strings.ContainsRune(".!?:。！？", lastRune(l)) && lengths[i] < longest*85/100
		title := fresh && lengths[i] < longest*6/10 && !strings.ContainsRune(".,;", lastRune(l)) && beginsTitle(l) && i+1 < len(lines) && beginsTitle(lines[i+1])
		out = append(out, l)
		if fresh = ends || title; fresh && i+1 < len(lines) {
			out = append(out, "")
		}
	}
	return out
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func beginsTitle(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) || unicode.IsDigit(r) || !unicode.IsLower(r) && unicode.IsLetter(r)
}
