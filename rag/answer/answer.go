// Package answer writes the answer to a question from the passages found for it.
//
// A writer takes the question and its passages, best first, emits the text as [show.Delta] events
// while it grows, and returns the whole [show.Answer] with its sources. An error means that there is
// no text at all; a text that is cut off is an answer with CutOff set. [Model] asks a chat model
// and keeps only citations of passages that it was given. [Extractive] quotes the passages and
// needs no model. If no passage is relevant, both say so instead of answering.
package answer

import (
	"fmt"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/rag/load"
	"weft/rag/retrieve"
)

// NothingFound returns the answer to a question for which no passage is relevant. by names the
// writer.
func NothingFound(question, by string) show.Answer {
	return show.Answer{
		Question: question, By: by, Abstained: true, Sources: []show.Source{},
		Text: "Nothing in the indexed documents answers this question.\n\nAsk with the words that the documents would use, or check whether the file is indexed: `weft index --report` lists those that are not.",
	}
}

// How many passages an abstaining answer names, and their minimum relevance.
const (
	mostNearest   = 3
	leastRelevant = 0.05
)

// NothingFoundNear returns [NothingFound] with the headings of the most relevant passages, best
// first, as sources that can be opened. Passages that have hardly any word of the question are not
// listed.
func NothingFoundNear(question, by string, passages []retrieve.Hit) show.Answer {
	a := NothingFound(question, by)
	var near []retrieve.Hit
	for _, p := range passages {
		if len(near) < mostNearest && p.Why.Relevance >= leastRelevant {
			near = append(near, p)
		}
	}
	if len(near) == 0 {
		return a
	}
	a.Sources = sources(near)
	var b strings.Builder
	b.WriteString("Nothing in the indexed documents answers this question. Nearest to it are:\n")
	for _, s := range a.Sources {
		name := strings.Join(s.Heading[max(0, len(s.Heading)-2):], " › ")
		if name == "" {
			name = s.Path
		}
		fmt.Fprintf(&b, "\n- %s [%d]", strings.ReplaceAll(name, "\n", " "), s.N)
	}
	b.WriteString("\n\nAsk with the words that the documents would use, or check whether the file is indexed: `weft index --report` lists those that are not.")
	a.Text = b.String()
	return a
}

// Unanswered returns the answer to a part of a question that failed with err.
func Unanswered(question, by string, err error) show.Answer {
	return show.Answer{Question: question, By: by, Sources: []show.Source{},
		Text: "This part could not be answered: " + err.Error()}
}

// sources returns the numbered sources of the passages, of which none is cited yet.
func sources(passages []retrieve.Hit) []show.Source {
	out := make([]show.Source, len(passages))
	for i, p := range passages {
		c := p.WithHeader()
		out[i] = show.Source{
			N: i + 1,
			Passage: show.Passage{
				Path: p.Path, Line: p.Line, EndLine: p.EndLine, Place: p.Place, Heading: p.Heading, Date: p.Date,
				Score: p.Score, Relevance: p.Relevance, Reason: p.Reason, Text: c.Text,
				Fields: shownFields(p.Fields), Notes: p.Notes, Remarks: p.Remarks,
			},
		}
	}
	return out
}

func shownFields(fields []load.Field) (out []show.Field) {
	for _, f := range fields {
		out = append(out, show.Field(f))
	}
	return out
}

// citing returns a copy of the sources with the cited ones marked.
func citing(given []show.Source, cited []int) []show.Source {
	out := slices.Clone(given)
	for i := range out {
		out[i].Cited = slices.Contains(cited, out[i].N)
	}
	return out
}

// where returns the location of a source for a prompt: path, lines and headings.
func where(s show.Source) string {
	at := fmt.Sprintf("%s:%d-%d", s.Path, s.Line, s.EndLine)
	if s.Place != "" {
		at = s.Path + ", " + s.Place
	}
	if len(s.Heading) > 0 {
		at += " › " + strings.Join(s.Heading, " › ")
	}
	return at
}
