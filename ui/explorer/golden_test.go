package explorer

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// scenes are what a person may look at; each is brought about in the explorer that was opened at some size.
var scenes = []struct {
	name  string
	setup func(*scripted) // what the session has told before the explorer opens
	play  func(*screen, *scripted)
}{
	{"first-run", func(e *scripted) {
		e.introduce(true)
		r := e.startIndex()
		go func() {
			for i := range 30 {
				indexed(r, 3*i, 204, 270*i)
				time.Sleep(101 * time.Millisecond)
			}
		}()
	}, func(s *screen, _ *scripted) { s.wait(2060 * time.Millisecond) }},
	{"empty-corpus", func(e *scripted) {
		e.introduce(true)
		tell(e.session, "Corpus", map[string]any{"dir": "~/empty", "state": "failed", "error": "there are no documents in ~/empty that weft can read"})
	}, func(s *screen, _ *scripted) {}},
	{"running", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(500 * time.Millisecond)
	}},
	{"answered", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
	}},
	{"second-question", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("And when do they stop?", "enter")
		s.wait(4 * time.Second)
	}},
	{"cancelled", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(900 * time.Millisecond)
		s.press("ctrl+c")
	}},
	{"failed", ready, func(s *screen, _ *scripted) {
		s.press("please fail", "enter")
		s.wait(4 * time.Second)
	}},
	{"scrubbed", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("tab", "down", "down", "left", "left", "left", "left")
	}},
	{"inspector", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("tab", "down", "down", "enter")
	}},
	{"help", ready, func(s *screen, _ *scripted) { s.press("f1") }},
	{"palette", ready, func(s *screen, _ *scripted) { s.press("ctrl+p", "flow") }},
	{"human-wait", ready, func(s *screen, _ *scripted) {
		s.press("shift+tab", "shift+tab", question, "enter")
		s.wait(4 * time.Second)
	}},
}

func ready(e *scripted) {
	e.introduce(true)
	e.ready()
}

var goldenSizes = [][2]int{{1, 1}, {39, 9}, {59, 14}, {80, 24}, {120, 30}, {200, 50}}

func TestScreens(t *testing.T) {
	for _, sc := range scenes {
		for _, size := range goldenSizes {
			t.Run(fmt.Sprintf("%s-%dx%d", sc.name, size[0], size[1]), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := newScripted(playRag(time.Sleep))
					sc.setup(e)
					s := open(t, e, Options{}, size[0], size[1])
					sc.play(s, e)
					s.golden(fmt.Sprintf("%s-%dx%d", sc.name, size[0], size[1]))
					s.close()
				})
			})
		}
	}
}

// The same screen in every look: with its colours, as styled text.
func TestLooks(t *testing.T) {
	for name, opt := range map[string]Options{
		"dark":     {Theme: "dark"},
		"light":    {Env: []string{"TERM=xterm-256color", "COLORTERM=truecolor", "TEST_BACKGROUND=white"}}, // the terminal says so when it is asked
		"dark-cb":  {Theme: "dark-cb"},
		"no-color": {Env: []string{"TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 80, 24, opt, func(s *screen, _ *scripted) {
				s.press(question, "enter")
				s.wait(4 * time.Second)
				s.press("tab", "down")
				s.mu.Lock()
				got := s.emu.Render() + "\n"
				s.mu.Unlock()
				file := filepath.Join("testdata", "look-"+name+".ansi")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s differs:\n%s", file, got)
				}
			})
		})
	}
}
