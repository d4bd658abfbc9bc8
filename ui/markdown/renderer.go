package markdown

import (
	"fmt"
	"hash/maphash"
	"image/color"
	"slices"
	"strings"
	"sync"
	"unicode"

	"charm.land/glamour/v2"
	"charm.land/glamour/v2/ansi"
	xansi "github.com/charmbracelet/x/ansi"

	"weft/ui/canvas"
)

// maxKept bounds the cache of a Renderer, over all texts and widths. When it is full, all blocks
// are dropped at once.
const maxKept = 2048

// most is how many bytes of a text are shown. A block of more than mostBlock bytes is shown as its
// source.
const (
	most      = 512 << 10
	mostBlock = 64 << 10
)

// A Look is how Markdown is drawn.
type Look struct {
	Styles ansi.StyleConfig
	Cite   canvas.Style // a citation such as [1]
	Rule   canvas.Style // the lines above and below code
	Label  canvas.Style // the language and the number of a block of code
	Ground color.Color  // the background that the colours of code must contrast with; nil: unknown

	// Number numbers the blocks of code, each between two lines, and cuts lines of code that are too
	// wide. Otherwise such lines are broken, which suits a text that cannot be copied in another way.
	Number bool
	Copy   string // the text beside the number of a block: "alt+y copies"
}

// A Renderer turns Markdown into cells and caches the blocks that it has rendered. It is safe for
// concurrent use; calls run one at a time, because glamour's renderer cannot be shared.
type Renderer struct {
	mu      sync.Mutex
	look    Look
	cutter  cutter
	glamour map[int]*glamour.TermRenderer // by the width for which each was made; two at most
	seed    maphash.Seed
	kept    map[blockKey]block
}

type blockKey struct {
	hash   uint64
	bytes  int
	width  int
	before int    // how many blocks of code are above it
	cited  string // the numbers of its citations
}

// A block is a rendered piece of a text.
type block struct {
	*canvas.Canvas
	codes int // how many blocks of code it has
}

// NewRenderer returns a Renderer for one look. Another look needs another Renderer.
func NewRenderer(look Look) *Renderer {
	return &Renderer{look: look, cutter: cutter{parser: grammar()}, glamour: map[int]*glamour.TermRenderer{},
		seed: maphash.MakeSeed(), kept: map[blockKey]block{}}
}

// A Picture is a rendered text: its blocks from top to bottom, separated by blank lines.
type Picture struct {
	blocks []*canvas.Canvas
	height int
}

// Height returns the number of lines.
func (p *Picture) Height() int {
	if p == nil {
		return 0
	}
	return p.height
}

// Draw draws the lines from line dy on in r.
func (p *Picture) Draw(c *canvas.Canvas, r canvas.Rect, dy int) {
	if p == nil {
		return
	}
	y := -dy
	for _, b := range p.blocks {
		_, h := b.Size()
		if y+h > 0 && y < r.Dy() {
			top := max(y, 0)
			c.Blit(canvas.R(r.Min.X, r.Min.Y+top, r.Dx(), min(y+h, r.Dy())-top), b, top-y)
		}
		if y += h + 1; y >= r.Dy() {
			return
		}
	}
}

// Rows returns the picture line by line, with escape sequences for its styles.
func (p *Picture) Rows() (rows []string) {
	for i, b := range p.blocks {
		if i > 0 {
			rows = append(rows, "")
		}
		rows = append(rows, strings.Split(b.String(), "\n")...)
	}
	return rows
}

// Render returns the picture of the Markdown text src, width cells wide. Blocks in the cache cost a
// copy of a pointer. The text need not be trusted: it is made safe for a terminal here. Only the
// numbers in cited are shown as citations: a text may have other numbers in brackets, such as the
// references of a document that it quotes.
func (r *Renderer) Render(src string, width int, cited ...int) *Picture {
	return r.render(src, width, numberSet(cited))
}

func (r *Renderer) render(src string, width int, cited string) *Picture {
	if n := len(src) - most; n > 0 { // rendering takes seconds per megabyte
		src = strings.ToValidUTF8(src[:most], "") + fmt.Sprintf("\n\n… and %d bytes more; copying gives all", n)
	}
	return r.picture(strings.TrimSpace(canvas.Clean(src)), width, cited)
}

// picture is Render for a text that is already safe. cited is a set that numberSet has made.
func (r *Renderer) picture(src string, width int, cited string) *Picture {
	p := &Picture{}
	if src == "" || width <= 0 {
		return p
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	cuts := r.cutter.cut(src)
	from, codes := 0, 0
	for _, to := range append(cuts[:len(cuts):len(cuts)], len(src)) {
		b := r.block(src[from:to], width, codes, cited)
		from = to
		codes += b.codes
		_, h := b.Size()
		if h == 0 {
			continue
		}
		if len(p.blocks) > 0 {
			p.height++
		}
		p.blocks = append(p.blocks, b.Canvas)
		p.height += h
	}
	return p
}

// settled returns how many bytes of a growing text look the same whatever is appended: those before
// the last cut that is final.
func (r *Renderer) settled(src string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	cuts := r.cutter.cut(src)
	if n := len(cuts) - 2; n > 0 {
		return cuts[n-1]
	}
	return 0
}

// block renders one piece, or returns it from the cache. before is how many blocks of code are above
// it.
func (r *Renderer) block(src string, width, before int, cited string) block {
	cited = citedIn(src, cited)
	key := blockKey{maphash.String(r.seed, src), len(src), width, before, cited}
	if b, ok := r.kept[key]; ok {
		return b
	}
	lines, codes, err := []string(nil), []codeBlock(nil), error(nil)
	if len(src) <= mostBlock {
		lines, codes, err = r.ansi(markEscapes(src), width)
	}
	if err != nil || lines == nil {
		lines, codes = canvas.Wrap(src, width), nil // text that cannot be rendered is shown as its source
	}
	lines = trimBlank(lines)
	escaped := unmarkEscapes(lines)
	frames := frames(lines, len(codes))
	b := block{canvas.New(width, len(lines)), len(codes)}
	b.Styled(b.Bounds(), strings.Join(lines, "\n"))
	for i, f := range frames {
		r.drawFrame(b.Canvas, f, codes[i], before+i+1)
	}
	if cited != "" && !isCode(src) {
		for y := range lines {
			if !slices.ContainsFunc(frames, func(f frame) bool { return y >= f.top && y <= f.bottom }) {
				r.cite(b.Canvas, y, cited, escaped)
			}
		}
	}
	if len(r.kept) >= maxKept {
		clear(r.kept)
	}
	r.kept[key] = b
	return b
}

// ansi calls glamour. It recovers from panics there, because glamour has panicked on odd tables
// before and must not take the program down. With Look.Number, codes are the blocks of code, between
// whose lines with marks the lines of each are.
func (r *Renderer) ansi(src string, width int) (lines []string, codes []codeBlock, err error) {
	defer func() {
		if p := recover(); p != nil {
			clear(r.glamour) // they may be inconsistent after a panic
			err = fmt.Errorf("markdown: glamour: %v", p)
		}
	}()
	src = honestLinks(r.cutter.parser, src)
	if room := width - 2*codeMargin(r.look); r.look.Number {
		src, codes = frameCode(r.cutter.parser, src, room)
	} else {
		src = fitCode(r.cutter.parser, src, room)
	}
	out, err := r.wrapped(src, width)
	// Beside the number of an item, glamour's lines are as wide as beside a bullet, which is narrower.
	if over := overhang(out, width); err == nil && over > 0 && over < width/2 {
		out, err = r.wrapped(src, width-over)
	}
	if err == nil && strings.Contains(src, "|") {
		out, err = r.wholeTable(src, out, width)
	}
	if err != nil {
		return nil, nil, err
	}
	framed := false
	for line := range strings.SplitSeq(out, "\n") {
		framed = strings.Contains(line, topMark) || framed && !strings.Contains(line, bottomMark)
		// glamour does not wrap long lines of code.
		if line = strings.TrimRight(line, " "); xansi.StringWidth(line) <= width {
			lines = append(lines, line)
		} else if framed { // deep within lists or quotes
			lines = append(lines, xansi.Truncate(line, width, "›"))
		} else {
			lines = append(lines, strings.Split(xansi.Hardwrap(line, width, true), "\n")...)
		}
	}
	return lines, codes, nil
}

// wrapped renders a text with glamour, with its lines broken between words at a width.
func (r *Renderer) wrapped(src string, width int) (string, error) {
	g := r.glamour[width]
	if g == nil {
		var err error
		if g, err = glamour.NewTermRenderer(glamour.WithStyles(r.look.Styles),
			glamour.WithWordWrap(width), glamour.WithChromaFormatter("terminal16m"),
			// Below a table, glamour would number its links as weft numbers sources.
			glamour.WithInlineTableLinks(true)); err != nil {
			return "", fmt.Errorf("markdown: %w", err)
		}
		if len(r.glamour) == 2 {
			clear(r.glamour)
		}
		r.glamour[width] = g
	}
	out, err := g.Render(src)
	if err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	return out, nil
}

// wholeTable renders a text with a table, given glamour's output at a width. A table that is a few
// cells too wide, at most one for two columns, loses the last letters of its rows in glamour. At a
// smaller width it is broken between words instead.
func (r *Renderer) wholeTable(src, out string, width int) (string, error) {
	const most = 5
	for less := 1; less <= most && less < width; less++ {
		narrower, err := r.wrapped(src, width-less)
		if err != nil {
			return "", err
		}
		switch has, had := letters(narrower), letters(out); {
		case has > had:
			return narrower, nil
		case has == had:
			return out, nil
		}
	}
	return out, nil
}

// letters counts the letters and digits of an output.
func letters(out string) (n int) {
	for _, c := range xansi.Strip(out) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			n++
		}
	}
	return n
}

// mostOverhang is how many cells a line beside a number can be too long: numbers have nine digits at
// most, then a dot and a space, where a bullet and a space were allowed for.
const mostOverhang = 9

// overhang returns by how many cells the lines of an output are too long, because they stand beside
// numbers. Longer lines are code, which is not broken between words.
func overhang(out string, width int) (most int) {
	for line := range strings.SplitSeq(out, "\n") {
		if n := xansi.StringWidth(strings.TrimRight(line, " ")) - width; n <= mostOverhang {
			most = max(most, n)
		}
	}
	return most
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func blank(line string) bool { return strings.TrimSpace(xansi.Strip(line)) == "" }
