//go:build !windows

package cli

import (
	"strings"
	"testing"
)

// TestTheAnswerOnTheScreenIsTheSelectedOne asks three questions and goes back to earlier ones in each way
// that there is. What is copied, and whose sources are listed, is what is on the screen.
func TestTheAnswerOnTheScreenIsTheSelectedOne(t *testing.T) {
	t.Parallel()
	const second, third = "which keys zoom the timeline?", "how do I quit?"
	s := start{}.open(t)
	s.see("ready to be searched")
	for _, q := range []string{question, second, third} {
		s.ask(q)
	}
	copies := 0
	// copied copies the answer that is on the screen, and checks that it is the one to the question
	copied := func(asked, text string) {
		t.Helper()
		s.tap("copy")
		s.see(`copied the answer to "` + asked)
		// The sequence may be written a frame later
		copies++
		s.until("its clipboard", func(string) bool { return len(s.copied()) == copies })
		if got := s.copied()[copies-1]; !strings.Contains(got, text) || !strings.Contains(got, "[1]") {
			t.Errorf("copied %q, want the Markdown of the answer to %s", got, asked)
		}
	}
	s.see("conversation · 3 of 3")
	copied(third, "How do I quit?")
	s.tap("timeline")
	s.tap("answers")
	for screen := s.text(); !strings.Contains(screen, "▌ "+question); {
		before := screen
		s.tapOf("scroll", 0)
		screen = s.until("that it is scrolled", func(now string) bool { return now != before })
	}
	s.see("conversation · 1 of 3")
	copied(question, "`ctrl+c`")
	s.tap("sources")
	s.see("╭─ sources ", `which source of "`+question, "[1] timeline.md:")
	s.press("esc")
	s.gone("╭─ sources ")
	s.lookUp("show the next run")
	s.see("conversation · 2 of 3")
	copied(second, "zoom")
	s.tap("question")
	s.tap("timeline")
	s.see("timeline · rag · run 2 of 3")
	s.lookUp("show the previous run")
	s.see("timeline · rag · run 1 of 3", "conversation · 1 of 3")
	s.tap("answers")
	copied(question, "`ctrl+c`")
	s.clickOn("❯ " + second)
	s.see("conversation · 2 of 3")
	copied(second, "zoom")
	s.tap("question")
	s.post("which file types are read?")
	s.see("! not everything is listed", " more are in [") // the rows of a table
}
