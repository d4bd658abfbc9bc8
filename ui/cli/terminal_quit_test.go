//go:build !windows

package cli

import (
	"strings"
	"testing"

	"weft/rag/llm/fakeopenai"
)

// streaming opens the program with an answer that streams for minutes.
func streaming(t *testing.T) *terminal {
	_, url := fakeopenai.Start(t, "tps=5&say="+strings.Repeat("lorem+ipsum+", 500), "tiny-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}}.open(t)
	s.see("tiny-chat", "ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.see("lorem ipsum")
	return s
}

func TestQuittingAsksBeforeItEndsARun(t *testing.T) {
	t.Parallel()
	s := streaming(t)
	s.tap("timeline")
	s.lookUp("asks before it ends a run")
	s.see("╭─ quit ", "▌stay", "quit and cancel the run")
	s.press("↵") // stays
	s.gone("╭─ quit ")
	s.match(`● live`)
	s.lookUp("asks before it ends a run")
	s.see("▌stay")
	s.press("↓")
	s.see("▌quit and cancel the run")
	s.press("↵")
	if code, left := s.end(); code != 0 || !strings.Contains(left, question) {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
}

func TestTheSecondInterruptQuits(t *testing.T) {
	t.Parallel()
	s := streaming(t)
	s.tap("cancel")
	s.see("⊘ cancelled", "again quits")
	s.tap("quit")
	if code, left := s.end(); code != 0 || !strings.Contains(left, "cancelled") {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
}
