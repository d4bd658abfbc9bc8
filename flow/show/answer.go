package show

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A Passage is a piece of a document with its place and its score. An event that carries passages
// has them in a field "passages", best first.
type Passage struct {
	Path    string   `json:"path"`
	Line    int      `json:"line"` // the first line, from 1; 0 where the document has no lines
	EndLine int      `json:"end_line"`
	Place   string   `json:"place,omitempty"` // page, slide, sheet or cell, where there are no lines
	Heading []string `json:"heading,omitempty"`
	Date    string   `json:"date,omitempty"` // of the document, according to itself
	Score   float64  `json:"score"`          // 0 to 1
	// Relevance says in a word how likely the passage answers the question by itself, and Reason
	// why: "it lacks “tag”". Both are empty where it was not judged.
	Relevance Relevance       `json:"relevance,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Text      string          `json:"text"`
	Fields    []Field         `json:"fields,omitempty"`  // of its document
	Notes     []string        `json:"notes,omitempty"`   // which parts of its document are not read
	Remarks   []string        `json:"remarks,omitempty"` // what is uncertain about its document, such as a guessed encoding
	Why       json.RawMessage `json:"why,omitempty"`     // the parts of the score, as an object
}

// A Relevance is how likely a passage answers a question.
type Relevance string

// The relevances. An answer is not made from weak passages alone.
const (
	Strong Relevance = "strong" // the passage has what the question asks about
	Fair   Relevance = "fair"   // the passage has most of it
	Weak   Relevance = "weak"   // the passage has too little of it to be the answer by itself
)

// A Field is something that a document says about itself outside of its text, such as an alias, a
// tag or a date.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Source is a passage that an answer may cite.
type Source struct {
	N int `json:"n"` // the number in citations, from 1
	Passage
	Cited bool `json:"cited"` // the answer cites it
}

// Unread returns a sentence for each cited document of which only a part is read: "manual.pdf is
// read in part: pages 121–196 took too long".
func Unread(sources []Source) (out []string) {
	seen := map[string]bool{}
	for _, s := range sources {
		if !s.Cited || len(s.Notes) == 0 || seen[s.Path] {
			continue
		}
		seen[s.Path] = true
		notes := s.Notes[:min(len(s.Notes), 3)]
		text := s.Path + " is read in part: " + strings.Join(notes, "; ")
		if more := len(s.Notes) - len(notes); more > 0 {
			text += fmt.Sprintf("; and %d more", more)
		}
		out = append(out, text)
	}
	return out
}

// ByExtract is the By of answers that are made of sentences of the documents, without a model.
const ByExtract = "extractive"

// An Answer is the stop event of workflows that answer a question.
type Answer struct {
	Question  string   `json:"question"`            // the question that was answered
	Typed     string   `json:"typed,omitempty"`     // the question as typed, if it differs
	Text      string   `json:"text"`                // Markdown; [1] cites the source of that number
	Sources   []Source `json:"sources"`             // what the writer was given, by number
	By        string   `json:"by"`                  // ByExtract, or the model that wrote it
	Abstained bool     `json:"abstained,omitempty"` // nothing relevant was found: Text says so
	CutOff    string   `json:"cut_off,omitempty"`   // why the text is incomplete
	Degraded  string   `json:"degraded,omitempty"`  // why it is less than was asked for
	Suggest   string   `json:"suggest,omitempty"`   // the workflow that answers such a question more completely
	Notes     []string `json:"notes,omitempty"`     // what a person should know about the citations, and about what was not looked at
	Usage     Usage    `json:"usage"`               // tokens, where a model wrote it
}

// Asking is what an await asks a person; a screen makes a form of it. A prompt may carry more, such
// as passages to choose from, and may also be a text alone.
type Asking struct {
	Text    string          `json:"text"`              // the question
	Schema  json.RawMessage `json:"schema"`            // JSON Schema of the reply
	Default json.RawMessage `json:"default,omitempty"` // the reply that the form begins with
	Shared  bool            `json:"shared,omitempty"`  // one reply answers all waits for its type
	// Passages are what the reply is about, in the order of the options of its list.
	Passages []Passage `json:"passages,omitempty"`
}
