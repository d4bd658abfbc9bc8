package workflows

import (
	"encoding/json"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/eval"
	"weft/rag/llm"
	"weft/rag/llm/fakeopenai"
)

// TestAgentFindsTheRightSourceForMoreQuestions asks the questions of the folders below WEFT_MANUALS,
// with a model of one fixed policy that sees the question and the results of tools only. The right
// source must be found for more questions than by the workflow rag with the same model.
func TestAgentFindsTheRightSourceForMoreQuestions(t *testing.T) {
	root := os.Getenv("WEFT_MANUALS")
	if root == "" {
		if os.Getenv("WEFT_LONG") == "1" {
			t.Fatal("WEFT_MANUALS must name a directory of folders with questions.jsonl and docs")
		}
		t.Skip("WEFT_MANUALS names no directory of manuals")
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "questions.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no questions in %s: %v", root, err)
	}
	server, base := fakeopenai.Start(t, "", "fixed-policy")
	server.Decide(fixedPolicy)
	client, err := llm.New(llm.Config{BaseURL: base, Model: "fixed-policy", Context: 32 << 10}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	prompts, err := llm.LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	asked, onlyAgent, onlyRAG := 0, 0, 0
	found, cited, good := map[string]int{}, map[string]int{}, map[string]int{}
	for _, name := range files {
		questions, err := eval.ReadQuestions(name)
		if err != nil {
			t.Fatal(err)
		}
		p := Parts{Search: corpus(t, filepath.Join(filepath.Dir(name), "docs")), Model: &answer.Model{Client: client, Prompts: prompts}}
		both := []*Workflow{Agent(p), RAG(p)}
		for i := range questions {
			q := &questions[i]
			if !q.Answerable() {
				continue
			}
			asked++
			has := map[string]bool{}
			for _, wf := range both {
				a, _, err := run(t, wf, Question{Text: q.Text})
				if err != nil {
					t.Fatalf("%s: %q: %v", wf.Name(), q.Text, err)
				}
				if slices.ContainsFunc(a.Sources, q.Matches) {
					found[wf.Name()]++
					has[wf.Name()] = true
				}
				if slices.ContainsFunc(a.Sources, func(s show.Source) bool { return s.Cited && q.Matches(s) }) {
					cited[wf.Name()]++
				}
				if eval.Grade(q, a).Mark == eval.Good {
					good[wf.Name()]++
				}
			}
			switch {
			case has["agent"] && !has["rag"]:
				onlyAgent++
			case has["rag"] && !has["agent"]:
				onlyRAG++
			}
		}
	}
	t.Logf("of %d questions the right source is found for %v, cited for %v, and the answer good for %v; only the agent finds it for %d, only rag for %d",
		asked, found, cited, good, onlyAgent, onlyRAG)
	if asked < 60 {
		t.Fatalf("%d questions have an answer: 60 are needed for a significant result", asked)
	}
	if found["agent"] <= found["rag"] {
		t.Errorf("the agent finds the right source for %d questions, rag for %d", found["agent"], found["rag"])
	}
}

// A quotedText is a passage that a prompt or a result quotes.
type quotedText struct {
	number, path, line, heading, text string
}

var quotedPassage = regexp.MustCompile(`(?ms)^\[(\d+)\] ([^\n]*)\n(~{4,})\n(.*?)\n~{4,}$`)

// fixedPolicy is what the scripted model does: search for the question, read around the best two
// passages of different documents, search again with the words that stand out in what it has read,
// and quote the sentences that fit best. Without tools it quotes from the prompt.
func fixedPolicy(body json.RawMessage) string {
	var sent struct {
		Messages []struct{ Role, Content string }
		Tools    []json.RawMessage
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return "status=400"
	}
	question, turns := "", 0
	var passages []quotedText
	for _, m := range sent.Messages {
		if _, after, ok := strings.Cut(m.Content, "Question: "); ok && m.Role == show.RoleUser {
			question = after
		}
		if m.Role == show.RoleAssistant {
			turns++
		}
		for _, found := range quotedPassage.FindAllStringSubmatch(m.Content, -1) {
			place, heading, _ := strings.Cut(found[2], " › ")
			path, lines, _ := strings.Cut(place, ":")
			line, _, _ := strings.Cut(lines, "-")
			passages = append(passages, quotedText{found[1], path, line, heading, found[4]})
		}
	}
	switch {
	case len(sent.Tools) == 0 || turns == 3:
		return "say=" + url.QueryEscape(quoteBest(question, passages))
	case turns == 0:
		return callsOf("search " + arguments("query", question))
	case turns == 1 && len(passages) > 0:
		calls := []string{"read " + arguments("path", passages[0].path, "line", passages[0].line, "lines", "40")}
		for _, p := range passages {
			if p.path != passages[0].path {
				calls = append(calls, "read "+arguments("path", p.path, "line", p.line, "lines", "40"))
				break
			}
		}
		return callsOf(calls...)
	}
	return callsOf("search " + arguments("query", question+" "+strings.Join(standingOut(question, passages), " ")))
}

func arguments(pairs ...string) string {
	fields := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	data, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789äöüß_-", r) })
}

// standingOut returns the four words that most of the passages that share a word with the question
// have most often, and the question has not.
func standingOut(question string, passages []quotedText) []string {
	asked := wordsOf(question)
	count := map[string]int{}
	for _, p := range passages {
		words := wordsOf(p.heading)
		for _, w := range words {
			if len(w) > 4 && !slices.Contains(asked, w) {
				count[w]++
			}
		}
	}
	var all []string
	for w := range count {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	return all[:min(4, len(all))]
}

var sentenceEnd = regexp.MustCompile(`[.!?]\s+|\n\n+`)

// quoteBest quotes the two neighbouring sentences that share most words with the question, each rare
// word weighing more.
func quoteBest(question string, passages []quotedText) string {
	in := map[string]float64{}
	for _, p := range passages {
		have := map[string]bool{}
		for _, w := range wordsOf(p.heading + " " + p.text) {
			if !have[w] {
				in[w]++
			}
			have[w] = true
		}
	}
	best, text := 0.0, "The passages do not say."
	for _, p := range passages {
		sentences := sentenceEnd.Split(p.text, -1)
		for i := range sentences {
			said := strings.Join(sentences[i:min(i+2, len(sentences))], ". ")
			words := wordsOf(p.heading + " " + said)
			score := 0.0
			for _, w := range wordsOf(question) {
				if slices.Contains(words, w) {
					score += math.Log(1 + float64(len(passages))/in[w])
				}
			}
			if score /= math.Sqrt(float64(len(words)) + 8); score > best && strings.TrimSpace(said) != "" {
				best, text = score, strings.TrimSpace(said)+" ["+p.number+"]"
			}
		}
	}
	return text
}
