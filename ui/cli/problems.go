package cli

import (
	"fmt"
	"io"
	"slices"
	"sync"

	"weft/flow/show"
	"weft/ui/canvas"
)

// problems announces what is wrong with the index and with weft's own files, and collects the
// latter for commands that print no notices.
type problems struct {
	emit func(any)

	mu    sync.Mutex
	last  string   // the last announced problem with the index or the questions
	files []string // the problems with weft's own files
}

// warn announces a problem with the index, unless it is the one announced last.
func (p *problems) warn(text string) {
	if !p.note(text) && text != "" {
		p.emit(show.Notice{Level: show.Warning, Text: text})
	}
}

// note takes a problem as announced, and reports whether it is the one announced last.
func (p *problems) note(text string) (again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	again = p.last == text
	p.last = text
	return again
}

// file announces a problem with one of weft's own files.
func (p *problems) file(err error) {
	p.mu.Lock()
	p.files = append(p.files, err.Error())
	p.mu.Unlock()
	p.emit(show.Notice{Level: show.Warning, Text: err.Error()})
}

// sayTroubles prints which of weft's own files could not be read or written, for commands that
// print no notices.
func (s *session) sayTroubles(w io.Writer) {
	s.problems.mu.Lock()
	all := slices.Clone(s.problems.files)
	s.problems.mu.Unlock()
	if unsaved := s.corpus.unsaved(); unsaved != "" {
		all = append(all, unsaved)
	}
	for _, text := range all {
		fmt.Fprintln(w, "weft:", canvas.Line(text))
	}
}
