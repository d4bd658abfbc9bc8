package cli

import (
	"fmt"
	"io"
	"strings"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/ui/canvas"
)

// A stream shows an answer on a terminal as it is written. What was written by another execution before, such as a draft that was not
// good enough, cannot be taken back: a line is drawn under it.
type stream struct {
	w    io.Writer
	run  string // records of sub-workflows are not shown
	exec uint64 // who writes
	text strings.Builder
}

func (s *stream) record(r flow.Record) {
	d, ok := r.Payload.(llm.Delta)
	if !ok || r.Run != s.run || d.Text == "" {
		return
	}
	if s.exec != 0 && s.exec != r.Execution {
		fmt.Fprint(s.w, "\n\n---\n\n")
		s.text.Reset()
	}
	s.exec = r.Execution
	s.text.WriteString(d.Text)
	fmt.Fprint(s.w, canvas.Clean(d.Text))
}

// end writes what is still missing of the answer: all of it where it was not streamed, or where what was streamed is not what it came to.
func (s *stream) end(a answer.Answer) {
	if s.exec != 0 {
		fmt.Fprintln(s.w)
		if strings.TrimSpace(s.text.String()) == strings.TrimSpace(a.Text) {
			printRest(s.w, a)
			return
		}
		fmt.Fprint(s.w, "\n---\n\n")
	}
	printAnswer(s.w, a)
}
