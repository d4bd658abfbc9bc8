package answer

import (
	"fmt"
	"slices"

	"weft/flow"
	"weft/rag/llm"
)

// A Reporter makes one answer of the answers to the parts of a question, with one list of sources.
type Reporter struct {
	Model *Model // nil: the parts stand one below the other
}

// Write reports. Parts are answers to questions of their own; those without an answer are named as open. It emits the text as it grows.
func (r Reporter) Write(ctx *flow.Context, question string, parts []Answer) (Answer, error) {
	texts, sources := Merge(parts)
	if !slices.ContainsFunc(parts, func(p Answer) bool { return !p.Abstained }) {
		return Nothing(question, "extractive"), nil
	}
	if r.Model != nil {
		data := llm.PromptData{Question: question}
		for i, p := range parts {
			data.Findings = append(data.Findings, llm.Finding{Question: p.Question, Answer: texts[i]})
		}
		return r.Model.answer(ctx, llm.PromptReport, data, sources)
	}
	a := Answer{Question: question, By: "extractive", Sources: sources}
	for i, p := range parts {
		if len(parts) > 1 {
			a.Add(ctx, fmt.Sprintf("**%s**\n\n", p.Question))
		}
		a.Add(ctx, texts[i]+"\n\n")
	}
	a.Add(ctx, noModel)
	return a, nil
}

// Add emits a piece of text and appends it to the answer's.
func (a *Answer) Add(ctx *flow.Context, text string) {
	ctx.Emit(llm.Delta{Text: text})
	a.Text += text
}

// Note appends a remark that stands apart from the answer itself, and emits it where the answer was streamed.
func (a *Answer) Note(ctx *flow.Context, text string) {
	if text = "\n\n*" + text + "*"; a.Abstained {
		a.Text += text
		return
	}
	a.Add(ctx, text)
}

// mergedEach is how many sources of each of several answers are listed at least.
const mergedEach = 3

// Merge joins the sources of answers into one list, each once, and returns the answers' texts with the numbers of that list. Of one answer
// all sources are listed; of several those that are cited, and the best three of each.
func Merge(answers []Answer) (texts []string, merged []Source) {
	at := map[string]int{}
	for _, a := range answers {
		to := map[int]int{}
		for _, s := range a.Sources {
			if !s.Cited && len(answers) > 1 && s.N > mergedEach {
				continue
			}
			key := fmt.Sprintf("%s\x00%d\x00%s\x00%s", s.Path, s.Line, s.Place, s.Text)
			if at[key] == 0 {
				s := s
				s.N = len(merged) + 1
				merged = append(merged, s)
				at[key] = s.N
			}
			merged[at[key]-1].Cited = merged[at[key]-1].Cited || s.Cited
			to[s.N] = at[key]
		}
		texts = append(texts, llm.Renumber(bare(a.Text), to))
	}
	return texts, merged
}
