package load

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // these packages let image.Decode read their formats
	_ "image/jpeg"
	_ "image/png"
	"strings"

	_ "golang.org/x/image/bmp"
	xdraw "golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

const (
	// maxPictureBytes bounds the decoded picture in bytes.
	maxPictureBytes = 128 << 20

	// Pictures are scaled to at most maxPicturePixels before recognition, and doubled if they have
	// less than minPictureWidth columns and rows: Tesseract expects letters 20 to 40 pixels high.
	maxPicturePixels = 16 << 20
	minPictureWidth  = 1200

	maxPicturePages = 500 // of a TIFF file or a PDF whose text is recognised
)

// readPicture recognises the text of a picture and reads its metadata. A TIFF file may have several
// pages.
func readPicture(ctx context.Context, l *Loader, in input) (Document, error) {
	if l.ocr == nil {
		return Document{}, &Error{Reason: Binary, Detail: pictureDetail}
	}
	if err := l.ocr.ready(ctx); err != nil {
		return Document{}, recognitionNeeds("is a picture, whose text can be recognised: that ", err)
	}
	meta := readEXIF(in.data)
	pages, more := picturePages(in.data)
	var recognised, empty []int
	out := &builder{max: in.opts.MaxText}
	for i, open := range pages {
		text, err := l.ocr.text(ctx, func() (*image.Gray, error) { return open(meta.orientation) })
		if err != nil {
			return Document{}, err
		}
		if text == "" {
			empty = append(empty, i+1)
			continue
		}
		recognised = append(recognised, i+1)
		place := "the picture"
		if len(pages) > 1 {
			place = fmt.Sprintf("page %d", i+1)
		}
		out.place(place)
		if out.write(text, false); out.full() {
			break
		}
	}
	if len(recognised) == 0 && describes(meta.fields) {
		out.place("the picture's description")
		for _, f := range meta.fields {
			out.listItem(0, f.Name+": "+f.Value)
		}
	} else if len(recognised) == 0 {
		return Document{}, &Error{Reason: NoText, Detail: "is a picture in which no text is recognised"}
	}
	doc := out.document()
	doc.Fields, doc.Title = meta.fields, fieldList(meta.fields).value("title")
	if len(recognised) > 0 {
		doc.note(recognisedNote(in.kind, len(pages), recognised))
	}
	if len(pages) > 1 && len(empty) > 0 {
		doc.note(numbers("page", empty) + " without text: none is recognised")
	}
	if more {
		doc.note(fmt.Sprintf("only the first %d pages are read", maxPicturePages))
	}
	return doc, nil
}

// pictureDetail is the detail for a picture while recognition is off.
const pictureDetail = "is a picture: with --ocr its text is recognised"

// recognitionNeeds returns the error for a file whose text cannot be recognised for lack of a
// program or its data.
func recognitionNeeds(what string, missing *Error) *Error {
	return &Error{Reason: missing.Reason, Detail: what + missing.Detail, Err: missing.Err, Retry: missing.Retry}
}

// recognisedNote returns the note that says which pages of a document are recognised.
func recognisedNote(kind string, pages int, recognised []int) string {
	of := "the text"
	if pages > 1 || kind == "pdf" {
		of = "the text of " + numbers("page", recognised)
	}
	return of + " is recognised from a picture (OCR) and may have mistakes"
}

// A pictureSource decodes a picture and turns it upright; orientation is that of EXIF.
type pictureSource func(orientation int) (*image.Gray, error)

// picturePages returns the pages of a picture file. more says that there are more than
// maxPicturePages.
func picturePages(data []byte) (pages []pictureSource, more bool) {
	order := tiffOrder(data)
	if order == nil {
		return []pictureSource{func(o int) (*image.Gray, error) { return decodePicture(data, o) }}, false
	}
	seen := map[uint32]bool{}
	for at := order.Uint32(data[4:]); at != 0 && !seen[at] && uint64(at)+2 <= uint64(len(data)); {
		if len(pages) == maxPicturePages {
			return pages, true
		}
		seen[at] = true
		start := at
		pages = append(pages, func(orientation int) (*image.Gray, error) {
			// The decoder reads the first page only: the one that the header points to.
			page := bytes.Clone(data)
			order.PutUint32(page[4:], start)
			return decodePicture(page, orientation)
		})
		next := uint64(at) + 2 + 12*uint64(order.Uint16(data[at:]))
		if next+4 > uint64(len(data)) {
			break
		}
		at = order.Uint32(data[next:])
	}
	return pages, false
}

// tiffOrder returns the byte order of a TIFF file, or nil for other data.
func tiffOrder(data []byte) binary.ByteOrder {
	switch {
	case len(data) < 8:
	case bytes.HasPrefix(data, []byte("II*\x00")):
		return binary.LittleEndian
	case bytes.HasPrefix(data, []byte("MM\x00*")):
		return binary.BigEndian
	}
	return nil
}

// isPicture reports whether data begins like a picture in a format that can be decoded.
func isPicture(data []byte) bool {
	for _, magic := range []string{"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a"} {
		if bytes.HasPrefix(data, []byte(magic)) {
			return true
		}
	}
	switch {
	case tiffOrder(data) != nil:
		return true
	case bytes.HasPrefix(data, []byte("RIFF")) && len(data) > 12:
		return string(data[8:12]) == "WEBP"
	case bytes.HasPrefix(data, []byte("BM")) && len(data) > 18: // reserved bytes and header size: not text
		return string(data[6:10]) == "\x00\x00\x00\x00" && binary.LittleEndian.Uint32(data[14:]) <= 124
	}
	return false
}

// decodePicture decodes a picture to grey values and turns it upright.
func decodePicture(data []byte, orientation int) (*image.Gray, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, pictureError(err)
	}
	if n := int64(config.Width) * int64(config.Height) * bytesPerPixel(config.ColorModel); n > maxPictureBytes {
		return nil, &Error{Reason: TooLarge, Detail: fmt.Sprintf(
			"is a picture of %d × %d pixels, too many to recognise its text", config.Width, config.Height)}
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, pictureError(err)
	}
	if format == "png" || format == "gif" || format == "bmp" {
		orientation = 1
	}
	return upright(fitPicture(grey(decoded)), orientation), nil
}

func pictureError(err error) *Error {
	if strings.Contains(err.Error(), "unsupported") {
		return &Error{Reason: Unsupported, Detail: "is a picture of a kind that is not read: " + causeOf(err), Err: err}
	}
	return &Error{Reason: Damaged, Detail: "is a damaged picture: " + causeOf(err), Err: err}
}

func bytesPerPixel(model color.Model) int64 {
	switch model {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := model.(color.Palette); ok {
		return 1
	}
	return 4
}

// grey returns the grey values of a picture. Transparent pixels become white.
func grey(from image.Image) *image.Gray {
	bounds := from.Bounds()
	size := image.Rect(0, 0, bounds.Dx(), bounds.Dy())
	switch from := from.(type) {
	case *image.Gray:
		return from
	case *image.YCbCr:
		return &image.Gray{Pix: from.Y[from.YOffset(bounds.Min.X, bounds.Min.Y):], Stride: from.YStride, Rect: size}
	}
	to := image.NewGray(size)
	draw.Draw(to, size, image.White, image.Point{}, draw.Src)
	draw.Draw(to, size, from, bounds.Min, draw.Over)
	return to
}

// fitPicture scales a picture to a size in which Tesseract recognises letters well.
func fitPicture(from *image.Gray) *image.Gray {
	width, height := from.Rect.Dx(), from.Rect.Dy()
	var scaled image.Rectangle
	switch {
	case width*height > maxPicturePixels:
		n := 2
		for width/n*(height/n) > maxPicturePixels {
			n++
		}
		scaled = image.Rect(0, 0, max(width/n, 1), max(height/n, 1))
	case width < minPictureWidth && height < minPictureWidth:
		scaled = image.Rect(0, 0, 2*width, 2*height)
	default:
		return from
	}
	to := image.NewGray(scaled)
	xdraw.ApproxBiLinear.Scale(to, scaled, from, from.Rect, xdraw.Src, nil)
	return to
}

// upright turns or mirrors a picture as its EXIF orientation says (1 to 8; 1 is upright).
func upright(from *image.Gray, orientation int) *image.Gray {
	if orientation < 2 || orientation > 8 {
		return from
	}
	width, height := from.Rect.Dx(), from.Rect.Dy()
	to := image.NewGray(image.Rect(0, 0, width, height))
	if orientation > 4 {
		to = image.NewGray(image.Rect(0, 0, height, width))
	}
	for y := range height {
		for x := range width {
			toX, toY := x, y
			switch orientation {
			case 2:
				toX = width - 1 - x
			case 3:
				toX, toY = width-1-x, height-1-y
			case 4:
				toY = height - 1 - y
			case 5:
				toX, toY = y, x
			case 6:
				toX, toY = height-1-y, x
			case 7:
				toX, toY = height-1-y, width-1-x
			case 8:
				toX, toY = y, width-1-x
			}
			to.Pix[toY*to.Stride+toX] = from.Pix[from.PixOffset(from.Rect.Min.X+x, from.Rect.Min.Y+y)]
		}
	}
	return to
}
