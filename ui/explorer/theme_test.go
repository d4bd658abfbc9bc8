package explorer

import (
	"strings"
	"testing"

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
