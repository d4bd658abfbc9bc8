// Package digest draws a summary of a kept run beside a list of runs: its steps over time, its
// answer with its sources, and the other runs of the same question.
package digest

import (
	"fmt"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/history"
	"weft/ui/markdown"
	"weft/ui/run"
	"weft/ui/sources"
	"weft/ui/theme"
	"weft/ui/timeline"
)

// A Digest is the summary of one run. The zero value shows nothing.
type Digest struct {
	Answer  string        // as text; "": there is none
	Sources []show.Source // of the answer
	Others  []Other       // the other runs of the same question

	chart *timeline.Model
	look  string // the name of the theme that the chart has
	last  time.Time
}

// New returns the digest of a run with these records.
func New(of history.Run, records []flow.Record) *Digest {
	d := &Digest{}
	if len(records) == 0 {
		return d
	}
	fold := new(run.Run)
	for _, r := range records {
		fold.Apply(r)
	}
	if of.Outcome == history.Interrupted {
		fold.Interrupt()
	}
	d.last = records[len(records)-1].Time
	if a, ok := fold.Now().Answer(); ok {
		d.Answer, d.Sources = markdown.Plain(a.Text), a.Sources
	}
	d.chart = timeline.New(theme.Theme{})
	d.chart.SetRun(fold, flow.Graph{Name: of.Workflow})
	return d
}

// Text holds the texts that a digest is drawn with.
type Text struct {
	Title  string // of the run
	Answer string // in place of an answer that the digest does not have
	Kept   string // how much is kept of the run
}

// Draw draws the digest in r, in boxes below each other.
func (d *Digest) Draw(c *canvas.Canvas, r canvas.Rect, words Text, t *theme.Theme) {
	box := func(h int, title string) canvas.Rect {
		b := canvas.R(r.Min.X, r.Min.Y, r.Dx(), min(h, r.Dy()))
		r.Min.Y = b.Max.Y
		if b.Dy() < 3 {
			return canvas.Rect{}
		}
		c.Box(b, canvas.Rounded, t.Border, canvas.Truncate(title, max(b.Dx()-6, 0)), t.Muted)
		return canvas.R(b.Min.X+2, b.Min.Y+1, b.Dx()-4, b.Dy()-2)
	}
	others := 0
	if n := len(d.Others); n > 0 {
		others = min(n+3, r.Dy()/3) // with the border and the heading
	}
	if d.chart != nil {
		if d.look != t.Name {
			d.chart.SetTheme(*t)
			d.look = t.Name
		}
		d.chart.SetNow(d.last)
		d.chart.Draw(c, box(min(d.chart.Rows()+3, r.Dy()*2/5), words.Title)) // with the border and the axis
		words.Title = "answer"
	}
	answer := box(r.Dy()-others, words.Title)
	d.drawAnswer(c, answer, words.Answer, t)
	if words.Kept != "" && !answer.Empty() {
		c.TextRight(answer.Min.X, answer.Max.Y, answer.Dx(), " "+words.Kept+" ", t.Muted)
	}
	if others > 0 {
		drawOthers(c, box(others, "the same question at other times"), d.Others, t)
	}
}

// drawAnswer draws the answer, and below it its sources, as far as there is room.
func (d *Digest) drawAnswer(c *canvas.Canvas, in canvas.Rect, instead string, t *theme.Theme) {
	text := d.Answer
	if text == "" {
		text = instead
	}
	y := in.Min.Y
	line := func(x int, text string, style theme.Style) {
		if y < in.Max.Y {
			c.TextN(in.Min.X+x, y, in.Dx()-x, text, style)
			y++
		}
	}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		for _, l := range canvas.Fit(canvas.Line(paragraph), max(in.Dx(), 1), max(in.Max.Y-y, 1)) {
			line(0, l, t.Text)
		}
	}
	if len(d.Sources) == 0 || in.Max.Y-y < 2 {
		return
	}
	y++
	for _, cited := range []bool{true, false} {
		for _, s := range d.Sources {
			if s.Cited != cited || y >= in.Max.Y {
				continue
			}
			style := t.Text
			if !cited {
				style = t.Muted
			}
			if s.Score > 0 {
				c.TextRight(in.Min.X, y, in.Dx(), fmt.Sprintf("%.2f", s.Score), t.Muted)
			}
			text := fmt.Sprintf("[%d] %s  %s", s.N, sources.Where(s.Passage), sources.Trail(s.Passage))
			line(0, canvas.Truncate(canvas.Line(text), max(in.Dx()-6, 0)), style)
		}
	}
}
