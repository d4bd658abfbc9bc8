package cli

import (
	"fmt"
	"io"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/markdown"
)

// A stream shows an answer on a terminal as it is written. What was written by another execution before, such as a draft that was not
// good enough, cannot be taken back: a line is drawn under it.
type stream struct {
	w    io.Writer
	page *markdown.Scroll // draws the answer's Markdown; nil: it is written as it is
	run  string           // records of sub-workflows are not shown
	exec uint64           // who writes
	text strings.Builder
	open bool // the last line is not ended
}

func (s *stream) record(r flow.Record) {
	d, ok := r.Payload.(show.Delta)
	if !ok || r.Run != s.run || d.Text == "" {
		return
	}
	if s.exec != 0 && s.exec != r.Execution {
		s.line()
		s.text.Reset()
	}
	s.exec = r.Execution
	s.text.WriteString(d.Text)
	s.write(d.Text)
}

func (s *stream) write(text string) {
	if s.open = true; s.page != nil {
		s.page.Add(text)
		return
	}
	fmt.Fprint(s.w, canvas.Clean(text))
}

// finish ends the line that is being written, so that something else can be written below.
func (s *stream) finish() {
	switch {
	case !s.open:
	case s.page != nil:
		s.page.End()
	default:
		fmt.Fprintln(s.w)
	}
	s.open = false
}

// line draws a line under what was written.
func (s *stream) line() {
	s.finish()
	fmt.Fprintln(s.w)
	s.write("---")
	s.finish()
	fmt.Fprintln(s.w)
}

// end writes what is still missing of the answer: all of it where it was not streamed, or where what was streamed is not what it came to.
func (s *stream) end(a show.Answer) {
	if text := strings.TrimSpace(a.Text); s.exec == 0 || text != strings.TrimSpace(s.text.String()) {
		if s.exec != 0 {
			s.line()
		}
		s.write(text)
	}
	s.finish()
	printRest(s.w, a)
}
