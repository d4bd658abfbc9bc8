package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// An office is what the readers of Office files have in common: the package, the part that is read,
// and the counts of what is seen in it and not read.
type office struct {
	p    *packed
	ctx  context.Context
	out  *builder
	rels relationList // of the part that is read

	noteCount int
	omitted   tally
}

// relate makes a part the one whose relationships are followed.
func (o *office) relate(part string) (err error) {
	o.rels, err = o.p.related(o.ctx, part)
	return err
}

// leftOut counts content that is left out on purpose, such as hidden text.
func (o *office) leftOut(what string) { o.omitted.add(what, "left out") }

// unread counts content that cannot be read, named in the singular.
func (o *office) unread(what string) { o.omitted.add(what, "not read") }

func (o *office) notes() []string { return o.omitted.notes() }

// nothingRead says of a document without text what is in it that is not read.
func nothingRead(notes []string) *Error {
	return &Error{Reason: NoText, Detail: "has no text that is read: " + strings.Join(notes, "; ")}
}

// A tally counts kinds of content that are seen in a document and not read.
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

// notes says each kind in a sentence: "3 embedded objects are not read".
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

// count gives a number with its noun: "1 place", "3 places".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return plural(n, noun)
}

// plural puts the noun, whose first word but adjectives is its head, into the plural: "picture
// without a description" becomes "pictures without a description".
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

// description gives the description of a picture or shape, "" when it has none that a person wrote.
func description(n *node) string {
	for _, name := range []string{"descr", "alt", "title"} {
		if s := tidy(n.attr(name)); s != "" && !fileLike(s) {
			for _, end := range []string{"Description automatically generated", "AI-generated content may be incorrect."} {
				s = strings.TrimSpace(strings.TrimSuffix(s, end))
			}
			return s
		}
	}
	return ""
}

// fileLike tells the name of a picture's file, which programs put where a description belongs.
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

// symbol gives the character of a symbol font (w:sym): Greek and mathematical signs of Symbol,
// boxes and arrows of Wingdings. Others are "□".
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
	0x6c: "●", 0x6e: "■", 0x6f: "□", 0x71: "❑", 0x74: "⧫", 0x76: "❖", 0x77: "◆", 0xa7: "▪", 0xa8: "☐", 0xd8: "➢", 0xdf: "←", 0xe0: "→",
	0xe8: "➔", 0xfb: "✗", 0xfc: "✓", 0xfd: "☒", 0xfe: "☑", 0x4a: "☺", 0x4c: "☹", 0x52: "☑", 0x50: "✓", 0x4f: "✗", 0x53: "☒",
}

// symbolLetters are the letters of the font Symbol from A to Z and from a to z.
const symbolLetters = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ"

// symbolSigns are its signs from 0xa1 to 0xfe, with a blank where there is none.
const symbolSigns = "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"

// symbolRune gives the character of a code of the font Symbol; 0 when it has none.
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
