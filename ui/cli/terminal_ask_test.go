//go:build !windows

package cli

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"weft/rag/llm/fakeopenai"
)

// The tests in this file cover the answer of weft ask on a terminal.

func TestAnAnswerIsDrawnOnATerminal(t *testing.T) {
	t.Parallel()
	const asked = "which exit codes are there?"
	for name, c := range map[string]struct {
		env      map[string]string
		line     string
		coloured bool
	}{
		"with colours":               {nil, "^ 0 +│ there is an answer$", true},
		"in a theme of one's choice": {map[string]string{"WEFT_THEME": "light"}, "^ 0 +│ there is an answer$", true},
		"without colours":            {map[string]string{"NO_COLOR": "yes"}, "^ 0 +│ there is an answer$", false},
		"where nothing can be drawn": {map[string]string{"TERM": "dumb"}, `^\| 0 \| there is an answer \|$`, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := start{args: []string{"ask", asked, "docs"}, env: c.env, h: 40}.open(t)
			code, left := s.end()
			if code != 0 || !regexp.MustCompile("(?m)"+c.line).MatchString(left) || !strings.Contains(left, "\nSources\n* [1]") {
				t.Errorf("exit code %d, left:\n%s", code, left)
			}
			if got := len(colours(s.written(0))) > 0; got != c.coloured {
				t.Errorf("colours: %v", got)
			}
		})
	}
	s := start{args: []string{"ask", asked, "docs"}, env: map[string]string{"WEFT_THEME": "pink"}}.open(t)
	if code, left := s.end(); code != exitUsage || !strings.Contains(left, `there is no theme "pink"`) {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
}

func TestADrawnAnswerIsLegibleOnDarkAndLight(t *testing.T) {
	t.Parallel()
	for _, light := range []bool{false, true} {
		s := start{args: []string{"ask", "how do I make a theme of my own?", "docs"}, light: light, w: 120, h: 50}.open(t)
		s.end()
		if low := worst(s); low.ratio < 3 {
			t.Errorf("light %v: the contrast of %s is %.1f", light, low.where, low.ratio)
		}
	}
}

func TestAModelsAnswerIsDrawnWhileItStreams(t *testing.T) {
	t.Parallel()
	say := "The **first** words of it [1].\n\n| key | does |\n|---|---|\n| `a` | this |\n| `b` | that |\n\n" + strings.Repeat("And a long tail. ", 30)
	_, at := fakeopenai.Start(t, "tps=20&say="+url.QueryEscape(say), "tiny-chat")
	s := start{args: []string{"ask", question, "docs"}, env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": at}, w: 80, h: 50}.open(t)
	early := s.see("The first words of it", "│", "And a long tail.")
	if strings.Contains(early, "Sources") {
		t.Error("nothing was drawn before the end")
	}
	code, left := s.end()
	if code != 0 || strings.Count(left, "The first words of it [1].") != 1 || strings.Count(left, "tail.") != 30 || strings.Contains(left, "**") || strings.Contains(left, "|") {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
}

func TestAnErrorIsPrintedBelowAnUnfinishedAnswer(t *testing.T) {
	t.Parallel()
	_, at := fakeopenai.Start(t, "tps=20&say="+strings.Repeat("lorem+ipsum+", 500), "tiny-chat")
	s := start{args: []string{"ask", question, "docs"}, env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": at}}.open(t)
	s.see("lorem ipsum lorem")
	s.press("^c")
	if code, left := s.end(); code != exitCancelled || !strings.HasSuffix(left, "\nweft: cancelled") {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
}

func TestVerboseRecordsDoNotInterleaveWithTheAnswer(t *testing.T) {
	t.Parallel()
	s := start{args: []string{"ask", "-v", question, "docs"}, h: 60}.open(t)
	code, left := s.end()
	at := strings.Index(left, "\nPress ctrl+c while the run is going")
	if code != 0 || at < 0 || strings.Contains(left[at:], "synthesize   ") || !strings.Contains(left[:at], "synthesize   done in") {
		t.Errorf("exit code %d, left:\n%s", code, left)
	}
}
