package cli

import (
	"cmp"
	"context"
	"errors"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/ui/explorer"
	"weft/ui/units"
)

// Models returns the models of the provider that can be asked in place of the one in use.
func (s *session) Models() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.model == nil {
		return nil
	}
	for _, m := range s.provider.Models {
		if m.ID != s.provider.ChatModel {
			names = append(names, m.ID)
		}
	}
	return names
}

// AskModel starts a workflow on a question with a model other than the one in use.
func (s *session) AskModel(workflow, question, model string) (explorer.Run, error) {
	m, err := s.otherModel(s.ctx, model)
	if err != nil {
		return nil, err
	}
	s.remember(question)
	return s.followed(workflow)(s.start(workflow, question, m))
}

// Price returns the cost of a number of prompt tokens and of answer tokens with the provider in
// use, all of whose models have the configured prices; "" if no prices are configured.
func (s *session) Price(_ string, read, written int) string {
	s.mu.Lock()
	offline, st := s.model == nil, cmp.Or(s.profiled, s.settings)
	s.mu.Unlock()
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

// otherModel returns a model of the provider in use under another name. The end of the session
// closes its client.
func (s *session) otherModel(ctx context.Context, name string) (*answer.Model, error) {
	now, err := s.detect(ctx)
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, errors.New("there is no model server: only the offline answer can be asked for")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.provider
	p.ChatModel, p.Context = name, 0
	for _, m := range p.Models {
		if m.ID == name {
			p.Context = m.Context
		}
	}
	cfg := p.Apply(s.settings.llm())
	if s.profiled != nil {
		cfg = p.Apply(s.profiled.llm())
	}
	cfg.Dialects = s.dialects
	client, err := llm.New(cfg, nil)
	if err != nil {
		return nil, err
	}
	other := *s.model // prompts, instructions and consent are those of the model in use
	other.Client = client
	s.others = append(s.others, client)
	return &other, nil
}
