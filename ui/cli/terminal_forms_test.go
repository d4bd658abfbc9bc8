//go:build !windows

package cli

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"weft/rag/llm/fakeopenai"
)

// TestAPersonSeesTheSameAnswerWhateverFormTheModelGivesIt asks questions about the manual in one
// conversation. The scripted model answers in six forms of citations, and in several forms of
// reasoning. The screen must show the answer alone, with its citations in one form, and its sources.
func TestAPersonSeesTheSameAnswerWhateverFormTheModelGivesIt(t *testing.T) {
	t.Parallel()
	server, at := fakeopenai.Start(t, "", "tiny-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": at}, w: 120, h: 44}.open(t)
	s.see("tiny-chat", "ready to be searched")
	ordinals := strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh")
	for i, c := range []struct{ question, says, shown, hidden string }{
		{"how do I cancel a run?", "This is the %s answer [1]. It has an end.", "[1]", ""},
		{"what is a workflow?", "This is the %s answer [Source: 1]. It has an end.", "[1]", "Source: 1"},
		{"what are the exit codes?", "This is the %s answer (source 1). It has an end.", "[1]", "(source"},
		{"where is history kept?", "This is the %s answer【1:0†file】. It has an end.", "[1]", "†"},
		{"how do I set a breakpoint?", "This is the %s answer [^1]. It has an end.", "[1]", "^1"},
		{"how do I change the model?", "This is the %s answer [1, 2]. It has an end.", "[1][2]", "[1, 2]"},
		{"how do I rebuild the index?", "<think>\nThe passages were thought about.\n</think>\n\nThis is the %s answer [1]. It has an end.", "[1]", "thought about"},
		{"what is an event?", "Okay, the user asks, and I thought about it.\n</think>\n\nThis is the %s answer [1]. It has an end.", "[1]", "thought about"},
		{"what is reranking?", "Passage 1 was thought about.\n</think>\n\nThis is the %s answer [1]. It has an end.", "[1]", "thought about"},
		{"how do I quit?", "This is the %s answer. It has an end.", "", ""},
		{"can it read PDF?", "This is the %s answer [77]. It has an end.", "", "[77]."},
	} {
		if i > 0 { // a question in a conversation is first made complete
			server.Script("say=" + url.QueryEscape(c.question))
		}
		server.Script("say=" + url.QueryEscape(fmt.Sprintf(c.says, ordinals[i])))
		s.write(c.question)
		s.see(c.question)
		s.tap("ask")
		want := strings.TrimSpace(fmt.Sprintf("This is the %s answer %s", ordinals[i], c.shown)) + ". It has an end."
		screen := s.until(want, func(text string) bool {
			return strings.Contains(text, want) && hint(text, "quit") != ""
		})
		if c.hidden != "" && strings.Contains(screen, c.hidden) || strings.Contains(screen, "think>") {
			t.Errorf("%s\nthe screen shows %q:\n%s", c.says, c.hidden, screen)
		}
		if !strings.Contains(screen, "[1] ") || strings.Count(screen, ".md:") < 1 {
			t.Errorf("%s\nthe screen shows no sources:\n%s", c.says, screen)
		}
		if note := strings.Contains(screen, "cites none of its sources"); note != (c.shown == "") {
			t.Errorf("%s\nthe screen says that the answer cites nothing: %v\n%s", c.says, note, screen)
		}
		if strings.Contains(c.says, "[77]") && !strings.Contains(screen, "does not exist was removed: [77]") {
			t.Errorf("the removed citation is not named:\n%s", screen)
		}
	}
	if n := server.Stats().Requests; n < 21 {
		t.Errorf("%d requests were made", n)
	}
}
