// Package conversation draws a conversation: each question with its answer as rendered Markdown,
// its citations, its sources and how long it took.
//
// The explorer sets the content of an Exchange for the instant that is shown (Exchange.Set). The
// Panel stacks the exchanges, scrolls and draws them. Only what is visible is drawn, and a
// markdown.Stream renders the Markdown outside of the event loop.
package conversation

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/markdown"
	"weft/ui/sources"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// A State is the progress of a question.
type State uint8

// The states of a question.
const (
	Asked State = iota
	Running
	Waiting // for a person
	Paused  // by a debugger, with nothing at work
	Done
	Failed
	Cancelled
)

// Status returns the status as which the state is shown.
func (s State) Status() status.Status {
	return [...]status.Status{
		Asked: status.NotStarted, Running: status.Running, Waiting: status.Waiting, Paused: status.Paused,
		Done: status.Done, Failed: status.Failed, Cancelled: status.Cancelled,
	}[s]
}

// Content is what an exchange shows.
type Content struct {
	Question  string
	Text      string // the answer so far, Markdown
	Open      bool   // more text may come
	Sources   []show.Source
	State     State
	Doing     string        // the running step, if any: "retrieve"
	Elapsed   time.Duration // of the run; it does not grow while no step is running
	By        string        // what wrote the answer: a model, or show.ByExtract
	Error     string        // why it failed or was cancelled
	Abstained bool          // there is no answer, and the text says why
	Warned    bool          // the answer is incomplete, and the notes say why
	Notes     []string      // warnings about the answer: it was cut off, nothing was found
	Past      bool          // the moment that is shown is in the past
}

// Author returns who wrote the answer, in words that follow "answered": "by tiny-chat", or
// "without a model".
func (c Content) Author() string {
	if c.By == show.ByExtract {
		return "without a model"
	}
	return "by " + c.By
}

// An Exchange is one question and its answer.
type Exchange struct {
	Content
	body     markdown.Stream
	version  uint64
	question []string // wrapped for width
	width    int
	trouble  []string // the error after its first line, wrapped for width
}

// Set replaces the content of the exchange.
func (e *Exchange) Set(c Content) {
	if c.Question != e.Question {
		e.width = 0
	}
	if c.Error != e.Error || c.State != e.State {
		e.width = 0
	}
	e.Content = c
	e.body.Set(c.Text, !c.Open)
	e.version++
}

// Markdown returns the source text of the answer, for copying.
func (e *Exchange) Markdown() string { return e.body.Text() }

// Render returns the command that renders the answer if its picture is out of date, otherwise nil.
func (e *Exchange) Render() tea.Cmd { return e.body.Render() }

// margin is how many columns the answer is indented.
const margin = 2

func (e *Exchange) setWidth(w int, r *markdown.Renderer) {
	if e.width != w {
		e.width = w
		e.question = canvas.Wrap(canvas.Head(e.Question, 8*w), max(w-margin, 1))
		if len(e.question) > 6 {
			e.question = append(e.question[:5], "…")
		}
		e.explain()
	}
	e.body.SetWidth(max(w-margin, 1), r)
}

// parts returns the heights of the parts of an exchange from top to bottom: question, gap and
// answer, gap and sources, notes and status and gap.
func (e *Exchange) parts() (question, body, list, tail int) {
	question = len(e.question)
	if body = e.body.Height(); body > 0 {
		body++
	}
	if e.listed() {
		list = len(e.Sources) + 1
	}
	tail = len(e.Notes) + 2 + len(e.trouble)
	return
}

// listed reports whether the sources are shown below the answer. While the answer is being written
// they are not: they would take the place of the text that the reader follows.
func (e *Exchange) listed() bool { return len(e.Sources) > 0 && (e.Text == "" || !e.going()) }

// going reports whether the question has not been answered yet.
func (e *Exchange) going() bool { return e.State < Done }

// Height returns how many rows the exchange takes, including the blank row after it.
func (e *Exchange) Height() int {
	q, b, l, t := e.parts()
	return q + b + l + t + 1
}

// A target is what a row of an exchange refers to when clicked.
type target struct {
	exchange, source int // source: index in Sources, or -1
}

// draw draws the exchange with its first row at y of c, which may be negative.
func (e *Exchange) draw(c *canvas.Canvas, y int, t *theme.Theme, spinner string, marked bool, hit func(y, source int)) {
	w, h := c.Size()
	for i, l := range e.question {
		if i == 0 {
			mark := "❯"
			if marked {
				mark = "▌"
			}
			c.TextN(0, y, 1, mark, t.Accent)
		}
		c.TextN(margin, y, w-margin, l, t.Strong)
		hit(y, -1)
		y++
	}
	if n := e.body.Height(); n > 0 {
		y++
		for row := max(y, 0); row < min(y+n, h); row++ {
			hit(row, -1)
		}
		if y < h && y+n > 0 {
			e.body.Draw(c, canvas.R(margin, max(y, 0), w-margin, min(h, y+n)-max(y, 0)), max(-y, 0))
		}
		y += n
	}
	if e.listed() {
		y++
		nums := 0
		for _, s := range e.Sources {
			nums = max(nums, len(fmt.Sprint(s.N)))
		}
		for i, s := range e.Sources {
			if y >= 0 && y < h {
				drawSource(c, y, nums, s, t)
				hit(y, i)
			}
			y++
		}
	}
	y++
	for _, n := range e.Notes {
		c.TextN(margin, y, w-margin, "! "+n, t.Warn)
		y++
	}
	e.status(c, y, t, spinner)
}

// drawSource draws [1] path:lines, the trail of headings, and the score.
func drawSource(c *canvas.Canvas, y, nums int, s show.Source, t *theme.Theme) {
	w, _ := c.Size()
	x := margin
	num := t.Muted
	if s.Cited {
		num = t.Citation
	}
	x += c.TextN(x, y, w-x, fmt.Sprintf("%*s ", nums+2, fmt.Sprintf("[%d]", s.N)), num)
	right := w
	if w > 30 {
		right = w - 6
		c.TextRight(right, y, 5, fmt.Sprintf("%.2f", s.Score), t.Muted)
		right--
	}
	where := canvas.TruncateLeft(sources.Where(s.Passage), right-x)
	st := t.Muted
	if s.Cited {
		st = t.Link
	}
	x += c.TextN(x, y, right-x, where, st)
	if trail := sources.Trail(s.Passage); trail != "" && right-x > 12 {
		c.TextN(x+2, y, right-x-2, trail, t.Faint)
	}
}

// status draws the status row: what is at work or the outcome, and how long it took.
func (e *Exchange) status(c *canvas.Canvas, y int, t *theme.Theme, spinner string) {
	w, _ := c.Size()
	is := e.State.Status()
	mark, text, st := is.Glyph(), e.Doing, is.Style(t)
	switch e.State {
	case Asked:
		text, st = "starting", t.Running
	case Running:
		mark = spinner
	case Waiting:
		if text == "" {
			text = is.Word()
		}
	case Done:
		text = ""
		if e.By != "" {
			text = "answered " + e.Author()
		}
		if e.Abstained {
			mark, st, text = status.NotStarted.Glyph(), t.Muted, "no answer"
		}
		if e.Warned {
			mark, st, text = "!", t.Warn, text+", with a warning"
		}
		if n := len(e.Sources); n > 0 {
			text = join(text, plural(n, "source"))
		}
	case Cancelled:
		text = is.Word()
		if e.Error != "" {
			text += ": " + e.Error
		}
	}
	took := units.Duration(e.Elapsed)
	if e.Past && e.State < Done {
		mark, st, took = status.Paused.Glyph(), status.Paused.Style(t), "as it was at "+took
	}
	if e.State == Waiting {
		took = "" // it would not grow
	}
	n := c.TextN(margin, y, 3, mark+" ", st)
	if e.State == Failed {
		c.TextN(margin+n, y, w-margin-n, is.Word()+" after "+took, t.Error)
		for i, l := range e.trouble {
			c.TextN(margin+n, y+1+i, w-margin-n, l, t.Text)
		}
		return
	}
	room := w - margin - n - canvas.Width(took) - 4 // the time keeps a distance from the border
	x := margin + n + c.TextN(margin+n, y, room, text, t.Muted)
	if text != "" && took != "" {
		x += c.TextN(x, y, 3, " · ", t.Faint)
	}
	c.TextN(x, y, w-x, took, t.Muted)
}

// mostTrouble is how many rows of an error are shown; timeline and inspector show all of it.
const mostTrouble = 6

// explain wraps the error.
func (e *Exchange) explain() {
	e.trouble = nil
	if e.State == Failed && e.Error != "" {
		e.trouble = canvas.Wrap(canvas.Head(e.Error, (mostTrouble+2)*e.width), max(e.width-margin-2, 1))
		if len(e.trouble) > mostTrouble {
			e.trouble = append(e.trouble[:mostTrouble-1], "…")
		}
	}
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
