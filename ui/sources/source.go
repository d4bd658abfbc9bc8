// Package sources shows where an answer comes from: a passage in its document, with the cited lines lit, and the way into the
// person's editor.
//
// Sources come as JSON in the payloads of events (Parse). The document itself is read by a command (Load), within the corpus
// folder only, and never on the program's loop.
package sources

import (
	"encoding/json"
	"fmt"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
)

// Parse reads the sources or passages of an event's payload; nil if it has none. Passages without numbers get them.
func Parse(payload json.RawMessage) []show.Source {
	var p struct {
		Sources  []show.Source `json:"sources"`
		Passages []show.Source `json:"passages"`
	}
	if json.Unmarshal(payload, &p) != nil {
		return nil
	}
	list := p.Sources
	if len(list) == 0 {
		list = p.Passages
	}
	for i := range list {
		if list[i].N == 0 {
			list[i].N = i + 1
		}
	}
	return list
}

// Where is the source's place for a reader: docs/retry.md:12–30, or report.pdf, page 3.
func Where(s show.Passage) string {
	switch {
	case s.Line > 0 && s.EndLine > s.Line:
		return fmt.Sprintf("%s:%d–%d", s.Path, s.Line, s.EndLine)
	case s.Line > 0:
		return fmt.Sprintf("%s:%d", s.Path, s.Line)
	case s.Place != "":
		return s.Path + ", " + s.Place
	}
	return s.Path
}

// Trail is the path of headings that leads to the passage.
func Trail(s show.Passage) string { return canvas.Truncate(strings.Join(s.Heading, " › "), 400) }
