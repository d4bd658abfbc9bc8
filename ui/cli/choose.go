package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/rag/llm"
	"weft/ui/explorer"
)

// Choices returns, for each use of a model, the models that the provider offers.
func (s *session) Choices() []explorer.Choice {
	_, err := s.detect(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	var profiles []explorer.Choice
	st := cmp.Or(s.profiled, s.settings)
	if names := slices.Sorted(maps.Keys(st.profiles)); len(names) > 0 {
		current := cmp.Or(st.Profile.value, llm.NoModel)
		profiles = []explorer.Choice{{ID: profileChoice, Title: "the profile: provider, key and models",
			Options: append([]string{llm.NoModel}, names...), Current: current}}
	}
	if err != nil || s.model == nil {
		return profiles
	}
	var models []string
	for _, m := range s.provider.Models {
		models = append(models, m.ID)
	}
	none := append([]string{llm.NoModel}, models...)
	// Show the models in use, not those configured: a remote model is used only after consent.
	embeds, reranks := llm.NoModel, llm.NoModel
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
	return append(profiles, []explorer.Choice{
		{ID: answeringModel, Title: "the model that answers", Options: models, Current: s.provider.ChatModel},
		{ID: embeddingModel, Title: "the model that embeds passages", Options: none, Current: embeds},
		{ID: rerankingModel, Title: "the model that reranks passages", Options: none, Current: reranks},
	}...)
}

// profileChoice is the identifier of the choice of a profile.
const profileChoice = "profile"

// chooseProfile uses another profile from now on and at the next start.
func (s *session) chooseProfile(name string) error {
	s.mu.Lock()
	before := s.provider.EmbedModel
	st, err := s.settings.withProfile(name)
	if err == nil {
		s.profiled = st
		s.choices.endSession()
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := rememberProfile(st, name); err != nil {
		return fmt.Errorf("the profile could not be remembered: %w", err)
	}
	if _, err := s.detect(s.ctx); err != nil {
		return err
	}
	s.mu.Lock()
	after := s.provider.EmbedModel
	s.mu.Unlock()
	if after != before {
		s.reembed()
		return nil
	}
	s.emit(show.Notice{Level: show.Info, Text: "profile: " + cmp.Or(name, llm.NoModel)})
	return nil
}

// Choose selects a model for a use, now and at the next start. A new embedding model embeds all
// passages again in the background, while questions are still answered.
func (s *session) Choose(id, option string) error {
	if id == profileChoice {
		if option == llm.NoModel {
			option = ""
		}
		return s.chooseProfile(option)
	}
	s.mu.Lock()
	endpoint, st := s.provider.Endpoint, cmp.Or(s.profiled, s.settings)
	s.mu.Unlock()
	unsaved := s.choices.choose(endpoint, id, option)
	if _, err := s.detect(s.ctx); err != nil {
		return err
	}
	text, level := strings.ReplaceAll(id, "_", " ")+": "+option, show.Info
	if unsaved != nil {
		text, level = text+", until weft ends: it could not be remembered: "+unsaved.Error(), show.Warning
	} else if named, from := st.named(id); from.origin >= fromConfig && named != option {
		text += ", until weft ends: " + from.String() + " names " + named
	}
	s.emit(show.Notice{Level: level, Text: text})
	if id == embeddingModel {
		s.reembed()
	}
	return nil
}
