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

// TestAStalledPhaseHasNoTimeLeft checks that no remaining time is shown while one file takes long.
func TestAStalledPhaseHasNoTimeLeft(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	last := start.Add(time.Second)
	for _, tt := range []struct {
		done  int
		after time.Duration // since the last report
		known bool
	}{
		{30, time.Second, true}, {30, 3 * time.Second, false},
		{1, 2500 * time.Millisecond, true}, // a file a second: the next one may be near
		{1, 4 * time.Second, false},
	} {
		g := gauge{files: progress{done: tt.done, total: 40, first: start, last: last}}
		if rate, left := g.rate(last.Add(tt.after)); rate > 0 != tt.known || left > 0 != tt.known {
			t.Errorf("%d files in a second, then none for %v: %.1f files/s, %v left", tt.done, tt.after, rate, left)
		}
	}
}

func TestTheDescriptionOfACorpusIsBrokenBetweenItsParts(t *testing.T) {
	parts := []string{"121 markdown, 48 pdf", "12.3 MB of text", "English, German"}
	about := "121 markdown, 48 pdf · 12.3 MB of text · English, German"
	for w, want := range map[int]string{
		80: about,
		45: "121 markdown, 48 pdf · 12.3 MB of text|English, German",
		20: "121 markdown, 48 pdf|12.3 MB of text|English, German",
		10: about,
	} {
		if got := strings.Join(aboutLines(parts, w), "|"); got != want {
			t.Errorf("in %d cells: %q, want %q", w, got, want)
		}
	}
}

// TestEscapeClosesANoteBeforeItLeavesTheQuestion checks that what is typed after a note was closed is
// a question, and not keys of the timeline.
func TestEscapeClosesANoteBeforeItLeavesTheQuestion(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("\x1bx") // no file is left out
		s.has("! no file")
		s.press("esc")
		s.hasNot("! no file")
		s.press("why?")
		s.has("❯ why?")
	})
}
