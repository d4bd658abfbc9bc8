package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"weft/rag/llm"
	"weft/rag/llm/dialect"
)

func TestSizeOfANonemptyIndexIsNotZero(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0.0 KB", 60: "0.1 KB", 42_400: "42.4 KB", 99_900: "99.9 KB", 100_000: "0.1 MB", 73_400_000: "73.4 MB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d bytes are %s, want %s", bytes, got, want)
		}
	}
}

func TestDoctorShowsWhatWasLearnedAndForgetsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dialects.json")
	store := dialect.NewStore(path)
	client, err := llm.New(llm.Config{BaseURL: "http://127.0.0.1:1/v1", Model: "large", DecideModel: "small", Dialects: store}, nil)
	if err != nil {
		t.Fatal(err)
	}
	learned := map[dialect.Trait]string{
		dialect.System: dialect.Refused, dialect.Streaming: dialect.Refused, dialect.LimitName: "max_completion_tokens",
		dialect.MaxOutput: "1024", dialect.Temperature: dialect.Refused, dialect.StreamUsage: dialect.Refused,
		dialect.Stops: dialect.Refused, dialect.Effort: dialect.Refused, dialect.Template: dialect.Refused,
		dialect.Reasoning: "900", dialect.Unopened: "</think>", dialect.Context: "4096",
		dialect.Tools: dialect.Unasked, dialect.ToolList: dialect.Refused, dialect.Counting: "unreliable",
	}
	for trait, value := range learned {
		client.Dialect("large").Learn(trait, value, "it said so")
	}
	client.Dialect("small").Learn(dialect.Context, "2048", "it said so")
	var b strings.Builder
	showDialects(&b, client)
	for trait, value := range learned {
		if line := fmt.Sprintf("learned %-20s %-24s it said so", trait, value); !strings.Contains(b.String(), line) {
			t.Errorf("%q is missing:\n%s", line, b.String())
		}
	}
	if !strings.Contains(b.String(), "learned about small: context") || !strings.Contains(b.String(), "--reset") {
		t.Errorf("%s", b.String())
	}
	if err := store.Reset(""); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if showDialects(&b, client); b.Len() > 0 || len(dialect.NewStore(path).Dialect(dialect.Model{Endpoint: "http://127.0.0.1:1/v1", Name: "large"}).Facts()) > 0 {
		t.Errorf("after a reset:\n%s", b.String())
	}
}
