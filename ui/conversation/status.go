package conversation

import (
	"cmp"
	"fmt"
	"strings"

	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// An Outcome is how far a question is, or how it ended, in one line.
type Outcome struct {
	Mark    string
	Text    string // what is at work, who answered, or why the run failed
	Warning string // why the answer is not a whole one, or ""
	Sources string // how many sources the answer has, or ""
	Took    string // how long it took, or "" where that does not grow
	Usage   string // tokens that were read and written, or ""
	Style   theme.Style
}

// Outcome returns how far the question is, or how it ended. spinner is the mark while a step is at
// work.
func (e *Exchange) Outcome(t *theme.Theme, spinner string) Outcome {
	is := e.State.Status()
	o := Outcome{Mark: is.Glyph(), Text: e.Doing, Took: units.Duration(e.Elapsed), Style: is.Style(t)}
	switch e.State {
	case Asked:
		o.Text, o.Style = "starting", t.Running
	case Running:
		o.Mark = spinner
	case Waiting:
		if o.Took = ""; o.Text == "" { // no time is shown, because it does not grow during the wait
			o.Text = is.Word()
		}
	case Done:
		e.done(&o, t)
	case Failed:
		o.Text = join(is.Word(), e.Error)
	case Cancelled, Interrupted:
		o.Text = is.Word()
		if e.Error != "" {
			o.Text += ": " + e.Error
		}
	}
	if e.Past && e.State < Done {
		o.Mark, o.Style, o.Text, o.Took = status.Past, status.Paused.Style(t), join(o.Text, "as it was at "+o.Took), ""
	}
	if u := e.Usage; e.State >= Done && u.PromptTokens+u.CompletionTokens > 0 {
		o.Usage = fmt.Sprintf("↑%s read ↓%s written", units.Count(u.PromptTokens), units.Count(u.CompletionTokens))
	}
	return o
}

// Incomplete reports whether the question is answered, but not completely. The notes say why.
func (e *Exchange) Incomplete() bool { return e.State == Done && e.Warned && len(e.Notes) > 0 }

// done fills in the outcome of an answered question.
func (e *Exchange) done(o *Outcome, t *theme.Theme) {
	if e.By != "" {
		o.Text = "answered " + e.Author()
	}
	if e.Abstained {
		o.Mark, o.Style, o.Text = status.NotStarted.Glyph(), t.Muted, "no answer"
	}
	if e.Incomplete() {
		o.Mark, o.Style, o.Warning = status.Incomplete, t.Warn, e.Notes[0]
	}
	if n := len(e.Sources); n > 0 {
		o.Sources = plural(n, "source")
	}
}

// Line returns the outcome as one line of at most w cells. A warning takes the place of the text.
// It comes first and is the last part to be cut.
func (o Outcome) Line(w int) string {
	line := strings.TrimSpace(o.Mark + " " + join(canvas.Line(cmp.Or(o.Warning, o.Text)), o.Sources))
	for _, more := range []string{o.Took, o.Usage} {
		if more != "" && canvas.Width(line)+3+canvas.Width(more) <= w {
			line = join(line, more)
		}
	}
	return canvas.Truncate(strings.TrimSpace(line), w)
}

// status draws the status row: what is at work or the outcome, and how long it took.
func (e *Exchange) status(c *canvas.Canvas, y int, t *theme.Theme, spinner string) {
	w, _ := c.Size()
	o := e.Outcome(t, spinner)
	if o.Warning != "" {
		o.Text += ", with a warning" // the note above names it
	}
	o.Text = join(o.Text, o.Sources)
	n := c.TextN(margin, y, 3, o.Mark+" ", o.Style)
	if e.State == Failed {
		c.TextN(margin+n, y, w-margin-n, e.State.Status().Word()+" after "+o.Took, t.Error)
		for i, l := range e.trouble {
			c.TextN(margin+n, y+1+i, w-margin-n, l, t.Text)
		}
		return
	}
	room := w - margin - n - canvas.Width(o.Took) - 4 // keep the time away from the border
	x := margin + n + c.TextN(margin+n, y, room, o.Text, t.Muted)
	if o.Text != "" && o.Took != "" {
		x += c.TextN(x, y, 3, " · ", t.Faint)
	}
	c.TextN(x, y, w-x, o.Took, t.Muted)
}
