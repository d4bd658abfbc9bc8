package explorer

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// states returns the states that were reported to the terminal (OSC 7501), in order.
func (s *screen) states() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range regexp.MustCompile(`\x1b\]7501;[^\a\x1b]*state=([a-z]+)`).FindAllStringSubmatch(s.out.String(), -1) {
		if len(out) == 0 || out[len(out)-1] != m[1] {
			out = append(out, m[1])
		}
	}
	return out
}

func TestTheTerminalShowsTheStateOfTheProgram(t *testing.T) {
	for name, c := range map[string]struct {
		opt      Options
		question string
		reply    []string
		want     []string
	}{
		"answered":  {question: question, want: []string{"idle", "working", "done"}},
		"failed":    {question: "please fail", want: []string{"idle", "working", "error"}},
		"asked":     {opt: Options{Workflow: "approve"}, question: question, reply: []string{"enter"}, want: []string{"idle", "working", "blocked", "working", "done"}},
		"listening": {opt: Options{ScreenReader: true}, question: question, want: []string{"idle", "working", "done"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 80, 24, c.opt, func(s *screen, e *scripted) {
				s.press(c.question, "enter")
				s.wait(3 * time.Second)
				s.press(c.reply...)
				s.wait(5 * time.Second)
				s.press("ctrl+c")
				<-s.done // the terminal keeps the last state after the program
				if got := s.states(); !slices.Equal(got, c.want) {
					t.Errorf("%v, want %v", got, c.want)
				}
				if out := s.sent(); strings.LastIndex(out, "\x1b]9;4;0") < strings.LastIndex(out, "\x1b]9;4;3") {
					t.Error("the terminal still shows progress")
				}
			})
		})
	}
}
