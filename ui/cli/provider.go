package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/embed"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// detect finds the provider and its models, and announces them if they have changed.
func (s *session) detect(ctx context.Context) (*answer.Model, error) {
	s.mu.Lock()
	st := cmp.Or(s.profiled, s.settings)
	s.mu.Unlock()
	config, err := st.configured(ctx)
	if err != nil && !st.Offline.value {
		return nil, err
	}
	p, err := llm.Detect(ctx, llm.Settings{
		Offline:  st.Offline.value,
		Flags:    st.endpoint(forWeft),
		Getenv:   st.getenv,
		Config:   config,
		PlainKey: s.consent.allowed,
		Prefer:   s.choices.models,
	})
	if err != nil {
		return nil, err
	}
	notice := ""
	if st.unattended && p.Stranger != "" && !s.consent.allowed(p.Endpoint) {
		notice = fmt.Sprintf("%s was found at %s and runs as %s: it is not used, because nobody can be asked here. Allow it with --allow %s",
			p.Name, p.Endpoint, p.Stranger, p.Endpoint)
		p = llm.Provider{Name: "offline", Source: "default", Tried: p.Tried}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	same := s.detected && p.Endpoint == s.provider.Endpoint && p.ChatModel == s.provider.ChatModel &&
		p.EmbedModel == s.provider.EmbedModel &&
		p.RerankModel == s.provider.RerankModel && p.Name == s.provider.Name && p.Context == s.provider.Context
	s.provider, s.detected = p, true
	if same {
		return s.model, nil
	}
	if s.model != nil {
		s.model.Client.Close()
		s.model = nil
	}
	s.probed, s.rerank = false, nil
	if !p.Offline() {
		cfg := p.Apply(st.llm())
		cfg.Dialects = s.dialects
		client, err := llm.New(cfg, nil)
		if err != nil {
			return nil, err
		}
		s.model = &answer.Model{Client: client, Prompts: s.prompts, Now: time.Now,
			Instructions: strings.TrimSpace(s.settings.Instructions.value)}
		if !p.Local || p.Stranger != "" {
			s.model.Gate = s.consent.gate()
			s.model.Gate.Stranger = p.Stranger
		}
	}
	name := p.Name
	if p.Offline() {
		name = "extractive"
	}
	s.emit(show.Provider{Name: name, Model: p.ChatModel, Endpoint: p.Endpoint, Local: p.Local,
		Embedder: p.EmbedModel, Offline: p.Offline()})
	if prices := st.llm().Prices; !p.Offline() && prices.Input == 0 && prices.Output == 0 &&
		(st.QuestionCost.value > 0 || st.SessionCost.value > 0) {
		s.emit(show.Notice{Level: show.Warning,
			Text: "the limits on costs do not apply to " + p.Name + ": set price_in and price_out"})
	}
	if s.notUsed = notice; notice != "" {
		s.emit(show.Notice{Level: show.Warning, Text: notice})
	}
	if p.Problem != "" {
		s.emit(show.Notice{Level: show.Warning, Text: p.Problem})
	}
	return s.model, nil
}

// trusted reports whether documents may be sent to a provider without asking now.
func (s *session) trusted(p llm.Provider) bool {
	return p.Local && p.Stranger == "" || s.consent.allowed(p.Endpoint)
}

// embedder returns the embedder for passages: the model that the settings name, or one of a local
// server, or else the offline embedder. A remote model needs consent beforehand, because indexing
// does not stop to ask.
func (s *session) embedder() embed.Embedder {
	offline := embed.NewHashed()
	if _, err := s.detect(s.ctx); err != nil {
		return offline
	}
	s.mu.Lock()
	p, m := s.provider, s.model
	named := cmp.Or(s.profiled, s.settings).EmbeddingModel.value != "" || s.choices.of(p.Endpoint, embeddingModel) != ""
	s.mu.Unlock()
	if m == nil || p.EmbedModel == "" {
		return offline
	}
	if !s.trusted(p) {
		if named {
			s.emit(show.Notice{Level: show.Warning,
				Text: fmt.Sprintf("passages are embedded offline: to send all documents to %s for embedding, start with --allow %s", p.Endpoint, p.Endpoint)})
		}
		return offline
	}
	probe, cancel := context.WithTimeout(s.ctx, probeTimeout)
	defer cancel()
	e, err := m.Client.Embedder(probe)
	switch {
	case err == nil:
		return s.vectors.Embedder(e)
	case e != nil && alreadyReported(p, err.Error()):
		s.emit(show.Notice{Level: show.Warning,
			Text: "passages are found by their words until the embedding model answers"})
		return s.vectors.Embedder(e)
	// The failure may be temporary, and the index may hold the model's vectors from an earlier run.
	case e != nil && (probe.Err() != nil || llm.Temporary(err)):
		s.emit(show.Notice{Level: show.Warning,
			Text: "the embedding model is busy, passages are found by their words until it answers: " + err.Error()})
		return s.vectors.Embedder(e)
	}
	s.emit(show.Notice{Level: show.Warning, Text: "passages are embedded offline: " + err.Error()})
	return offline
}

// alreadyReported reports whether a text gives as its reason that the provider cannot be reached.
// That problem was announced when the provider was detected.
func alreadyReported(p llm.Provider, text string) bool {
	return p.Problem != "" && strings.Contains(text, p.Problem)
}

// probeTimeout limits how long a server may take to embed a test text. The index is opened only
// afterwards.
const probeTimeout = 3 * time.Second

// reranker returns the reranking model that the settings name, or nil, which ranks by words. A
// remote model needs consent, because it receives passages.
func (s *session) reranker() retrieve.Reranker {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, m := s.provider, s.model
	if m == nil || p.RerankModel == "" || !s.trusted(p) {
		return nil
	}
	if !s.probed { // ask once per provider
		s.probed = true
		r, err := m.Client.Reranker(s.ctx)
		if err != nil {
			s.emit(show.Notice{Level: show.Warning, Text: "passages are reranked by their words: " + err.Error()})
			return nil
		}
		s.rerank = ranker{r}
	}
	return s.rerank
}

// A ranker adapts a reranking model to [retrieve.Reranker].
type ranker struct{ *llm.Reranker }

// Rerank returns the model's score of each hit, in the order of hits.
func (r ranker) Rerank(ctx context.Context, question string, hits []retrieve.Hit) ([]float64, error) {
	texts := make([]string, len(hits))
	for i, h := range hits {
		texts[i] = h.Text
	}
	ranked, err := r.Reranker.Rerank(ctx, question, texts, 0)
	if err != nil {
		return nil, err
	}
	scores := make([]float64, len(hits))
	for _, x := range ranked {
		scores[x.Index] = x.Score
	}
	return scores, nil
}
