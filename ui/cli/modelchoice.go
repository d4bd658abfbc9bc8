package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"weft/rag/llm"
	"weft/rag/statefile"
)

// The settings whose models can be chosen on the screen, by their keys.
const (
	answeringModel = "model"
	embeddingModel = "embedding_model"
	rerankingModel = "rerank_model"
)

// A modelTable holds models by endpoint and setting. [llm.NoModel] is a choice too.
type modelTable map[string]map[string]string

func (t modelTable) set(endpoint, setting, model string) {
	if t[endpoint] == nil {
		t[endpoint] = map[string]string{}
	}
	t[endpoint][setting] = model
}

// modelChoices holds the models that were chosen on the screen. A choice of this session comes before
// everything; one that is remembered from an earlier session comes after flags, environment and config
// file. Each belongs to the endpoint that offered the model.
type modelChoices struct {
	file   string
	unread error // why the file could not be read, or is not used

	mu         sync.Mutex
	session    modelTable
	remembered modelTable // read at the start: what other processes choose later does not count in this one
}

func newModelChoices(st *settings) *modelChoices {
	c := &modelChoices{file: filepath.Join(stateDir(st), "models.json"), session: modelTable{}}
	data, err := readState(c.file)
	if err != nil {
		c.unread = fmt.Errorf("the models that were chosen before, in %s, cannot be read: %w", c.file, err)
	}
	if c.remembered, err = decodeModels(data); err != nil {
		c.unread = fmt.Errorf("the models that were chosen before, in %s, cannot be read: %w: the next choice keeps the file as %s",
			c.file, err, filepath.Base(c.file)+statefile.DamagedSuffix)
	}
	return c
}

// decodeModels returns the content of a file of remembered choices. The table is empty if the file
// is empty or damaged; the error describes the damage.
func decodeModels(data []byte) (modelTable, error) {
	t := modelTable{}
	if len(data) == 0 {
		return t, nil
	}
	if err := json.Unmarshal(data, &t); err != nil || t == nil {
		return modelTable{}, err
	}
	return t, nil
}

// choose chooses the model of a setting at an endpoint, now and for the next start. The choice
// takes effect even if an error says that it cannot be remembered. A damaged file is kept beside
// the new one.
func (c *modelChoices) choose(endpoint, setting, model string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session.set(endpoint, setting, model)
	return statefile.Update(c.file, func(old []byte) ([]byte, error) {
		all, err := decodeModels(old)
		if err != nil {
			if err := statefile.KeepDamaged(c.file, old); err != nil {
				return nil, err
			}
		}
		all.set(endpoint, setting, model)
		data, err := json.MarshalIndent(all, "", "\t")
		return append(data, '\n'), err
	})
}

// endSession ends the precedence of the choices of this session; they are still remembered.
func (c *modelChoices) endSession() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for endpoint, models := range c.session {
		for setting, model := range models {
			c.remembered.set(endpoint, setting, model)
		}
	}
	clear(c.session)
}

// of returns the model that was chosen for a setting at an endpoint in this session, or else the one
// remembered; "" if there is none.
func (c *modelChoices) of(endpoint, setting string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cmp.Or(c.session[endpoint][setting], c.remembered[endpoint][setting])
}

// models returns the models to use at an endpoint: see [llm.Settings].
func (c *modelChoices) models(endpoint string, named llm.Models, listed []llm.Model) llm.Models {
	c.mu.Lock()
	defer c.mu.Unlock()
	pick := func(setting, named string) string {
		model := c.remembered[endpoint][setting]
		gone := len(listed) > 0 && !slices.ContainsFunc(listed, func(m llm.Model) bool { return m.ID == model })
		if gone && model != llm.NoModel {
			model = ""
		}
		return cmp.Or(c.session[endpoint][setting], named, model)
	}
	return llm.Models{Chat: pick(answeringModel, named.Chat), Embed: pick(embeddingModel, named.Embed),
		Rerank: pick(rerankingModel, named.Rerank)}
}

// used returns the remembered choices that a provider uses, by setting.
func (c *modelChoices) used(p llm.Provider) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	uses := map[string]string{answeringModel: p.ChatModel, embeddingModel: cmp.Or(p.EmbedModel, llm.NoModel),
		rerankingModel: cmp.Or(p.RerankModel, llm.NoModel)}
	out := maps.Clone(c.remembered[p.Endpoint])
	maps.DeleteFunc(out, func(setting, model string) bool { return uses[setting] != model })
	return out
}
