package cli

import (
	"context"
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
	<-s.built
	current := func() string {
		var all []string
		for _, c := range s.Choices() {
			all = append(all, c.ID+"="+c.Current)
		}
		return strings.Join(all, " ")
	}
	if got, want := current(), "model=chat-one embedding_model=embed-one rerank_model=none"; got != want {
		t.Fatalf("the models in use are %s, want %s", got, want)
	}

	if err := s.Choose("model", "chat-two"); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, s, "is a mountain high?"); a.By != "chat-two" {
		t.Errorf("answered by %q, want chat-two", a.By)
	}

	if err := s.Choose("embedding_model", "embed-two"); err != nil {
		t.Fatal(err)
	}
	waitForNotice(t, s, "all passages are embedded by embed-two")
	if st := s.index.Status(); st.Serving != "embed-two" || st.Vectors != st.Chunks {
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
	r, err := waitingSearch{s}.retriever(ctx, func(show.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.built:
		t.Error("the passages are embedded although the model hangs")
	default:
	}
	if hits, err := r.Search(ctx, retrieve.Query{Text: "mountain"}); err != nil || len(hits) != 1 {
		t.Errorf("found %d passages, %v", len(hits), err)
	}
}
