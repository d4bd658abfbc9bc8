package load

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode"
	"unicode/utf16"
)

// maxDrawn bounds the texts of a drawing.
const maxDrawn = 20_000

// A metafile collects the texts that a Windows metafile draws (MS-WMF, MS-EMF). Office stores
// drawings, charts and the pictures of embedded objects in this form.
type metafile struct {
	now     metafileState
	saved   []metafileState
	objects []metafileFont // fonts and other objects, by their number; the others have no face
	drawn   int
	lines   []string
	last    drawnText
}

// A metafileState is what the records set for the texts that follow.
type metafileState struct {
	world          [6]float64 // the transformation of an EMF
	window, view   box        // logical units of window are drawn in view
	x, y           float64    // the current position
	align          int
	font           metafileFont
	withoutMapping bool // one logical unit is one unit of the drawing
}

// A metafileFont is what a font says about the place and the characters of a text.
type metafileFont struct {
	height  float64
	angle   float64 // radians, counter-clockwise
	charset int
	face    string
}

// A drawnText is the end of the text that was drawn last.
type drawnText struct {
	text       string
	along      float64 // the start, in the direction of writing
	end        float64
	across     float64 // the baseline
	dirX, dirY float64
}

// metafileText returns the text that a metafile draws, in the order of drawing; "" when data is not
// a metafile or draws no text.
func metafileText(data []byte) string {
	m := &metafile{now: metafileState{world: [6]float64{1, 0, 0, 1, 0, 0}, withoutMapping: true}}
	switch {
	case len(data) >= 88 && binary.LittleEndian.Uint32(data) == 1 && string(data[40:44]) == " EMF":
		m.readEMF(data)
	case len(data) >= 40 && binary.LittleEndian.Uint32(data) == 0x9ac6cdd7:
		m.readWMF(data[22:])
	case len(data) >= 18 && (data[0] == 1 || data[0] == 2) && data[1] == 0 && data[2] == 9 && data[3] == 0:
		m.readWMF(data)
	}
	var lines []string
	numbers := false // the last line has no letters
	for _, line := range m.lines {
		line = tidy(line)
		letters := strings.ContainsFunc(line, unicode.IsLetter)
		switch {
		case !letters && !strings.ContainsFunc(line, unicode.IsDigit):
		case !letters && numbers: // such as the numbers along an axis
			lines[len(lines)-1] += " " + line
		default:
			lines, numbers = append(lines, line), !letters
		}
	}
	return strings.Join(lines, "\n")
}

// save and restore handle the stack of states. at is the number of a saved state, or negative to
// count from the latest.
func (m *metafile) save() {
	if len(m.saved) < 1000 {
		m.saved = append(m.saved, m.now)
	}
}

func (m *metafile) restore(at int) {
	if at < 0 {
		at += len(m.saved) + 1
	}
	if at >= 1 && at <= len(m.saved) {
		m.now, m.saved = m.saved[at-1], m.saved[:at-1]
	}
}

// keep stores a font, or an empty one for another object, under a number; -1: the first free one.
func (m *metafile) keep(at int, font metafileFont) {
	if font.face == "" {
		font.face = " " // in use
	}
	for i := 0; at < 0 && i < len(m.objects); i++ {
		if m.objects[i].face == "" {
			at = i
		}
	}
	if at < 0 {
		at = len(m.objects)
	}
	if at >= maxDrawn {
		return
	}
	for len(m.objects) <= at {
		m.objects = append(m.objects, metafileFont{})
	}
	m.objects[at] = font
}

// choose makes an object current if it is a font; drop frees its number.
func (m *metafile) choose(at int) {
	if at >= 0 && at < len(m.objects) && strings.TrimSpace(m.objects[at].face) != "" {
		m.now.font = m.objects[at]
	}
}

func (m *metafile) drop(at int) {
	if at >= 0 && at < len(m.objects) {
		m.objects[at] = metafileFont{}
	}
}

// point converts a logical position, or a direction if it is relative, to units of the drawing.
func (s *metafileState) point(x, y float64, relative bool) (float64, float64) {
	w := s.world
	at := 1.0
	if relative {
		at = 0
	}
	x, y = x*w[0]+y*w[2]+at*w[4], x*w[1]+y*w[3]+at*w[5]
	if s.withoutMapping || s.window.w == 0 || s.window.h == 0 {
		return x, y
	}
	x, y = x-at*s.window.x, y-at*s.window.y
	if s.view.w != 0 && s.view.h != 0 {
		x, y = x*s.view.w/s.window.w+at*s.view.x, y*s.view.h/s.window.h+at*s.view.y
	}
	return x, y
}

// draw adds a text at a logical position. advance is its width in logical units; 0: not stated.
func (m *metafile) draw(text string, x, y, advance float64) {
	const updatePosition, alignRight, alignCenter = 1, 2, 6
	if m.drawn++; m.drawn > maxDrawn || text == "" {
		return
	}
	s := &m.now
	if s.align&updatePosition != 0 {
		x, y = s.x, s.y
	}
	height := math.Abs(s.font.height)
	if advance == 0 {
		advance = 0.5 * height * float64(len([]rune(text)))
	}
	dirX, dirY := s.point(math.Cos(s.font.angle), -math.Sin(s.font.angle), true)
	scale := math.Hypot(dirX, dirY)
	if scale == 0 || math.IsNaN(scale) || math.IsInf(scale, 0) {
		return
	}
	dirX, dirY, height = dirX/scale, dirY/scale, height*scale
	px, py := s.point(x, y, false)
	along, across := px*dirX+py*dirY, py*dirX-px*dirY
	switch s.align & alignCenter {
	case alignCenter:
		along -= advance * scale / 2
	case alignRight:
		along -= advance * scale
	}
	now := drawnText{text, along, along + advance*scale, across, dirX, dirY}
	if s.align&updatePosition != 0 {
		s.x, s.y = x+advance*math.Cos(s.font.angle), y-advance*math.Sin(s.font.angle)
	}
	last := m.last
	m.last = now
	turned := math.Abs(last.dirX-dirX)+math.Abs(last.dirY-dirY) > 0.01
	near := math.Abs(across-last.across) <= 0.45*height+1e-9
	switch gap := along - last.end; {
	case len(m.lines) == 0 || turned || !near || gap > 2*height || gap < -0.6*height:
		if text == last.text && near && !turned && math.Abs(along-last.along) < 0.5*height {
			return // the same text again, as a shadow or for bold letters
		}
		m.lines = append(m.lines, text)
	case gap > 0.18*height:
		m.lines[len(m.lines)-1] += " " + text
	default:
		m.lines[len(m.lines)-1] += text
	}
}

// decode returns the characters of a text of one byte or more each in the current font.
func (m *metafile) decode(raw []byte) string {
	if m.now.font.charset == 2 {
		var b strings.Builder
		for _, c := range raw {
			b.WriteString(symbolOf(m.now.font.face, rune(c)))
		}
		return b.String()
	}
	enc := windowsPages[charsetPages[m.now.font.charset]]
	if enc == nil {
		enc = windowsPages[1252]
	}
	return decodeWith(enc, raw)
}

// wide returns the characters of a text in UTF-16 in the current font.
func (m *metafile) wide(raw []byte) string {
	var units []uint16
	for i := 0; i+2 <= len(raw); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(raw[i:]))
	}
	var b strings.Builder
	for _, r := range utf16.Decode(units) {
		switch symbolic := m.now.font.charset == 2 && r < 0x100; {
		case symbolic || r >= 0xf020 && r <= 0xf0ff:
			b.WriteString(symbolOf(m.now.font.face, r&0xff))
		case r >= ' ':
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// readWMF reads the records of a WMF file after its placeable header.
func (m *metafile) readWMF(data []byte) {
	const save, restore, textOut, extTextOut, setAlign, moveTo = 0x1e, 0x127, 0x521, 0xa32, 0x12e, 0x214
	const createFont, chooseObject, deleteObject, windowOrigin, windowSize = 0x2fb, 0x12d, 0x1f0, 0x20b, 0x20c
	if len(data) < 18 {
		return
	}
	for data = data[18:]; len(data) >= 6; {
		size := int(binary.LittleEndian.Uint32(data)) * 2
		if size < 6 || size > len(data) {
			return
		}
		body := data[6:size]
		short := func(i int) int {
			if 2*i+2 > len(body) {
				return 0
			}
			return int(int16(binary.LittleEndian.Uint16(body[2*i:])))
		}
		switch binary.LittleEndian.Uint16(data[4:]) {
		case save:
			m.save()
		case restore:
			m.restore(short(0))
		case setAlign:
			m.now.align = short(0)
		case moveTo:
			m.now.x, m.now.y = float64(short(1)), float64(short(0))
		case createFont:
			font := metafileFont{height: float64(short(0)), angle: float64(short(2)) * math.Pi / 1800}
			if len(body) > 18 {
				font.charset = int(body[13])
				face, _, _ := strings.Cut(string(body[18:]), "\x00")
				font.face = clean(strings.ToValidUTF8(face, ""))
			}
			if font.face == "" {
				font.face = "Arial"
			}
			m.keep(-1, font)
		case 0x2fa, 0x2fc, 0xf7, 0x6ff, 0x1f9, 0x142: // pens, brushes, palettes, regions
			m.keep(-1, metafileFont{})
		case chooseObject:
			m.choose(short(0))
		case deleteObject:
			m.drop(short(0))
		case windowOrigin:
			m.now.window.x, m.now.window.y = float64(short(1)), float64(short(0))
		case windowSize:
			m.now.window.w, m.now.window.h = float64(short(1)), float64(short(0))
		case textOut:
			if n := short(0); n > 0 && 2+n <= len(body) {
				at := 1 + (n+1)/2
				m.draw(m.decode(body[2:2+n]), float64(short(at+1)), float64(short(at)), 0)
			}
		case extTextOut:
			n, at := short(2), 8
			if short(3)&6 != 0 { // a rectangle precedes the text
				at += 8
			}
			if n > 0 && at+n <= len(body) {
				advance := 0
				for i := range n {
					advance += short((at+n+1)/2 + i)
				}
				m.draw(m.decode(body[at:at+n]), float64(short(1)), float64(short(0)), float64(advance))
			}
		}
		data = data[size:]
	}
}
