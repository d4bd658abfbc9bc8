package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
)

// lampHome returns a home directory with a config file and documents about the lamps of towers.
func lampHome(t *testing.T, config string) string {
	t.Helper()
	home := t.TempDir()
	docs := filepath.Join(home, "docs")
	if err := os.Mkdir(docs, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, home, "config.toml", config)
	for i := range 12 {
		write(t, docs, fmt.Sprintf("%02d.md", i), fmt.Sprintf(
			"---\ndate: 2025-03-%02d\n---\n# Tower %d\n\nThe lamp of tower number %d burns %s oil. %s\n", i+1, i, i,
			[]string{"colza", "whale", "olive"}[i%3], strings.Repeat(fmt.Sprintf("Its keeper noted visit %d. ", i*7), 12)))
	}
	return home
}

// said is what the program has written, and its exit code.
type said struct {
	out, err string
	code     int
}

// tell runs weft in a home directory with its config.toml, online, with output in pipes.
func tell(t *testing.T, home string, env []string, args ...string) said {
	t.Helper()
	cmd := command(t, home, args...)
	cmd.Env = append(cmd.Env, "WEFT_OFFLINE=false", "WEFT_CONFIG="+filepath.Join(home, "config.toml"))
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return said{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// says returns the script of a server whose next answer has a text.
func says(text string) string { return "say=" + url.QueryEscape(text) }

// prompts returns the text of each prompt that a server has got, and forgets none.
func prompts(t *testing.T, server *fakeopenai.Server) (out []string) {
	t.Helper()
	for _, r := range server.Requests() {
		if !strings.HasSuffix(r.Path, "/chat/completions") {
			continue
		}
		var body struct{ Messages []show.Message }
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, m := range body.Messages {
			text += m.Content + "\n"
		}
		out = append(out, text)
	}
	return out
}

// holds reports the texts that a prompt lacks.
func holds(t *testing.T, what, prompt string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(prompt, text) {
			t.Errorf("%s: the prompt lacks %q:\n%s", what, text, prompt)
		}
	}
}

func TestPromptsHaveTheDateTheInstructionsAndTheConversation(t *testing.T) {
	t.Parallel()
	server, at := fakeopenai.Start(t, "", "tiny-chat")
	home := lampHome(t, "instructions = \"Answer in British English.\"\nbase_url = \""+at+"\"\n")
	day := func() string { return time.Now().Format("Monday, 2 January 2006") }

	before := day()
	server.Script(says("It burns olive oil [1]."))
	first := tell(t, home, nil, "ask", "Which oil burns in the lamp of tower number 5?", "docs")
	got := prompts(t, server)
	if len(got) != 1 || first.code != exitAnswer || !strings.Contains(first.out, "It burns olive oil [1].") {
		t.Fatalf("%d prompts: %+v", len(got), first)
	}
	if !strings.Contains(got[0], "Today is "+before+".") && !strings.Contains(got[0], "Today is "+day()+".") {
		t.Errorf("the prompt has no date:\n%s", got[0])
	}
	holds(t, "a question", got[0], "Answer in British English.", "Answer in the language of the question", "Tower 5 (dated 2025-03-06)")

	server.Script(says("What does the keeper of tower number 5 note?"), says("Each visit [1]."))
	tell(t, home, nil, "ask", "--continue", "and what does its keeper note?", "docs")
	if got = prompts(t, server)[1:]; len(got) != 2 {
		t.Fatalf("%d prompts for a follow-up", len(got))
	}
	holds(t, "a follow-up", got[1], "Question: What does the keeper of tower number 5 note?", "Today is ", "British",
		"user: Which oil burns in the lamp of tower number 5?\nassistant: It burns olive oil.")

	for _, c := range []struct{ request, reply string }{
		{"translate that into German", "Jeder Besuch wird notiert [1]."},
		{"shorter", "Jeder Besuch [1]."}, {"as a table", "| was |\n|---|\n| Besuch [1] |"},
	} {
		asked := len(prompts(t, server))
		server.Script(says(c.reply))
		a := tell(t, home, nil, "ask", "--continue", c.request, "docs")
		if got = prompts(t, server)[asked:]; len(got) != 1 || a.code != exitAnswer || strings.Contains(a.out, "retrieve") ||
			!strings.Contains(a.out, strings.Split(c.reply, "\n")[0]) || !strings.Contains(a.out, "* [1]  05.md:") {
			t.Fatalf("%s: %d prompts: %+v", c.request, len(got), a)
		}
		holds(t, c.request, got[0], "Request: "+c.request, "Your last answer:", "[1]", "Today is ", "British", "05.md:4",
			"in the language that the request asks for")
	}
}

func TestMorePassagesAreSentWhereTheContextHasRoom(t *testing.T) {
	t.Parallel()
	server, at := fakeopenai.Start(t, "say=Colza+[1].", "tiny-chat")
	home := lampHome(t, "base_url = \""+at+"\"\n")
	sent := map[string]int{}
	for _, context := range []string{"900", "32000"} {
		tell(t, home, []string{"WEFT_CONTEXT_TOKENS=" + context}, "ask", "which oil burns in the lamp?", "docs")
		all := prompts(t, server)
		sent[context] = strings.Count(all[len(all)-1], "(dated ")
	}
	if sent["900"] < 1 || sent["900"] >= 5 || sent["32000"] <= 5 {
		t.Errorf("passages by context: %v", sent)
	}
}

// TestARequestAboutTheAnswerNeedsAModel checks that without a model such a request shows the answer
// again, and is not searched for in the documents.
func TestARequestAboutTheAnswerNeedsAModel(t *testing.T) {
	t.Parallel()
	home := lampHome(t, "offline = true\n")
	env := []string{"WEFT_OFFLINE=true"}
	first := tell(t, home, env, "ask", "Which oil burns in the lamp of tower number 5?", "docs")
	if first.code != exitAnswer || !strings.Contains(first.out, "olive oil") {
		t.Fatalf("%+v", first)
	}
	for _, request := range []string{"shorter", "as a table", "translate that into German"} {
		a := tell(t, home, env, "ask", "--continue", request, "docs")
		if a.code != exitIncomplete || strings.Contains(a.out, "retrieve") || !strings.Contains(a.out, "olive oil") ||
			!strings.Contains(a.out, "[degraded: a model is needed to change an answer") {
			t.Errorf("%s: %+v", request, a)
		}
	}
	// The next question follows up on the first one, not on the requests.
	next := tell(t, home, env, "ask", "--continue", "and when?", "docs")
	if !strings.Contains(next.out, "[understood as: Which oil burns in the lamp of tower number 5, when?]") {
		t.Errorf("the next question: %+v", next)
	}
}

// A received request is what a server has got of it.
type received struct {
	path, query string
	header      http.Header
	body        map[string]any
}

// listen starts a server in front of a scripted one that keeps what it gets.
func listen(t *testing.T, models ...string) (all func() []received, base string) {
	t.Helper()
	next := fakeopenai.New("say=Olive+oil+[1].", models...)
	var mu sync.Mutex
	var got []received
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := received{path: r.URL.Path, query: r.URL.RawQuery, header: r.Header.Clone()}
		next.ServeHTTP(w, r)
		if log := next.Requests(); r.Method == http.MethodPost && len(log) > 0 {
			_ = json.Unmarshal(log[len(log)-1].Body, &in.body) // an empty body has no fields
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, in)
	}))
	t.Cleanup(ts.Close)
	return func() []received {
		mu.Lock()
		defer mu.Unlock()
		return append([]received(nil), got...)
	}, ts.URL + "/v1"
}

func TestAProfileDecidesWhatIsSent(t *testing.T) {
	t.Parallel()
	got, at := listen(t, "large", "small", "embed-one", "rank-one")
	home := lampHome(t, `
model = "other"
[profiles.work]
base_url = "`+at+`"
key_env = "GATEWAY_KEY"
key_header = "api-key"
query = { "api-version" = "2024-06-01" }
headers = { "X-Team" = "docs" }
body = { top_p = 0.5 }
reasoning_effort = "low"
temperature = 0.25
model = "large"
decide_model = "small"
embedding_model = "embed-one"
rerank_model = "rank-one"
`)
	env := []string{"GATEWAY_KEY=gk-secret", "OPENAI_API_KEY=exported"}
	for _, args := range [][]string{
		{"ask", "--profile", "work", "Which oil burns in the lamp of tower number 5?", "docs"},
		{"ask", "--profile", "work", "--continue", "and in that of tower number 6?", "docs"},
	} {
		if a := tell(t, home, env, args...); a.code != exitAnswer || strings.Contains(a.out+a.err, "gk-secret") {
			t.Fatalf("%+v", a)
		}
	}
	uses := map[string]int{}
	for _, r := range got() {
		h := r.header
		if h.Get("api-key") != "gk-secret" || h.Get("Authorization") != "" || h.Get("X-Team") != "docs" || r.query != "api-version=2024-06-01" {
			t.Errorf("%s?%s has the headers %v", r.path, r.query, h)
		}
		if r.body == nil {
			continue
		}
		uses[fmt.Sprint(r.path, " ", r.body["model"])]++
		if strings.HasSuffix(r.path, "/chat/completions") && (r.body["top_p"] != 0.5 || r.body["reasoning_effort"] != "low" || r.body["temperature"] != 0.25) {
			t.Errorf("%s: %v", r.path, r.body)
		}
	}
	for _, want := range []string{"/v1/chat/completions large", "/v1/chat/completions small", "/v1/embeddings embed-one", "/v1/rerank rank-one"} {
		if uses[want] == 0 {
			t.Errorf("%s was not asked: %v", want, uses)
		}
	}
	if len(uses) != 4 {
		t.Errorf("the models that were asked: %v", uses)
	}
}

func TestTheConfigComesBeforeAKeyThatWasExportedForAnotherProgram(t *testing.T) {
	t.Parallel()
	ours, at := listen(t, "tiny-chat")
	theirs, far := listen(t, "far-chat")
	home := lampHome(t, "base_url = \""+at+"\"\n")
	a := tell(t, home, []string{"OPENAI_API_KEY=sk-exported", "OPENAI_BASE_URL=" + far}, "ask", "Which oil burns in the lamp of tower number 5?", "docs")
	if a.code != exitAnswer || !strings.Contains(a.out, "Olive oil [1].") {
		t.Errorf("%+v", a)
	}
	if n := len(theirs()); n > 0 {
		t.Errorf("the server that was exported got %d requests", n)
	}
	for _, r := range ours() {
		if r.header.Get("Authorization") != "" {
			t.Errorf("%s: the exported key was sent to the configured server", r.path)
		}
	}
}

func TestAKeyIsNotSentOverPlainHTTPToAnotherMachine(t *testing.T) {
	t.Parallel()
	home := lampHome(t, "base_url = \"http://192.0.2.1/v1\"\napi_key = \"sk-canary-123456\"\n") // an address for documentation
	for _, args := range [][]string{{"ask", "-w", "simple", "what is a lamp?", "docs"}, {"doctor", "docs"}} {
		a := tell(t, home, nil, args...)
		if all := a.out + a.err; a.code != exitFailed || !strings.Contains(all, "was not sent to http://192.0.2.1/v1: plain http") ||
			!strings.Contains(all, "--allow http://192.0.2.1/v1") || strings.Contains(all, "canary") {
			t.Errorf("%v: %+v", args, a)
		}
	}
}

func TestABudgetStopsAQuestionAndASession(t *testing.T) {
	t.Parallel()
	server, at := fakeopenai.Start(t, "say=Olive+oil+[1].", "tiny-chat")
	home := lampHome(t, "base_url = \""+at+"\"\nprice_in = 1000\nprice_out = 1000\ncurrency = \"EUR\"\n")
	for variable, want := range map[string]string{
		"WEFT_QUESTION_TOKENS=50":   "the budget of 50 tokens for a question does not suffice: 0 are used",
		"WEFT_QUESTION_COST=0.0001": "the budget of 0.0001 EUR for a question does not suffice",
	} {
		a := tell(t, home, []string{variable}, "ask", "Which oil burns in the lamp of tower number 5?", "docs")
		if a.code != exitFailed || !strings.Contains(a.err, want) || !strings.Contains(a.err, "--offline") {
			t.Errorf("%s: %+v", variable, a)
		}
	}
	if n := len(prompts(t, server)); n != 0 {
		t.Errorf("%d prompts were sent beyond the budget", n)
	}

	s := begin(t, map[string]string{"OPENAI_BASE_URL": at, "WEFT_SESSION_TOKENS": "4000", "WEFT_CONTEXT_TOKENS": "2000", "WEFT_MAX_TOKENS": "200"}, filepath.Join(home, "docs"))
	<-s.corpus.built
	var failed error
	for n := 0; n < 10 && failed == nil; n++ {
		run, err := s.ask("rag", "Which oil burns in the lamp of tower number 5?")
		if err != nil {
			t.Fatal(err)
		}
		_, failed = run.Wait(t.Context())
		if n == 0 && failed != nil {
			t.Errorf("the first question: %v", failed)
		}
	}
	if failed == nil || !strings.Contains(failed.Error(), "the budget of 4000 tokens for a session does not suffice") {
		t.Errorf("%v", failed)
	}
}

func TestDoctorDistinguishesTheStatesOfAServer(t *testing.T) {
	t.Parallel()
	list := fakeopenai.New("", "tiny-chat")
	busy := func(message string, withList bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if withList && strings.HasSuffix(r.URL.Path, "/models") {
				list.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintf(w, `{"error": {"message": %q}}`, message)
		})
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html><title>A shop</title></html>") })
	for _, c := range []struct {
		name   string
		server http.Handler
		wants  []string
	}{
		{"healthy", list, []string{"answers, ", "✓ completion "}},
		{"another key is needed", fakeopenai.New("api_key=right", "tiny-chat"), []string{"is there, but refuses, ", "the key was refused (401)"}},
		{"loading", busy("Loading model", false), []string{"is loading its model, ", "✗ completion "}},
		{"loading, as llama.cpp does", busy("Loading model", true), []string{"answers, ", "✓ models ", "is loading its model: 503 not ready"}},
		{"overloaded", busy("The model is overloaded", false), []string{"is there, but busy, "}},
		{"a web page", page, []string{"is something else, ", "a web page"}},
		{"nothing", nil, []string{"is not there, ", "nothing answers at "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ts := httptest.NewServer(c.server)
			defer ts.Close()
			if c.server == nil {
				ts.Close()
			}
			home := lampHome(t, "base_url = \""+ts.URL+"/v1\"\napi_key = \"sk-canary-123456\"\n")
			a := tell(t, home, nil, "doctor", "docs")
			if healthy := c.name == "healthy"; healthy != (a.code == 0) || strings.Contains(a.out+a.err, "canary") {
				t.Errorf("exit code %d:\n%s%s", a.code, a.out, a.err)
			}
			for _, want := range c.wants {
				if !strings.Contains(a.out, want) {
					t.Errorf("%q is missing:\n%s%s", want, a.out, a.err)
				}
			}
		})
	}
}

func TestAnAddressWithASecretIsRefusedWithoutShowingIt(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://user:sekret@127.0.0.1:1/v1", "http://127.0.0.1:1/v1?api_key=sekret"} {
		home := lampHome(t, "base_url = \""+address+"\"\n")
		for _, args := range [][]string{{"doctor", "docs"}, {"ask", "which oil?", "docs"}} {
			a := tell(t, home, nil, args...)
			if a.code == 0 || strings.Contains(a.out+a.err, "sekret") || !strings.Contains(a.err, "must not contain a password or parameters") {
				t.Errorf("%v with %s: %+v", args, address, a)
			}
		}
	}
}
