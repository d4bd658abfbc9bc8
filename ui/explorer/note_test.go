package explorer

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow/show"
)

func TestANoteHidesNeitherTheKeysNorTheAnswerNorWhatIsTyped(t *testing.T) {
	for _, size := range [][2]int{{59, 14}, {80, 24}, {200, 50}} {
		inBubble(t, size[0], size[1], Options{}, func(s *screen, e *scripted) {
			s.press(question, "enter")
			s.wait(4 * time.Second)
			s.press("draft", "tab", "c")
			for _, want := range []string{"marked: the steps that", "says each share", "❯ draft", "? help", "✓ answered without a model"} {
				s.has(want)
			}
			s.wait(10 * time.Second)
			s.hasNot("marked: the steps")
		})
	}
}

func TestALongNoteIsReadToItsEndOrToTheEndOfAWord(t *testing.T) {
	const long = "the model server at http://127.0.0.1:11434 is not reachable any more: answers are written from the documents' own sentences until it comes back"
	for _, where := range []struct {
		name string
		keys []string
		must []string // texts that the note must not hide
	}{
		{"beside an answer", []string{"draft"}, []string{"❯ draft", "✓ answered without a model", "f1 help"}},
		{"under a filtered timeline alone", []string{"tab", "f", "/", "step:re", "enter"}, []string{"/ step:re", "├ retrieve", "? help"}},
	} {
		for _, c := range []struct {
			w, h int
			last string // the last visible words of the note
		}{{59, 14, "comes back"}, {80, 24, "comes back"}, {200, 50, "comes back"}, {40, 10, "is not …"}} {
			synctest.Test(t, func(t *testing.T) {
				e := newScripted(playRag(time.Sleep))
				ready(e)
				s := open(t, e, Options{}, c.w, c.h)
				s.press(question, "enter")
				s.wait(4 * time.Second)
				s.press(where.keys...)
				tell(e.session, show.Notice{Level: show.Warning, Text: long})
				s.wait(100 * time.Millisecond)
				flat := strings.Join(strings.Fields(s.text()), " ")
				if !strings.Contains(flat, "! the model server at") || !strings.Contains(flat, c.last) {
					t.Errorf("%s, %d×%d: %q is not read in\n%s", where.name, c.w, c.h, c.last, s.text())
				}
				if c.w > 60 {
					for _, want := range where.must {
						s.has(want)
					}
				}
				s.close()
			})
		}
	}
}
