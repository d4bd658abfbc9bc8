//go:build !windows

package cli

import (
	"fmt"
	"strings"
	"testing"
)

// clickOn clicks on a text. A form that has opened by itself ignores keys for a moment, but no clicks.
func (s *terminal) clickOn(text string) {
	s.Helper()
	for y, line := range strings.Split(s.see(text), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			s.write(fmt.Sprintf("\x1b[<0;%d;%dM", len([]rune(before))+1, y+1))
			s.write(fmt.Sprintf("\x1b[<0;%d;%dm", len([]rune(before))+1, y+1))
			return
		}
	}
}

func TestProposedSourcesAreReadBeforeTheDecision(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"-w", "approve", "docs"}}.open(t)
	s.see("ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.see("? propose asks you", "● answer from these", "○ end without an answer")
	second := s.match(`▌ \[.\] \d\.\d\d  \S+:\d+ (?:.*\n.*)\[.\] \d\.\d\d  (\S+:\d+) `)[1]
	s.see("r read")
	s.clickOn("propose asks you")
	s.press("↓")
	s.match(`▌ \[.\] \d\.\d\d  ` + second)
	s.press("r")
	s.see("╭─ "+second, "score 0.", "▎ ")
	s.tap("close")
	s.gone("╭─ " + second)
	s.see("▌ [x] ", "↵ send")
	s.press("↵")
	s.see("✓ answered without a model")
}

func TestAProposalIsDeclinedInPlainWords(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]struct {
		keys []string
		want string
	}{
		"by the second choice":  {[]string{"tab", "tab", "→", "↵"}, "You chose to end without an answer."},
		"by keeping no passage": {[]string{"a", "↵"}, "You kept none of the 5 proposed sources"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start{args: []string{"-w", "approve", "docs"}}.open(t)
			s.see("ready to be searched")
			s.write(question)
			s.see(question)
			s.tap("ask")
			s.see("space keep or drop · a all")
			s.clickOn("propose asks you")
			for _, k := range decide.keys {
				s.press(k)
			}
			s.see(decide.want, "no answer")
		})
	}
}
