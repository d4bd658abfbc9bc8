package workflows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weft/rag/retrieve"
)

// proposal returns the prompt for a decision on passages. The relevant ones are kept by default.
func proposal(query string, passages []retrieve.Hit) Proposal {
	p := Proposal{Text: fmt.Sprintf("%d sources for: %s", len(passages), query), Passages: passages,
		Default: Approval{Keep: []int{}, Query: query}}
	good := retrieve.Usable(passages)
	if len(good) == 0 {
		p.Text += "\nNone of them is likely to answer it."
	}
	type option struct {
		Const int    `json:"const"`
		Title string `json:"title"`
	}
	type ending struct {
		Const bool   `json:"const"`
		Title string `json:"title"`
	}
	options := []option{}
	for i, h := range passages {
		place := h.Place
		if h.Line > 0 {
			place = fmt.Sprint(h.Line)
		}
		title := fmt.Sprintf("%.2f  %s:%s", h.Score, h.Path, place)
		if n := len(h.Heading); n > 0 {
			title += "  " + h.Heading[n-1]
		}
		options = append(options, option{i + 1, title})
		if slices.ContainsFunc(good, func(g retrieve.Hit) bool { return g.ID == h.ID }) {
			p.Default.Keep = append(p.Default.Keep, i+1)
		}
	}
	type object = map[string]any
	properties := []string{
		field("keep", object{"type": "array", "title": "answer from", "items": object{"oneOf": options}}),
		field("query", object{"type": "string", "title": "search for",
			"description": "another query is searched for, and proposed again"}),
		field("decline", object{"title": "then", "default": false, "oneOf": []ending{
			{false, "answer from these"}, {true, "end without an answer"}}}),
	}
	p.Schema = json.RawMessage(`{"type":"object","properties":{` + strings.Join(properties, ",") + `}}`)
	return p
}

// field returns one property of a JSON schema. The schema is built as text because forms show the
// properties in the order in which they are written, and a map has no order.
func field(name string, schema any) string {
	b, _ := json.Marshal(schema) // cannot fail: the values are plain
	return fmt.Sprintf("%q:%s", name, b)
}
