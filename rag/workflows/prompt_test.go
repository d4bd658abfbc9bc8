package workflows

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/llm/fakeopenai"
	"weft/rag/rephrase"
)

const lampQuestion = "which oil burns in the lamp?"

// lamps returns a search over dated documents that answer lampQuestion equally well.
func lamps(t *testing.T) Search {
	t.Helper()
	dir := t.TempDir()
	for i := range 30 {
		text := fmt.Sprintf("---\ndate: 2025-03-%02d\n---\n# Tower %d\n\nThe lamp of tower number %d burns %s oil. %s\n",
			i+1, i, i, []string{"colza", "whale", "olive"}[i%3], strings.Repeat(fmt.Sprintf("Its keeper noted visit %d. ", i*7), 20))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.md", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return corpus(t, dir)
}

// withModel returns parts with a scripted model that has a context of so many tokens.
func withModel(t *testing.T, search Search, context int) (Parts, *fakeopenai.Server) {
	t.Helper()
	server, base := fakeopenai.Start(t, "say=Colza+oil+[1].", "tiny-chat")
	client, err := llm.New(llm.Config{BaseURL: base, Model: "tiny-chat", Context: context, Retry: llm.Retry{Attempts: 1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	prompts, err := llm.LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	return Parts{Search: search, Model: &answer.Model{Client: client, Prompts: prompts}}, server
}

func TestAPromptHasAsManyPassagesAsContextAndScoresJustify(t *testing.T) {
	search := lamps(t)
	for _, make := range []func(Parts) *Workflow{RAG, Parallel, Streaming, Refine} {
		given := map[int]int{}
		for _, context := range []int{700, 2000, 32000} {
			p, _ := withModel(t, search, context)
			a, records, err := run(t, make(p), Question{Text: lampQuestion})
			if err != nil {
				t.Fatal(err)
			}
			sent := of[show.Prompt](records)[0]
			if sent.Tokens+sent.Reserve > context {
				t.Errorf("%s: a prompt of %d tokens and a reserve of %d for a context of %d", make(p).Name(), sent.Tokens, sent.Reserve, context)
			}
			given[context] = len(a.Sources)
		}
		if name := make(Parts{}).Name(); given[700] >= topK || given[2000] <= given[700] || given[32000] != candidates {
			t.Errorf("%s: the numbers of passages for each context are %v", name, given)
		}
	}
	p, server := withModel(t, search, 32000)
	if a, _, err := run(t, RAG(p), Question{Text: "which oil burns in the lamp of tower number 7 with the visit 49?"}); err != nil || len(a.Sources) > topK+3 {
		t.Errorf("one passage fits best, and %d are sent: %v", len(a.Sources), err)
	}
	server.Configure("status=500")
	if a, _, err := run(t, RAG(p), Question{Text: lampQuestion}); err != nil || a.Degraded == "" || len(a.Sources) != topK {
		t.Errorf("without the model: %d sources, %v", len(a.Sources), err)
	}
	if a, _, err := run(t, RAG(Parts{Search: search}), Question{Text: lampQuestion}); err != nil || len(a.Sources) != topK {
		t.Errorf("offline: %d sources, %v", len(a.Sources), err)
	}
}

func TestAPromptSaysHowOldItsPassagesAre(t *testing.T) {
	p, _ := withModel(t, lamps(t), 8000)
	a, records, err := run(t, RAG(p), Question{Text: "which oil burns in the lamp of tower number 4?"})
	if err != nil {
		t.Fatal(err)
	}
	if sent := of[show.Prompt](records)[0].Messages[1].Content; !strings.Contains(sent, "04.md:4-6 › Tower 4 (dated 2025-03-05)\n") {
		t.Errorf("the prompt is:\n%s", sent)
	}
	if a.Sources[0].Date != "2025-03-05" {
		t.Errorf("the first source is %+v", a.Sources[0])
	}
}

// TestAPromptHasBlocksWhole checks that a passage from the middle of a long table is sent and shown
// with the table's header and its headings, and code with the sentence that announces it.
func TestAPromptHasBlocksWhole(t *testing.T) {
	dir := t.TempDir()
	table := "# Piers\n\n## Berths of the piers\n\n| Berth | Depth | Warden |\n|---|---|---|\n"
	for i := range 200 {
		table += fmt.Sprintf("| Berth %03d | %d.5 m | %s |\n", i, i%7+2, []string{"Aino", "Ossi", "Veera"}[i%3])
	}
	code := "# Bells\n\n## Ringing\n\nBefore fog the bell is rung by this command:\n\n```sh\nbell ring --times 3\n```\n"
	for name, text := range map[string]string{"piers.md": table, "bells.md": code} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, _ := withModel(t, corpus(t, dir), 8000)
	for question, want := range map[string]string{
		"who is the warden of berth 151?":           "| Berth | Depth | Warden |\n|---|---|---|\n| Berth 1",
		"by which command is the bell rung in fog?": "by this command:\n\n```sh\nbell ring --times 3\n```",
	} {
		a, records, err := run(t, RAG(p), Question{Text: question})
		if err != nil {
			t.Fatal(err)
		}
		sent := of[show.Prompt](records)[0].Messages[1].Content
		if !strings.Contains(sent, want) {
			t.Errorf("%q is not in the prompt:\n%s", want, sent)
		}
		if !slices.ContainsFunc(a.Sources, func(s show.Source) bool { return strings.Contains(s.Text, want) }) {
			t.Errorf("%q is in no source", want)
		}
		if strings.HasPrefix(want, "|") && !strings.Contains(sent, "› Piers › Berths of the piers\n~~~~\n"+want) {
			t.Errorf("the headings are not above the rows:\n%s", sent)
		}
	}
}

// TestAPromptHasTheConversation checks that the model sees the turns before a question, without
// the numbers of their sources, and within a share of its context.
func TestAPromptHasTheConversation(t *testing.T) {
	conversation := []rephrase.Turn{
		{Question: "Who keeps tower number 4?", Answer: "Its keeper is Ane Holm [2]. " + strings.Repeat("She notes each visit. ", 300)},
		{Question: "When was it built?", Answer: "It was built in 1887 [1], `argv[1]`. " + strings.Repeat("Stones came by ship. ", 300)},
	}
	for _, make := range []func(Parts) *Workflow{RAG, Simple} {
		for _, context := range []int{1500, 32000} {
			p, server := withModel(t, lamps(t), context)
			server.Script("say=Which+oil+burns+in+the+lamp+of+tower+number+4?")
			_, records, err := run(t, make(p), Question{Text: "and which oil burns in its lamp?", Conversation: conversation})
			if err != nil {
				t.Fatal(err)
			}
			prompts := of[show.Prompt](records)
			last := prompts[len(prompts)-1]
			sent := last.Messages[len(last.Messages)-1].Content
			for _, want := range []string{"user: Who keeps tower number 4?\nassistant: Its keeper is Ane Holm. She", "user: When was it built?\n", "assistant: It was built in 1887, `argv[1]`. Stones", "…\n"} {
				if !strings.Contains(sent, want) {
					t.Errorf("context %d: the prompt lacks %q:\n%s", context, want, sent)
				}
			}
			_, from, _ := strings.Cut(sent, "The conversation so far:")
			if n := llm.Tokens(from); n > context/6+100 || last.Tokens+last.Reserve > context {
				t.Errorf("context %d: the conversation has %d tokens, the prompt %d", context, n, last.Tokens)
			}
		}
	}
}
