//go:build !windows

package cli

import (
	"testing"

	"weft/rag/llm/fakeopenai"
)

func TestARetrySaysItsReasonInConversationAndTimeline(t *testing.T) {
	t.Parallel()
	_, url := fakeopenai.Start(t, "429=1&retry_after=2", "tiny-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}}.open(t)
	s.see("tiny-chat", "ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.match(`│   \S 429 too many requests: .*attempt 2 of 4 in \d`) // the conversation
	s.match(`│ +↻ 429 too many requests: .* attempt 3 of 4 in \d`)  // the timeline
	s.match(`─ rag · ! 429 too many requests `)                     // the end
	// The footer is the last line of a frame and can arrive after the lines above it.
	s.until("a key that asks again", func(screen string) bool { return hint(screen, "ask again") != "" })
}

func TestAFailedQuestionIsAskedAgainByTheKeyThatTheFooterShows(t *testing.T) {
	t.Parallel()
	server, url := fakeopenai.Start(t, "status=401", "tiny-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}}.open(t)
	s.see("ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.match(`─ rag · ✗ failed · a key is needed \(401\) at `)
	server.Configure("status=0")
	s.tap("ask again")
	s.see("conversation · 2 of 2", "✓ answered by tiny-chat")
	if got := hint(s.text(), "ask again"); got != "" {
		t.Errorf("%s asks a question again that was answered:\n%s", got, s.text())
	}
}
