// Package conversation draws a conversation: each question with its answer as rendered Markdown,
// its citations, its sources and how long it took.
//
// The explorer sets the content of an Exchange for the moment that is shown (Exchange.Set). The
// Panel stacks the exchanges, scrolls and draws them. Only what is visible is drawn, and a
// markdown.Stream renders the Markdown outside of the event loop.
package conversation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/markdown"
	"weft/ui/status"
	"weft/ui/theme"
)

// A State is the progress of a question.
type State uint8

// The states of a question.
const (
	Asked State = iota
	Running
	Waiting // waits for a person
	Paused  // held by a debugger, with nothing at work
	Done
	Failed
	Cancelled
	Interrupted // its process has ended, and it can be continued
)

// Status returns the status as which the state is shown.
func (s State) Status() status.Status {
	return [...]status.Status{
		Asked: status.NotStarted, Running: status.Running, Waiting: status.Waiting, Paused: status.Paused,
		Done: status.Done, Failed: status.Failed, Cancelled: status.Cancelled, Interrupted: status.Interrupted,
	}[s]
}

// Content is what an exchange shows.
type Content struct {
	Question  string
	Opens     bool   // it is the first question of a new talk
	Meant     string // how the question was understood, where that differs from what was typed
	Text      string // the answer so far, Markdown
	Open      bool   // more text may come
	Sources   []show.Source
	Cited     []int // the numbers in brackets of the text that are citations
	State     State
	Doing     string        // the running step, if any: "retrieve"
	Elapsed   time.Duration // running time of the run; it stands still while no step is running
	By        string        // what wrote the answer: a model, or show.ByExtract
	Error     string        // why it failed or was cancelled
	Abstained bool          // there is no answer, and the text says why
	Warned    bool          // the answer is incomplete, and the notes say why
	Notes     []string      // warnings about the answer: it was cut off, nothing was found
	Suggest   string        // a workflow that answers the question more completely, or ""
	Past      bool          // the moment that is shown is in the past
	Usage     show.Usage    // tokens that were read and written, where a model was asked
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
	question []string // the question, then how it was understood, wrapped to width
	meant    int      // how many rows at the end of question say how it was understood
	width    int
	typedKey string   // see Panel
	framed   bool     // the status is shown elsewhere once the run is over
	unfolded bool     // all sources are listed
	notes    []string // the notes, wrapped to width
	trouble  []string // the lines of the error after the first, wrapped to width
	codes    []markdown.Code
	coded    string // the text whose blocks of code are codes
}

// Set replaces the content of the exchange.
func (e *Exchange) Set(c Content) {
	if c.Question != e.Question || c.Meant != e.Meant {
		e.width = 0
	}
	if c.Error != e.Error || c.State != e.State || !slices.Equal(c.Notes, e.Notes) {
		e.width = 0
	}
	e.Content = c
	e.body.Set(c.Text, !c.Open)
	e.body.SetCited(c.Cited)
	e.version++
}

// Codes returns the blocks of code of the answer; none while it is being written.
func (e *Exchange) Codes() []markdown.Code {
	if e.going() {
		return nil
	}
	if text := e.body.Text(); text != e.coded {
		e.codes, e.coded = markdown.Codes(text), text
	}
	return e.codes
}

// Markdown returns the source text of the answer, for copying.
func (e *Exchange) Markdown() string { return e.body.Text() }

// Render returns the command that renders the answer if its picture is out of date, otherwise nil.
func (e *Exchange) Render() tea.Cmd { return e.body.Render() }

// margin is how many columns are left free on both sides of the text, and broadest the greatest
// width of a line that is comfortable to read.
const (
	margin   = 2
	broadest = 100
)

// room is the width of the text in a panel of w columns. A narrow panel has no right margin.
func room(w int) int {
	if w >= 40 {
		w -= margin
	}
	return max(min(w-margin, broadest), 1)
}

func (e *Exchange) setWidth(w int, r *markdown.Renderer) {
	if e.width != w {
		e.width = w
		e.question = canvas.Wrap(canvas.Head(e.Question, 8*w), room(w))
		if len(e.question) > 6 {
			e.question = append(e.question[:5], "…")
		}
		e.meant = 0
		if e.Meant != "" {
			beside := 0 // room for the key
			if e.typed() != "" {
				beside = canvas.Width(e.typedKey) + 2
			}
			lines := canvas.Fit(canvas.Head("✎ understood as: "+canvas.Line(e.Meant), 4*w), room(w)-beside, 2)
			e.question = append(e.question, lines...)
			e.meant = len(lines)
		}
		e.notes = nil
		for _, n := range e.Notes {
			for i, line := range canvas.Fit(n, max(room(w)-2, 1), mostNoted) {
				e.notes = append(e.notes, [...]string{"! ", "  "}[min(i, 1)]+line)
			}
		}
		e.explain()
	}
	e.body.SetWidth(room(w), r)
}

// typed returns the key that asks the question as typed, or "" where there is no room for it.
func (e *Exchange) typed() string {
	if e.width < 60 {
		return ""
	}
	return e.typedKey
}

// parts returns the heights of the parts of an exchange from top to bottom: question, gap and
// answer, gap and sources, notes and status and gap.
func (e *Exchange) parts() (question, body, list, tail int) {
	question = len(e.question)
	if e.Opens {
		question++
	}
	if body = e.body.Height(); body > 0 {
		body++
	}
	if e.listed() {
		list = e.listRows() + 1
	}
	if tail = len(e.notes); !e.quiet() {
		tail += 2 + len(e.trouble)
	} else if tail > 0 {
		tail++
	}
	return
}

// quiet reports whether the exchange has no status row of its own: the answer is there, and its
// status is shown elsewhere.
func (e *Exchange) quiet() bool { return e.framed && e.State == Done }

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
func (e *Exchange) draw(c *canvas.Canvas, y int, t *theme.Theme, spinner string, marked bool, key string, hit func(y, source int)) {
	w, h := c.Size()
	if e.Opens {
		c.TextN(0, y, w, "── new talk "+strings.Repeat("─", max(min(w-13, broadest), 0)), t.Faint)
		y++
	}
	for i, l := range e.question {
		if i == 0 {
			mark := "❯"
			if marked {
				mark = "▌"
			}
			c.TextN(0, y, 1, mark, t.Accent)
		}
		st := t.Strong
		if i >= len(e.question)-e.meant {
			st = t.Muted
		}
		c.TextN(margin, y, w-margin, l, st)
		if e.meant > 0 && i == len(e.question)-1 {
			c.TextRight(margin, y, room(w), e.typed(), t.Accent)
		}
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
		y = e.drawSources(c, y, t, key, hit)
	}
	if len(e.Notes) > 0 || !e.quiet() {
		y++
	}
	for _, line := range e.notes {
		c.TextN(margin, y, w-margin, line, t.Warn)
		y++
	}
	if !e.quiet() {
		e.status(c, y, t, spinner)
	}
}

// mostNoted is how many rows of a note are shown.
const mostNoted = 4

// mostTrouble is how many rows of an error are shown; timeline and inspector show all of it.
const mostTrouble = 6

// explain wraps the error to the width of the text.
func (e *Exchange) explain() {
	e.trouble = nil
	if e.State == Failed && e.Error != "" {
		e.trouble = canvas.Wrap(canvas.Head(e.Error, (mostTrouble+2)*e.width), max(e.width-margin-2, 1))
		if len(e.trouble) > mostTrouble {
			e.trouble = append(e.trouble[:mostTrouble-1], "…")
		}
	}
}

// join joins two parts of a line, either of which may be empty.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
