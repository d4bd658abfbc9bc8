//go:build !windows

package cli

import (
	"strings"
	"testing"
)

// TestTheScreenSaysHowAQuestionWasUnderstood asks questions that stand alone, lean on the one before, have a
// slip of a word of the document, and have words that no document has. Only what leans on another
// question, or has a slip, is changed, and the screen says so.
func TestTheScreenSaysHowAQuestionWasUnderstood(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.ask("how do I deploy the service?")
	s.post("In which way do I look at the log?")
	if text := s.see("conversation · 2 of 2", "▌ In which way do I look at the log?", "Deploying the service ›"); strings.Contains(text, "understood as") {
		s.Errorf("a question that stands alone was joined:\n%s", text)
	}
	s.write("and how do I check it?")
	s.see("❯ and how do I check it?", "✓ answered") // in one frame, so the second question is answered
	s.tap("ask")
	s.see("conversation · 3 of 3", "✎ understood as: how do I check the log?", "as typed")

	s.press("^n")
	s.see("a new talk")
	s.post("how do I depoly the service?")
	s.see("conversation · 4 of 4", "✎ understood as: how do I deploy the service?", "✓ answered")
	key := s.match(`understood as: how do I deploy .* (\S+) as typed`)[1]
	s.press(key)
	s.see("conversation · 5 of 5")
	s.gone("✎ understood as")
	s.see("depoly the service?")

	s.press("^n")
	s.see("a new talk")
	s.post("who won the cup with bindings for an embedder?")
	if screen := s.see("conversation · 6 of 6", "❯ ask another question", "no answer"); strings.Contains(screen, "✎ understood as: who") {
		t.Errorf("words that no document has were changed:\n%s", screen)
	}
}
