package load

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// windowsPages are the encodings of Windows by code page.
var windowsPages = map[int]encoding.Encoding{
	437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852,
	855: charmap.CodePage855, 860: charmap.CodePage860, 862: charmap.CodePage862,
	863: charmap.CodePage863, 865: charmap.CodePage865, 866: charmap.CodePage866,
	874: charmap.Windows874, 932: japanese.ShiftJIS,
	936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5,
	1250: charmap.Windows1250, 1251: charmap.Windows1251,
	1252: charmap.Windows1252, 1253: charmap.Windows1253, 1254: charmap.Windows1254,
	1255: charmap.Windows1255, 1256: charmap.Windows1256,
	1257: charmap.Windows1257, 1258: charmap.Windows1258, 10000: charmap.Macintosh,
	10007: charmap.MacintoshCyrillic, 20866: charmap.KOI8R, 21866: charmap.KOI8U,
	28591: charmap.ISO8859_1, 28592: charmap.ISO8859_2, 28595: charmap.ISO8859_5,
	28597: charmap.ISO8859_7, 28605: charmap.ISO8859_15,
	50220: japanese.ISO2022JP, 51932: japanese.EUCJP, 54936: simplifiedchinese.GB18030, 65001: encoding.Nop,
}

// charsetPages maps the character sets of fonts to code pages.
var charsetPages = map[int]int{
	77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255,
	178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437,
}

// rtfTargets are the control words that begin a destination: a group whose text is not part of the
// running text.
var rtfTargets = map[string]rtfTarget{
	"fonttbl": rtfFonts, "stylesheet": rtfStyles, "colortbl": rtfSkipped, "info": rtfSkipped,
	"pict": rtfSkipped, "fldinst": rtfSkipped, "objdata": rtfObjectData, "objclass": rtfSkipped, "objname": rtfSkipped,
	"listtable": rtfSkipped, "listoverridetable": rtfSkipped, "nonshppict": rtfSkipped,
	"xe": rtfSkipped, "tc": rtfSkipped, "rxe": rtfSkipped, "bkmkstart": rtfSkipped,
	"bkmkend": rtfSkipped, "nonesttables": rtfSkipped, "atnid": rtfSkipped, "atnref": rtfSkipped,
	"atndate": rtfSkipped, "themedata": rtfSkipped, "datastore": rtfSkipped,
	"colorschememapping": rtfSkipped, "latentstyles": rtfSkipped, "rsidtbl": rtfSkipped,
	"generator": rtfSkipped, "picprop": rtfProperties, "sp": rtfProperties, "sn": rtfPropertyName, "sv": rtfPropertyValue,
	"mmathPict": rtfSkipped, "filetbl": rtfSkipped,
	"revtbl": rtfSkipped, "template": rtfSkipped, "pn": rtfSkipped, "pgdsctbl": rtfSkipped,
	"footnote": rtfNote, "annotation": rtfComment, "header": rtfMargin, "headerl": rtfMargin,
	"headerr": rtfMargin, "headerf": rtfMargin,
	"footer": rtfMargin, "footerl": rtfMargin, "footerr": rtfMargin, "footerf": rtfMargin,
	"title": rtfField, "atnauthor": rtfField, "listtext": rtfField, "pntext": rtfField,
	"moMath": rtfMath, "htmltag": rtfTag,
}

// rtfSigns are the control words for single characters.
var rtfSigns = map[string]string{
	"tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "bullet": "•",
	"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ",
	"enspace": " ", "qmspace": " ", "zwnj": "\u200c", "zwj": "\u200d",
}

// word executes a control word. given reports whether it has the parameter n.
func (r *rtfReader) word(name string, n int, given bool) {
	on := !given || n != 0
	if target, ok := rtfTargets[name]; ok && (r.state.first || name == "moMath") {
		r.enter(name, target)
		return
	}
	if sign, ok := rtfSigns[name]; ok {
		r.write(sign)
		return
	}
	if r.state.target == rtfMath && strings.HasPrefix(name, "m") && r.state.first {
		r.state.math = &node{name: name[1:]}
		return
	}
	switch name {
	case "ansicpg":
		if enc := windowsPages[n]; enc != nil {
			r.codepage = enc
		}
	case "mac":
		r.codepage = charmap.Macintosh
	case "pc":
		r.codepage = charmap.CodePage437
	case "fromhtml":
		r.html = &strings.Builder{}
	case "htmlrtf":
		r.state.htmlrtf = on
	case "uc":
		r.state.skipping = min(max(n, 0), 16)
	case "f":
		r.state.font = n
	case "fcharset":
		if r.state.target == rtfFonts && len(r.charsets) < 10_000 {
			r.charsets[r.state.font] = n
		}
	case "deff":
		r.plain, r.state.font = n, n
	case "v":
		r.state.hidden = on
	case "deleted":
		r.state.deleted = on
	case "super":
		r.state.script = 0
		if on {
			r.state.script = 1
		}
	case "sub":
		r.state.script = 0
		if on {
			r.state.script = -1
		}
	case "up", "dn":
		switch {
		case given && n == 0:
			r.state.script = 0
		case name == "up":
			r.state.script = 1
		default:
			r.state.script = -1
		}
	case "nosupersub":
		r.state.script = 0
	case "plain":
		r.state.hidden, r.state.deleted, r.state.script, r.state.font = false, false, 0, r.plain
	case "pngblip", "jpegblip", "macpict", "pmmetafile", "dibitmap", "wbitmap":
		if r.state.target == rtfDrawing { // no drawing that can be read
			r.state.target, r.state.bitmap = rtfSkipped, true
		}
	case "s", "outlinelevel":
		at := &r.paragraph
		if r.state.target == rtfStyles {
			at = &r.entry
		} else if r.state.target != rtfBody {
			return
		}
		if name == "s" {
			at.style = n
		} else if n >= 0 && n < 9 {
			at.outline = n + 1
		}
	case "ilvl", "pard", "intbl":
		if r.state.target != rtfBody { // applies to a list label or a note, not to the paragraph
			return
		}
		switch name {
		case "ilvl":
			r.paragraph.level = min(max(n, 0), 8)
		case "pard":
			r.paragraph = rtfParagraph{}
		default:
			r.paragraph.inTable = true
		}
	case "trowd", "trhdr", "clvmgf", "clvmrg", "clmgf", "clmrg", "cellx":
		if r.state.target == rtfBody {
			r.table.define(name)
		}
	case "cell", "nestcell":
		if r.state.target == rtfBody {
			r.endCell()
		}
	case "row", "nestrow":
		if r.state.target == rtfBody {
			r.endRow()
		}
	case "par", "sect", "page":
		r.endParagraph()
	case "chftn":
		if r.state.target == rtfBody {
			r.write(fmt.Sprintf("[%d]", r.notes+1))
		}
	case "object":
		r.enterObject()
	default:
		if r.state.first && r.state.starred && name != "shpinst" && name != "shptxt" && name != "ud" && name != "do" && name != "dptxbxtext" && name != "mmath" && name != "fldrst" && name != "shppict" {
			// An unknown optional group is skipped.
			r.state.target, r.state.buffer = rtfSkipped, nil
		}
		if name == "upr" { // the fallback without Unicode; the Unicode form follows in \ud
			r.state.target, r.state.buffer = rtfSkipped, nil
		}
		if name == "ud" && r.html == nil {
			r.state.target, r.state.buffer = rtfBody, &r.text
		}
	}
}

// enter begins a destination.
func (r *rtfReader) enter(name string, target rtfTarget) {
	if r.state.target == rtfSkipped && name != "title" && (name != "picprop" || !r.state.bitmap) {
		return // inside a skipped group
	}
	outer := r.state.target
	r.state.target = target
	switch target {
	case rtfSkipped, rtfFonts, rtfStyles, rtfObjectData:
		r.state.buffer = nil
		if name == "pict" {
			r.state.counted, r.described = outer == rtfBody, false
			r.state.target = rtfDrawing // unless its format is another one
		}
	case rtfProperties:
		r.state.buffer = nil
	case rtfPropertyName, rtfPropertyValue:
		if r.state.buffer = nil; outer == rtfProperties {
			r.state.buffer = &strings.Builder{}
		}
	case rtfNote:
		r.notes++
		r.state.buffer = &strings.Builder{}
	case rtfComment, rtfMargin:
		r.state.buffer = &strings.Builder{}
	case rtfField:
		switch name {
		case "title":
			r.state.buffer = &r.title
		case "atnauthor":
			r.state.buffer = &r.author
		default:
			r.label.Reset()
			r.state.buffer = &r.label
		}
	case rtfMath:
		r.state.math = &node{name: "oMath"}
	case rtfTag:
		r.state.buffer = r.html
		if r.html == nil {
			r.state.target = rtfSkipped
		}
	}
	r.state.first = false
}

// endMath adds an element of an equation to its parent, or writes the finished equation.
func (r *rtfReader) endMath(n *node) {
	if n.name == "oMath" {
		if r.state.target != rtfMath {
			var b strings.Builder
			b.WriteString(" ")
			b.WriteString(mathText(n) + " ")
			r.write(b.String())
		}
		return
	}
	outer := r.state.math
	if outer == nil || outer == n {
		return
	}
	if n.name == "r" {
		n.kids = []*node{{name: "t", kids: []*node{{text: strings.TrimSpace(n.content())}}}}
	} else if len(n.kids) == 1 && n.kids[0].name == "" { // a property, stored as an attribute
		n.attrs = []xml.Attr{{Name: xml.Name{Local: "val"}, Value: strings.TrimSpace(n.kids[0].text)}}
	}
	outer.kids = append(outer.kids, n)
}

// endStyle records the heading level of a style sheet entry.
func (r *rtfReader) endStyle() {
	name := strings.ToLower(tidy(strings.TrimSuffix(r.styleName.String(), ";")))
	r.styleName.Reset()
	level := r.entry.outline
	if digits, ok := strings.CutPrefix(name, "heading "); ok && numberIn(digits) > 0 {
		level = numberIn(digits)
	} else if name == "title" {
		level = 1
	}
	if level > 0 && len(r.styles) < 10_000 {
		r.styles[r.entry.style] = level
	}
	r.entry = rtfParagraph{}
}

// endParagraph writes the paragraph that has ended.
func (r *rtfReader) endParagraph() {
	if r.html != nil {
		if !r.state.htmlrtf {
			r.html.WriteByte('\n')
		}
		return
	}
	if r.state.target != rtfBody {
		if r.state.buffer != nil {
			r.state.buffer.WriteByte('\n')
		}
		return
	}
	if r.paragraph.inTable {
		r.text.WriteString("\n")
		return
	}
	if r.table.open {
		r.table.open = false
		r.out.endTable()
	}
	s := r.text.String()
	r.text.Reset()
	label := tidy(r.label.String())
	r.label.Reset()
	if strings.TrimSpace(s) != "" {
		r.count++
		r.out.place(fmt.Sprintf("paragraph %d", r.count))
		level := r.paragraph.outline
		if level == 0 {
			level = r.styles[r.paragraph.style]
		}
		switch {
		case level > 0:
			r.out.heading(level, labelled(bulletless(label), s))
		case label != "" && bulletless(label) == "":
			r.out.listItem(r.paragraph.level, s)
		case label != "":
			r.out.numbered(label, s)
		default:
			r.out.paragraph(s)
		}
	}
	r.beside()
}

// bulletless returns a list label; "" when it is a bullet.
func bulletless(label string) string {
	if strings.IndexFunc(label, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) < 0 || label == "o" {
		return ""
	}
	return label
}

func (r *rtfReader) beside() {
	for _, s := range r.later {
		r.out.paragraph(s)
	}
	r.later = nil
	r.writeObjects()
}

// finish writes the remaining text and the page headers and footers.
func (r *rtfReader) finish() {
	r.state = rtfState{buffer: &r.text}
	r.paragraph.inTable = false
	if len(r.table.cells) > 0 {
		r.endRow()
	}
	r.endParagraph()
	seen := map[string]bool{}
	for _, s := range r.margins {
		if saysSomething(s) && !seen[s] {
			seen[s] = true
			r.out.place("head or foot of the pages")
			r.out.paragraph("Head or foot of the pages: " + s)
		}
	}
}

// An rtfTable is the state of the open table.
type rtfTable struct {
	open    bool
	cells   []string
	head    bool
	defined []string // merge control word of each cell in the row; "": not merged
	merge   string
}

// define executes a control word of a row definition.
func (t *rtfTable) define(name string) {
	switch name {
	case "trowd":
		t.defined, t.merge, t.head = t.defined[:0], "", false
	case "trhdr":
		t.head = true
	case "cellx":
		if len(t.defined) < maxInRow {
			t.defined = append(t.defined, t.merge)
		}
		t.merge = ""
	default:
		t.merge = name
	}
}

func (r *rtfReader) endCell() {
	if len(r.table.cells) < maxInRow {
		r.table.cells = append(r.table.cells, tidy(labelled(tidy(r.label.String()), r.text.String())))
	}
	r.label.Reset()
	r.text.Reset()
}

func (r *rtfReader) endRow() {
	t := &r.table
	if !t.open {
		t.open = true
		r.out.place(fmt.Sprintf("paragraph %d", r.count+1))
		r.out.beginTable()
	}
	r.out.beginRow()
	if t.head {
		r.out.headRow()
	}
	for i := 0; i < len(t.cells); i++ {
		across := 1
		for i+across < len(t.cells) && i+across < len(t.defined) && t.defined[i+across] == "clmrg" {
			across++
		}
		r.out.beginCell()
		r.out.spanCell(across, 1)
		if i < len(t.defined) && t.defined[i] == "clvmrg" {
			r.out.continueCell()
		}
		if t.cells[i] != "" {
			r.count++
			r.out.paragraph(t.cells[i])
		}
		i += across - 1
	}
	t.cells = t.cells[:0]
	for _, s := range r.later {
		r.out.paragraph(s)
	}
	r.later = nil
}
