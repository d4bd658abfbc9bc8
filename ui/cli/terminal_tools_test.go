//go:build !windows

package cli

import (
	"testing"

	"weft/rag/tools"
)

// TestACallOfAToolServerAsksInATerminal permits a call on the command line. The permission is
// remembered: in the explorer the same tool is called without a question.
func TestACallOfAToolServerAsksInATerminal(t *testing.T) {
	t.Parallel()
	h := newTidal(t)
	s := start{home: h.home, env: h.env, w: 100, h: 40, args: []string{"ask", "-w", "agent", tideQuestion, "docs"}}.open(t)
	s.see("the tool tide of the program tides", "Sandhaven", "Call it? [y/N]")
	if h.called() {
		t.Error("the tool was called before the reply")
	}
	s.write("y\r")
	s.see("At noon [1].", "tides/tide")
	if code, _ := s.end(); code != 0 || !h.called() {
		t.Errorf("exit code %d, called: %v", code, h.called())
	}
	s = start{home: h.home, env: h.env, w: 100, h: 40, args: []string{"-w", "agent", "docs"}}.open(t)
	s.see("Ask a question")
	s.write(tideQuestion)
	s.press("↵")
	s.see("At noon [1].", "answered by tiny-chat")
	s.quit()
}

// TestACallOfAToolServerAsksWithAForm declines a call in the explorer, and permits the next one.
func TestACallOfAToolServerAsksWithAForm(t *testing.T) {
	t.Parallel()
	h := newTidal(t)
	s := start{home: h.home, env: h.env, w: 100, h: 40, args: []string{"-w", "agent", "docs"}}.open(t)
	s.see("Ask a question")
	s.write(tideQuestion)
	s.press("↵")
	s.see("the tool tide of the program tides", "Call it?", "○ yes", "● no")
	s.clickOn("asks you") // a form that has opened by itself ignores keys for a moment
	s.press("↵")
	s.see("Nothing in the indexed documents answers this question")
	if h.called() {
		t.Error("the tool was called though it was declined")
	}
	s.write(tideQuestion)
	s.press("↵")
	s.see("Call it?", "○ yes", "● no")
	s.clickOn("asks you")
	s.press("←")
	s.see("● yes", "○ no")
	s.press("↵")
	s.see("At noon [1].", "answered by tiny-chat")
	if !h.called() {
		t.Error("the tool was not called")
	}
	s.quit()
}

// TestAPersonPermitsTheCallOfAnAgentsRunInTheExplorer opens a run in the history that an agent has
// started through weft mcp, and that waits for the permission.
func TestAPersonPermitsTheCallOfAnAgentsRunInTheExplorer(t *testing.T) {
	t.Parallel()
	h := newTidal(t)
	s := start{home: h.home, env: h.env, w: 100, h: 40}.open(t)
	s.see("Ask a question")
	s.press("^r")
	s.see("history of", "there are no runs yet")
	a := h.agent(t, nil)
	var got tools.AskOutput
	a.call(t, "ask", map[string]any{"question": tideQuestion, "workflow": "agent"}, &got)
	s.see("waiting for you", tideQuestion)
	s.press("↵")
	s.see("the tool tide of the program tides", "Call it?", "○ yes", "● no")
	s.clickOn("asks you") // a form that has opened by itself ignores keys for a moment
	s.press("←")
	s.see("● yes", "○ no")
	s.press("↵")
	s.see("At noon [1].", "answered by tiny-chat")
	var ended tools.AskOutput
	a.call(t, "ask", map[string]any{"run": got.Run}, &ended)
	if got.Status != tools.StatusWaiting || ended.Status != tools.StatusDone || ended.Answer != "At noon [1]." || !h.called() {
		t.Errorf("called: %v, first %+v, then %+v", h.called(), got, ended)
	}
	s.quit()
}
