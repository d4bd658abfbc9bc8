package explorer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weft/ui/theme"
)

func TestThemesAreChosenWhileItRuns(t *testing.T) {
	mine, err := theme.Custom("mine", "light", map[string]theme.Colour{"accent": 0x123456})
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, 80, 24, Options{Themes: []theme.Theme{mine}}, func(s *screen, e *scripted) {
		s.press("ctrl+p", "choose the theme", "enter")
		for _, want := range []string{"which theme?", "dark-cb", "for the colour-blind", "mine", "your own"} {
			s.has(want)
		}
		s.press("mine", "enter")
		s.has(`theme = "mine" in the config file keeps it`)
		if !strings.Contains(s.sent(), "38;2;18;52;86") {
			t.Errorf("its colour is not used: %q", s.sent()[len(s.sent())-700:])
		}
	})
	inBubble(t, 80, 24, Options{Env: []string{"NO_COLOR=1", "TERM=xterm"}}, func(s *screen, e *scripted) {
		s.press("ctrl+p", "choose the theme", "enter")
		s.has("NO_COLOR is set")
	})
}

// A terminal that does not say whether it is dark has the background that COLORFGBG announces,
// otherwise that of the system's windows.
func TestTheBackgroundOfATerminalThatDoesNotAnswer(t *testing.T) {
	light := func() (dark, known bool) { return false, true }
	dark := func() (dark, known bool) { return true, true }
	for _, c := range []struct {
		name, env, want string
		appearance      func() (bool, bool)
	}{
		{"nothing is known", "", "dark", nil},
		{"the system is light", "", "light", light},
		{"the system is dark", "", "dark", dark},
		{"a light terminal on a dark system", "COLORFGBG=0;15", "light", dark},
		{"a dark terminal on a light system", "COLORFGBG=15;default;0", "dark", light},
		{"a terminal that answers", "TEST_BACKGROUND=black", "dark", light},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := []string{"TERM=xterm-256color", "COLORTERM=truecolor", "TEST_BACKGROUND=unknown", c.env}
			inBubble(t, 80, 24, Options{Env: env, appearance: c.appearance}, func(s *screen, _ *scripted) {
				s.wait(time.Second)
				s.press("f1", "esc") // draws all of the screen
				used := map[string]bool{}
				for _, name := range []string{"dark", "light"} {
					th, err := theme.Named(name, name == "dark")
					if err != nil {
						t.Fatal(err)
					}
					r, g, b, _ := th.Muted.Fg.RGBA()
					used[name] = strings.Contains(s.sent(), fmt.Sprintf("38;2;%d;%d;%d", r>>8, g>>8, b>>8))
				}
				// The first frame does not wait for the system, and is dark.
				if !used[c.want] || c.want == "dark" && used["light"] {
					t.Errorf("used are %v, wanted is %s", used, c.want)
				}
			})
		})
	}
}

func TestThePairsOfThemesAreListed(t *testing.T) {
	dark, _ := theme.Named("dark", true)
	light, _ := theme.Named("light", false)
	dark.Name, light.Name = "sea-dark", "sea-light"
	inBubble(t, 80, 30, Options{Themes: []theme.Theme{dark, light}}, func(s *screen, e *scripted) {
		s.press("ctrl+p", "choose the theme", "enter")
		for _, want := range []string{"auto ", "cb ", "sea "} {
			s.has(want)
		}
		s.press("sea", "enter")
		s.has("theme = \"sea\" in the config file keeps it")
	})
}
