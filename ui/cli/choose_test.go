package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
	"weft/rag/retrieve"
)

// waitForNotice waits until the session has announced a notice that contains a text.
func waitForNotice(t *testing.T, s *session, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), noticeTimeout)
	defer cancel()
	for r := range s.life.Records(ctx, 0) {
		if n, ok := r.Payload.(show.Notice); ok && strings.Contains(n.Text, text) {
			return
		}
	}
	t.Fatalf("never reported: %s", text)
}

func TestEachUseHasItsOwnModel(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	_, url := fakeopenai.Start(t, "", "chat-one", "chat-two", "embed-one", "embed-two")
	s := begin(t, map[string]string{"OPENAI_BASE_URL": url, "WEFT_EMBEDDING_MODEL": "embed-one"}, dir)
	<-s.corpus.built
	current := func() string {
		var all []string
		for _, c := range driving(s).Choices() {
			all = append(all, c.ID+"="+c.Current)
		}
		return strings.Join(all, " ")
	}
	if got, want := current(), "model=chat-one embedding_model=embed-one rerank_model=none"; got != want {
		t.Fatalf("the models in use are %s, want %s", got, want)
	}

	if err := driving(s).Choose("model", "chat-two"); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, s, "is a mountain high?"); a.By != "chat-two" {
		t.Errorf("answered by %q, want chat-two", a.By)
	}

	if err := driving(s).Choose("embedding_model", "embed-two"); err != nil {
		t.Fatal(err)
	}
	waitForNotice(t, s, "all passages are embedded by embed-two")
	if st := s.corpus.index.Status(); st.Serving != "embed-two" || st.Vectors != st.Chunks {
		t.Errorf("%d of %d passages are embedded, by %s", st.Vectors, st.Chunks, st.Serving)
	}
	if got, want := current(), "model=chat-two embedding_model=embed-two rerank_model=none"; got != want {
		t.Errorf("the models in use are %s, want %s", got, want)
	}
	if a := ask(t, s, "is a mountain high?"); a.Abstained {
		t.Error("nothing was found with the new vectors")
	}
}

func TestABusyEmbeddingModelDoesNotDelayKeywordSearch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	server, url := fakeopenai.Start(t, "", "chat-one", "embed-one")
	server.Configure("hang=1")
	s := begin(t, map[string]string{"OPENAI_BASE_URL": url, "WEFT_EMBEDDING_MODEL": "embed-one"}, dir)
	ctx, cancel := context.WithTimeout(t.Context(), noticeTimeout)
	defer cancel()
	r, err := s.corpus.retriever(ctx, func(show.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.corpus.built:
		t.Error("the passages are embedded although the model hangs")
	default:
	}
	if hits, err := r.Search(ctx, retrieve.Query{Text: "mountain"}); err != nil || len(hits) != 1 {
		t.Errorf("found %d passages, %v", len(hits), err)
	}
}

func TestRememberedModelsBelongToTheirEndpointAndComeAfterTheSettings(t *testing.T) {
	state := t.TempDir()
	_, one := fakeopenai.Start(t, "", "chat-one", "chat-two", "embed-one")
	_, two := fakeopenai.Start(t, "", "chat-one", "chat-two", "embed-one")
	open := func(env map[string]string) *session {
		t.Helper()
		env["WEFT_STATE"] = state
		s := begin(t, env, t.TempDir())
		if _, err := s.models.detect(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	models := func(s *session) string {
		p, _ := s.models.current()
		return p.ChatModel + " " + p.EmbedModel
	}
	s := open(map[string]string{"OPENAI_BASE_URL": one})
	for id, option := range map[string]string{"model": "chat-two", "embedding_model": "none"} {
		if err := driving(s).Choose(id, option); err != nil {
			t.Fatal(err)
		}
	}
	if got := models(s); got != "chat-two " {
		t.Errorf("after the choice: %s", got)
	}
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"the next start":   {map[string]string{"OPENAI_BASE_URL": one}, "chat-two "},
		"another endpoint": {map[string]string{"OPENAI_BASE_URL": two}, "chat-one embed-one"},
		"a variable":       {map[string]string{"OPENAI_BASE_URL": one, "WEFT_MODEL": "chat-one", "WEFT_EMBEDDING_MODEL": "embed-one"}, "chat-one embed-one"},
	} {
		if got := models(open(c.env)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}

	// A model that the endpoint has no longer is not used.
	write(t, state, "models.json", fmt.Sprintf(`{%q: {"model": "gone"}}`, two))
	if got := models(open(map[string]string{"OPENAI_BASE_URL": two})); got != "chat-one embed-one" {
		t.Errorf("after the model has gone: %s", got)
	}

	// A damaged file remembers nothing, and the next choice replaces it and keeps what it held.
	for i, damage := range []string{"{\"http", "[]"} {
		write(t, state, "models.json", damage)
		s = open(map[string]string{"OPENAI_BASE_URL": one})
		if got := models(s); got != "chat-one embed-one" {
			t.Errorf("with a damaged file: %s", got)
		}
		if err := s.models.choices.unread; err == nil || !strings.Contains(err.Error(), "keeps the file as models.json.damaged") {
			t.Errorf("it says %v", err)
		}
		if err := driving(s).Choose("model", "chat-two"); err != nil {
			t.Fatal(err)
		}
		name := []string{"models.json.damaged", "models.json.damaged.2"}[i]
		if kept, err := os.ReadFile(filepath.Join(state, name)); string(kept) != damage {
			t.Errorf("%s holds %q: %v", name, kept, err)
		}
	}
	if got := models(open(map[string]string{"OPENAI_BASE_URL": one})); got != "chat-two embed-one" {
		t.Errorf("after the damaged file was replaced: %s", got)
	}
}

func TestAChoiceThatCannotBeRememberedHoldsUntilTheEndAndSaysSo(t *testing.T) {
	state := t.TempDir()
	_, url := fakeopenai.Start(t, "", "chat-one", "chat-two")
	s := begin(t, map[string]string{"OPENAI_BASE_URL": url, "WEFT_STATE": state}, t.TempDir())
	if _, err := s.models.detect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(state, "models.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := driving(s).Choose("model", "chat-two"); err != nil {
		t.Fatal(err)
	}
	waitForNotice(t, s, "model: chat-two, until weft ends: it could not be remembered")
	if p, _ := s.models.current(); p.ChatModel != "chat-two" {
		t.Errorf("the model is %s", p.ChatModel)
	}
}
