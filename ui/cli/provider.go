package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/embed/vectorstore"
	"weft/rag/llm"
	"weft/rag/llm/dialect"
	"weft/rag/retrieve"
)

// models is the provider in use and the models that it has: the one that answers, the one that
// embeds passages and the one that reranks them.
type models struct {
	ctx      context.Context // of the session
	settings *settings       // of the start
	emit     func(any)

	prompts  *llm.Prompts
	dialects *dialect.Store // what was learned about models
	consent  *consents
	choices  *modelChoices
	budget   *answer.Budget     // limits the whole session
	vectors  *vectorstore.Store // of all directories, by the text that was embedded

	mu       sync.Mutex
	provider llm.Provider
	model    *answer.Model // answers; nil: the answer is extractive
	others   []*llm.Client // of models that were asked beside the one in use
	detected bool
	rerank   retrieve.Reranker // the reranker of the provider, if it has one
	probed   bool              // whether the provider was asked for a reranker
	// profiled holds the settings with the profile chosen on the screen; nil: those of the start.
	profiled *settings
	// notUsed says why a server that was found is not used; "": there is none.
	notUsed string
}

// newModels returns the models of a session, which keeps vectors in cache. No provider is looked
// for yet.
func newModels(s *session, prompts *llm.Prompts, cache string) *models {
	st := s.settings
	m := &models{
		ctx: s.ctx, settings: st, emit: s.emit, prompts: prompts,
		dialects: newDialects(st), consent: newConsents(st), choices: newModelChoices(st),
		budget:  &answer.Budget{Of: "session", Tokens: st.SessionTokens.value, Cost: st.SessionCost.value},
		vectors: vectorstore.New(filepath.Join(cache, "vectors"), s.problems.file),
	}
	for _, err := range []error{m.consent.unread, m.choices.unread} {
		if err != nil {
			s.problems.file(err)
		}
	}
	m.dialects.OnError(s.problems.file)
	return m
}

// close ends the connections to the models.
func (m *models) close() {
	if m.model != nil {
		m.model.Client.Close()
	}
	for _, c := range m.others {
		c.Close()
	}
}

// present returns the settings with the chosen profile. The caller holds m.mu.
func (m *models) present() *settings { return cmp.Or(m.profiled, m.settings) }

// current returns the provider that was found last, and its model that answers, if it has one.
func (m *models) current() (llm.Provider, *answer.Model) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.provider, m.model
}

// refusal says why a server that was found is not used; "": there is none.
func (m *models) refusal() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notUsed
}

// detect finds the provider and its models, and announces them if they have changed.
func (m *models) detect(ctx context.Context) (*answer.Model, error) {
	m.mu.Lock()
	st := m.present()
	m.mu.Unlock()
	config, err := st.configured(ctx)
	if err != nil && !st.Offline.value {
		return nil, err
	}
	p, err := llm.Detect(ctx, llm.Settings{
		Offline:  st.Offline.value,
		Flags:    st.endpoint(forWeft),
		Getenv:   st.getenv,
		Config:   config,
		PlainKey: m.consent.allowed,
		Prefer:   m.choices.models,
	})
	if err != nil {
		return nil, err
	}
	notice := ""
	if st.unattended && p.Stranger != "" && !m.consent.allowed(p.Endpoint) {
		notice = fmt.Sprintf("%s was found at %s and runs as %s: it is not used, because nobody can be asked here. Allow it with --allow %s",
			p.Name, p.Endpoint, p.Stranger, p.Endpoint)
		p = llm.Provider{Name: "offline", Source: "default", Tried: p.Tried}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	same := m.detected && p.Endpoint == m.provider.Endpoint && p.ChatModel == m.provider.ChatModel &&
		p.EmbedModel == m.provider.EmbedModel &&
		p.RerankModel == m.provider.RerankModel && p.Name == m.provider.Name && p.Context == m.provider.Context
	m.provider, m.detected = p, true
	if same {
		return m.model, nil
	}
	if m.model != nil {
		m.model.Client.Close()
		m.model = nil
	}
	m.probed, m.rerank = false, nil
	if !p.Offline() {
		cfg := p.Apply(st.llm())
		cfg.Dialects = m.dialects
		client, err := llm.New(cfg, nil)
		if err != nil {
			return nil, err
		}
		m.model = &answer.Model{Client: client, Prompts: m.prompts, Now: time.Now,
			Instructions: strings.TrimSpace(m.settings.Instructions.value)}
		if !p.Local || p.Stranger != "" {
			m.model.Gate = m.consent.gate()
			m.model.Gate.Stranger = p.Stranger
		}
	}
	name := p.Name
	if p.Offline() {
		name = "extractive"
	}
	m.emit(show.Provider{Name: name, Model: p.ChatModel, Endpoint: p.Endpoint, Local: p.Local,
		Embedder: p.EmbedModel, Offline: p.Offline()})
	if prices := st.llm().Prices; !p.Offline() && prices.Input == 0 && prices.Output == 0 &&
		(st.QuestionCost.value > 0 || st.SessionCost.value > 0) {
		m.emit(show.Notice{Level: show.Warning,
			Text: "the limits on costs do not apply to " + p.Name + ": set price_in and price_out"})
	}
	if m.notUsed = notice; notice != "" {
		m.emit(show.Notice{Level: show.Warning, Text: notice})
	}
	if p.Problem != "" {
		m.emit(show.Notice{Level: show.Warning, Text: p.Problem})
	}
	return m.model, nil
}

// trusted reports whether documents may be sent to a provider without asking now.
func (m *models) trusted(p llm.Provider) bool {
	return p.Local && p.Stranger == "" || m.consent.allowed(p.Endpoint)
}

// allowed returns the model that was found last, if documents may be sent to it without asking
// a person; nil: there is none.
func (m *models) allowed() *answer.Model {
	m.mu.Lock()
	p, model := m.provider, m.model
	m.mu.Unlock()
	if model != nil && !m.trusted(p) {
		return nil
	}
	return model
}
