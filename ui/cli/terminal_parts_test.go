//go:build !windows

package cli

import (
	"strings"
	"testing"
)

// eight is a question of eight parts, all of which the manual answers.
const eight = "how do I cancel a run, how do I copy the answer, how do I set a timeout, how do I zoom the timeline, " +
	"how do I set a breakpoint, how do I choose a theme, how do I replay a run and which file types are read?"

func TestAQuestionOfManyPartsOffersResearchWhichSearchesForAll(t *testing.T) {
	t.Parallel()
	s := start{}.open(t)
	s.see("ready to be searched")
	s.write(eight)
	s.see("which file types are read?")
	s.tap("ask")
	s.match(`─ rag · ! \d of 8 parts of the question (?:is|are) not answered`)
	s.match(`\n ! rag \d`) // the folded timeline
	s.tap("ask research")
	s.match(`─ (?:rag|research) · ✓ answered without a model`)
	s.tap("timeline")
	s.see("╭─ timeline · research", "rag ×8")
}

func TestPartsThatResearchDoesNotSearchForAreNamed(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"-w", "research", "docs"}, env: map[string]string{"WEFT_PARTS": "3"}}.open(t)
	s.see("ready to be searched")
	s.write(eight)
	s.see("which file types are read?")
	s.tap("ask")
	s.see("─ research · ! 5 of 8 parts were not searched for")
	s.tap("timeline")
	s.tap("answers")
	s.lookUp("scroll to the end")
	s.see("which file types are read?”", "raise the setting parts")
}

func TestTheExitCodeSaysThatPartsWereNotSearchedFor(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"ask", "-w", "research", eight, "docs"}, env: map[string]string{"WEFT_PARTS": "3"}}.open(t)
	if code, left := s.end(); code != 4 || !strings.Contains(left, "5 of 8 parts were not searched for") {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
}
