package explorer

import (
	"strings"
	"testing"
	"time"

	"weft/flow/show"
)

func TestTheFirstScreenSaysWhatTheDocumentsHoldAndWhatTheyAnswer(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		tell(e.session, overview)
		s.wait(time.Second)
		s.has("121 markdown, 48 pdf, 20 html, 9 docx, 6 of other kinds · 12.3 MB of text")
		s.has("English, German")
		s.has("❯ How do retries back off?")
		s.press("down", "down")
		if n := strings.Count(s.text(), "❯ Which file types are read?"); n != 2 { // suggested, and in the line
			t.Errorf("the second question is on the screen %d times:\n%s", n, s.text())
		}
		s.press("down", "down") // the first one again
		s.press("enter")
		s.has("How do retries back off?")
		s.hasNot("They answer, for example")
		s.press("down")
		s.has("❯ ask another question")
	})
}

func TestATypedQuestionIsNotReplacedByASuggestion(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		tell(e.session, overview)
		s.wait(time.Second)
		s.press("what", "down")
		s.has("❯ what ")
	})
}

// The texts come from documents.
func TestSuggestionsAreHarmless(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		tell(e.session, show.Overview{Kinds: []show.KindCount{{Kind: "\x1b[31mred", Files: 1}}, Languages: []string{"\x1b]0;title\a"}, Questions: []string{"a\x1b[2Jb\nc?"}})
		s.wait(time.Second)
		s.has("❯ ab c?")
		s.press("down")
		s.hasNot("\x1b")
	})
}
