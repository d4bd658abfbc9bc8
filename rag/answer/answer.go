// Package answer writes the answer to a question from the passages that were found for it.
//
// A [Writer] gets the question and its passages, best first, emits the answer piece by piece as [llm.Delta] events and returns the whole
// [Answer] with its sources. There are two: [Model] asks a chat model and keeps the citations that lead to a passage; [Extractive] quotes
// the passages themselves and needs no model. Both say so, and invent nothing, when no passage is relevant.
package answer

import (
	"fmt"
	"slices"
	"strings"

	"weft/flow"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// An Answer is what a question comes to. It is the stop event of the workflows that answer.
type Answer struct {
	Question  string    `json:"question"`            // as it was understood
	Typed     string    `json:"typed,omitempty"`     // the words that were typed, where they are others
	Text      string    `json:"text"`                // Markdown; citations look like [1] and give the number of a source
	Sources   []Source  `json:"sources"`             // the passages that were given to the writer, in the order of their numbers
	By        string    `json:"by"`                  // "extractive", or the model that wrote it
	Abstained bool      `json:"abstained,omitempty"` // nothing relevant was found: Text says so
	CutOff    string    `json:"cut_off,omitempty"`   // why the text is not a whole answer
	Degraded  string    `json:"degraded,omitempty"`  // what went wrong on the way to an answer that is given all the same
	Usage     llm.Usage `json:"usage"`               // tokens, where a model wrote it
}

// A Source is a passage that an answer may cite.
type Source struct {
	N       int      `json:"n"` // the number in citations, from 1
	Path    string   `json:"path"`
	Line    int      `json:"line"`
	EndLine int      `json:"end_line"`
	Place   string   `json:"place,omitempty"` // page, slide, sheet, cell: where lines mean nothing
	Heading []string `json:"heading,omitempty"`
	Score   float64  `json:"score"` // 0 to 1
	Text    string   `json:"text"`
	Cited   bool     `json:"cited"` // the answer cites it
}

// A Writer writes answers. It may be used by several runs at once.
type Writer interface {
	// Write answers the question from the passages, which come best first. It emits the text as it grows. An error means that there is
	// no text at all; a text that broke off is an Answer with CutOff.
	Write(ctx *flow.Context, question string, passages []retrieve.Hit) (Answer, error)
}

// Nothing is the answer to a question for which no passage is relevant.
func Nothing(question, by string) Answer {
	return Answer{
		Question: question, By: by, Abstained: true, Sources: []Source{},
		Text: "Nothing in the indexed documents answers this question.\n\nAsk with the words that the documents would use, or see whether the file is indexed: `weft index --report` lists those that are not.",
	}
}

// Open is the answer to a part of a question that could not be worked on.
func Open(question, by string, err error) Answer {
	return Answer{Question: question, By: by, Sources: []Source{}, Text: "This part could not be answered: " + err.Error()}
}

// sources numbers the passages and marks those that are cited.
func sources(passages []retrieve.Hit, cited []int) []Source {
	out := make([]Source, len(passages))
	for i, p := range passages {
		out[i] = Source{
			N: i + 1, Path: p.Path, Line: p.Line, EndLine: p.EndLine, Place: p.Place, Heading: p.Heading, Score: p.Score, Text: p.Text,
		}
		if p.Header != "" {
			out[i].Text = strings.TrimRight(p.Header, "\n") + "\n" + p.Text
		}
	}
	return citing(out, cited)
}

// citing returns the sources with those marked that are cited.
func citing(given []Source, cited []int) []Source {
	out := slices.Clone(given)
	for i := range out {
		out[i].Cited = slices.Contains(cited, out[i].N)
	}
	return out
}

// where names the place of a source for the model: path, lines and headings.
func (s Source) where() string {
	at := fmt.Sprintf("%s:%d-%d", s.Path, s.Line, s.EndLine)
	if s.Place != "" {
		at = s.Path + ", " + s.Place
	}
	if len(s.Heading) > 0 {
		at += " › " + strings.Join(s.Heading, " › ")
	}
	return at
}
