package cli

import (
	"slices"
	"strings"

	"weft/flow/show"
	"weft/ui/explorer"
)

// noModel is the option that selects no model.
const noModel = "none"

// Choices returns, for each use of a model, the models that the provider offers.
func (s *session) Choices() []explorer.Choice {
	if _, err := s.detect(s.ctx); err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.model == nil {
		return nil
	}
	var models []string
	for _, m := range s.provider.Models {
		models = append(models, m.ID)
	}
	none := append([]string{noModel}, models...)
	// Show the models in use, not those configured: a remote model is used only after consent.
	embeds, reranks := noModel, noModel
	select {
	case <-s.opened:
		if s.index != nil && slices.Contains(models, s.index.Embedder().Name()) {
			embeds = s.index.Embedder().Name()
		}
	default:
	}
	if s.rerank != nil {
		reranks = s.provider.RerankModel
	}
	return []explorer.Choice{
		{ID: "model", Title: "the model that answers", Options: models, Current: s.provider.ChatModel},
		{ID: "embedding_model", Title: "the model that embeds passages", Options: none, Current: embeds},
		{ID: "rerank_model", Title: "the model that reranks passages", Options: none, Current: reranks},
	}
}

// Choose selects a model for a use until the session ends. A new embedding model embeds all
// passages again in the background, while questions are still answered.
func (s *session) Choose(id, option string) error {
	if option == noModel {
		option = ""
	}
	s.mu.Lock()
	s.chosen[id] = option
	s.mu.Unlock()
	if _, err := s.detect(s.ctx); err != nil {
		return err
	}
	if id == "embedding_model" {
		s.reembed()
		return nil
	}
	if option == "" {
		option = "none"
	}
	s.emit(show.Notice{Level: show.Info, Text: strings.ReplaceAll(id, "_", " ") + ": " + option})
	return nil
}
