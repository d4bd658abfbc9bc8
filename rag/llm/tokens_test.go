package llm

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/rag/llm/fakeopenai"
)

// languages returns two texts of each kind: one for the server to count, and one whose count is
// then estimated.
func languages(t *testing.T) map[string][2]string {
	t.Helper()
	out := map[string][2]string{}
	for _, name := range []string{"en", "el", "fi", "ja", "hi"} {
		raw, err := os.ReadFile(filepath.Join("testdata", "languages", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		first, second, _ := strings.Cut(string(raw), "---\n")
		out[name] = [2]string{first, second}
	}
	random := rand.NewChaCha8([32]byte{1})
	noise := func() string {
		b := make([]byte, 1200)
		random.Read(b)
		return base64.StdEncoding.EncodeToString(b)
	}
	out["base64"] = [2]string{noise(), noise()}
	return out
}

// manual returns the project's own manual, to train a tokenizer with.
func manual(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var b strings.Builder
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(raw[:min(len(raw), 2500)])
	}
	return b.String()
}

// TestTheEstimateOfTokensFollowsTheServer checks that after one answer the estimate for another
// prompt of the same language is within a tenth of the server's count, for a tokenizer that has
// seen English alone, and for one that has seen all the languages.
func TestTheEstimateOfTokensFollowsTheServer(t *testing.T) {
	texts := languages(t)
	english := manual(t)
	all := english
	for language, pair := range texts {
		if language != "base64" {
			all += strings.Repeat(pair[0]+pair[1], 4)
		}
	}
	prompts, err := LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	for name, tokenizer := range map[string]*fakeopenai.Tokenizer{
		"English":      fakeopenai.TrainTokenizer(english, 500),
		"multilingual": fakeopenai.TrainTokenizer(all, 900),
	} {
		for language, pair := range texts {
			t.Run(name+" "+language, func(t *testing.T) {
				server, base := fakeopenai.Start(t, "", "fake-model")
				server.CountWith(tokenizer.Count)
				c := newClient(t, base, func(c *Config) { c.Context = 100_000 })
				ask := func(text string) (estimated, counted int) {
					d := PromptData{Question: "What does it say?"}
					for i := range 4 {
						d.Passages = append(d.Passages, Passage{Source: fmt.Sprintf("f%d.md:1-9", i), Text: text})
					}
					cfg := c.Config()
					p, err := prompts.Fit(PromptAnswer, d, cfg.Context, cfg.MaxTokens, c.Tokens)
					if err != nil {
						t.Fatal(err)
					}
					estimated = estimatePrompt(c.Dialect("fake-model"), p.Messages)
					got, err := c.Chat(t.Context(), Request{Messages: p.Messages}, nil)
					if err != nil {
						t.Fatal(err)
					}
					return estimated, got.Usage.PromptTokens
				}
				before, counted := ask(pair[0])
				after, second := ask(pair[1])
				t.Logf("before %.2f, after %.2f of %d", float64(before)/float64(counted), float64(after)/float64(second), second)
				if off := float64(after)/float64(second) - 1; off > 0.1 || off < -0.1 {
					t.Errorf("%d tokens are estimated at %d (%+.0f %%); before the first answer, %d at %d", second, after, 100*off, counted, before)
				}
			})
		}
	}
}
