// Package sources shows the origin of an answer: a passage in its document, with the cited lines
// highlighted, and the command to open it in the user's editor.
//
// Sources come as JSON in the payloads of events (Parse). A command (Load) reads the document, only
// within the corpus folder and outside of the program's event loop.
package sources

import (
	"encoding/json"
	"fmt"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
)

// Parse returns the sources or passages of an event's payload; nil if it has none. It numbers
// passages that have no numbers.
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

// Where returns the location of a passage as shown on the screen: docs/retry.md:12–30, or
// report.pdf, page 3.
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

// About returns what the passage's document says about itself: "alias: the bench · tag: setup,
// wiring · date: 2025-03-03".
func About(s show.Passage) string {
	var text strings.Builder
	before := ""
	for _, f := range s.Fields {
		switch {
		case f.Name == before:
			text.WriteString(", ")
		case before != "":
			text.WriteString(" · " + canvas.Line(f.Name) + ": ")
		default:
			text.WriteString(canvas.Line(f.Name) + ": ")
		}
		text.WriteString(canvas.Line(f.Value))
		before = f.Name
	}
	return text.String()
}

// Unread returns which parts of the passage's document are not read, or "".
func Unread(s show.Passage) string {
	if len(s.Notes) == 0 {
		return ""
	}
	return "read in part: " + canvas.Line(strings.Join(s.Notes, "; "))
}

// Remarks returns what is uncertain about the passage's document, or "".
func Remarks(s show.Passage) string {
	return canvas.Line(strings.Join(s.Remarks, "; "))
}

// Trail returns the headings above the passage, outermost first.
func Trail(s show.Passage) string { return canvas.Truncate(strings.Join(s.Heading, " › "), 400) }
