package answer

import (
	"weft/flow"
	"weft/rag/extract"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// Extractive answers with sentences of the passages: without a model, on this machine, in milliseconds.
type Extractive struct{}

// noModel says who did not write the answer.
const noModel = "*No model wrote this: these are sentences of your documents.*"

// Write quotes the sentences that best answer the question.
func (Extractive) Write(ctx *flow.Context, question string, passages []retrieve.Hit) (Answer, error) {
	in := make([]extract.Passage, len(passages))
	for i, p := range passages {
		in[i] = extract.Passage{N: i + 1, Heading: p.Heading, Text: p.Text}
	}
	pieces := extract.Answer(question, in)
	if len(pieces) == 0 {
		return Nothing(question, "extractive"), nil
	}
	a := Answer{Question: question, By: "extractive"}
	var cited []int
	add := func(text string) {
		ctx.Emit(llm.Delta{Text: text})
		a.Text += text
	}
	for i, p := range pieces {
		add(separator(pieces, i) + p.Text)
		cited = append(cited, p.N)
	}
	add("\n\n" + noModel)
	a.Sources = sources(passages, cited)
	return a, nil
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
