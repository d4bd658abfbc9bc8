package explorer

import (
	"fmt"
	"html"
	"image/color"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weft/ui/canvas"
)

// The size of a cell in a picture.
const cellW, cellH = 9, 19

// A sheet has the colours of a terminal's background and text.
type sheet struct{ paper, ink string }

var (
	darkSheet  = sheet{"#14151c", "#d5d9e6"}
	lightSheet = sheet{"#fafafa", "#24262e"}
)

// A look gives the text and the style of a cell.
type look func(x, y int) (string, canvas.Style)

// svg draws w×h cells as a picture: text as text, so that it can be selected, and the symbols that
// bars and borders are made of as shapes, so that they meet in every font.
func svg(w, h int, at look) string { return svgOn(darkSheet, w, h, at) }

// svgOn is svg on a dark or a light terminal.
func svgOn(on sheet, w, h int, at look) string {
	p := &picture{sheet: on, classes: map[string]string{}}
	p.draw(w, h, at)
	return p.document(w, h, strings.Join(p.back, "")+"\n"+strings.Join(p.shapes, "")+strings.Join(p.texts, ""))
}

// movingSVG draws frames of w×h cells as one animated picture that repeats: frame i is shown from
// times[i] until times[i+1], the last one until end. What looks the same in several frames is drawn
// once, with the times at which it is visible; a viewer without animation shows the last frame.
func movingSVG(w, h int, frames []look, times []time.Duration, end time.Duration) string {
	p := &picture{sheet: darkSheet, classes: map[string]string{}}
	var back, shapes, texts layer
	for i, frame := range frames {
		p.draw(w, h, frame)
		back.add(p.back, i)
		shapes.add(p.shapes, i)
		texts.add(p.texts, i)
	}
	return p.document(w, h, back.animated(times, end)+shapes.animated(times, end)+texts.animated(times, end))
}

// A layer has the elements of a moving picture that may cover each other in any order.
type layer struct {
	order []string         // elements, in the order in which they were first drawn
	shown map[string][]int // the frames in which each element is visible
}

func (l *layer) add(elements []string, frame int) {
	if l.shown == nil {
		l.shown = map[string][]int{}
	}
	for _, e := range elements {
		if l.shown[e] == nil {
			l.order = append(l.order, e)
		}
		l.shown[e] = append(l.shown[e], frame)
	}
}

// animated writes the elements in groups: all that are shown in the same frames share an animation.
func (l *layer) animated(times []time.Duration, end time.Duration) string {
	groups := map[string]*strings.Builder{}
	var order []string
	for _, e := range l.order {
		visible := make([]bool, len(times))
		for _, i := range l.shown[e] {
			visible[i] = true
		}
		head := animation(visible, times, end)
		if groups[head] == nil {
			groups[head] = &strings.Builder{}
			order = append(order, head)
		}
		groups[head].WriteString(e)
	}
	var b strings.Builder
	for _, head := range order {
		b.WriteString("<g" + head + strings.TrimSuffix(groups[head].String(), "\n") + "</g>\n")
	}
	return b.String()
}

// animation writes the end of a group's tag and the animation in it. visible says for each frame
// whether the group is shown.
func animation(visible []bool, times []time.Duration, end time.Duration) string {
	var values, at []string
	state := map[bool]string{true: "visible", false: "hidden"}
	for i, v := range visible {
		if i == 0 || v != visible[i-1] {
			values = append(values, state[v])
			at = append(at, strconv.FormatFloat(math.Round(1e4*times[i].Seconds()/end.Seconds())/1e4, 'f', -1, 64))
		}
	}
	last := state[visible[len(visible)-1]]
	if len(values) == 1 {
		return ">"
	}
	return fmt.Sprintf(` visibility="%s"><animate attributeName="visibility" dur="%gs" repeatCount="indefinite" calcMode="discrete" values="%s" keyTimes="%s"/>`,
		last, end.Seconds(), strings.Join(values, ";"), strings.Join(at, ";"))
}

type picture struct {
	sheet
	classes             map[string]string // names of CSS classes, by their declarations
	order               []string
	back, shapes, texts []string // SVG elements
}

// draw replaces the content of the picture by w×h cells.
func (p *picture) draw(w, h int, at look) {
	p.back, p.shapes, p.texts = nil, nil, nil
	for y := range h {
		for x := 0; x < w; {
			g, st := at(x, y)
			n := 1
			for x+n < w {
				g2, st2 := at(x+n, y)
				if st2 != st || solid(g) != solid(g2) || solid(g) && g != g2 {
					break
				}
				n++
			}
			if st.Bg != nil {
				p.back = append(p.back, fmt.Sprintf(`<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`, x*cellW, y*cellH, n*cellW, cellH, hex(st.Bg)))
			}
			if solid(g) {
				p.shape(g, x, y, n, st)
			} else {
				var text strings.Builder
				for i := range n {
					s, _ := at(x+i, y)
					text.WriteString(s)
				}
				p.text(text.String(), x, y, n, st)
			}
			x += n
		}
	}
}

// document returns the SVG document of a picture of w×h cells.
func (p *picture) document(w, h int, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="-8 -6 %d %d">`+"\n", w*cellW+16, h*cellH+12, w*cellW+16, h*cellH+12)
	b.WriteString("<style>text{font:15px 'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}")
	for _, css := range p.order {
		fmt.Fprintf(&b, ".%s{%s}", p.classes[css], css)
	}
	fmt.Fprintf(&b, "</style>\n<rect x=\"-8\" y=\"-6\" width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"%s\"/>\n%s</svg>\n", p.paper, body)
	return b.String()
}

func (p *picture) class(css string) string {
	name, ok := p.classes[css]
	if !ok {
		name = fmt.Sprintf("s%d", len(p.order))
		p.classes[css] = name
		p.order = append(p.order, css)
	}
	return name
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

func (p *picture) inked(st canvas.Style) string {
	if st.Fg == nil {
		return p.ink
	}
	return hex(st.Fg)
}

// text writes a stretch of one style. Its length is that of its cells in any font.
func (p *picture) text(s string, x, y, n int, st canvas.Style) {
	body := strings.TrimRight(s, " ")
	lead := len(body) - len(strings.TrimLeft(body, " "))
	if body = body[lead:]; body == "" {
		return
	}
	css := "fill:" + p.inked(st)
	if st.Attrs&canvas.Bold != 0 {
		css += ";font-weight:700"
	}
	p.texts = append(p.texts, fmt.Sprintf("<text class=\"%s\" x=\"%d\" y=\"%d\" textLength=\"%d\">%s</text>\n", p.class(css), (x+lead)*cellW, y*cellH+14, canvas.Width(body)*cellW, html.EscapeString(body)))
}

const (
	lefts  = "▏▎▍▌▋▊▉█"
	lowers = "▁▂▃▄▅▆▇"
)

func solid(g string) bool {
	return g != "" && strings.Contains(lefts+lowers+"▐▚▒░━─│┃╎┊┆╌┈╭╮╰╯├◆", g)
}

// shape draws n cells of one symbol.
func (p *picture) shape(g string, x, y, n int, st canvas.Style) {
	var b strings.Builder
	x0, y0, col := float64(x*cellW), float64(y*cellH), p.inked(st)
	rect := func(x, y, w, h float64, more string) {
		fmt.Fprintf(&b, `<rect x="%g" y="%g" width="%g" height="%g" class="%s"%s/>`, x, y, w, h, p.class("fill:"+col), more)
	}
	line := func(d, more string) {
		fmt.Fprintf(&b, `<path d="%s" class="%s"%s/>`, d, p.class("fill:none;stroke:"+col), more)
	}
	width, mid, middle := float64(n*cellW), y0+cellH/2.0, x0+cellW/2.0
	nth := func(all string) float64 { return float64(utf8.RuneCountInString(all[:strings.Index(all, g)]) + 1) }
	switch {
	case g == "█":
		rect(x0, y0, width, cellH, "")
	case g == "▒":
		rect(x0, y0, width, cellH, ` opacity=".5"`)
	case g == "░":
		rect(x0, y0, width, cellH, ` opacity=".22"`)
	case g == "━":
		rect(x0, mid-1.2, width, 2.4, "")
	case g == "─":
		line(fmt.Sprintf("M%g %gh%g", x0, mid, width), "")
	case g == "╌" || g == "┈":
		dash := map[string]string{"╌": "3 2", "┈": "1.5 1.5"}[g]
		line(fmt.Sprintf("M%g %gh%g", x0, mid, width), ` stroke-dasharray="`+dash+`"`)
	default:
		for i := range n {
			x0, middle := x0+float64(i*cellW), middle+float64(i*cellW)
			switch {
			case strings.Contains(lefts, g):
				rect(x0, y0, cellW*nth(lefts)/8, cellH, "")
			case strings.Contains(lowers, g):
				h := cellH * nth(lowers) / 8
				rect(x0, y0+cellH-h, cellW, h, "")
			case g == "▐":
				rect(x0+cellW/2.0, y0, cellW/2.0, cellH, "")
			case g == "▚":
				rect(x0, y0, cellW/2.0, cellH/2.0, "")
				rect(x0+cellW/2.0, y0+cellH/2.0, cellW/2.0, cellH/2.0, "")
			case g == "│":
				line(fmt.Sprintf("M%g %gv%d", middle, y0, cellH), "")
			case g == "┃":
				rect(middle-1.2, y0, 2.4, cellH, "")
			case g == "╎" || g == "┊" || g == "┆":
				line(fmt.Sprintf("M%g %gv%d", middle, y0, cellH), ` stroke-dasharray="2.5 2.25"`)
			case g == "├":
				line(fmt.Sprintf("M%g %gv%dM%g %gH%g", middle, y0, cellH, middle, mid, x0+cellW), "")
			case g == "╭":
				line(fmt.Sprintf("M%g %gV%gH%g", middle, y0+cellH, mid, x0+cellW), "")
			case g == "╮":
				line(fmt.Sprintf("M%g %gV%gH%g", middle, y0+cellH, mid, x0), "")
			case g == "╰":
				line(fmt.Sprintf("M%g %gV%gH%g", middle, y0, mid, x0+cellW), "")
			case g == "╯":
				line(fmt.Sprintf("M%g %gV%gH%g", middle, y0, mid, x0), "")
			case g == "◆":
				fmt.Fprintf(&b, `<path d="M%g %gl4.5 4.5l-4.5 4.5l-4.5 -4.5z" class="%s"/>`, middle, mid-4.5, p.class("fill:"+col))
			}
		}
	}
	b.WriteByte('\n')
	p.shapes = append(p.shapes, b.String())
}
