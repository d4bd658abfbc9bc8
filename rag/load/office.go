package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// An office is the common state of the readers of Office Open XML: the package, the relationships
// of the current part, and counts of unread content.
type office struct {
	p    *packed
	ctx  context.Context
	out  *builder
	rels relationList // relationships of the current part

	noteCount int
	omitted   tally
}

// relate loads the relationships of a part, which becomes the current one.
func (o *office) relate(part string) (err error) {
	o.rels, err = o.p.related(o.ctx, part)
	return err
}

// leftOut counts content that is omitted on purpose, such as hidden text. what names it in the
// singular.
func (o *office) leftOut(what string) { o.omitted.add(what, "left out") }

// unread counts content that cannot be read. what names it in the singular.
func (o *office) unread(what string) { o.omitted.add(what, "not read") }

func (o *office) notes() []string { return o.omitted.notes() }

// nothingRead returns the error for a document without text. Its detail lists the content that is
// not read.
func nothingRead(notes []string) *Error {
	return &Error{Reason: NoText, Detail: "has no text that is read: " + strings.Join(notes, "; ")}
}

// A tally counts the unread content of a document by kind.
type tally struct {
	order  []string
	counts map[string]int
}

func (t *tally) add(what, why string) {
	key := what + "\x00" + why
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	if t.counts[key]++; t.counts[key] == 1 {
		t.order = append(t.order, key)
	}
}

// notes returns a sentence for each kind: "3 embedded objects are not read".
func (t *tally) notes() []string {
	var notes []string
	for _, key := range t.order {
		what, why, _ := strings.Cut(key, "\x00")
		n := t.counts[key]
		switch {
		case why == "left out":
			notes = append(notes, what+" is left out: "+count(n, "place"))
		case n == 1:
			notes = append(notes, "1 "+what+" is "+why)
		default:
			notes = append(notes, plural(n, what)+" are "+why)
		}
	}
	return notes
}

// count formats a number with its noun: "1 place", "3 places".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return plural(n, noun)
}

// plural formats a number with a noun phrase in the plural: "picture without a description" becomes
// "pictures without a description".
func plural(n int, noun string) string {
	head, rest, found := strings.Cut(noun, " without ")
	if found {
		rest = " without " + rest
	}
	if stem, ok := strings.CutSuffix(head, "y"); ok && !strings.HasSuffix(stem, "a") && !strings.HasSuffix(stem, "e") {
		return fmt.Sprintf("%d %sies%s", n, stem, rest)
	}
	return fmt.Sprintf("%d %ss%s", n, head, rest)
}

// description returns the description of a picture or shape; "" when it has none, or only the name
// of a file.
func description(n *node) string {
	for _, name := range []string{"descr", "alt", "title"} {
		if s := tidy(n.attr(name)); s != "" && !fileLike(s) {
			for _, end := range []string{"Description automatically generated",
				"AI-generated content may be incorrect."} {
				s = strings.TrimSpace(strings.TrimSuffix(s, end))
			}
			return s
		}
	}
	return ""
}

// fileLike reports whether s is the name of a picture's file, which programs store as its
// description.
func fileLike(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 || strings.ContainsAny(s[dot:], " ") {
		return false
	}
	switch strings.ToLower(s[dot+1:]) {
	case "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "svg", "webp":
		return !strings.Contains(strings.TrimSpace(s), " ") || strings.Contains(s, `\`)
	}
	return false
}

// symbol returns the character of a symbol font (w:sym): Greek and mathematical signs of Symbol,
// boxes and arrows of Wingdings. Others become "□".
func symbol(font, char string) string {
	code, err := strconv.ParseUint(char, 16, 32)
	if err != nil {
		return ""
	}
	r := rune(code)
	if r >= 0xf000 && r <= 0xf0ff {
		r -= 0xf000
	}
	if strings.Contains(strings.ToLower(font), "wingdings") {
		if s, ok := wingdings[r]; ok {
			return s
		}
		return "□"
	}
	if strings.EqualFold(font, "Symbol") {
		if s := symbolRune(r); s != 0 {
			return string(s)
		}
	}
	if r < ' ' || r >= 0xe000 && r <= 0xf8ff {
		return "□"
	}
	return string(r)
}

var wingdings = map[rune]string{
	0x6c: "●", 0x6e: "■", 0x6f: "□", 0x71: "❑", 0x74: "⧫", 0x76: "❖", 0x77: "◆", 0xa7: "▪",
	0xa8: "☐", 0xd8: "➢", 0xdf: "←", 0xe0: "→",
	0xe8: "➔", 0xfb: "✗", 0xfc: "✓", 0xfd: "☒", 0xfe: "☑", 0x4a: "☺", 0x4c: "☹", 0x52: "☑",
	0x50: "✓", 0x4f: "✗", 0x53: "☒",
}

// symbolLetters are the letters of the font Symbol from A to Z and from a to z.
const symbolLetters = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ"

// symbolSigns are the signs of the font Symbol from 0xa1 to 0xfe, with a blank for an unassigned
// code.
const symbolSigns = "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"

// symbolRune returns the character for a code of the font Symbol; 0 when it is unassigned.
func symbolRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return []rune(symbolLetters)[r-'A']
	case r >= 'a' && r <= 'z':
		return []rune(symbolLetters)[26+r-'a']
	case r >= 0xa1 && r <= 0xfe:
		return []rune(symbolSigns)[r-0xa1]
	case r == 0x22:
		return '∀'
	case r == 0x24:
		return '∃'
	case r == 0x2d:
		return '−'
	case r == 0x40:
		return '≅'
	case r == 0x5e:
		return '⊥'
	case r >= ' ' && r < 0x7f:
		return r
	}
	return 0
}
