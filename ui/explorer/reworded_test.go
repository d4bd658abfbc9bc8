package explorer

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/status"
)

// reworded spells the words of every status backwards, and returns a function that spells them
// forwards in a text.
func reworded(t *testing.T) (back func(string) string) {
	before := status.Table
	t.Cleanup(func() { status.Table = before })
	var pairs []string
	for i := range status.Table {
		s := &status.Table[i]
		for _, word := range []*string{&s.Word, &s.Spoken, &s.Short, &s.Axis} {
			if letters := []rune(*word); len(letters) > 0 {
				slices.Reverse(letters)
				pairs = append(pairs, string(letters), *word)
				*word = string(letters)
			}
		}
	}
	return func(text string) string {
		for n := range longestFirst(pairs) {
			text = strings.ReplaceAll(text, pairs[n], pairs[n+1])
		}
		return text
	}
}

// longestFirst yields the positions of the pairs, the longest first text first, because a word may
// be part of another.
func longestFirst(pairs []string) func(yield func(int) bool) {
	var at []int
	for i := 0; i < len(pairs); i += 2 {
		at = append(at, i)
	}
	slices.SortStableFunc(at, func(a, b int) int { return len(pairs[b]) - len(pairs[a]) })
	return slices.Values(at)
}

// conversations are dialogues with a screen reader that pass through every status. They record what
// is read, and what the screen shows at the end.
var conversations = map[string]func(t *testing.T, seen *string){
	"a person is waited for": func(t *testing.T, seen *string) {
		inBubble(t, 80, 24, Options{ScreenReader: true, Workflow: "approve"}, func(s *screen, _ *scripted) {
			s.press(question, "enter")
			s.wait(2 * time.Second)
			s.press("enter")
			s.wait(5 * time.Second)
			*seen = s.transcript()
		})
	},
	"a step fails": func(t *testing.T, seen *string) {
		inBubble(t, 80, 24, Options{ScreenReader: true}, func(s *screen, _ *scripted) {
			s.press("please fail", "enter")
			s.wait(2 * time.Second)
			s.press("tab", "down", "down", "enter", "down")
			*seen = s.transcript()
		})
	},
	"a run is paused": func(t *testing.T, seen *string) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			e := newFlowEngine(ctx)
			s := open(t, e, Options{ScreenReader: true}, 80, 24)
			s.press("ctrl+p", "breakpoints", "enter", "rerank", "enter", "one", "enter")
			s.wait(2 * time.Second)
			s.press("tab", "W", "P")
			s.wait(2 * time.Second)
			*seen = s.transcript()
			e.life.Cancel(nil)
			cancel()
			s.close()
		})
	},
	"files are left out, and the header that says so is clicked": func(t *testing.T, _ *string) {
		synctest.Test(t, func(t *testing.T) {
			e := newScripted(playRag(time.Sleep))
			e.introduce(true)
			leaveOut(e, e.startIndex())
			s := open(t, e, Options{}, 120, 30)
			s.wait(100 * time.Millisecond)
			s.press(mouseSeq("<0;", 32, 1, "M"), mouseSeq("<0;", 32, 1, "m"))
			s.has("3 files left out, and 1 by rule")
			s.close()
		})
	},
}

// TestARewordedStatusChangesNothingButItsWords checks that no behaviour depends on words such as
// "queued" or "waits for": which steps are announced, what an explanation leaves out, and what can
// be clicked.
func TestARewordedStatusChangesNothingButItsWords(t *testing.T) {
	for name, play := range conversations {
		t.Run(name, func(t *testing.T) {
			var want, got string
			play(t, &want)
			back := reworded(t)
			play(t, &got)
			words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			if want != "" && !strings.Contains(got, status.Running.Spoken()) {
				t.Errorf("no reworded status is seen:\n%s", got)
			}
			if a, b := words(want), words(back(words(got))); a != b {
				t.Errorf("with other words:\n%s\nwith the usual ones:\n%s", b, a)
			}
		})
	}
}

func TestAPausedRunIsExplainedOnceWhateverTheWord(t *testing.T) {
	reworded(t)
	within := &flow.Explanation{Paused: true, Steps: []flow.StepLoad{{Step: "g", Queued: 1, Free: 1}}, Run: "r/4"}
	lines := explainWords(flow.Explanation{Paused: true, Runs: []*flow.Explanation{within}}, time.Now(), func(c string) string { return c })
	if len(lines) != 2 || !strings.HasPrefix(lines[0], canvas.Line(status.Paused.Word())) || lines[1] != "in r/4: g: 1 execution would start next" {
		t.Errorf("%q", lines)
	}
}
