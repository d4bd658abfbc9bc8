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

	"weft/ui/canvas"
)

// A Source is a passage of a document that an answer may cite.
type Source struct {
	N       int                        `json:"n"` // its number in the answer, from 1; 0: none
	Path    string                     `json:"path"`
	Line    int                        `json:"line"` // first line, from 1; 0 where the document has no lines
	EndLine int                        `json:"end_line"`
	Place   string                     `json:"place"` // where in a document without lines: "page 3"
	Heading []string                   `json:"heading"`
	Score   float64                    `json:"score"`
	Text    string                     `json:"text"`
	Cited   bool                       `json:"cited"`
	Why     map[string]json.RawMessage `json:"why"`
}

// Parse reads the sources or passages of an event's payload; nil if it has none. Passages without numbers get them.
func Parse(payload json.RawMessage) []Source {
	var p struct {
		Sources  []Source `json:"sources"`
		Passages []Source `json:"passages"`
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
func (s Source) Where() string {
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
func (s Source) Trail() string { return canvas.Truncate(strings.Join(s.Heading, " › "), 400) }
