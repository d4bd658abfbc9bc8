package markdown

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"sync"

	xansi "github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// A Code is a block of code in a Markdown text.
type Code struct {
	Language string // as it is written after the fence; "" if there is none
	Text     string // without the fence and without the indentation of the list or quote around it
}

// Codes returns the blocks of code of a text in the order of their numbers in a picture of it.
func Codes(src string) (codes []Code) {
	src = strings.TrimSpace(canvas.Clean(src))
	for _, n := range codeNodes(codeParser(), src) {
		codes = append(codes, Code{language(n, src), string(n.Lines().Value([]byte(src)))})
	}
	return codes
}

var codeParser = sync.OnceValue(grammar)

// codeNodes returns the blocks of code of a text, fenced or indented, that are not empty.
func codeNodes(p parser.Parser, src string) (nodes []ast.Node) {
	if !strings.Contains(src, "```") && !strings.Contains(src, "~~~") && !strings.Contains(src, "    ") && !strings.Contains(src, "\t") {
		return nil
	}
	_ = ast.Walk(p.Parse(text.NewReader([]byte(src))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if k := n.Kind(); entering && (k == ast.KindFencedCodeBlock || k == ast.KindCodeBlock) && n.Lines().Len() > 0 {
			nodes = append(nodes, n)
		}
		return ast.WalkContinue, nil
	})
	return nodes
}

func language(n ast.Node, src string) string {
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		return canvas.Line(string(f.Language([]byte(src))))
	}
	return ""
}

// A codeBlock is a block of code in the text that is given to glamour.
type codeBlock struct {
	language string
	cut      []int // the lines that were cut because they are too wide, from 0
}

// Marks stand alone in a line before the first and after the last line of code. Both are
// noncharacters of Unicode, which no text should have.
const (
	topMark    = "\uFDD0"
	bottomMark = "\uFDD1"
)

var unmark = strings.NewReplacer(topMark, "", bottomMark, "")

// frameCode puts marks around the lines of each block of code, and cuts the lines that are wider
// than room.
func frameCode(p parser.Parser, src string, room int) (string, []codeBlock) {
	src = unmark.Replace(src)
	var codes []codeBlock
	var b strings.Builder
	from := 0
	for _, n := range codeNodes(p, src) {
		k := codeBlock{language: language(n, src)}
		lines := n.Lines()
		for i := range lines.Len() {
			l := lines.At(i)
			// before is the prefix of the enclosing list or quote.
			before := src[strings.LastIndexByte(src[:l.Start], '\n')+1 : l.Start]
			b.WriteString(src[from:l.Start])
			if i == 0 {
				b.WriteString(topMark + "\n" + before)
			}
			line := strings.TrimRight(src[l.Start:l.Stop], "\r\n")
			from = l.Start + len(line)
			line = strings.ReplaceAll(line, "\t", "    ")
			if xansi.StringWidth(line) > room && room > 8 {
				line = xansi.Truncate(line, room-1, "")
				k.cut = append(k.cut, i)
			}
			b.WriteString(line)
			if i == lines.Len()-1 {
				b.WriteString("\n" + before + bottomMark)
			}
		}
		codes = append(codes, k)
	}
	b.WriteString(src[from:])
	return b.String(), codes
}

// A frame is where a block of code is drawn: between the rows top and bottom, from column x on.
type frame struct{ top, bottom, x int }

// frames finds the marks in the rendered lines, and removes them. It returns none if they are not
// those of n blocks.
func frames(lines []string, n int) (fs []frame) {
	open := false
	for y, line := range lines {
		for _, mark := range []string{topMark, bottomMark} {
			plain := xansi.Strip(line)
			i := strings.Index(plain, mark)
			if i < 0 {
				continue
			}
			if open = mark == topMark; open {
				fs = append(fs, frame{top: y, x: xansi.StringWidth(plain[:i])})
			} else if len(fs) > 0 {
				fs[len(fs)-1].bottom = y
			}
			lines[y] = unmark.Replace(line)
		}
	}
	if open || len(fs) != n {
		return nil
	}
	return fs
}

// drawFrame draws the lines above and below a block of code, with its language and its number, and
// the marks of the lines that were cut.
func (r *Renderer) drawFrame(b *canvas.Canvas, f frame, k codeBlock, number int) {
	w, _ := b.Size()
	left := max(f.x-codeMargin(r.look), 0)
	for _, y := range []int{f.top, f.bottom} {
		for x := left; x < w; x++ {
			b.Set(x, y, "─", r.look.Rule)
		}
	}
	label := fmt.Sprint(number)
	if n := canvas.Width(r.look.Copy); n > 0 && left+n+30 < w {
		label += " · " + r.look.Copy
	}
	n := canvas.Width(label)
	if left+2+canvas.Width(k.language)+n+8 < w && k.language != "" {
		b.Text(left+2, f.top, " "+k.language+" ", r.look.Label)
	}
	b.Text(max(w-n-4, left), f.top, " "+label+" ", r.look.Label)
	for _, i := range k.cut {
		if y := f.top + 1 + i; y < f.bottom {
			b.Set(w-1-codeMargin(r.look), y, "›", r.look.Label)
		}
	}
	if r.look.Ground != nil {
		r.contrast(b, f)
	}
}

// leastContrast is the contrast that the colours of code have at least.
const leastContrast = 4.5

// contrast makes the colours of code lighter on a dark ground, and darker on a light one, until they
// can be read.
func (r *Renderer) contrast(b *canvas.Canvas, f frame) {
	w, _ := b.Size()
	for y := f.top + 1; y < f.bottom; y++ {
		for x := f.x; x < w; x++ {
			if g, st := b.At(x, y); st.Fg != nil && strings.TrimSpace(g) != "" && theme.Contrast(st.Fg, r.look.Ground) < leastContrast {
				st.Fg = legible(st.Fg, r.look.Ground)
				b.Set(x, y, g, st)
			}
		}
	}
}

// legible mixes a colour with white or black, whichever contrasts with the ground, as little as
// necessary.
func legible(c, ground color.Color) color.Color {
	to := color.RGBA{255, 255, 255, 255}
	if theme.Contrast(color.Black, ground) > theme.Contrast(to, ground) {
		to = color.RGBA{0, 0, 0, 255}
	}
	red, green, blue, _ := c.RGBA()
	mixed := to
	for _, share := range slices.Backward([]int{5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90}) {
		mix := func(v uint32, t uint8) uint8 { return uint8((int(v>>8)*(100-share) + int(t)*share) / 100) }
		try := color.RGBA{mix(red, to.R), mix(green, to.G), mix(blue, to.B), 255}
		if theme.Contrast(try, ground) < leastContrast {
			break
		}
		mixed = try
	}
	return mixed
}
