//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/flow"
	"weft/rag/llm/fakeopenai"
	"weft/ui/history"
)

// pastRuns returns a home directory with a question that was answered, one whose process was killed,
// and two that wait for a person.
func pastRuns(t *testing.T) (home string) {
	t.Helper()
	home = seaHome(t)
	weft(t, home, "ask", "is the sea deep?", "docs")
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for id := range mustList(t, st) {
		known[id] = true
	}
	cmd := command(t, home, "ask", "--fault", "synthesize:delay=1h", "is the lake shallow?", "docs")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	known[followUntil(t, st, known, func(r flow.Record) bool { return r.Kind == flow.StepStarted && r.Step == "synthesize" })] = true
	_ = cmd.Process.Kill() // it has not ended
	_ = cmd.Wait()
	s := begin(t, map[string]string{"WEFT_OFFLINE": "true", "WEFT_STATE": filepath.Join(home, "state")},
		filepath.Join(home, "docs"))
	keeping(s)
	for _, q := range []string{"what is blue?", "what is shallow?"} {
		if _, err := s.ask("approve", q); err != nil {
			t.Fatal(err)
		}
		known[followUntil(t, st, known, func(r flow.Record) bool { return r.Kind == flow.AwaitOpened })] = true
	}
	s.close()
	return home
}

func TestTheHistoryOpensContinuesAndDeletesRuns(t *testing.T) {
	t.Parallel()
	home := pastRuns(t)
	s := start{home: home}.open(t)
	s.see("2 runs wait for you, 1 run was interrupted", "Ask a question")
	s.press("^r")
	s.see("history of", "waiting for you", "what is blue?", "is the lake shallow?", "is the sea deep?", "4 runs")

	// A run that has ended is found and opened: its answer is on the ordinary screen.
	s.press("/")
	s.write("sea deep")
	s.see("1 of 4 runs", "deep and blue")
	s.press("↵")
	s.press("↵")
	s.see("The sea is deep and blue. [1]", "answered without a model")
	s.gone("history of")

	// It is played back, from its start to its end.
	s.press("tab", "R")
	s.see("▸ ", "playback ×1/")
	s.press("space")
	s.see("playback held", "space play on")
	s.press(">", ">", ">", ">", ">", ">", ">", ">", "R")
	s.gone("playback")
	s.see("The sea is deep and blue. [1]", "answered without a model")

	// It is deleted, and restored.
	s.press("^r", "/")
	s.write("sea deep")
	s.see("1 of 4 runs")
	s.press("↵", "x")
	s.see("no run fits")
	s.press("u")
	s.see("1 of 4 runs")

	// It is asked again, and edited.
	s.press("r")
	s.see("2 of 2")
	s.press("^r", "/")
	s.write("sea deep")
	s.see("2 of 5 runs")
	s.press("↵", "e")
	s.see("❯ is the sea deep?")
	s.press("^u")

	// The interrupted run continues where it stopped. One that waits shows the form of its reply.
	s.press("^r", "/")
	s.write("lake")
	s.see("1 of 5 runs", "interrupted")
	s.press("↵", "↵")
	s.see("↯ after", "↯ interrupted: the history continues it")
	s.press("^r", "/")
	s.write("lake")
	s.see("1 of 5 runs", "interrupted")
	s.press("↵", "c")
	s.see("The lake is shallow. [1]")
	s.press("^r", "/")
	s.write("blue?")
	s.see("1 of 5 runs", "waits for you")
	s.press("↵", "↵")
	s.see("propose asks you", "1 sources for: what is blue?")
	s.clickOn("propose asks you") // a form that has opened by itself ignores keys for a moment
	s.see("▌ [x] ", "↵ send")
	s.press("↵")
	s.gone("propose asks you")
	s.see("The sea is deep and blue. [1]", "answered without a model")

	// A reply may also come from another process.
	s.press("^r", "/")
	s.write("what shallow")
	s.see("1 of 5 runs", "waits for you")
	s.press("↵", "↵")
	s.see("propose asks you", "1 sources for: what is shallow?")
	weft(t, home, "runs", "answer", theWaiting(t, home), `{"keep": [1]}`)
	s.gone("propose asks you")
	s.see("The lake is shallow. [1]", "answered without a model")
	s.quit()
}

func TestARunIsExportedFromTheScreen(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	r := keptOf(t, home, "is the sea deep?", "docs")
	s := start{home: home}.open(t)
	s.see("Ask a question")

	// From the history, as a file for a person.
	s.press("^r")
	s.see("history of", "1 run")
	s.press("X")
	s.see("in which format?", "question, answer, sources and timeline")
	s.press("↵")
	s.see("exported to ./weft-" + r.ID + ".md")
	text, err := os.ReadFile(filepath.Join(home, "weft-"+r.ID+".md"))
	if err != nil || !strings.Contains(string(text), "The sea is deep and blue.") {
		t.Errorf("%v in %s", err, text)
	}

	// From the conversation, as records that can be imported elsewhere.
	s.write("is the lake shallow?")
	s.press("↵")
	s.see("The lake is shallow. [1]", "answered without a model")
	s.press("tab", "X")
	s.see("in which format?")
	s.see("the timeline as a diagram in Markdown")
	s.write("jsonl")
	s.gone("the timeline as a diagram in Markdown")
	s.press("↵")
	s.match(`exported to ./weft-\w+\.jsonl`)
	files, err := filepath.Glob(filepath.Join(home, "weft-*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %q", err, files)
	}
	other := seaHome(t)
	if out := weft(t, other, "runs", "import", files[0]); !strings.Contains(out, "is the lake shallow?") {
		t.Errorf("the import says %q", out)
	}

	// A run that is in a file only comes back by its path, which is completed.
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	last, err := st.Find("last")
	if err == nil {
		err = st.Remove(last.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.press("^r")
	s.see("history of", "1 run")
	s.press("i")
	s.see("file with a run:", "▌weft-"+last.ID+".jsonl", "docs/")
	s.write("weft-")
	s.see("file with a run: weft-")
	s.gone("docs/ ")
	s.press("tab")
	s.see("file with a run: weft-" + last.ID + ".jsonl")
	s.press("↵")
	s.see("imported: is the lake shallow?", "2 runs", "▌✓", "The lake is shallow. [1]")
	s.press("i")
	s.write("weft-" + last.ID + ".jsonl")
	s.press("↵")
	s.see("is kept already")
	s.quit()
}

// A file that is exported does not become a document.
func TestAnExportIsNotWrittenAmongTheDocuments(t *testing.T) {
	home := t.TempDir()
	docs := filepath.Join(home, "docs")
	if err := os.Mkdir(docs, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	state := t.TempDir()
	for _, c := range []struct{ here, root, want string }{
		{home, docs, home}, {docs, docs, home}, {docs, home, state}, {docs, filepath.Join(docs, "other"), docs},
	} {
		t.Chdir(c.here)
		if got := outsideDocuments([]string{c.root}, state); got != c.want {
			t.Errorf("in %s, with the documents of %s, it is written to %s", c.here, c.root, got)
		}
	}
}

// theWaiting returns the run that waits.
func theWaiting(t *testing.T, home string) string {
	t.Helper()
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	for id, r := range mustList(t, st) {
		if r.Outcome == history.Waiting {
			return id
		}
	}
	t.Fatal("no run waits")
	return ""
}

func TestTwoRunsAreComparedOnTheScreen(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	weft(t, home, "ask", "is the sea deep?", "docs")
	weft(t, home, "ask", "-w", "parallel", "is the sea deep?", "docs")
	weft(t, home, "ask", "is the lake shallow?", "docs")
	s := start{home: home}.open(t)
	s.see("Ask a question")

	// Two kept runs are chosen in the history.
	s.press("^r")
	s.see("history of", "3 runs")
	s.press("D")
	s.see("compare with A")
	s.press("↓", "D")
	s.see("A rag", "B parallel", "1 ANSWER", "first difference: the start", "−shallow.")
	s.press("2")
	s.see("2 SOURCES", "sea.md")
	s.press("5")
	s.see("≠ workflow", "A  rag", "B  parallel")
	s.press("S")
	s.see("A parallel", "B rag", "A  parallel")

	// Both runs as they were at a moment, the events of a step, and the comparison as a file.
	s.press("1", "g", "←")
	s.see("◂ as of")
	s.press("→")
	s.gone("◂ as of")
	s.press("g", "↵")
	s.see("6 STEP", "gets Question")
	s.press("x")
	s.see("exported to ./weft-comparison.txt")
	text, err := os.ReadFile(filepath.Join(home, "weft-comparison.txt"))
	if err != nil || !strings.Contains(string(text), "first difference: the start") {
		t.Errorf("%v in %s", err, text)
	}
	s.press("esc")
	s.see("Ask a question")

	// A question that is asked now is compared with the same question to another workflow.
	s.write("is the sea deep?")
	s.press("↵")
	s.see("deep and blue", "answered without a model")
	s.press("tab", "D")
	s.see("with what?", "the answer of the workflow parallel")
	s.write("workflow parallel")
	s.press("↵")
	s.see("A rag", "B parallel", "workflow differs · same question")
	s.press("e")
	s.see("A retrieve", "B dispatch", "the answers are the same")
	s.quit()
}

// TestTwoModelsAreComparedOnOneQuestion asks a second model of the server while the answer of the
// first is on the screen.
func TestTwoModelsAreComparedOnOneQuestion(t *testing.T) {
	t.Parallel()
	_, url := fakeopenai.Start(t, "", "tiny-chat", "other-chat")
	s := start{home: seaHome(t), env: map[string]string{"WEFT_OFFLINE": "false", "WEFT_BASE_URL": url, "WEFT_MODEL": "tiny-chat"}}.open(t)
	s.see("Ask a question")
	s.write("is the sea deep?")
	s.press("↵")
	s.see("answered by tiny-chat")
	s.press("tab", "D")
	s.see("with what?")
	s.write("other-chat")
	s.press("↵")
	s.see("A rag", "B rag", "model differs")
	s.press("5")
	s.see("≠ model", "A  tiny-chat", "B  other-chat")
	s.quit()
}
