package cli

import (
	"fmt"
	"io"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/markdown"
)

// A stream shows an answer on a terminal while it is written. Text of an earlier execution, such as
// a rejected draft, and text that turned out to be reasoning cannot be taken back: a rule is drawn
// below it.
type stream struct {
	w     io.Writer
	page  *markdown.Scroll // draws Markdown; nil: text is written by quote
	quote quoted
	run   string // the run itself: records of its sub-workflows are not shown
	exec  uint64 // the execution that writes
	text  strings.Builder
	open  bool // the last line is unfinished
}

func (s *stream) record(r flow.Record) {
	d, ok := r.Payload.(show.Delta)
	if !ok || r.Run != s.run || d.Text == "" && !d.Restart {
		return
	}
	if s.text.Len() > 0 && (s.exec != r.Execution || d.Restart) {
		s.line()
	}
	s.keep(r)
	if d.Text != "" {
		s.write(d.Text)
	}
}

// keep keeps the text of the execution that writes, and shows nothing.
func (s *stream) keep(r flow.Record) {
	d, ok := r.Payload.(show.Delta)
	if !ok || r.Run != s.run || d.Text == "" && !d.Restart {
		return
	}
	if s.exec != r.Execution || d.Restart {
		s.exec = r.Execution
		s.text.Reset()
	}
	s.text.WriteString(d.Text)
}

func (s *stream) write(text string) {
	if s.open = true; s.page != nil {
		s.page.Add(text)
		return
	}
	s.quote.w = s.w
	s.quote.write(text)
}

// finish ends the current line, so that other output can follow.
func (s *stream) finish() {
	switch {
	case !s.open:
	case s.page != nil:
		s.page.End()
	default:
		s.quote.end()
	}
	s.open = false
}

// line draws a rule below the text so far.
func (s *stream) line() {
	s.finish()
	fmt.Fprintln(s.w)
	s.write("---")
	s.finish()
	fmt.Fprintln(s.w)
}

// end writes the final answer, unless exactly that text was streamed, and then its sources.
func (s *stream) end(a show.Answer) {
	if text := strings.TrimSpace(a.Text); s.exec == 0 || text != strings.TrimSpace(s.text.String()) {
		if s.text.Len() > 0 {
			s.line()
		}
		s.write(text)
	}
	s.finish()
	printRest(s.w, a)
}
