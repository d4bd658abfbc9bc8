package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// embedder returns the embedder for passages: the model that the settings name, or one of a local
// server, or else the offline embedder. A remote model needs consent beforehand, because indexing
// does not stop to ask.
func (m *models) embedder() embed.Embedder {
	offline := embed.NewHashed()
	if _, err := m.detect(m.ctx); err != nil {
		return offline
	}
	m.mu.Lock()
	p, model := m.provider, m.model
	named := m.present().EmbeddingModel.value != "" || m.choices.of(p.Endpoint, embeddingModel) != ""
	m.mu.Unlock()
	if model == nil || p.EmbedModel == "" {
		return offline
	}
	if !m.trusted(p) {
		if named {
			m.emit(show.Notice{Level: show.Warning,
				Text: fmt.Sprintf("passages are embedded offline: to send all documents to %s for embedding, start with --allow %s", p.Endpoint, p.Endpoint)})
		}
		return offline
	}
	probe, cancel := context.WithTimeout(m.ctx, probeTimeout)
	defer cancel()
	e, err := model.Client.Embedder(probe)
	switch {
	case err == nil:
		return m.vectors.Embedder(e)
	case e != nil && alreadyReported(p, err.Error()):
		m.emit(show.Notice{Level: show.Warning,
			Text: "passages are found by their words until the embedding model answers"})
		return m.vectors.Embedder(e)
	// The failure may be temporary, and the index may hold the model's vectors from an earlier run.
	case e != nil && (probe.Err() != nil || llm.Temporary(err)):
		m.emit(show.Notice{Level: show.Warning,
			Text: "the embedding model is busy, passages are found by their words until it answers: " + err.Error()})
		return m.vectors.Embedder(e)
	}
	m.emit(show.Notice{Level: show.Warning, Text: "passages are embedded offline: " + err.Error()})
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
func (m *models) reranker() retrieve.Reranker {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, model := m.provider, m.model
	if model == nil || p.RerankModel == "" || !m.trusted(p) {
		return nil
	}
	if !m.probed { // ask once per provider
		m.probed = true
		r, err := model.Client.Reranker(m.ctx)
		if err != nil {
			m.emit(show.Notice{Level: show.Warning, Text: "passages are reranked by their words: " + err.Error()})
			return nil
		}
		m.rerank = ranker{r}
	}
	return m.rerank
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
