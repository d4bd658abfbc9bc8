//go:build !windows

package cli

import (
	"strings"
	"testing"
)

// TestAQuestionIsAskedAgainAsTyped: the document has both a word and what looks like a slip of it
// for a person who has another word in mind.
func TestAQuestionIsAskedAgainAsTyped(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.write("how do I depoly the service?")
	s.see("depoly the service?")
	s.tap("ask")
	s.see("✎ understood as: how do I deploy the service?", "✓ answered")
	key := s.match(`understood as: .* (\S+) as typed`)[1]
	s.press(key)
	s.see("conversation · 2 of 2")
	s.gone("✎ understood as")
	s.see("depoly the service?")
}

// TestAQuestionThatLeansOnTheLastOneSaysHowItWasUnderstood: only such a question is joined to it.
func TestAQuestionThatLeansOnTheLastOneSaysHowItWasUnderstood(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.ask("how do I deploy the service?")
	s.write("In which way do I look at the log?")
	s.see("look at the log?")
	s.tap("ask")
	if text := s.see("conversation · 2 of 2", "▌ In which way do I look at the log?", "Deploying the service ›"); strings.Contains(text, "understood as") {
		s.Errorf("a question that stands alone was joined:\n%s", text)
	}
	s.write("and how do I check it?")
	s.see("❯ and how do I check it?", "✓ answered") // in one frame, so the second question is answered
	s.tap("ask")
	s.see("conversation · 3 of 3", "✎ understood as: how do I check the log?", "as typed")
}
