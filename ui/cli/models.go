package cli

import (
	"context"
	"errors"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/ui/units"
)

// names returns the models of the provider that can be asked in place of the one in use.
func (m *models) names() (names []string) {
	p, model := m.current()
	if model == nil {
		return nil
	}
	for _, offered := range p.Models {
		if offered.ID != p.ChatModel {
			names = append(names, offered.ID)
		}
	}
	return names
}

// price returns the cost of a number of prompt tokens and of answer tokens with the provider in
// use, all of whose models have the configured prices; "" if no prices are configured.
func (m *models) price(read, written int) string {
	m.mu.Lock()
	offline, st := m.model == nil, m.present()
	m.mu.Unlock()
	if offline {
		return ""
	}
	prices := st.llm().Prices
	cost, known := prices.Cost(show.Usage{PromptTokens: read, CompletionTokens: written})
	if !known {
		return ""
	}
	return units.Price(cost, prices.Currency)
}

// limited returns a model with the budget of one question; nil stays nil.
func (m *models) limited(model *answer.Model) *answer.Model {
	if model == nil {
		return nil
	}
	limited := *model
	limited.Budget = &answer.Budget{Of: "question", Tokens: m.settings.QuestionTokens.value,
		Cost: m.settings.QuestionCost.value, Within: m.budget}
	return &limited
}

// other returns a model of the provider in use under another name. The end of the session
// closes its client.
func (m *models) other(ctx context.Context, name string) (*answer.Model, error) {
	now, err := m.detect(ctx)
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, errors.New("there is no model server: only the offline answer can be asked for")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.provider
	p.ChatModel, p.Context = name, 0
	for _, offered := range p.Models {
		if offered.ID == name {
			p.Context = offered.Context
		}
	}
	cfg := p.Apply(m.present().llm())
	cfg.Dialects = m.dialects
	client, err := llm.New(cfg, nil)
	if err != nil {
		return nil, err
	}
	other := *m.model // prompts, instructions and consent are those of the model in use
	other.Client = client
	m.others = append(m.others, client)
	return &other, nil
}
