package workflows

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/llm/fakeopenai"
	"weft/rag/rephrase"
)

// pump is a manual that contains the answer of the quirks.
const pump = `# Installing the pump

Open the blue valve before you connect the hose. The pump needs 230 volts and a fuse of 16 ampere.

## Maintenance

Replace the filter every 400 hours. The filter has the part number FP-2231. Grease the bearing once a year.
`

const pumpQuestion = "How often must the filter of the pump be replaced?"

// quoted is part of the extractive answer to pumpQuestion.
const quoted = "No model wrote this"

// A quirkCase is the expected visible result of asking one scripted service.
type quirkCase struct {
	quirk    string
	mark     string // complete, declined, cut off, degraded or failed
	text     string // part of the answer
	sentence string // part of the reason
	calls    int    // of the first question; 0: 1
	second   int    // of the second question; 0: as the first
}

const whole = fakeopenai.QuirkAnswer

var quirkCases = []quirkCase{
	{quirk: "ok", mark: "complete", text: whole},
	{quirk: "slow", mark: "complete", text: whole},

	{quirk: "think", mark: "complete", text: whole},
	{quirk: "think-noopen", mark: "complete", text: whole},
	{quirk: "think-unusual", mark: "complete", text: whole},
	{quirk: "think-inline", mark: "complete", text: whole},
	{quirk: "think-thinking", mark: "complete", text: whole},
	{quirk: "think-thought", mark: "complete", text: whole},
	{quirk: "think-magistral", mark: "complete", text: whole},
	{quirk: "think-harmony", mark: "complete", text: whole},
	{quirk: "reasoning-content", mark: "complete", text: whole},
	{quirk: "reasoning-details", mark: "complete", text: whole},
	{quirk: "reasoning-only", mark: "degraded", text: quoted, sentence: "the model reasoned but gave no answer", calls: 2},
	{quirk: "long-think", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "content-array", mark: "complete", text: whole},
	{quirk: "content-array-think", mark: "complete", text: whole},

	{quirk: "azure-filter", mark: "complete", text: whole},
	{quirk: "delta-missing", mark: "complete", text: whole},
	{quirk: "multi-data", mark: "complete", text: whole},
	{quirk: "crlf-nospace", mark: "complete", text: whole},
	{quirk: "bom-gzip", mark: "complete", text: whole},
	{quirk: "surrogates", mark: "complete", text: "400 hours 😀 [1]"},
	{quirk: "big-chunk", mark: "degraded", text: quoted, sentence: "longer than 1 MB"},
	{quirk: "repeat", mark: "cut off", text: "the filter the filter", sentence: "the model only repeated itself"},
	{quirk: "ansi", mark: "complete", text: "evil [1]"},
	{quirk: "empty", mark: "degraded", text: quoted, sentence: "the model gave an empty answer", calls: 2},
	{quirk: "decline", mark: "declined", text: "The passages do not contain the answer."},

	{quirk: "nofinish-done", mark: "complete", text: whole},
	{quirk: "finish-empty", mark: "complete", text: whole},
	{quirk: "finish-nodone", mark: "complete", text: whole},
	{quirk: "finish-STOP", mark: "complete", text: whole},
	{quirk: "finish-model_length", mark: "cut off", text: "Replace the", sentence: "the limit of 2048 tokens"},
	{quirk: "finish-max_tokens", mark: "cut off", text: "Replace the", sentence: "the limit of 2048 tokens"},
	{quirk: "finish-error", mark: "cut off", text: "Replace the", sentence: `the server ended it: "error"`},
	{quirk: "finish-tool", mark: "degraded", text: quoted, sentence: "asked for a tool", calls: 2},
	{quirk: "tool-unless-told", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "finish-tool-text", mark: "cut off", text: whole, sentence: "asked for a tool"},
	{quirk: "finish-done-word", mark: "complete", text: whole},
	{quirk: "midstream-error", mark: "cut off", text: "Replace the filter", sentence: "Provider disconnected unexpectedly"},

	{quirk: "usage-cached", mark: "complete", text: whole},
	{quirk: "usage-uncached", mark: "complete", text: whole},
	{quirk: "usage-each", mark: "complete", text: whole},
	{quirk: "usage-string", mark: "complete", text: whole},

	{quirk: "cite-interval", mark: "complete", text: "400 hours [1]"},
	{quirk: "cite-none", mark: "complete", text: "400 hours"},
	{quirk: "cite-path", mark: "complete", text: "400 hours [1]"},
	{quirk: "cite-src", mark: "complete", text: "400 hours [1]"},
	{quirk: "cite-wrong", mark: "complete", text: "99 months"},
	{quirk: "sources-list", mark: "complete", text: whole},

	{quirk: "nosystem-o1", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "nosystem-gemma", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "gpt5", mark: "complete", text: whole, calls: 3, second: 1},
	{quirk: "maxtok-toolarge", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "extra-forbidden", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "nostream-org", mark: "complete", text: whole, calls: 2, second: 1},

	{quirk: "gemini-503", mark: "degraded", text: quoted, sentence: "503 not ready at ", calls: 4},
	{quirk: "err-first-429", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "err-first-503", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "429-date", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "429-frac", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "429-hour", mark: "degraded", text: quoted, sentence: "Daily limit reached; it asks to wait 1h0m0s"},
	{quirk: "gemini-429", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "529", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "500-once", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "524", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "408", mark: "complete", text: whole, calls: 2, second: 1},

	{quirk: "413-groq", mark: "degraded", text: quoted, sentence: "set the context to 6000 tokens; it says: Request too large", calls: 4, second: 3},
	{quirk: "overflow", mark: "complete", text: whole, calls: 2, second: 1},

	{quirk: "gemini-badkey", mark: "failed", sentence: "check the key; it says: API key not valid"},
	{quirk: "key-expired", mark: "failed", sentence: "check the key; it says: The API key has expired."},
	{quirk: "region", mark: "failed", sentence: "forbid the request (403): Country, region, or territory not supported"},
	{quirk: "err-code-200", mark: "failed", sentence: `does not have the model "err-code-200" (400): choose another one, and check the base URL: Invalid model`},
	{quirk: "minimax", mark: "failed", sentence: "has no credit left: insufficient balance"},
	{quirk: "mistral-detail", mark: "failed", sentence: "Unauthorized: the key was revoked"},
	{quirk: "azure-filter-400", mark: "failed", sentence: "forbid the request (400): The response was filtered"},
	{quirk: "responses-only", mark: "failed", sentence: "This model is only supported in v1/responses"},
	{quirk: "403-model", mark: "failed", sentence: "does not have access to model `gpt-5`"},
	{quirk: "403-moderation", mark: "failed", sentence: `your input was flagged for "violence"`},
	{quirk: "403-cloudflare", mark: "failed", sentence: `it sent the page "Attention Required! | Cloudflare"`},
	{quirk: "402", mark: "failed", sentence: "has no credit left (402): Insufficient Balance"},
	{quirk: "429-quota", mark: "failed", sentence: "You exceeded your current quota"},
	{quirk: "redirect", mark: "failed", sentence: "it redirects to http://elsewhere.test/v2/chat/completions"},

	{quirk: "choices-empty", mark: "degraded", text: quoted, sentence: "the model gave an empty answer", calls: 2},
	{quirk: "choices-null", mark: "complete", text: whole},
	{quirk: "content-null", mark: "complete", text: whole},
	{quirk: "usage-first", mark: "complete", text: whole},
	{quirk: "usage-null", mark: "complete", text: whole},
	{quirk: "content-parts", mark: "complete", text: whole},
	{quirk: "output-text", mark: "complete", text: whole},
	{quirk: "stream-ignored", mark: "complete", text: whole},
	{quirk: "stream-ignored-parts", mark: "complete", text: whole},

	{quirk: "no-blank-lines", mark: "complete", text: whole},
	{quirk: "bom-crlf", mark: "complete", text: whole},
	{quirk: "cut-runes", mark: "complete", text: "Grüße: 400 hours € [1]"},
	{quirk: "no-end", mark: "cut off", text: whole, sentence: "the stream ended without a finish reason"},

	{quirk: "tool-text", mark: "degraded", text: quoted, sentence: "asked for a tool", calls: 2},
	{quirk: "tool-text-mistral", mark: "degraded", text: quoted, sentence: "asked for a tool", calls: 2},
	{quirk: "tool-text-function", mark: "degraded", text: quoted, sentence: "asked for a tool", calls: 2},
	{quirk: "tool-text-thought", mark: "degraded", text: quoted, sentence: "asked for a tool", calls: 2},
	{quirk: "tool-text-told", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "tool-text-after", mark: "cut off", text: whole, sentence: "asked for a tool"},

	{quirk: "reasoning-field", mark: "complete", text: whole},
	{quirk: "thinking-field", mark: "complete", text: whole},
	{quirk: "reasoning-twice", mark: "complete", text: whole},
	{quirk: "think-empty", mark: "complete", text: whole},
	{quirk: "think-unclosed", mark: "degraded", text: quoted, sentence: "the model reasoned but gave no answer", calls: 2},
	{quirk: "harmony-bare", mark: "complete", text: whole},

	{quirk: "json-fenced", mark: "complete", text: "Replace the filter every 400 hours"},

	{quirk: "html-200", mark: "failed", sentence: "a web page"},
	{quirk: "error-text", mark: "degraded", text: quoted, sentence: "the model crashed", calls: 3},
	{quirk: "error-event", mark: "degraded", text: quoted, sentence: "the backend went away", calls: 3},
	{quirk: "error-late", mark: "cut off", text: "Replace the filter", sentence: "the model crashed"},
	{quirk: "code-200", mark: "degraded", text: quoted, sentence: "the backend went away", calls: 3},

	{quirk: "402-afford", mark: "failed", sentence: "has no credit left (402): This request requires more credits"},
	{quirk: "403-quota", mark: "failed", sentence: "has no credit left (403): You have exceeded your monthly included credits"},
	{quirk: "403-billing", mark: "failed", sentence: "requires billing to be enabled"},
	{quirk: "429-ms", mark: "complete", text: whole, calls: 2, second: 1},

	{quirk: "413-page", mark: "degraded", text: quoted, sentence: "longer than the context", calls: 3},
	{quirk: "overflow-openai", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-anthropic", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-gemini", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-tgi", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-window", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-vllm", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-mistral", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-lmstudio", mark: "complete", text: whole, calls: 2, second: 1},
	{quirk: "overflow-bedrock", mark: "complete", text: whole, calls: 2},
}

// A seen is the visible part of an answer: its mark, its text, and the reason shown with it.
type seen struct {
	mark, text, sentence string
	calls                int
}

// TestEveryQuirkHasAnAnswerOrAReason asks a question of each scripted service, through the whole
// path of the workflow rag, and then the same question again in the same session: the learned
// dialect must not make the second answer worse than the first.
func TestEveryQuirkHasAnAnswerOrAReason(t *testing.T) {
	t.Parallel()
	search := pumpCorpus(t)
	tested := map[string]bool{}
	for _, c := range quirkCases {
		tested[c.quirk] = true
		t.Run(c.quirk, func(t *testing.T) {
			server, base := fakeopenai.Start(t, "", c.quirk)
			wf := quirkWorkflow(t, search, base, c.quirk, nil)
			calls := max(c.calls, 1)
			second := c.second
			if second == 0 {
				second = calls
			}
			for n, calls := range []int{calls, second} {
				got := look(t, wf, server)
				if got.mark != c.mark || !strings.Contains(got.text, c.text) || !strings.Contains(got.sentence, c.sentence) || got.calls != calls {
					t.Errorf("question %d:\n got %+v\nwant %+v %d", n+1, got, c, calls)
				}
				if got.mark != "complete" && got.mark != "declined" && got.sentence == "" {
					t.Errorf("question %d: no reason is shown for the mark %s", n+1, got.mark)
				}
			}
		})
	}
	for _, q := range fakeopenai.Quirks() {
		if !tested[q] {
			t.Errorf("the quirk %s is not tested", q)
		}
	}
}

// pumpCorpus returns a search over the manual of the pump.
func pumpCorpus(t *testing.T) Search {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pump.md"), []byte(pump), 0o600); err != nil {
		t.Fatal(err)
	}
	return corpus(t, dir)
}

// quirkWorkflow returns the workflow rag with a model at an address. A nil transport means the
// usual one.
func quirkWorkflow(t *testing.T, search Search, base, model string, transport http.RoundTripper) *Workflow {
	t.Helper()
	prompts, err := llm.LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	client, err := llm.New(llm.Config{BaseURL: base, Model: model, Key: llm.NewKey("sk-test"), Context: 16384,
		Retry: llm.Retry{Wait: time.Millisecond, MaxWait: 5 * time.Millisecond}}, transport)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return RAG(Parts{Search: search, Model: &answer.Model{Client: client, Prompts: prompts}})
}

// look asks the question once and returns the visible part of the answer.
func look(t *testing.T, wf *Workflow, server *fakeopenai.Server) seen {
	t.Helper()
	before := server.Stats().Requests
	a, records, err := run(t, wf, Question{Text: pumpQuestion})
	got := seen{mark: "complete", text: a.Text, calls: server.Stats().Requests - before}
	switch {
	case err != nil:
		got.mark, got.sentence = "failed", err.Error()
	case a.CutOff != "":
		got.mark, got.sentence = "cut off", a.CutOff
	case a.Degraded != "":
		got.mark, got.sentence = "degraded", a.Degraded
	case a.Abstained:
		got.mark = "declined"
	}
	if n := repeated(records); n != got.calls {
		t.Errorf("the timeline shows %d requests, there were %d", n, got.calls)
	}
	streamed := ""
	for _, d := range of[show.Delta](records) {
		if d.Restart {
			streamed = ""
		}
		streamed += d.Text
	}
	if strings.Contains(streamed, "the user asks") || strings.Contains(streamed, "is mentioned") {
		t.Errorf("reasoning is streamed as the answer: %q", streamed)
	}
	if strings.Contains(a.Text, "the user asks") || strings.Contains(a.Text, "is mentioned") || strings.Contains(a.Text, "think") {
		t.Errorf("reasoning is in the answer: %q", a.Text)
	}
	return got
}

// repeated returns how many requests the timeline shows: those that began, and their repetitions.
func repeated(records []flow.Record) (n int) {
	for _, c := range of[show.ModelCall](records) {
		if c.Operation == "chat" && (c.State == show.CallQueued || c.State == show.CallRetry) {
			n++
		}
		if c.State == show.CallRetry && c.Reason == "" {
			n += 1000 // a repetition without a reason fails the test
		}
	}
	return n
}

// TestReasoningDecidesNothing lets the model reply to the condense step with its reasoning. The
// condensed question must still be about the typed one.
func TestReasoningDecidesNothing(t *testing.T) {
	for _, reply := range []string{
		"Okay, the user asks about the pump. They want to know the part number.",
		"Okay, the user asks about the pump.\n</think>\n\nWhat is the part number of the filter?",
		"The user wants the part number of the filter.",
	} {
		p, server := scripted(t, reply)
		conversation := []rephrase.Turn{{Question: "How do I cancel a run?", Answer: cancelKey + " The filter has a part number."}}
		_, records, err := run(t, RAG(p), Question{Text: "and the part number of it?", Conversation: conversation})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range of[Asked](records) {
			if strings.Contains(a.Question, "user") || !strings.Contains(a.Question, "part number") {
				t.Errorf("%q was understood as %q", reply, a.Question)
			}
		}
		if n := server.Stats().Requests; n < 1 {
			t.Errorf("%d requests", n)
		}
	}
}

// TestErrorsThatAPersonMustFixFailEveryWorkflow checks that a refused key fails the run. A fallback
// to an answer without the model would hide the problem.
func TestErrorsThatAPersonMustFixFailEveryWorkflow(t *testing.T) {
	for _, make := range []func(Parts) *Workflow{RAG, Streaming, Refine, Parallel} {
		p, server := scripted(t)
		server.Configure("api_key=other")
		wf := make(p)
		if a, _, err := run(t, wf, Question{Text: "How do I cancel a run?"}); err == nil || !strings.Contains(err.Error(), "a key is needed (401)") {
			t.Errorf("%s: %v\n%s", wf.Name(), err, fmt.Sprint(a))
		}
	}
}
