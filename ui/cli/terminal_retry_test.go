//go:build !windows

package cli

import (
	"strings"
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
	server.Script(says("Press ctrl+c to cancel it [1][9]."))
	s.tap("ask again")
	s.see("conversation · 2 of 2")
	s.match(`─ rag · ! a citation of a passage that does not exist was removed`)
	s.tap("ask again")
	s.see("conversation · 3 of 3", "✓ answered by tiny-chat")
	s.until("no key that asks again", func(screen string) bool { return hint(screen, "ask again") == "" })

	// The scroll position is kept when an answer ends while the person reads
	s.press("^n")
	s.see("a new talk")
	server.Configure("tps=40")
	server.Script(says("The first line of it [1].\n\n" + strings.Repeat("And a long tail.\n\n", 30)))
	s.post(question)
	s.see("The first line of it")
	s.tap("timeline")
	s.tap("answers")
	s.gone("▌ " + question) // the end of the answer is followed
	for !strings.Contains(s.text(), "▌ "+question) {
		before := s.text()
		s.tapOf("scroll", 0)
		s.until("that it is scrolled", func(screen string) bool { return screen != before })
	}
	s.match(`─ rag · [✓!] [^\n]*sources`)
	s.see("▌ "+question, "The first line of it", " more ─╯")
}
