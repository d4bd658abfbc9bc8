//go:build !windows

package cli

import (
	"strings"
	"testing"

	"weft/rag/llm/fakeopenai"
)

// TestAProfileIsChosenInThePaletteAndRemembered chooses the profile of another server on the screen.
func TestAProfileIsChosenInThePaletteAndRemembered(t *testing.T) {
	t.Parallel()
	_, home := fakeopenai.Start(t, "", "home-chat")
	_, work := fakeopenai.Start(t, "", "work-chat")
	st := start{env: map[string]string{"WEFT_OFFLINE": "false", "WEFT_CONFIG": "config.toml"}, home: t.TempDir(), w: 120, h: 40}
	write(t, st.home, "config.toml", "base_url = \""+home+"\"\n[profiles.work]\nbase_url = \""+work+"\"\n")
	s := st.open(t)
	s.see("home-chat", "ready to be searched")
	s.tap("commands")
	s.write("choose the models")
	s.see("▌choose the models")
	s.press("↵")
	s.see("╭─ models ", "the profile: provider, key and models")
	s.write("work")
	s.see("▌work")
	s.press("↵")
	s.gone("╭─ models ")
	s.see("work-chat")
	s.ask(question)
	s.see("✓ answered by work-chat")
	s.tap("quit")
	s.end()

	s = st.open(t)
	s.see("work-chat", "ready to be searched")
	s.ask(question)
	s.see("✓ answered by work-chat")
	s.tap("quit")
	s.end()
}

// TestAQuestionThatFailsIsAnsweredWithoutTheModelByOneKey lets the server refuse the key.
func TestAQuestionThatFailsIsAnsweredWithoutTheModelByOneKey(t *testing.T) {
	t.Parallel()
	_, url := fakeopenai.Start(t, "status=401", "tiny-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}, w: 120, h: 40}.open(t)
	s.see("ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.match(`✗ failed · a key is needed \(401\) at `)
	s.tap("answer offline")
	s.see("✓ answered without a model", "Press ctrl+c while the run is going", "[1] timeline.md:")
}

// TestARequestAboutTheAnswerIsSeenToSearchNothing asks for a translation on the screen, with a model
// and, for the same conversation, after its server has gone.
func TestARequestAboutTheAnswerIsSeenToSearchNothing(t *testing.T) {
	t.Parallel()
	server, url := fakeopenai.Start(t, "", "tiny-chat")
	s := start{env: map[string]string{"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": url}, w: 120, h: 40}.open(t)
	s.see("tiny-chat", "ready to be searched")
	server.Script(says("Press ctrl+c to cancel it [1]."))
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.see("Press ctrl+c to cancel it [1].", "✓ answered by tiny-chat")
	server.Script(says("Mit Strg+C wird er abgebrochen [1]."))
	s.write("translate that into German")
	s.see("translate that into German")
	s.tap("ask")
	s.see("conversation · 2 of 2", "Mit Strg+C wird er abgebrochen [1].", "[1] timeline.md:", "✓ answered by tiny-chat", "revise")
	if screen := s.text(); strings.Contains(screen, "retrieve") {
		t.Errorf("something was searched for:\n%s", screen)
	}
	server.Configure("status=500")
	s.write("shorter")
	s.see("❯ shorter")
	s.tap("ask")
	screen := s.see("conversation · 3 of 3", "the last answer is unchanged", "Mit Strg+C wird er abgebrochen [1].")
	if strings.Contains(screen, "retrieve") {
		t.Errorf("something was searched for:\n%s", screen)
	}
}
