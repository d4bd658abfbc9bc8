package load

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"sync"
)

// A pdfPicture is a page drawn in grey.
type pdfPicture struct {
	Width, Height int
	Grey          []byte // one byte for each pixel, row by row
}

// grey returns the picture as an image. The error is errPDFStopped if width, height and length
// contradict each other.
func (p pdfPicture) grey() (*image.Gray, error) {
	if p.Width <= 0 || p.Height <= 0 || p.Width > maxPicturePixels || len(p.Grey) != p.Width*p.Height {
		return nil, errPDFStopped
	}
	return &image.Gray{Pix: p.Grey, Stride: p.Width, Rect: image.Rect(0, 0, p.Width, p.Height)}, nil
}

const (
	pdfiumGrey       = 1            // FPDFBitmap_Gray
	pdfiumDrawing    = 0x01 | 0x08  // FPDF_ANNOT, FPDF_GRAYSCALE
	pdfiumWhite      = 0xffffffff   // opaque
	picturePerPoint  = 300.0 / 72.0 // 300 pixels per inch, the usual resolution of scanned text
	maxPDFPageLength = 14_400       // points, the maximum of PDF
)

// draw draws a page, numbered from 1, with 300 pixels per inch, or fewer on a large page.
func (f *pdfFile) draw(number int) (picture pdfPicture) {
	p := f.pdf
	page := p.work("FPDF_LoadPage", f.doc, uint64(number-1))
	if page == 0 {
		return picture
	}
	defer p.call("FPDF_ClosePage", page)
	width := pdfLength(p.call("FPDF_GetPageWidthF", page))
	height := pdfLength(p.call("FPDF_GetPageHeightF", page))
	scale := min(picturePerPoint, math.Sqrt(maxPicturePixels/(width*height)))
	picture.Width, picture.Height = max(int(width*scale), 1), max(int(height*scale), 1)
	bitmap := p.call("FPDFBitmap_CreateEx", uint64(picture.Width), uint64(picture.Height), pdfiumGrey, 0, 0)
	if bitmap == 0 {
		if p.err == nil {
			p.err = errPDFMemory
		}
		return picture
	}
	defer p.call("FPDFBitmap_Destroy", bitmap)
	w, h := uint64(picture.Width), uint64(picture.Height)
	p.call("FPDFBitmap_FillRect", bitmap, 0, 0, w, h, pdfiumWhite)
	p.work("FPDF_RenderPageBitmap", bitmap, page, 0, 0, w, h, 0, pdfiumDrawing)
	stride := p.number("FPDFBitmap_GetStride", bitmap)
	at := uint32(p.call("FPDFBitmap_GetBuffer", bitmap))
	if stride < picture.Width {
		p.err = errors.Join(p.err, errPDFMemory)
		return picture
	}
	pixels := p.bytes(at, uint32(stride*picture.Height))
	picture.Grey = make([]byte, 0, picture.Width*picture.Height)
	for y := range picture.Height {
		picture.Grey = append(picture.Grey, pixels[y*stride:y*stride+picture.Width]...)
	}
	return picture
}

// pdfLength returns a length in points that PDFium returned as a float.
func pdfLength(bits uint64) float64 {
	length := float64(math.Float32frombits(uint32(bits)))
	if !(length >= 1) {
		return 1
	}
	return min(length, maxPDFPageLength)
}

// A pdfRecognition is the recognised text of the pages of a PDF that contain no text.
type pdfRecognition struct {
	texts  map[int]string // by page number
	failed map[int]*Error // by page number
	left   []int          // pages beyond the limit
	needs  *Error         // why nothing can be recognised
}

// recognise recognises the text of the given pages. The error is that of the context.
func (l *Loader) recognise(ctx context.Context, data []byte, pages []int) (r pdfRecognition, err error) {
	if r.needs = l.ocr.ready(ctx); r.needs != nil {
		return r, nil
	}
	if len(pages) > maxPicturePages {
		pages, r.left = pages[:maxPicturePages], pages[maxPicturePages:]
	}
	r.texts, r.failed = map[int]string{}, map[int]*Error{}
	type drawn struct {
		page    int
		picture *image.Gray
	}
	pictures := make(chan drawn)
	var mu sync.Mutex // guards r
	fail := func(page int, err error) {
		var failure *Error
		if !errors.As(err, &failure) {
			failure = &Error{Reason: Damaged, Detail: "cannot be drawn", Err: err}
		}
		mu.Lock()
		r.failed[page] = failure
		mu.Unlock()
	}
	var readers sync.WaitGroup
	for range min(cap(l.ocr.slots), len(pages)) {
		readers.Go(func() {
			for p := range pictures {
				text, err := l.ocr.text(ctx, func() (*image.Gray, error) { return p.picture, nil })
				if err != nil {
					fail(p.page, err)
					continue
				}
				mu.Lock()
				r.texts[p.page] = text
				mu.Unlock()
			}
		})
	}
	// Pages are drawn before a slot of Tesseract is taken. A goroutine that held a slot while
	// waiting for a PDF session could deadlock with one that holds the session and waits for a
	// slot.
	drawer := pdfDrawer{pool: &l.pdf, data: data}
	for _, page := range pages {
		picture, err := drawer.draw(ctx, page)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			fail(page, err)
			continue
		}
		pictures <- drawn{page, picture}
	}
	drawer.close()
	close(pictures)
	readers.Wait()
	return r, ctx.Err()
}

// A pdfDrawer draws pages of a PDF. A session that ends within a page is replaced by a new one,
// maxPDFStops times.
type pdfDrawer struct {
	pool    *pdfPool
	data    []byte
	session pdfSession // nil: to be opened
	stops   int
}

func (d *pdfDrawer) draw(ctx context.Context, page int) (*image.Gray, error) {
	if d.stops >= maxPDFStops {
		return nil, fmt.Errorf("page %d: %w", page, errPDFStopped)
	}
	if d.session == nil {
		s, err := d.pool.session(ctx, true)
		if err != nil {
			return nil, err
		}
		if _, err := s.open(ctx, d.data, true); err != nil {
			s.close(false)
			d.stops = maxPDFStops
			return nil, err
		}
		d.session = s
	}
	picture, err := d.session.picture(ctx, page)
	if err != nil {
		d.session.close(false)
		d.session = nil
		d.stops++
	}
	return picture, err
}

func (d *pdfDrawer) close() {
	if d.session != nil {
		d.session.close(false)
	}
}
