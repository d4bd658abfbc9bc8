//go:build !windows

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"weft/rag/llm/fakeopenai"
)

// The tests in this file act as a new user: they press only keys that the screen or its help shows.

const question = "how do I cancel a run?"

func TestAQuestionIsAskedAndFollowedAndASecondOne(t *testing.T) {
	t.Parallel()
	s := start{}.open(t)
	s.see("Ask a question", "ready to be searched")
	s.match(`\d+ markdown · \d+ kB of text · English`)
	s.ask(question)
	s.see("❯ "+question, "How do I cancel a run?", "Press ctrl+c while the run is going", "✓ answered without a model")
	cited := s.match(`\[1\] timeline\.md:[^\n]*\n│ +… \d+ more sources, not cited +(\S+)`)
	s.comfortable(14, 76)
	s.press(cited[1])
	s.gone("more sources, not cited")
	s.press(cited[1])
	s.see("more sources, not cited")
	s.tap("timeline")
	s.match(`✓ ├ retrieve`)
	s.match(`✓ ├ rerank`)
	s.match(`✓ ╰ synthesize`)
	s.tap("answers")
	for range 10 {
		s.tapOf("scroll", 1)
	}
	s.see("[1] timeline.md:")
	for range 10 {
		s.tap("scroll")
	}
	s.see("❯ "+question, "Press ctrl+c while the run is going")
	s.resize(200, 50)
	s.see("╭─ timeline ")
	s.tap("full")
	s.see("esc close")
	s.comfortable(40, 100)
	s.resize(80, 24)
	s.see("tab question")
	s.lookUp("go to the question line")
	s.write("which keys zoom the timeline?")
	s.see("❯ which keys zoom")
	s.tap("ask")
	s.see("conversation") // there are two answers now
	s.until("the answer to the second question", func(screen string) bool {
		return strings.Contains(screen, "ask another question") && strings.Contains(screen, "✓ answered")
	})
}

// comfortable checks how the conversation is laid out, which is the first pane on the screen: it has at least some rows, a margin on both sides, and
// lines of at most some columns.
func (s *terminal) comfortable(rows, columns int) {
	s.Helper()
	screen := s.text()
	_, box, _ := strings.Cut(screen, "╭─ ") // the first pane
	box, _, _ = strings.Cut(box, "╰")
	lines := strings.Split(strings.TrimSpace(box), "\n")[1:]
	if len(lines) < rows {
		s.Errorf("the conversation has %d rows, want %d:\n%s", len(lines), rows, screen)
	}
	for _, line := range lines {
		cells := []rune(strings.TrimRight(line, " "))
		text := strings.TrimSpace(string(cells[1 : len(cells)-1]))
		if cells[1] != ' ' || cells[len(cells)-2] != ' ' || utf8.RuneCountInString(text) > columns {
			s.Errorf("no margin, or more than %d columns: %q", columns, line)
		}
	}
}

func TestTheSlowStepOfARunIsFound(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"--fault", "rerank:delay=1s", "docs"}}.open(t)
	s.see("ready to be searched") // otherwise the wait for the index would count towards the run
	suggested := s.match(`They answer, for example \(↓[^❯]*❯ (\S.*?\?) +│`)[1]
	s.press("↓")
	s.until("the suggested question in the line", func(screen string) bool { return strings.Count(screen, "❯ "+suggested) == 2 })
	s.tap("ask")
	s.see("✓ answered", "❯ "+suggested)
	whole := seconds(t, s.match(`sources · (\d+(?:\.\d)?)s`)[1])
	// The time as the timeline shows it
	reranked := seconds(t, s.match(`rerank .* (\d+(?:\.\d)?)s`)[1])
	if reranked < 1 || whole < reranked {
		t.Errorf("a step that takes a second took %v s, and its run %v s", reranked, whole)
	}
	s.tap("timeline")
	s.lookUp("mark the critical path")
	s.see("the steps that the end waited for")
	s.press("↓", "↓", "↓") // the key that the footer has named
	s.tap("inspect")
	share := seconds(t, s.match(`(?s)rerank .*share +(\d+) % of the run, on its critical path`)[1])
	rounded := 0.05 // the rounding error of displayed durations
	if whole >= 9 {
		rounded = 0.5
	}
	// A step can start before the one that caused it has returned: on a busy machine less than its
	// whole time is on the critical path.
	if most := 100*(reranked+rounded)/(whole-rounded) + 1; share <= 0 || share > most {
		t.Errorf("the step has %v %% of the run, want at most %.1f", share, most)
	}
}

func seconds(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTimeTravel(t *testing.T) {
	t.Parallel()
	// Every step has a different duration, so there are moments between start and end on any
	// machine.
	delays := "understand:delay=50ms,retrieve:delay=60ms,rerank:delay=70ms,synthesize:delay=80ms"
	s := start{args: []string{"--fault", delays, "docs"}}.open(t)
	s.see("Ask a question")
	s.ask(question)
	s.tap("timeline")
	s.lookUp("go to the start of the run")
	s.see("◂ ", "space to now")
	s.gone("✓ answered") // every part of the screen shows that moment
	seen := map[string]bool{}
	for i := 0; !strings.Contains(s.text(), "✓ answered"); i++ {
		if i > 500 {
			t.Fatalf("the end is not reached:\n%s", s.text())
		}
		before := s.text()
		seen[s.match(`◂ (\S+) of`)[1]] = true
		s.tapOf("time", 1)
		s.until("that time has moved", func(screen string) bool { return screen != before })
	}
	if len(seen) < 5 {
		t.Errorf("%d moments on the way from the start to the end: %v", len(seen), seen)
	}
	s.lookUp("go to the start of the run")
	s.see("record 1 of")
	s.lookUp("go forward to where a step starts or ends")
	s.match(`record (?:[2-9]|\d\d+) of`)
	s.lookUp("go back to where a step starts or ends")
	s.see("record 1 of")
	s.tap("live")
	s.see("✓ answered")
	s.gone("◂ ")
}

func TestTheFailingStepIsFound(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"--fault", "rerank:error=1", "docs"}}.open(t)
	s.see("Ask a question")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.see("✗ failed")
	s.match(`✗ .*rerank`)
	s.tap("timeline")
	s.tap("failure")
	s.tap("inspect")
	s.see("step · rerank", "✗ failed", "injected")
}

func TestASourceIsOpenedInTheEditorAtItsLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	editor, seen := filepath.Join(dir, "vim"), filepath.Join(dir, "seen")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\necho the editor is open\nprintf '%s\\n' \"$@\" > '"+seen+"'\nread x\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := start{env: map[string]string{"EDITOR": editor}}.open(t)
	s.see("Ask a question")
	s.ask(question)
	s.tap("sources")
	s.see("╭─ sources ", "[1] timeline.md:")
	line := s.match(`\[1\] timeline.md:(\d+)`)[1]
	s.press("↵")
	s.gone("╭─ sources ")
	s.see("How do I cancel a run?", "timeline.md")
	s.tap("edit")
	s.see("the editor is open")
	if s.emu.IsAltScreen() {
		t.Error("the editor is given the alternate screen")
	}
	s.write("\n")
	s.until("the explorer again", func(screen string) bool { return hint(screen, "edit") != "" })
	args, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(args)); len(got) != 2 || got[0] != "+"+line || filepath.Base(got[1]) != "timeline.md" {
		t.Errorf("the editor was called with %q, want line %s of timeline.md", got, line)
	}
	s.tap("close")
	s.see("✓ answered")
}

func TestWorkflowAndModelAreChosen(t *testing.T) {
	t.Parallel()
	_, url := fakeopenai.Start(t, "", "tiny-chat", "big-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}}.open(t)
	s.see("tiny-chat", "╭─ rag ")
	s.tap("commands")
	s.see("╭─ commands ")
	s.write("choose the workflow")
	s.see("▌choose the workflow")
	s.press("↵")
	s.see("╭─ workflow ")
	s.write("simple")
	s.see("▌simple")
	s.press("↵")
	s.see("╭─ simple ")
	s.chooseModel("big-chat")
	s.ask(question)
	s.see("✓ answered by big-chat")
}

// chooseModel chooses a model in the palette.
func (s *terminal) chooseModel(name string) {
	s.Helper()
	s.tap("commands")
	s.write("choose the models")
	s.see("▌choose the models")
	s.press("↵")
	s.see("╭─ models ", "the model that answers")
	s.write(name)
	s.see("▌" + name)
	s.press("↵")
	s.gone("╭─ models ")
}

func TestAChosenModelIsRemembered(t *testing.T) {
	t.Parallel()
	_, url := fakeopenai.Start(t, "", "tiny-chat", "big-chat")
	st := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}, home: t.TempDir(), w: 160, h: 40}
	s := st.open(t)
	s.see("tiny-chat")
	s.chooseModel("big-chat")
	s.see("big-chat")
	s.tap("quit")
	s.end()

	s = st.open(t)
	s.see("big-chat")
	s.ask(question)
	s.see("✓ answered by big-chat")
	s.tap("quit")
	s.end()

	doctor := st
	doctor.args = []string{"doctor", "docs"}
	_, shown := doctor.open(t).end()
	if want := "chosen on the screen, remembered for this endpoint in"; !strings.Contains(shown, want) {
		t.Errorf("%q is missing:\n%s", want, shown)
	}

	st.env["WEFT_MODEL"] = "tiny-chat" // comes before what is remembered
	s = st.open(t)
	s.ask(question)
	s.see("✓ answered by tiny-chat")
	s.chooseModel("big-chat") // comes before the environment, until the end
	s.see("until weft ends: environment WEFT_MODEL names tiny-chat")
	s.ask(question)
	s.see("✓ answered by big-chat")
}

func TestQuittingRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	for name, quit := range map[string]func(*terminal){
		"by the key that the question line shows": func(s *terminal) { s.tap("quit") },
		"by the key that the timeline shows":      func(s *terminal) { s.tap("timeline"); s.tap("quit") },
		"by ending the line":                      func(s *terminal) { s.press("^d") },
		"by a signal":                             func(s *terminal) { _ = s.cmd.Process.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			s := start{}.open(t)
			s.see("Ask a question")
			s.ask(question)
			quit(s)
			code, left := s.end()
			if strings.Contains(left, "\n") || !strings.Contains(left, question) || !strings.Contains(left, "✓") {
				t.Errorf("left on the screen, want a line that sums up the run:\n%s", left)
			}
			if code != 0 && name != "by a signal" {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestARunIsCancelledWhileItsAnswerStreams(t *testing.T) {
	t.Parallel()
	_, url := fakeopenai.Start(t, "tps=5&say="+strings.Repeat("lorem+ipsum+", 500), "tiny-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}}.open(t)
	s.see("tiny-chat")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.match(`lorem ipsum lorem ipsum`)
	s.tap("cancel")
	s.see("⊘")
	s.match(`lorem ipsum`) // the text received so far remains
	s.tap("timeline")
	words := func(screen string) int { return strings.Count(screen, "lorem") + strings.Count(screen, "ipsum") }
	for had := words(s.text()); had > 1; { // each step back takes away at most one group of tokens
		before := s.text()
		s.tapOf("time", 0)
		have := words(s.until("an earlier moment", func(screen string) bool { return screen != before }))
		if had-have > 2 {
			t.Fatalf("one event back, %d words are gone:\n%s", had-have, s.text())
		}
		had = have
	}
	s.tap("quit")
	if code, left := s.end(); code != 0 || !strings.Contains(left, "cancelled") {
		t.Errorf("exit code %d, and left on the screen:\n%s", code, left)
	}
}

func TestTheFirstFrameDoesNotWaitForTheIndex(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, what := range []string{"without an index", "with an index"} {
		s := start{home: home}.open(t)
		s.see("❯ ask a question", "Workflows")
		first := time.Since(s.began)
		s.see("ready to be searched")
		t.Logf("%s: the first frame after %d ms, ready after %d ms", what, first.Milliseconds(), time.Since(s.began).Milliseconds())
		s.introduced() // a reply that comes when the program has ended would be left on the screen
		s.tap("quit")
		if code, left := s.end(); code != 0 || left != "" {
			t.Errorf("%s: exit code %d, and text was left on the screen although nothing was asked:\n%s", what, code, left)
		}
	}
}

func TestAQuestionIsAskedDuringIndexing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 80 {
		write(t, dir, fmt.Sprintf("%03d.md", i), fmt.Sprintf("# Harbour %d\n\nHarbour number %d has %d cranes for its ships.\n", i, i, i+7))
	}
	server, url := fakeopenai.Start(t, "", "tiny-chat", "tiny-embed")
	server.Configure("latency=3s&max_batch=8")
	s := start{args: []string{dir}, env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url, "WEFT_EMBEDDING_MODEL": "tiny-embed"}}.open(t)
	s.see("❯ ask a question")
	s.write("how many cranes")
	s.see("❯ how many cranes", "indexing") // would continue for half a minute
	s.write(" has harbour 12?")
	s.see("has harbour 12?")
	s.tap("ask")
	s.match(`(?s)indexing.* ├ retrieve`) // the run continues meanwhile
	server.Configure("latency=0s")
	s.see("✓ answered")
}

func TestAPasteOfAMegabyteIsTruncated(t *testing.T) {
	t.Parallel()
	s := start{}.open(t)
	s.see("Ask a question")
	s.write("\x1b[200~" + strings.Repeat("all work and no play \x1b[31mmakes\x07 \u202eJack a dull boy\n", 1<<20/52) + "\x1b[201~")
	s.see("all work and no play")
	s.tap("clear")
	s.gone("all work")
	s.ask(question)
}

func TestControlSequencesInDocumentsAreNotSentToTheTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const title, bell, override, invisible = "\x1b]0;pwned\x07", "\x07", "\u202e", "\u200b"
	write(t, dir, "lighthouse"+title+override+invisible+".md",
		"# The lighthouse"+title+"\n\nThe lighthouse "+override+"keeper"+invisible+" lights\x1b[2J\x1b[31m the lamp"+bell+" at dusk.\x9b31m \x1b]52;c;cHduZWQ=\x07\n")
	s := start{args: []string{dir}, w: 120, h: 30}.open(t)
	s.see("Ask a question")
	s.ask("who lights the lamp of the lighthouse?")
	s.see("lamp")
	s.tap("sources")
	s.see("╭─ sources ", "lighthouse")
	s.press("↵")
	s.gone("╭─ sources ")
	s.see("The lighthouse", "dusk")
	s.tap("close")
	s.see("✓ answered")
	s.tap("timeline")
	s.tapOf("step", 1)
	s.tapOf("step", 1)
	s.tap("inspect")
	s.see("takes", "gives", "esc close") // the key q, which the timeline names for quitting, only closes the details
	s.tap("quit")
	_, left := s.end()
	all := s.written(0)
	if !utf8.ValidString(all) { // terminals may take such a byte for a control character
		t.Error("what is written is not UTF-8")
	}
	for _, bad := range []string{override, invisible, "\x1b[31m", "\u009b", "\x1b]0;"} {
		if strings.Contains(all, bad) {
			t.Errorf("%q reaches the terminal; at the end it shows:\n%s", bad, left)
		}
	}
	if len(s.copied()) > 0 {
		t.Errorf("a document has put %q into the clipboard", s.copied())
	}
	for _, title := range s.titles {
		if strings.Contains(title, "\x1b") {
			t.Errorf("the title is %q", title)
		}
	}
}
