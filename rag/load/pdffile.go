package load

import (
	"cmp"
	"encoding/binary"
	"io"
	"math"
	"strings"
)

// A pdfInfo holds the properties of a whole PDF.
type pdfInfo struct {
	Pages   int
	Title   string
	Date    string // of the last change, or else of creation
	Outline []pdfHeading
}

// A pdfFile is an open PDF.
type pdfFile struct {
	pdf    *pdfiumInstance
	doc    uint64
	form   uint64 // handle of the form-fill environment; 0: none
	fonts  map[uint64]pdfFont
	opened uint64 // last page read; it stays open until the next page is read, to keep shared fonts loaded
}

// A pdfFont holds the properties of a font that matter for the layout.
type pdfFont struct{ bold bool }

// PDFium's error codes (FPDF_ERR_…).
const (
	pdfiumBadFormat   = 3
	pdfiumPassword    = 4
	pdfiumBadSecurity = 5
)

// openPDF opens a PDF of size bytes. The error is an [*Error] when the file is at fault.
func openPDF(p *pdfiumInstance, r io.Reader, size int) (*pdfFile, pdfInfo, error) {
	at := p.load(r, size)
	f := &pdfFile{pdf: p, fonts: map[uint64]pdfFont{}}
	f.doc = p.work("FPDF_LoadMemDocument64", at, uint64(size), 0)
	if p.err != nil {
		return nil, pdfInfo{}, pdfDamaged(p.err)
	}
	if f.doc == 0 {
		return nil, pdfInfo{}, pdfOpenError(p.number("FPDF_GetLastError"))
	}
	if p.number("FPDF_GetFormType", f.doc) > 0 {
		// The version of FPDF_FORMFILLINFO and its size in 32-bit words. The callbacks stay nil,
		// because reading fields never calls them.
		const version, fields = 1, 128
		info := p.call("malloc", 4*fields)
		b := p.bytes(uint32(info), 4*fields)
		clear(b)
		binary.LittleEndian.PutUint32(b, version)
		f.form = p.work("FPDFDOC_InitFormFillEnvironment", f.doc, info)
	}
	info := pdfInfo{
		Pages: int(int32(p.work("FPDF_GetPageCount", f.doc))),
		Title: pdfTitle(p.text("FPDF_GetMetaText", f.doc, p.key("Title"))),
		Date: cmp.Or(p.text("FPDF_GetMetaText", f.doc, p.key("ModDate")),
			p.text("FPDF_GetMetaText", f.doc, p.key("CreationDate"))),
		Outline: f.outline(),
	}
	if p.err != nil {
		return nil, pdfInfo{}, pdfDamaged(p.err)
	}
	return f, info, nil
}

func pdfOpenError(code int) *Error {
	switch code {
	case pdfiumPassword:
		return &Error{Reason: Encrypted, Detail: "is encrypted: a password is needed to read it"}
	case pdfiumBadSecurity:
		return &Error{Reason: Encrypted, Detail: "is protected in a way that cannot be read"}
	case pdfiumBadFormat:
		return &Error{Reason: Damaged, Detail: "is damaged or cut short: it cannot be read as PDF"}
	}
	return pdfDamaged(nil)
}

func pdfDamaged(err error) *Error {
	return &Error{Reason: Damaged, Detail: "cannot be read: its contents confuse the reader of PDF", Err: err}
}

// pdfTitle returns the title in a file's metadata; "" when it is a file name or the default title
// of a program's new document.
func pdfTitle(s string) string {
	title := tidy(s)
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

// A pdfRaw is the content of a page before layout.
type pdfRaw struct {
	glyphs   []glyph
	styles   []glyphStyle
	headings map[int]int // heading level by marked-content identifier, from the structure tree
	notes    []string    // comments that readers added to the page
	images   int
	drawings int  // path objects
	fields   bool // the page has form fields
	unknown  int  // characters whose font has no mapping to Unicode
}

// A glyph is a character on a page. Its coordinates are those of upright text: x grows along the
// line and y upwards.
type glyph struct {
	r      rune
	x0, x1 float32
	y      float32 // of the baseline
	style  int32
}

// A glyphStyle holds the properties that the characters of a text object share.
type glyphStyle struct {
	size      float32 // in points
	bold      bool
	direction int8 // direction of the text, in quarter turns counter-clockwise
	content   int  // marked-content identifier; -1: none
}

// maxGlyphs is how many characters of a page are read.
const maxGlyphs = 200_000

// PDFium's types of page objects (FPDF_PAGEOBJ_…).
const (
	pdfiumText  = 1
	pdfiumPath  = 2
	pdfiumImage = 3
	pdfiumForm  = 5
)

// read reads the page at an index, counted from 0.
func (f *pdfFile) read(index int) (raw pdfRaw, err error) {
	p := f.pdf
	page := p.work("FPDF_LoadPage", f.doc, uint64(index))
	if page == 0 {
		return raw, pdfDamaged(p.err)
	}
	var values []pdfValue
	raw.notes, values, raw.fields = f.annotations(page)
	if len(values) > 0 || raw.fields {
		// Flattening has changed the page, which must be loaded again.
		if flattened := int32(p.work("FPDFPage_Flatten", page, 0)); flattened == 1 {
			p.call("FPDF_ClosePage", page)
			if page = p.work("FPDF_LoadPage", f.doc, uint64(index)); page == 0 {
				return raw, pdfDamaged(p.err)
			}
		}
	}
	if f.opened != 0 {
		p.call("FPDF_ClosePage", f.opened)
	}
	f.opened = page
	text := p.work("FPDFText_LoadPage", page)
	f.readGlyphs(&raw, text)
	p.call("FPDFText_ClosePage", text)
	if len(raw.glyphs) > 0 {
		raw.headings = f.structure(page)
	}
	if len(raw.glyphs) < 20 {
		f.countObjects(&raw, page)
	}
	raw.addValues(values)
	if p.err != nil {
		return pdfRaw{}, pdfDamaged(p.err)
	}
	return raw, nil
}

// readGlyphs reads the characters of a page. Blanks and line ends that PDFium generates belong to
// no text object and are dropped; blanks are derived later from the distances between characters.
func (f *pdfFile) readGlyphs(raw *pdfRaw, text uint64) {
	p := f.pdf
	count := min(p.number("FPDFText_CountChars", text), maxGlyphs)
	if count <= 0 {
		return
	}
	raw.glyphs = make([]glyph, 0, count)
	var object uint64
	var style glyphStyle
	var y float32
	var high rune
	for i := range uint64(count) {
		o := p.call("FPDFText_GetTextObject", text, i)
		if o == 0 {
			if p.err != nil {
				return
			}
			continue
		}
		if o != object {
			object = o
			style, y = f.style(text, i, o)
			raw.styles = append(raw.styles, style)
		}
		r := rune(p.call("FPDFText_GetUnicode", text, i))
		switch {
		case r >= 0xd800 && r < 0xdc00:
			high = r
			continue
		case r >= 0xdc00 && r < 0xe000 && high != 0:
			r, high = 0x10000+(high-0xd800)<<10+(r-0xdc00), 0
		case r == 2 || r == 0xfffe:
			r = '-' // PDFium's marker for a hyphen at a line's end
		}
		if r == 0 || r == 0xfffd || r >= 0xe000 && r < 0xf900 || r > 0x10ffff ||
			r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			raw.unknown++
			if r < ' ' || r > 0x10ffff {
				r = 0xfffd
			}
		}
		p.call("FPDFText_GetLooseCharBox", text, i, uint64(p.scratch))
		b := p.bytes(p.scratch, 16) // left, top, right, bottom
		left, top, right, bottom := floatAt(b, 0), floatAt(b, 4), floatAt(b, 8), floatAt(b, 12)
		g := glyph{r: r, y: y, style: int32(len(raw.styles) - 1)}
		switch style.direction {
		case 0:
			g.x0, g.x1 = left, right
		case 1:
			g.x0, g.x1 = bottom, top
		case 2:
			g.x0, g.x1 = -right, -left
		case 3:
			g.x0, g.x1 = -top, -bottom
		}
		if !finite(g.x0) || !finite(g.x1) || !finite(g.y) {
			continue
		}
		raw.glyphs = append(raw.glyphs, g)
	}
}

// style returns the style of a text object and the height of its baseline, taken from one of its
// characters.
func (f *pdfFile) style(text, index, object uint64) (glyphStyle, float32) {
	p := f.pdf
	p.call("FPDFText_GetMatrix", text, index, uint64(p.scratch))
	b := p.bytes(p.scratch, 24)
	a, skew, c, d := floatAt(b, 0), floatAt(b, 4), floatAt(b, 8), floatAt(b, 12)
	p.call("FPDFText_GetCharOrigin", text, index, uint64(p.scratch), uint64(p.scratch+8))
	b = p.bytes(p.scratch, 16)
	x := float32(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	y := float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8:])))
	size := float32(math.Float64frombits(p.call("FPDFText_GetFontSize", text, index))) *
		float32(math.Hypot(float64(c), float64(d)))
	if size = max(size, -size); !(size > 0.5 && size < 2000) {
		size = 10
	}
	s := glyphStyle{size: size, content: p.number("FPDFPageObj_GetMarkedContentID", object)}
	switch {
	case a > 0 && a >= max(skew, -skew), a == 0 && skew == 0:
	case skew > max(a, -a):
		s.direction, y = 1, -x
	case a < 0 && -a >= max(skew, -skew):
		s.direction, y = 2, -y
	default:
		s.direction, y = 3, x
	}
	s.bold = f.font(p.call("FPDFTextObj_GetFont", object)).bold
	return s, y
}

// font returns the properties of a font.
func (f *pdfFile) font(at uint64) pdfFont {
	font, ok := f.fonts[at]
	if ok || at == 0 {
		return font
	}
	p := f.pdf
	n := uint32(p.call("FPDFFont_GetBaseFontName", at, uint64(p.scratch), 200))
	name := ""
	if n > 1 && n <= 200 {
		name = strings.ToLower(string(p.bytes(p.scratch, n-1)))
	}
	_, name, _ = cutSubset(name)
	font.bold = p.number("FPDFFont_GetWeight", at) >= 600
	for _, mark := range []string{"bold", "black", "heavy", "semibold", "-demi", "cmbx", "cmssbx", "sfbx"} {
		font.bold = font.bold || strings.Contains(name, mark)
	}
	f.fonts[at] = font
	return font
}

// cutSubset splits the subset tag, such as "ABCDEF+", from the name of a font.
func cutSubset(name string) (tag, rest string, found bool) {
	if tag, rest, found = strings.Cut(name, "+"); found && len(tag) == 6 {
		return tag, rest, true
	}
	return "", name, false
}

// countObjects counts the images and drawings of a page with little text, which explain why it has
// none.
func (f *pdfFile) countObjects(raw *pdfRaw, page uint64) {
	const most = 2000
	p := f.pdf
	left := most
	var visit func(object uint64, depth int)
	visit = func(object uint64, depth int) {
		left--
		switch p.number("FPDFPageObj_GetType", object) {
		case pdfiumPath:
			raw.drawings++
		case pdfiumImage:
			raw.images++
		case pdfiumForm:
			for i := range p.number("FPDFFormObj_CountObjects", object) {
				if left <= 0 || depth > 8 || p.err != nil {
					return
				}
				visit(p.call("FPDFFormObj_GetObject", object, uint64(i)), depth+1)
			}
		}
	}
	for i := range min(p.number("FPDFPage_CountObjects", page), most) {
		if left <= 0 || p.err != nil {
			return
		}
		visit(p.call("FPDFPage_GetObject", page, uint64(i)), 0)
	}
}

func floatAt(b []byte, i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[i:])) }

func finite(f float32) bool { return f-f == 0 && f > -1e6 && f < 1e6 }
