package answer

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// Model answers with a chat model.
type Model struct {
	Client  *llm.Client
	Prompts *llm.Prompts
	Gate    *Gate // asked before passages leave this machine; nil: no check
}

// Write asks the model for an answer from the passages. It emits the prompt as sent, what was
// omitted to make it fit, and each state of the call. Citations of passages that were not given are
// removed, and the notes of the answer say so. An answer abstains if the model says only that the
// passages do not have the answer.
func (m Model) Write(ctx *flow.Context, question string, passages []retrieve.Hit) (show.Answer, error) {
	return m.answer(ctx, llm.PromptAnswer, llm.PromptData{Question: question}, sources(passages, nil))
}

// Alone asks the model without passages.
func (m Model) Alone(ctx *flow.Context, question string) (show.Answer, error) {
	return m.answer(ctx, llm.PromptSimple, llm.PromptData{Question: question}, nil)
}

// Decide asks the model for something other than an answer, such as a class, a verdict or a new
// question, and returns the reply. It emits the prompt and each state of the call; the reply is not
// streamed. private is the number of pieces of the prompt that come from documents; they must pass
// the gate.
func (m Model) Decide(ctx *flow.Context, prompt string, data llm.PromptData, private int) (string, error) {
	done, _, err := m.call(ctx, prompt, data, private, nil)
	return done.Text, err
}

func (m Model) answer(ctx *flow.Context, prompt string, data llm.PromptData, given []show.Source) (show.Answer, error) {
	for _, s := range given {
		data.Passages = append(data.Passages, llm.Passage{Source: where(s), Text: s.Text})
	}
	cited := llm.NewCiteStream(data.Passages, func(text string) { ctx.Emit(show.Delta{Text: text}) })
	done, sent, err := m.call(ctx, prompt, data, len(given), func(d show.Delta) {
		if d.Reasoning != "" {
			ctx.Emit(show.Delta{Reasoning: d.Reasoning})
		}
		cited.Add(d.Text)
	})
	cited.End()
	if err != nil {
		return show.Answer{}, err
	}
	cites := llm.Cite(done.Text, data.Passages[:sent])
	a := show.Answer{
		Question: data.Question, Text: cites.Text, Sources: citing(given[:sent], cites.Cited),
		By:     cmp.Or(done.Model, m.Client.Config().Model),
		CutOff: done.CutOff, Degraded: done.Degraded, Usage: done.Usage,
	}
	switch {
	case sent == 0:
	case a.CutOff == "" && declines(cites.Text, cites):
		a.Abstained = true
	default:
		a.Notes = notes(cites)
	}
	return a, nil
}

// call sends a prompt and returns the reply and the number of passages sent. An empty reply is an
// error.
func (m Model) call(ctx *flow.Context, prompt string, data llm.PromptData, private int,
	onDelta func(show.Delta)) (llm.Completion, int, error) {
	cfg := m.Client.Config()
	p, err := m.Prompts.Fit(prompt, data, cfg.Context, cfg.MaxTokens)
	if err != nil {
		return llm.Completion{}, 0, err
	}
	ctx.Emit(p.Prompt)
	if err := m.Gate.Pass(ctx, cfg, p.Tokens, private); err != nil {
		return llm.Completion{}, 0, err
	}
	watched := llm.WithObserver(ctx, func(c show.ModelCall) { ctx.Emit(c) })
	done, err := m.Client.Chat(watched, llm.Request{Messages: p.Messages}, onDelta)
	if ctx.Err() != nil {
		return llm.Completion{}, 0, ctx.Err()
	}
	if strings.TrimSpace(done.Text) == "" {
		if err == nil {
			err = errors.New(cmp.Or(done.CutOff, "it sent no text"))
		}
		return llm.Completion{}, 0, fmt.Errorf("%s gave no answer: %w", cfg.Model, err)
	}
	if err != nil {
		done.CutOff = cmp.Or(done.CutOff, err.Error())
	}
	return done, len(p.Passages), nil
}
