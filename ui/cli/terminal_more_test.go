//go:build !windows

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

func TestAScreenReaderUserAsksFollowsAndQuits(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"--screen-reader", "on", "docs"}}.open(t)
	s.see("question for rag:", "Ready:")
	s.write(question)
	s.see("question for rag: " + question)
	s.press("↵")
	s.see("Source 1, cited: timeline.md, lines", "Answered without a model from")
	s.press("tab")
	s.match(`Row 1: Run of rag: done`)
	s.press("↓", "↓")
	s.match(`Row 3: retrieve: done, .*caused by\s+understand`)
	s.press("q")
	code, left := s.end()
	all := s.written(0)
	if code != 0 || !strings.Contains(left, `done: "`+question+`" answered without a model`) {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
	for _, no := range []string{"\x1b[?1049h", "\x1b[?1002h", "─", "│", "█", "✓ ├"} {
		if strings.Contains(all, no) {
			t.Errorf("%q was written", no)
		}
	}
}

func TestARunPausesAtABreakpointAndSaysWhy(t *testing.T) {
	t.Parallel()
	s := start{w: 120, h: 40}.open(t)
	s.see("Ask a question")
	s.tap("commands")
	s.write("breakpoints")
	s.see("▌breakpoints")
	s.press("↵")
	s.see("╭─ breakpoints of rag")
	s.write("rerank")
	s.see("▌rerank")
	s.press("↵")
	s.see("rag · stops at rerank")
	s.write(question)
	s.tap("ask")
	s.see("paused before rerank")
	s.tap("timeline")
	s.lookUp("say why nothing moves")
	s.see("why ", "paused: ", "rerank: 1 execution would start next")
	s.tap("close")
	s.gone("╭─ run ")
	s.until("the keys of a held run first", func(screen string) bool {
		lines := strings.Split(strings.TrimSpace(screen), "\n")
		return strings.HasPrefix(strings.TrimSpace(lines[len(lines)-1]), "P continue   . one step ")
	})
	// The past has another sign, and says that the run continues meanwhile
	s.see("❚❚ paused at ")
	s.tapOf("time", 0)
	s.see("◂ paused before rerank", "space to now")
	s.gone("❚❚ paused")
	s.tap("continue")
	s.match(`\+\d+ events `)
	s.tap("live")
	s.see("✓ answered")
	s.gone("◂ ")
}

func TestAStepIsMadeToFailOnTheScreen(t *testing.T) {
	t.Parallel()
	s := start{}.open(t)
	s.see("Ask a question")
	s.ask(question)
	s.tap("timeline")
	s.tapOf("step", 1)
	s.tapOf("step", 1)
	s.tapOf("step", 1)
	s.lookUp("make the selected step fail")
	s.see("? fault of rerank", "go wrong on purpose, in each attempt that begins from now on", "● none", "○ fails", "○ half fail", "○ 2s late", "○ never ends")
	s.press("→")
	s.see("● fails")
	s.press("↵")
	s.see("rerank has the fault error=1", "faults: rerank")
	s.lookUp("go to the question line")
	s.write("and how do I quit?")
	s.tap("ask")
	s.see("✗ failed after")
	s.match(`✗ .*rerank`)
}

func TestFilesThatAreLeftOutAreListed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "a.md", "# Harbour\n\nThe harbour has nine cranes.\n")
	write(t, dir, "empty.md", "")
	write(t, dir, "picture.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00")
	s := start{args: []string{dir}, w: 120, h: 30}.open(t)
	s.see("2 files left out", "says why")
	s.tap("commands")
	s.write("left out")
	s.see("▌list the files that are left out")
	s.press("↵")
	s.see("empty.md", "picture.png", "2 files left out")
}

func TestASourceOfOneOfSeveralDirectoriesIsShownInItsDocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"harbour", "airport"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "harbour/a.md", "# Harbour\n\nThe harbour has nine cranes.\n\n## Ferries\n\nA ferry leaves at noon.\n")
	write(t, dir, "airport/b.md", "# Airport\n\nThe airport has two runways.\n")
	s := start{args: []string{filepath.Join(dir, "harbour"), filepath.Join(dir, "airport")}, w: 120, h: 30}.open(t)
	s.see("Ask a question")
	s.ask("how many cranes does the harbour have?")
	s.see("harbour/a.md", "✓ answered")
	s.tap("sources")
	s.see("which source of")
	s.press("↵")
	// Text below the passage, which only the document has
	s.see("╭─ harbour/a.md", "A ferry leaves at noon.")
}

func TestCopyingWorksInTmux(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := filepath.Join(dir, "got")
	if err := os.WriteFile(filepath.Join(dir, "tmux"), []byte("#!/bin/sh\n[ \"$1 $2 $3\" = 'load-buffer -w -' ] && cat > '"+got+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := start{w: 120, h: 30, env: map[string]string{"TMUX": "/tmp/tmux-1/default,1,0", "PATH": dir + ":" + os.Getenv("PATH")}}.open(t)
	s.see("Ask a question")
	s.ask(question)
	s.tap("copy")
	s.see("copied the answer to", "tmux")
	text, err := os.ReadFile(got)
	if err != nil || !strings.Contains(string(text), "`ctrl+c`") {
		t.Errorf("tmux was given %q, %v", text, err)
	}
}

func TestSuspendAndResume(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash, whose job control suspends programs")
	}
	s := start{shell: bash, args: []string{"--norc", "--noprofile", "-i"}, env: map[string]string{"PS1": "ready> "}}.open(t)
	s.see("ready>")
	s.write("weft docs\n")
	s.see("Ask a question", "ready to be searched")
	s.write("half a thought")
	s.see("❯ half a thought")
	s.press("^z")
	s.see("Stopped", "ready>")
	s.mu.Lock()
	if s.emu.IsAltScreen() {
		t.Error("the shell is left on the alternate screen")
	}
	s.mu.Unlock()
	s.write("fg\n")
	s.see("❯ half a thought", "╭─ welcome")
	s.tap("clear")
	s.gone("half a thought")
	s.tap("quit")
	s.match(`fg\s+weft docs\s+ready>`) // the shell's lines from before, and nothing else
	s.write("exit\n")
	select {
	case <-s.ended:
	case <-time.After(screenTimeout):
		t.Fatalf("the shell continues:\n%s", s.text())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// The emulator keeps one cursor state per screen, terminals have only one.
	for mode, on := range map[int]bool{25: true, 1049: false, 1002: false} {
		if s.modes[mode] != on {
			t.Errorf("mode %d is left %v", mode, s.modes[mode])
		}
	}
}

func TestTheHelpFitsTheTerminalInWholeWords(t *testing.T) {
	t.Parallel()
	for _, w := range []int{60, 80} {
		s := start{args: []string{"ask", "--help"}, w: w, h: 60}.open(t)
		if code, _ := s.end(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		for line := range strings.SplitSeq(strings.ReplaceAll(s.written(0), "\r", ""), "\n") {
			line = strings.NewReplacer("\x1b[1m", "", "\x1b[m", "").Replace(line)
			if len([]rune(line)) > w || strings.HasSuffix(line, " ") {
				t.Errorf("at %d columns: %q", w, line)
			}
		}
		if all := strings.Join(strings.Fields(s.written(0)), " "); !strings.Contains(all, "decide on proposed sources without being asked: all, none or top3") {
			t.Errorf("the flags are not shown:\n%s", s.written(0))
		}
	}
}

func TestTheRunningStepIsShownWhileWaiting(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"ask", "--fault", "rerank:delay=1200ms", question, "docs"}}.open(t)
	s.see("rerank running · ")
	code, left := s.end()
	if code != 0 || strings.Contains(left, "running") || !strings.HasPrefix(left, "The timeline and its keys › How do I cancel a run?") {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
	for line := range strings.SplitSeq(s.written(0), "\r\n") {
		if at := strings.LastIndex(line, "\x1b[K"); at >= 0 {
			line = line[at:]
		}
		if ansi.StringWidth(line) > 80 {
			t.Errorf("a line is too long for the terminal: %q", line)
		}
	}
}
