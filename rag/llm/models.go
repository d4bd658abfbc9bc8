package llm

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/rag/llm/dialect"
)

// A Model is an entry of a server's model list.
type Model struct {
	ID      string
	Context int  // context in tokens, if the server reports it; else 0
	Loaded  bool // in memory, according to the server
	kind    kind
}

// kind is the purpose of a model.
type kind uint8

const (
	kindChat kind = iota
	kindEmbed
	kindRerank
	kindOther // speech, pictures, music, moderation
)

// modelList is the response to GET /models, with the additions of vLLM, llama.cpp, LM Studio,
// OpenRouter, Mistral and Together.
type modelList struct {
	Object string      `json:"object"`
	Data   []listEntry `json:"data"`
}

type listEntry struct {
	ID            string          `json:"id"`
	MaxModelLen   int             `json:"max_model_len"`
	ContextLength int             `json:"context_length"`
	Type          string          `json:"type"`  // "llm", "vlm", "embeddings", "chat", "image" …
	Task          string          `json:"task"`  // "text-generation", "feature-extraction" …
	State         string          `json:"state"` // "loaded", "not-loaded"
	Capabilities  json.RawMessage `json:"capabilities"`
	Status        struct {
		Value string `json:"value"` // "loaded", "unloaded"
	} `json:"status"`
	Architecture struct {
		Output []string `json:"output_modalities"`
	} `json:"architecture"`
	Meta struct {
		Context int `json:"n_ctx"`
	} `json:"meta"`
}

// UnmarshalJSON ignores fields of other types than expected, because services disagree about them.
func (e *listEntry) UnmarshalJSON(data []byte) error {
	type plain listEntry
	err := json.Unmarshal(data, (*plain)(e))
	if isTypeError(err) && e.ID != "" {
		return nil
	}
	return err
}

// plausibleContext returns the first size that can be the context of a chat model, or 0. A list may
// also have placeholders: with a context of 10 tokens no question could be asked.
func plausibleContext(sizes ...int) int {
	for _, n := range sizes {
		if n >= dialect.LeastContext && n <= dialect.MostContext {
			return n
		}
	}
	return 0
}

// model returns the entry as a model. A kind stated by the server takes precedence over one guessed
// from the name.
func (e listEntry) model() Model {
	m := Model{ID: e.ID, Context: plausibleContext(e.MaxModelLen, e.ContextLength, e.Meta.Context),
		Loaded: e.State == "loaded" || e.Status.Value == "loaded", kind: kindByName(e.ID)}
	says := strings.ToLower(e.Type + " " + e.Task)
	var flags map[string]any
	chats, said := false, json.Unmarshal(e.Capabilities, &flags) == nil
	if said {
		chats, said = flags["completion_chat"].(bool)
	}
	switch {
	case containsAny(says, rerankWords):
		m.kind = kindRerank
	case containsAny(says, []string{"embed", "feature-extraction", "sentence-similarity"}):
		m.kind = kindEmbed
	case containsAny(says, []string{"image", "audio", "speech", "transcri", "video", "music", "moderation", "ocr"}) &&
		!strings.Contains(says, "text-to-text"):
		m.kind = kindOther
	case strings.Contains(says, "llm"), strings.Contains(says, "vlm"), strings.Contains(says, "chat"),
		strings.Contains(says, "text-generation"):
		m.kind = kindChat
	case len(e.Architecture.Output) > 0 && !slices.Contains(e.Architecture.Output, "text"):
		m.kind = kindOther
	case said && !chats && m.kind == kindChat:
		m.kind = kindOther
	}
	return m
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
		models = append(models, m.model())
	}
	return models, nil
}

// Substrings of the names of models that are not chat models. Most lists contain only names.
var (
	embedWords  = []string{"embed", "bge-", "bge:", "e5-", "gte-", "minilm", "nomic-bert", "arctic-embed"}
	rerankWords = []string{"rerank", "cross-encoder"}
	otherWords  = []string{"whisper", "tts", "dall-e", "image", "moderation", "davinci", "babbage",
		"realtime", "transcribe", "audio", "sora", "search-", "-instruct-0914", "codex",
		"computer-use", "deep-research", "clip", "music", "lyria", "suno", "imagen", "veo-", "stable-diffusion",
		"sdxl", "flux", "video", "speech", "voice", "kokoro", "piper", "guard", "ocr", "segment", "detection",
		"classifier", "translate-"}
	// preferred lists the models to prefer if a service offers many: capable enough and cheap.
	preferred = []string{"gpt-5-mini", "gpt-4.1-mini", "gpt-4o-mini", "text-embedding-3-small"}
)

func kindByName(id string) kind {
	id = strings.ToLower(id)
	switch {
	case containsAny(id, rerankWords):
		return kindRerank
	case containsAny(id, embedWords):
		return kindEmbed
	case containsAny(id, otherWords):
		return kindOther
	}
	return kindChat
}

// choose picks the default models of a list: one that is loaded, a preferred one, or else the first
// of its kind. It returns "" if there is none.
func choose(models []Model) (chat, embed, rerank string) {
	pick := func(k kind) string {
		var ids []string
		for _, m := range models {
			if m.kind != k {
				continue
			}
			if m.Loaded {
				return m.ID
			}
			ids = append(ids, m.ID)
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
	return pick(kindChat), pick(kindEmbed), pick(kindRerank)
}

// loaded marks the models that Ollama has in memory. Ollama's OpenAI-compatible list lacks this
// information. On an error the list is unchanged.
func (w *wire) loaded(ctx context.Context, models []Model) {
	var running struct {
		Models []struct {
			Name string `json:"name"`
		} `json:"models"`
	}
	base := strings.TrimSuffix(w.cfg.BaseURL, "/v1")
	if err := w.post(ctx, base+"/api/ps", nil, &running); err != nil {
		return
	}
	for _, r := range running.Models {
		for i := range models {
			if models[i].ID == r.Name {
				models[i].Loaded = true
			}
		}
	}
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
