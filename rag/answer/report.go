package answer

import (
	"fmt"
	"slices"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
)

// A Reporter combines the answers to the parts of a question into one answer with one list of
// sources.
type Reporter struct {
	Model *Model // nil: the parts are listed one after the other
}

// Write combines the answers to the parts of a question. Parts without an answer are named as open.
// If the model cannot combine them, they are listed and the answer is marked as degraded.
// It emits the text as it grows.
func (r Reporter) Write(ctx *flow.Context, question string, parts []show.Answer) (show.Answer, error) {
	texts, sources := Merge(parts)
	if !slices.ContainsFunc(parts, func(p show.Answer) bool { return !p.Abstained }) {
		return NothingFound(question, show.ByExtract), nil
	}
	degraded := ""
	if r.Model != nil {
		data := llm.PromptData{Question: question}
		for i, p := range parts {
			data.Findings = append(data.Findings, llm.Finding{Question: p.Question, Answer: texts[i]})
		}
		a, err := r.Model.answer(ctx, llm.PromptReport, data, sources)
		if !Replaceable(err) {
			return a, err
		}
		degraded = err.Error()
	}
	a := show.Answer{Question: question, By: show.ByExtract, Sources: sources, Degraded: degraded}
	for i, p := range parts {
		if len(parts) > 1 {
			Add(ctx, &a, fmt.Sprintf("**%s**\n\n", p.Question))
		}
		Add(ctx, &a, texts[i]+"\n\n")
	}
	Add(ctx, &a, noModel)
	return a, nil
}

// Add emits a piece of text and appends it to the answer.
func Add(ctx *flow.Context, a *show.Answer, text string) {
	ctx.Emit(show.Delta{Text: text})
	a.Text += text
}

// Note appends a remark in a paragraph of its own. It emits the remark, unless the answer abstains:
// such an answer is not streamed.
func Note(ctx *flow.Context, a *show.Answer, text string) {
	if text = "\n\n*" + text + "*"; a.Abstained {
		a.Text += text
		return
	}
	Add(ctx, a, text)
}

// mergedEach is the minimum number of sources listed for each of several answers.
const mergedEach = 3

// Merge joins the sources of answers into one list without duplicates, and returns the texts with
// their citations renumbered. The list has all sources of a single answer; of several answers it
// has the cited sources, and the mergedEach best of each answer.
func Merge(answers []show.Answer) (texts []string, merged []show.Source) {
	at := map[string]int{}
	for _, a := range answers {
		to := map[int]int{}
		for _, s := range a.Sources {
			if !s.Cited && len(answers) > 1 && (s.N > mergedEach || a.Abstained) {
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
