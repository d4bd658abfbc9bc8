package load

import (
	"encoding/binary"
	"strings"
)

// The types of records that say what every slide shows.
const (
	pptMainMaster, pptSlideAtom   = 0x3f8, 0x3ef
	pptFooters, pptFootersSettled = 0xfd9, 0xfda
)

// maxMasters is how many masters one slide may be based on: a title master is based on another one.
const maxMasters = 3

// masterList keeps which object is the master of an identifier.
func (w *pptReader) masterList(records []pptRecord) {
	for _, r := range records {
		if r.kind == pptSlidePersist {
			w.masters[number4(r.body, 12)] = number4(r.body, 0)
		}
	}
}

// pptFooterTexts returns the fixed texts that the head and the foot of slides show, of a document or a slide.
// An instance of 3 is for slides, 4 for notes, and a negative one for any. set is false if there are none.
func pptFooterTexts(body []byte, instance int) (texts []string, set bool) {
	for _, r := range recordsIn(body) {
		if r.kind != pptFooters || instance >= 0 && r.instance != instance {
			continue
		}
		set = true
		flags := 0
		for _, part := range recordsIn(r.body) {
			switch {
			case part.kind == pptFootersSettled && len(part.body) >= 4:
				flags = int(binary.LittleEndian.Uint16(part.body[2:]))
			// A string is a date, the head or the foot; its flag says that it is shown. A date that is
			// today's is none of the document.
			case part.kind == pptString && part.instance < 3 && flags&[]int{1 << 2, 1 << 4, 1 << 5}[part.instance] != 0:
				texts = append(texts, pptCharacters(part))
			}
		}
	}
	return texts, set
}

// masterTexts writes what the masters of a slide and its foot show, each text the first time only.
func (w *pptReader) masterTexts(slide []byte) {
	texts, set := pptFooterTexts(slide, -1)
	if !set {
		texts = w.footers
	}
	for _, text := range texts {
		w.foot(text)
	}
	for range maxMasters {
		id, shows := masterOf(slide)
		if !shows {
			return
		}
		record, ok := w.recordAt(w.places[w.masters[id]])
		if !ok || w.masters[id] == 0 || record.kind != pptMainMaster && record.kind != pptSlide {
			return
		}
		if !w.read[id] {
			w.read[id] = true
			s := &pptShapes{master: true, used: map[int]bool{}}
			s.look(record.body, 0, func(b box) box { return b })
			for _, t := range s.texts {
				w.foot(t.text)
			}
		}
		slide = record.body
	}
}

// masterOf returns the identifier of the master of a slide or a title master, and whether its shapes
// are shown.
func masterOf(slide []byte) (id int, shows bool) {
	for _, r := range recordsIn(slide) {
		if r.kind == pptSlideAtom && len(r.body) >= 22 {
			return number4(r.body, 12), binary.LittleEndian.Uint16(r.body[20:])&1 != 0
		}
	}
	return 0, false
}

// foot writes a text that many slides show, the first time only.
func (w *pptReader) foot(text string) {
	if text = tidy(strings.ReplaceAll(text, "\v", " ")); saysSomething(text) && !w.feet[text] {
		w.feet[text] = true
		w.out.paragraph(text)
	}
}
