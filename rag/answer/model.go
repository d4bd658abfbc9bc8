package answer

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"weft/flow"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// Model answers by a chat model.
type Model struct {
	Client  *llm.Client
	Prompts *llm.Prompts
	Gate    *Gate // asked before passages leave this machine; nil: they may
}

// Write asks the model for an answer from the passages. The prompt is emitted as it is sent, with what was left out so that it fits, and
// so is each state of the call. A number that is cited but was not given is taken out of the text.
func (m Model) Write(ctx *flow.Context, question string, passages []retrieve.Hit) (Answer, error) {
	return m.answer(ctx, llm.PromptAnswer, question, passages)
}

// Alone asks the model without any passages.
func (m Model) Alone(ctx *flow.Context, question string) (Answer, error) {
	return m.answer(ctx, llm.PromptSimple, question, nil)
}

func (m Model) answer(ctx *flow.Context, prompt, question string, passages []retrieve.Hit) (Answer, error) {
	cfg := m.Client.Config()
	data := llm.PromptData{Question: question}
	for _, p := range passages {
		data.Passages = append(data.Passages, llm.Passage{Source: where(p), Text: p.Text})
	}
	sent, err := m.Prompts.Fit(prompt, data, cfg.Context, cfg.MaxTokens)
	if err != nil {
		return Answer{}, err
	}
	ctx.Emit(sent)
	if err := m.Gate.Pass(ctx, cfg, sent.Tokens, len(sent.Passages)); err != nil {
		return Answer{}, err
	}
	watched := llm.WithObserver(ctx, func(c llm.ModelCall) { ctx.Emit(c) })
	done, err := m.Client.Chat(watched, llm.Request{Messages: sent.Messages}, func(d llm.Delta) { ctx.Emit(d) })
	if ctx.Err() != nil {
		return Answer{}, ctx.Err()
	}
	if strings.TrimSpace(done.Text) == "" {
		if err == nil {
			err = errors.New(cmp.Or(done.CutOff, "it sent no text"))
		}
		return Answer{}, fmt.Errorf("%s gave no answer: %w", cfg.Model, err)
	}
	if err != nil {
		done.CutOff = cmp.Or(done.CutOff, err.Error())
	}
	text, cited := llm.Cite(done.Text, len(sent.Passages))
	return Answer{
		Question: question, Text: text, Sources: sources(passages[:len(sent.Passages)], cited), By: cmp.Or(done.Model, cfg.Model),
		CutOff: done.CutOff, Degraded: done.Degraded, Usage: done.Usage,
	}, nil
}

// where names the place of a passage for the model: path, lines and headings.
func where(p retrieve.Hit) string {
	at := fmt.Sprintf("%s:%d-%d", p.Path, p.Line, p.EndLine)
	if p.Place != "" {
		at = p.Path + ", " + p.Place
	}
	if len(p.Heading) > 0 {
		at += " › " + strings.Join(p.Heading, " › ")
	}
	return at
}
