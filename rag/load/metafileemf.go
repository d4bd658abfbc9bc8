package load

import (
	"encoding/binary"
	"math"
	"unicode/utf16"
)

// readEMF reads the records of an EMF file.
func (m *metafile) readEMF(data []byte) {
	for len(data) >= 8 {
		size := int(binary.LittleEndian.Uint32(data[4:]))
		if size < 8 || size > len(data) {
			return
		}
		m.emfRecord(binary.LittleEndian.Uint32(data), data[:size])
		data = data[size:]
	}
}

// emfRecord executes a record. Offsets in it count from its start.
func (m *metafile) emfRecord(kind uint32, r []byte) {
	const windowSize, windowOrigin, viewSize, viewOrigin, mapMode = 9, 10, 11, 12, 17
	const setAlign, moveTo, save, restore, setWorld, changeWorld = 22, 27, 33, 34, 35, 36
	const chooseObject, deleteObject, createFont = 37, 40, 82
	const textA, textW, manyA, manyW, smallText = 83, 84, 96, 97, 108
	whole := func(at int) float64 { return float64(number4(r, at)) }
	s := &m.now
	switch kind {
	case windowSize:
		s.window.w, s.window.h = whole(8), whole(12)
	case windowOrigin:
		s.window.x, s.window.y = whole(8), whole(12)
	case viewSize:
		s.view.w, s.view.h = whole(8), whole(12)
	case viewOrigin:
		s.view.x, s.view.y = whole(8), whole(12)
	case mapMode:
		s.withoutMapping = number4(r, 8) < 7 // neither isotropic nor anisotropic
	case setAlign:
		s.align = number4(r, 8)
	case moveTo:
		s.x, s.y = whole(8), whole(12)
	case save:
		m.save()
	case restore:
		m.restore(number4(r, 8))
	case setWorld:
		s.world = matrixAt(r, 8)
	case changeWorld:
		s.changeWorld(matrixAt(r, 8), number4(r, 32))
	case createFont:
		if len(r) < 12+92 {
			return
		}
		font := metafileFont{height: whole(12), angle: whole(20) * math.Pi / 1800, charset: int(r[12+23])}
		var units []uint16
		for at := 12 + 28; at < 12+92; at += 2 {
			u := binary.LittleEndian.Uint16(r[at:])
			if u == 0 {
				break
			}
			units = append(units, u)
		}
		if font.face = clean(string(utf16.Decode(units))); font.face == "" {
			font.face = "Arial"
		}
		m.keep(min(max(number4(r, 8), 0), maxDrawn), font)
	case 38, 39, 49, 93, 94, 95: // pens, brushes and palettes
		m.keep(min(max(number4(r, 8), 0), maxDrawn), metafileFont{})
	case chooseObject:
		m.choose(number4(r, 8))
	case deleteObject:
		m.drop(number4(r, 8))
	case textA, textW:
		m.emfText(r, 36, kind == textW)
	case manyA, manyW:
		for i := range min(number4(r, 36), maxDrawn) {
			m.emfText(r, 40+40*i, kind == manyW)
		}
	case smallText:
		n, options, at := number4(r, 16), number4(r, 20), 36
		if options&0x100 == 0 { // a rectangle precedes the text
			at += 16
		}
		switch narrow := options&0x200 != 0; {
		case n <= 0 || options&0x10 != 0 || at > len(r):
		case narrow && n <= len(r)-at:
			m.draw(m.decode(r[at:at+n]), whole(8), whole(12), 0)
		case !narrow && n <= (len(r)-at)/2:
			m.draw(m.wide(r[at:at+2*n]), whole(8), whole(12), 0)
		}
	}
}

// emfText draws the text that an EmrText structure describes.
func (m *metafile) emfText(r []byte, at int, wide bool) {
	const glyphs, pairs = 0x10, 0x2000
	if at < 0 || at+40 > len(r) {
		return
	}
	n, from, options, widths := number4(r, at+8), number4(r, at+12), number4(r, at+16), number4(r, at+36)
	size := 1
	if wide {
		size = 2
	}
	if n <= 0 || options&glyphs != 0 || from < 0 || from > len(r) || n > (len(r)-from)/size {
		return
	}
	advance, step := 0.0, 4
	if options&pairs != 0 {
		step = 8
	}
	if widths > 0 && widths < len(r) && n <= (len(r)-widths)/step {
		for i := range n {
			advance += float64(number4(r, widths+i*step))
		}
	}
	text := ""
	if raw := r[from : from+n*size]; wide {
		text = m.wide(raw)
	} else {
		text = m.decode(raw)
	}
	m.draw(text, float64(number4(r, at)), float64(number4(r, at+4)), advance)
}

func matrixAt(r []byte, at int) (w [6]float64) {
	for i := range w {
		w[i] = float64(math.Float32frombits(uint32(number4(r, at+4*i))))
	}
	return w
}

// changeWorld combines a transformation with the current one in one of the four modes of MS-EMF.
func (s *metafileState) changeWorld(by [6]float64, mode int) {
	product := func(a, b [6]float64) [6]float64 { // a, then b
		return [6]float64{a[0]*b[0] + a[1]*b[2], a[0]*b[1] + a[1]*b[3], a[2]*b[0] + a[3]*b[2],
			a[2]*b[1] + a[3]*b[3], a[4]*b[0] + a[5]*b[2] + b[4], a[4]*b[1] + a[5]*b[3] + b[5]}
	}
	switch mode {
	case 1:
		s.world = [6]float64{1, 0, 0, 1, 0, 0}
	case 2:
		s.world = product(by, s.world)
	case 3:
		s.world = product(s.world, by)
	case 4:
		s.world = by
	}
}
