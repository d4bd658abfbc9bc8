package sources

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/theme"
)

// A Preview shows one source in its document.
type Preview struct {
	Source show.Source
	why    map[string]json.RawMessage // the parts of the score by name
	// lines of the document, or of the passage until the document has been loaded
	lines []string
	first int // number of the first line in lines
	file  string
	note  string
	top   int // first visible line, an index of lines
	page  int
}

// NewPreview returns a preview that shows the passage until the document has been loaded.
func NewPreview(s show.Source) *Preview {
	p := &Preview{Source: s, first: max(s.Line, 1)}
	_ = json.Unmarshal(s.Why, &p.why) // if Why is not an object, the score has no parts to name
	p.lines = strings.Split(canvas.Clean(s.Text), "\n")
	return p
}

// Update takes the loaded document and ignores those of other sources.
func (p *Preview) Update(m Loaded) {
	if m.path != p.Source.Path {
		return
	}
	p.file = m.file
	if m.err != nil {
		p.note = canvas.Line(m.err.Error())
		return
	}
	if changed(p.Source.Passage, m.lines, m.whole) {
		p.note = "the document has changed: this is the text at the time of the answer"
		return
	}
	if len(m.lines) >= p.Source.Line && p.Source.Line > 0 && m.lines != nil {
		p.lines, p.first = m.lines, 1
		p.top = max(p.Source.Line-4, 0)
	}
}

// Scroll moves by lines.
func (p *Preview) Scroll(by int) { p.top = max(min(p.top+by, len(p.lines)-1), 0) }

// Page returns how many lines a page has.
func (p *Preview) Page() int { return max(p.page-1, 1) }

// End moves to the first or the last lines.
func (p *Preview) End(last bool) {
	if p.top = 0; last {
		p.top = max(len(p.lines)-p.page, 0)
	}
}

// Address returns the address of the document's file for a terminal to open, with the name of this
// machine, so that a terminal on another machine does not open a file there. It is "" if the folder
// of the documents has no such file, or if that is not known yet.
func (p *Preview) Address() string {
	if p.file == "" {
		return ""
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(p.file)}
	if !strings.HasPrefix(address.Path, "/") {
		address.Path = "/" + address.Path // on Windows, where a host would mean a share
	} else if host, err := os.Hostname(); err == nil {
		address.Host = host
	}
	return address.String()
}

// Text returns the passage, for copying.
func (p *Preview) Text() string { return p.Source.Text }

// Draw draws heading, score and lines in r, without a border.
func (p *Preview) Draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme) {
	if r.Empty() {
		return
	}
	y := r.Min.Y
	s := p.Source
	head := fmt.Sprintf("score %.2f", s.Score)
	if s.Cited {
		head += " · cited"
	}
	// Show why the passage was found, if the search gives its reasons.
	for _, k := range []string{"vector", "keyword", "dense", "sparse", "bm25", "rerank"} {
		if v, ok := p.why[k]; ok && len(v) < 24 {
			head += " · " + k + " " + strings.Trim(string(v), `"`)
		}
	}
	if trail := Trail(s.Passage); trail != "" {
		c.TextN(r.Min.X, y, r.Dx()-2, trail, t.Strong)
		y++
	}
	c.TextN(r.Min.X, y, r.Dx()-2, head, t.Muted)
	y++
	if s.Reason != "" {
		y = wrapped(c, r, y, canvas.Line(string(s.Relevance)+": "+s.Reason), t.Muted)
	}
	y = wrapped(c, r, y, About(s.Passage), t.Muted)
	y = wrapped(c, r, y, Remarks(s.Passage), t.Muted)
	y = wrapped(c, r, y, Unread(s.Passage), t.Warn)
	if p.note != "" {
		c.TextN(r.Min.X, y, r.Dx()-2, p.note, t.Warn)
		y++
	}
	if r.Dy() > 8 {
		y++
	}
	p.page = max(r.Max.Y-y, 1)
	gutter := int(math.Log10(float64(max(p.first+len(p.lines), 1)))) + 1
	start := y
	i := p.top
	for ; i < len(p.lines) && y < r.Max.Y; i++ {
		n := p.first + i
		lit := s.Line == 0 || n >= s.Line && n <= max(s.EndLine, s.Line)
		st, num := t.Faint, t.Faint
		if lit {
			st, num = t.Text, t.Citation
		}
		if s.Line > 0 {
			c.TextRight(r.Min.X, y, gutter, fmt.Sprint(n), num)
		}
		for _, l := range canvas.Wrap(canvas.Head(p.lines[i], (r.Max.Y-y+1)*r.Dx()), max(r.Dx()-gutter-4, 1)) {
			if y >= r.Max.Y {
				break
			}
			if lit {
				c.Set(r.Min.X+gutter+1, y, "▎", t.Citation)
			}
			c.TextN(r.Min.X+gutter+3, y, r.Dx()-gutter-4, l, st)
			y++
		}
	}
	c.Scrollbar(canvas.R(r.Max.X-1, start, 1, r.Max.Y-start), len(p.lines), p.top, t.Border, t.Muted)
}

// mostAbout is how many lines a text about the document takes at most.
const mostAbout = 3

// wrapped draws a text about the document from line y on, in mostAbout lines at most, and returns
// the line after it.
func wrapped(c *canvas.Canvas, r canvas.Rect, y int, text string, st theme.Style) int {
	w := max(r.Dx()-2, 1)
	if text == "" {
		return y
	}
	lines := canvas.Wrap(canvas.Head(text, (mostAbout+1)*w), w)
	if len(lines) > mostAbout {
		lines = append(lines[:mostAbout-1], canvas.Truncate(lines[mostAbout-1]+" "+lines[mostAbout], w))
	}
	for _, l := range lines {
		if y < r.Max.Y {
			c.TextN(r.Min.X, y, w, l, st)
			y++
		}
	}
	return y
}
