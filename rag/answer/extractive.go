package answer

import (
	"strings"

	"weft/flow"
	"weft/rag/extract"
	"weft/rag/retrieve"
)

// Extractive answers with sentences of the passages: without a model, on this machine, in milliseconds.
type Extractive struct{}

// Who did not write the answer, and where it is from.
const (
	noModel     = "*No model wrote this: these are sentences of your documents.*"
	bestPassage = "*No model wrote this: these are sentences of the one passage that fits best.*"
)

// bare is an extractive answer without the remark on who did not write it.
func bare(text string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(text, noModel), bestPassage))
}

// Write quotes the sentences that best answer the question.
func (Extractive) Write(ctx *flow.Context, question string, passages []retrieve.Hit) (Answer, error) {
	a := Answer{Question: question, By: "extractive", Sources: sources(passages, nil)}
	pieces := extract.Answer(question, extracts(a.Sources))
	if len(pieces) == 0 {
		return Nothing(question, "extractive"), nil
	}
	var cited []int
	for i, p := range pieces {
		a.Add(ctx, separator(pieces, i)+p.Text)
		cited = append(cited, p.N)
	}
	if len(passages) == 1 {
		a.Add(ctx, "\n\n"+bestPassage)
	} else {
		a.Add(ctx, "\n\n"+noModel)
	}
	a.Sources = citing(a.Sources, cited)
	return a, nil
}

// extracts are sources as the extractive answerer takes them.
func extracts(sources []Source) []extract.Passage {
	out := make([]extract.Passage, len(sources))
	for i, s := range sources {
		out[i] = extract.Passage{N: s.N, Heading: s.Heading, Text: s.Text}
	}
	return out
}

// separator is what stands before piece i: items of one list are lines of it, everything else is a paragraph.
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
