package explorer

import (
	"strings"
	"testing"
	"time"
)

func TestARunIsPlayedBack(t *testing.T) {
	inBubble(t, 100, 30, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(5 * time.Second)
		s.press("tab", "R")
		s.has("▸ ")
		s.has("· playback ×1/2 ─")
		s.has("space hold")
		s.has("<> speed ×1/2")
		s.hasNot("answered without a model")
		s.hasNot("to now")
		s.wait(2 * time.Second) // the answer is written again
		s.has("exponential backoff")
		s.press("space")
		s.has("◂ ")
		s.has("playback held")
		s.has("space play on")
		held := s.text()
		s.wait(time.Minute)
		if s.text() != held {
			t.Errorf("while it is held, the screen changes from\n%s\nto\n%s", held, s.text())
		}
		s.press("<", "<")
		s.has("speed ×1/8")
		s.press("R")
		s.has("playback ×1/8")
		s.wait(time.Second)
		s.hasNot("answered without a model")
		s.press(">", ">", ">", ">")
		s.has("playback ×2")
		s.wait(time.Second)
		s.has("✓ answered without a model") // at its end is the present
		s.hasNot("playback")
		s.hasNot("▸ ")
		s.press("<")
		s.has("no run is played back")

		s.press("R")
		s.has("playback ×2")
		s.press("left") // a moment that a person chooses ends it
		s.hasNot("playback")
		s.has("space to now")
		s.press("R", "esc")
		s.hasNot("playback")
		s.hasNot("to now")
	})
}

func TestAPlaybackIsReadToTheScreenReader(t *testing.T) {
	listen(t, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(5 * time.Second)
		s.press("tab", "R")
		s.wait(5 * time.Second)
		s.heard("Answered without a model", "played back at 1/2 of its speed; shift r holds it.", "retrieve, step started", "synthesize, step started", "The present.")
		if n := strings.Count(s.transcript(), "At "); n > 30 {
			t.Errorf("%d moments are read:\n%s", n, s.transcript())
		}
	})
}
