package cli

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weft/flow/show"
)

// ask asks a session's rag workflow and waits for the answer.
func ask(t *testing.T, s *session, question string) show.Answer {
	t.Helper()
	run, err := s.ask("rag", question)
	if err != nil {
		t.Fatal(err)
	}
	a, err := run.Wait(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return a
}

// manualQuestions are questions about weft, with the section that answers each and what it says.
var manualQuestions = []struct{ question, path, heading, says string }{
	{"how do I cancel a run?", "timeline.md", "How do I cancel a run?", "`ctrl+c`"},
	{"how can I copy the answer?", "timeline.md", "How do I copy an answer?", "`ctrl+y`"},
	{"which exit code means that nothing relevant was found?", "commands.md", "What are the exit codes?", "| 3 | nothing relevant was found"},
	{"how can I limit a question to one folder?", "asking.md", "Can I limit a question to some files?", "`@`"},
	{"where does weft keep its files?", "commands.md", "Where does weft keep its files, and where is my data stored?", "~/.cache/weft"},
	{"does weft send my documents over the network?", "about.md", "What does weft send over the network, and is my data private?", "sends nothing over the network"},
	{"where is history kept?", "commands.md", "Where is history kept?", "~/.local/state/weft"},
	{"where is the history of questions stored?", "commands.md", "Where is history kept?", "The history of questions"},
	{"are runs kept when weft ends?", "commands.md", "Where are runs stored, and how do I save one?", "Runs are kept when weft ends"},
	{"how do I set a breakpoint?", "timeline.md", "How do I set a breakpoint?", "select the step and press `b`"},
	{"what is a chunk?", "index.md", "What is a chunk?", "A chunk is a passage"},
	{"what is a workflow?", "about.md", "What is a workflow?", "A workflow is a set of steps"},
	{"what is an event?", "words.md", "What is an event?", "An event is a value"},
	{"what is reranking?", "words.md", "What is reranking?", "Reranking is the second look"},
	{"what is the critical path?", "timeline.md", "What is the critical path, and what does c do?", "The critical path is the chain"},
	{"what do the colours mean?", "timeline.md", "What do the colours mean?", "Blue is running"},
	{"what does the dotted line on the timeline mean?", "timeline.md", "Which marks does the timeline use?", "back-off"},
	{"how do I change the model?", "providers.md", "How do I change the model?", "`--model NAME`"},
	{"where do I put my API key?", "providers.md", "Where do I put my API key, and where does it go?", "`OPENAI_API_KEY`"},
	{"how do I choose another workflow?", "workflows.md", "How do I choose another workflow?", "`ctrl+o`"},
	{"how do I turn off colours?", "configuration.md", "How do I change the theme, or turn colours off?", "`NO_COLOR`"},
	{"how do I exclude a folder?", "files.md", "How do I exclude a file or a folder, or bring it back?", "`.ignore`"},
	{"can it read PDF?", "files.md", "Can weft read PDF, Word and scanned documents?", "PDF"},
	{"how do I rebuild the index?", "index.md", "How do I delete or rebuild the index?", "Delete its directory"},
	{"how do I resume a run after a crash?", "commands.md", "How do I resume a run after a crash?", "journal"},
	{"how do I use it in a script?", "commands.md", "How do I use weft in a script?", "`--json`"},
	{"how do I see the prompt that was sent to the model?", "timeline.md", "How do I see the prompt that was sent to the model?", "inspector"},
	{"does it work on Windows?", "about.md", "On which systems does weft run?", "Windows"},
	{"how do I cancle a run?", "timeline.md", "How do I cancel a run?", "`ctrl+c`"},
	{"what is a workfow?", "about.md", "What is a workflow?", "A workflow is a set of steps"},
	{"what if I mistype a word?", "asking.md", "What if I mistype a word?", "slip of the keyboard"},
	{"what is a chunk and how do I cancel a run?", "index.md", "What is a chunk?", "A chunk is a passage\nPress `ctrl+c` while the run is going"},
	{"what are the exit codes?", "commands.md", "What are the exit codes?", "| 130 | it was cancelled"},
	{"how do I test a step?", "own-workflow.md", "How do I test a step?", "`flowtest.NewContext`"},
	{"how do I find out why a run took so long?", "timeline.md", "How do I find out why a run took long?", "critical path"},
	{"what is the meaning of weft?", "about.md", "What is the meaning of the name weft?", "the thread that is woven"},
	{"how do I go to the past?", "timeline.md", "How do I go back in time, to the past, or replay a run?", "go back and forth"},
	{"how do I go back in time?", "timeline.md", "How do I go back in time, to the past, or replay a run?", "go back and forth"},
	{"what does P do?", "timeline.md", "How do I pause a run, and what does P do?", "no further step starts"},
	{"what does c do?", "timeline.md", "What is the critical path, and what does c do?", "`c` marks it"},
	{"what does n do?", "timeline.md", "How do I go to the run before or after, and what do p and n do?", "`n` the run after"},
	{"what does x do?", "timeline.md", "Which files are left out, and what does x do?", "lists all files that are left out"},
	{"cancel", "timeline.md", "How do I cancel a run?", "`ctrl+c`"},
	{"can I ask in German?", "asking.md", "In which languages can I ask?", "in the language of the question"},
	{"how many documents can it handle?", "performance.md", "How many documents can weft handle?", "hundred thousand passages"},
	{"can weft change my files?", "about.md", "Can weft change or delete my files?", "only read"},
	{"how do I quit?", "timeline.md", "How do I quit?", "`ctrl+d`"},
	{"where is my data stored?", "commands.md", "Where does weft keep its files, and where is my data stored?", "~/.cache/weft"},
	{"how do I delete everything weft has saved?", "commands.md", "How do I delete everything that weft has saved?", "~/.local/state/weft"},
	{"which model should I pick?", "providers.md", "Which model should I choose?", "any model that chats"},
	{"how do I change the colours?", "configuration.md", "How do I change the theme, or turn colours off?", "*choose the theme*"},
	{"what is the diamond on the timeline?", "timeline.md", "Which marks does the timeline use?", "`◆`"},
	{"can I see my old questions again?", "timeline.md", "How do I see my old questions again?", "bring earlier questions back"},
	{"how much does a question cost?", "providers.md", "What does a question cost?", "`price_in`"},
	{"what happens if the network goes down?", "providers.md", "What happens when the network or the model's server goes down, or fails?", "tries again"},
	{"do I have to index again when my notes change?", "index.md", "What happens when a file changes?", "reads only files that differ"},
	{"why is it so slow?", "performance.md", "Why is it slow?", "reads and indexes everything"},
	{"What does space do?", "timeline.md", "How do I return to the present, and what does space do?", "returns from the past to the present"},
	{"how do I start over?", "workflows.md", "How do I start over, with a new conversation?", "quit weft and start it again"},
	{"which model is best?", "providers.md", "Which model should I choose?", "best model"},
	{"the bar is dashed, what does that mean?", "words.md", "What is a worker?", "waits"},
	{"whats the yellow row", "timeline.md", "What do the colours mean?", "waits for you"},
	{"what is the red cross", "timeline.md", "What do the signs in front of a row mean?", "failed"},
	{"I get exit code 3, what went wrong?", "commands.md", "What are the exit codes?", "| 3 | nothing relevant was found"},
	{"connection refused, what now?", "providers.md", "What happens when the network or the model's server goes down, or fails?", "tries again"},
	{"it says 401 unauthorized", "providers.md", "What if my API key is refused, or not accepted (401 Unauthorized)?", "does not accept the key"},
	{"my api key is not accepted", "providers.md", "What if my API key is refused, or not accepted (401 Unauthorized)?", "`weft doctor` shows which key"},
	{"my pdf is skipped, why?", "files.md", "Can weft read PDF, Word and scanned documents?", "nothing but pictures"},
	{"does my text leave my computer?", "about.md", "What does weft send over the network, and is my data private?", "no text leaves your computer"},
	{"why does it ask me for permission", "providers.md", "When does weft ask for consent?", "not on your own machine"},
	{"Can I use Claude or Gemini?", "providers.md", "Can I use Claude, Gemini or Mistral?", "`OPENAI_BASE_URL`"},
	{"does it work with LM Studio?", "providers.md", "Which providers can weft use?", "LM Studio"},
	{"how do i scroll the anwser", "timeline.md", "How do I scroll an answer?", "`pgup`"},
	{"what happens when i press tab", "timeline.md", "How do I move between the parts of the screen?", "next part"},
	{"how do I make the text bigger", "timeline.md", "How do I make the text bigger?", "`ctrl` and `+`"},
	{"how can I start a new conversation?", "workflows.md", "How do I start over, with a new conversation?", "new conversation"},
	{"can two people use the same index", "index.md", "What if two processes use the same index?", "One writes"},
	{"how do i open the file that a source is from", "timeline.md", "How do I open a source, and what does o do?", "`ctrl+s`"},
	{"the answer stops in the middle of a sentance", "asking.md", "What happens when an answer is cut off?", "marked as cut off"},
}

func TestTheManualAnswersQuestionsAboutWeftOffline(t *testing.T) {
	s := offline(t, "../../docs")
	for _, c := range manualQuestions {
		t.Run(c.question, func(t *testing.T) {
			a := ask(t, s, c.question)
			if len(a.Sources) == 0 {
				t.Fatalf("no sources; the answer is %q", a.Text)
			}
			first := a.Sources[0]
			if first.Path != c.path || first.Heading[len(first.Heading)-1] != c.heading || !first.Cited {
				t.Errorf("the first source is %s › %q, cited %v", first.Path, first.Heading, first.Cited)
			}
			for says := range strings.SplitSeq(c.says+"\n[1]", "\n") {
				if !strings.Contains(a.Text, says) {
					t.Errorf("the answer does not say %q:\n%s", says, a.Text)
				}
			}
		})
	}
	for _, q := range []string{"what is the capital of Mongolia?", "how do I cook rice?", "who won the match yesterday?",
		// without a model, questions are asked in the documents' language
		"wie breche ich einen Lauf ab?", "comment annuler une exécution ?"} {
		if a := ask(t, s, q); !a.Abstained {
			t.Errorf("%s: answered %q", q, a.Text)
		}
	}
}

// TestAForeignCorpusIsIndexedAndSearched indexes the Markdown of weft's dependencies: hundreds of
// documents by many authors.
func TestAForeignCorpusIsIndexedAndSearched(t *testing.T) {
	dir := t.TempDir()
	if n := copyMarkdown(t, dir); n < 60 {
		t.Skipf("the module cache holds only %d documents: go mod download brings them", n)
	}
	s := offline(t, dir)
	<-s.corpus.built
	if s.corpus.err != nil {
		t.Fatal(s.corpus.err)
	}
	for _, run := range s.runs.byID {
		r, _ := run.Result(t.Context())
		for _, f := range r.(show.Indexed).Skipped {
			if f.Reason != "hidden" && f.Reason != "ignored" && f.Reason != "empty" {
				t.Errorf("%s %s", f.Path, f.Detail)
			}
		}
	}
	for _, c := range []struct{ question, path, heading string }{
		{"are subdirectories watched?", "fsnotify", "Are subdirectories watched?"},
		{"how do I raise the limit of inotify watches per user?", "fsnotify", "Linux"},
		{"how do I make a flag required?", "cobra", "Required flags"},
		{"what are persistent flags?", "cobra", "Persistent Flags"},
		{"what replaces the mouse program options in version 2?", "bubbletea", "Removed Program Options"},
		{"what is retrieval augmented generation good for?", "chromem-go", "Use cases"},
		{"how do I draw borders around a block?", "lipgloss", "Borders"},
		{"what properties should I test?", "rapid", "What properties should I test?"},
		{"what is strict mode when decoding toml?", "go-toml", "Strict mode"},
		{"which directory does XDG_CONFIG_HOME stand for?", "xdg", "XDG Base Directory"},
	} {
		a := ask(t, s, c.question)
		found := false
		for _, src := range a.Sources[:min(5, len(a.Sources))] {
			found = found || strings.Contains(src.Path, c.path) && strings.HasPrefix(src.Heading[len(src.Heading)-1], c.heading)
		}
		if !found {
			t.Errorf("%s: %s › %q is not among the first five:", c.question, c.path, c.heading)
			for _, src := range a.Sources {
				t.Logf("  %.2f %s %q", src.Score, src.Path, src.Heading)
			}
		}
	}
}

// copyMarkdown copies the Markdown of weft's direct dependencies, by module, and returns the number
// of files. Indirect dependencies are left out, because they change with each version.
func copyMarkdown(t *testing.T, to string) (n int) {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-json", "all")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list -m all: %v", err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var m struct {
			Path, Dir string
			Main      bool
			Indirect  bool
		}
		if err := dec.Decode(&m); err == io.EOF {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		if m.Dir == "" || m.Main || m.Indirect {
			continue
		}
		err := filepath.WalkDir(m.Dir, func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(name), ".md") {
				return err
			}
			rel, err := filepath.Rel(m.Dir, name)
			if err != nil {
				return err
			}
			target := filepath.Join(to, filepath.FromSlash(m.Path), rel)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			n++
			return os.WriteFile(target, data, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
