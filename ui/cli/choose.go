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
func (e *engine) Choices() []explorer.Choice { return e.s.models.offered(e.s.corpus.embedding) }

// offered returns the profiles and, for each use of a model, the models that the provider offers.
// embedding returns the name of the model that embeds passages.
func (m *models) offered(embedding func() string) []explorer.Choice {
	_, err := m.detect(m.ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	var profiles []explorer.Choice
	st := m.present()
	if names := slices.Sorted(maps.Keys(st.profiles)); len(names) > 0 {
		current := cmp.Or(st.Profile.value, llm.NoModel)
		profiles = []explorer.Choice{{ID: profileChoice, Title: "the profile: provider, key and models",
			Options: append([]string{llm.NoModel}, names...), Current: current}}
	}
	if err != nil || m.model == nil {
		return profiles
	}
	var names []string
	for _, offered := range m.provider.Models {
		names = append(names, offered.ID)
	}
	none := append([]string{llm.NoModel}, names...)
	// Show the models in use, not those configured: a remote model is used only after consent.
	embeds, reranks := embedding(), llm.NoModel
	if !slices.Contains(names, embeds) {
		embeds = llm.NoModel
	}
	if m.rerank != nil {
		reranks = m.provider.RerankModel
	}
	return append(profiles, []explorer.Choice{
		{ID: answeringModel, Title: "the model that answers", Options: names, Current: m.provider.ChatModel},
		{ID: embeddingModel, Title: "the model that embeds passages", Options: none, Current: embeds},
		{ID: rerankingModel, Title: "the model that reranks passages", Options: none, Current: reranks},
	}...)
}

// profileChoice is the identifier of the choice of a profile.
const profileChoice = "profile"

// Choose selects a model for a use, now and at the next start. A new embedding model embeds all
// passages again in the background, while questions are still answered.
func (e *engine) Choose(id, option string) error {
	reembed, err := false, error(nil)
	if id == profileChoice {
		if option == llm.NoModel {
			option = ""
		}
		reembed, err = e.s.models.useProfile(option)
	} else {
		reembed, err = id == embeddingModel, e.s.models.use(id, option)
	}
	if err == nil && reembed {
		e.s.corpus.reembed()
	}
	return err
}

// useProfile uses another profile from now on and at the next start, and reports whether another
// model embeds passages then.
func (m *models) useProfile(name string) (reembed bool, err error) {
	m.mu.Lock()
	before := m.provider.EmbedModel
	st, err := m.settings.withProfile(name)
	if err == nil {
		m.profiled = st
		m.choices.endSession()
	}
	m.mu.Unlock()
	if err != nil {
		return false, err
	}
	if err := rememberProfile(st, name); err != nil {
		return false, fmt.Errorf("the profile could not be remembered: %w", err)
	}
	if _, err := m.detect(m.ctx); err != nil {
		return false, err
	}
	if now, _ := m.current(); now.EmbedModel != before {
		return true, nil
	}
	m.emit(show.Notice{Level: show.Info, Text: "profile: " + cmp.Or(name, llm.NoModel)})
	return false, nil
}

// use uses a model for a purpose, which a setting names, from now on and at the next start.
func (m *models) use(setting, name string) error {
	m.mu.Lock()
	endpoint, st := m.provider.Endpoint, m.present()
	m.mu.Unlock()
	unsaved := m.choices.choose(endpoint, setting, name)
	if _, err := m.detect(m.ctx); err != nil {
		return err
	}
	text, level := strings.ReplaceAll(setting, "_", " ")+": "+name, show.Info
	if unsaved != nil {
		text, level = text+", until weft ends: it could not be remembered: "+unsaved.Error(), show.Warning
	} else if named, from := st.named(setting); from.origin >= fromConfig && named != name {
		text += ", until weft ends: " + from.String() + " names " + named
	}
	m.emit(show.Notice{Level: level, Text: text})
	return nil
}
