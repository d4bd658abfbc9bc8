package answer

import (
	"fmt"
	"slices"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/extract"
	"weft/rag/load"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
)

// Extractive answers with sentences quoted from the passages, without a model.
type Extractive struct{}

// Remarks appended to an extractive answer: that no model wrote it, and its source.
const (
	noModel     = "*No model wrote this: these are sentences from your documents.*"
	bestPassage = "*No model wrote this: these are sentences from the one passage that fits best.*"
)

// bare removes noModel or bestPassage from the end of an extractive answer.
func bare(text string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(text, noModel), bestPassage))
}

// Write quotes the sentences that best answer the question.
func (Extractive) Write(ctx *flow.Context, question string, passages []retrieve.Hit) (show.Answer, error) {
	a := show.Answer{Question: question, By: show.ByExtract, Sources: sources(passages)}
	given := make([]extract.Passage, len(passages))
	for i := range passages {
		given[i] = passages[i].Passage(i + 1)
	}
	pieces, parts, left := quotes(question, retrieve.Terms(passages), given)
	if len(pieces) == 0 {
		return NothingFoundNear(question, show.ByExtract, passages), nil
	}
	var cited []int
	for i, p := range pieces {
		Add(ctx, &a, separator(pieces, i)+p.Text)
		cited = append(cited, p.N)
	}
	if len(passages) == 1 {
		Add(ctx, &a, "\n\n"+bestPassage)
	} else {
		Add(ctx, &a, "\n\n"+noModel)
	}
	a.Sources = citing(a.Sources, cited)
	if len(left) > 0 {
		are := "are"
		if len(left) == 1 {
			are = "is"
		}
		a.Notes = append(a.Notes, fmt.Sprintf("%d of %d parts of the question %s not answered: “%s”", len(left), parts, are, strings.Join(left, "”, “")))
	}
	if note := unlisted(pieces); note != "" {
		a.Notes = append(a.Notes, note)
	}
	return a, nil
}

// unlisted returns a note about the items and rows that an answer to a question for several things
// does not list, or "".
func unlisted(pieces []extract.Piece) string {
	left := 0
	var in []string
	for _, p := range pieces {
		if p.Left == 0 {
			continue
		}
		left += p.Left
		if tag := fmt.Sprintf("[%d]", p.N); !slices.Contains(in, tag) {
			in = append(in, tag)
		}
	}
	switch {
	case left == 0:
		return ""
	case left == 1:
		return "not everything is listed: there is more in " + in[0]
	}
	return fmt.Sprintf("not everything is listed: %d more are in %s", left, strings.Join(in, ", "))
}

// mostParts is the maximum number of parts of a question that are answered separately: as many as
// there are passages in most workflows.
const mostParts = 5

// anyParts is more parts than a question has.
const anyParts = 1 << 10

// quotes picks the sentences that answer a question. It also returns how many parts the question has,
// and those that the sentences do not answer. The parts of a question such as "what is a
// join, and how do I cancel?" are answered separately, because a sentence with words of all parts
// rarely answers any.
func quotes(question string, terms []extract.Term, passages []extract.Passage) (all []extract.Piece, parts int, left []string) {
	if each := rephrase.Parts(question, anyParts); len(each) > 1 {
		parts = len(each)
		var asked []string
		for _, part := range each {
			if len(asked) < mostParts && about(part, passages) {
				asked = append(asked, part)
			} else {
				left = append(left, part)
			}
		}
		if len(asked) > 0 {
			all = extract.AnswerParts(asked, passages)
		}
	}
	if len(all) == 0 {
		return extract.Answer(question, terms, passages), 1, nil
	}
	return all, parts, left
}

// about reports whether one of the passages has most of a question's words.
func about(question string, passages []extract.Passage) bool {
	a := analysis.For(analysis.Detect(question))
	asked := a.Terms(question)
	return slices.ContainsFunc(passages, func(p extract.Passage) bool {
		text := strings.Join(p.Heading, "\n") + "\n" + p.Text
		for _, f := range p.Fields {
			text += "\n" + f.Value
		}
		has, found := a.Terms(text), 0
		for _, t := range asked {
			if slices.Contains(has, t) {
				found++
			}
		}
		return found*3 >= len(asked)*2
	})
}

// extracts converts sources to passages for package extract.
func extracts(sources []show.Source) []extract.Passage {
	out := make([]extract.Passage, len(sources))
	for i, s := range sources {
		var fields []load.Field
		for _, f := range s.Fields {
			fields = append(fields, load.Field(f))
		}
		out[i] = extract.Passage{N: s.N, Code: load.Language(s.Path), Fields: fields,
			Chunk: chunk.Chunk{Path: s.Path, Heading: s.Heading, Text: s.Text, Line: s.Line, EndLine: s.EndLine, Place: s.Place}}
	}
	return out
}

// separator returns the text before piece i: a line break between items of one list, else a blank
// line.
func separator(pieces []extract.Piece, i int) string {
	item := func(p extract.Piece) bool { return len(p.Text) > 2 && p.Text[:2] == "- " }
	switch {
	case i == 0:
		return ""
	case item(pieces[i]) && item(pieces[i-1]):
		return "\n"
	}
	return "\n\n"
}
