package explorer

import (
	"strings"
	"testing"
	"time"
)

func TestTheWholeRunIsShownInSmallWhereTheChartShowsAPartOfIt(t *testing.T) {
	for h, want := range map[int]bool{24: false, 30: true, 50: true} {
		inBubble(t, 80, h, Options{}, func(s *screen, _ *scripted) {
			s.press(question, "enter")
			s.wait(4 * time.Second)
			s.press("tab")
			s.hasNot("whole run") // the chart shows all of a small run
			s.press("+")
			if got := strings.Contains(s.text(), "whole run"); got != want {
				t.Errorf("80×%d: shown %v\n%s", h, got, s.text())
			}
		})
	}
}
