package llm

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"weft/flow/show"
)

// A Model is an entry of a server's model list.
type Model struct {
	ID      string
	Context int // context in tokens, if the server reports it; else 0
}

// modelList is the response to GET /models, with the additions of vLLM, llama.cpp and OpenRouter.
type modelList struct {
	Object string `json:"object"`
	Data   []struct {
		ID            string `json:"id"`
		MaxModelLen   int    `json:"max_model_len"`
		ContextLength int    `json:"context_length"`
		Meta          struct {
			Context int `json:"n_ctx"`
		} `json:"meta"`
	} `json:"data"`
}

// Models returns the server's model list. Success does not prove that the key is valid, because
// some servers do not check it here.
func (c *Client) Models(ctx context.Context) ([]Model, error) {
	ctx, call := c.wire.begin(ctx, "models", "", c.cfg.BaseURL)
	models, err := c.wire.models(ctx, call)
	call.end(err, show.ModelCall{})
	return models, err
}

func (w *wire) models(ctx context.Context, call *call) ([]Model, error) {
	var list modelList
	if err := w.post(ctx, w.cfg.BaseURL+"/models", nil, &list); err != nil {
		return nil, err
	}
	if list.Object != "list" && list.Data == nil {
		return nil, call.fail(NotAPI, "with JSON that is no list of models", nil)
	}
	models := make([]Model, 0, len(list.Data))
	for _, m := range list.Data {
		models = append(models, Model{m.ID, cmp.Or(m.MaxModelLen, m.ContextLength, m.Meta.Context)})
	}
	return models, nil
}

// Words in the names of models that do not chat. Model lists contain only names.
var (
	embedWords  = []string{"embed", "bge-", "bge:", "e5-", "gte-", "minilm", "nomic-bert", "arctic-embed"}
	rerankWords = []string{"rerank"}
	otherWords  = []string{"whisper", "tts", "dall-e", "image", "moderation", "davinci", "babbage",
		"realtime", "transcribe", "audio", "sora", "search-", "-instruct-0914", "codex",
		"computer-use", "deep-research", "clip"}
	// preferred lists the models to prefer if a service offers many: capable enough and cheap.
	preferred = []string{"gpt-5-mini", "gpt-4.1-mini", "gpt-4o-mini", "text-embedding-3-small"}
)

// choose picks the default models of a list: the preferred ones, or else the first whose name fits.
// It returns "" if there is none.
func choose(models []Model) (chat, embed, rerank string) {
	pick := func(serves func(string) bool) string {
		var ids []string
		for _, m := range models {
			if serves(strings.ToLower(m.ID)) {
				ids = append(ids, m.ID)
			}
		}
		for _, p := range preferred {
			if slices.Contains(ids, p) {
				return p
			}
		}
		if len(ids) > 0 {
			return ids[0]
		}
		return ""
	}
	isRerank := func(id string) bool { return containsAny(id, rerankWords) }
	isEmbed := func(id string) bool { return containsAny(id, embedWords) && !isRerank(id) }
	isChat := func(id string) bool { return !isRerank(id) && !isEmbed(id) && !containsAny(id, otherWords) }
	return pick(isChat), pick(isEmbed), pick(isRerank)
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
