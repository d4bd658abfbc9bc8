package help

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/palette"
	"weft/ui/theme"
)

func sample() keys.Map {
	return keys.New([]keys.Binding{
		{Command: "ask", Scope: keys.Line, Keys: []string{"enter"}, Long: "ask the question"},
		{Command: "fit", Scope: keys.Timeline, Keys: []string{"0"}, Long: "fit the whole run"},
		{Command: "quit", Scope: keys.Anywhere, Keys: []string{"ctrl+c"}, Long: "quit"},
	})
}

func TestHelpListsKeysSignsAndReasonsTheFocusedPartFirst(t *testing.T) {
	p := New(sample(), func(c string) string {
		if c == "fit" {
			return "there is no run yet"
		}
		return ""
	}, keys.Timeline)
	c := canvas.New(70, 44)
	mono := theme.Mono()
	p.Draw(c, c.Bounds(), &mono)
	got := c.Plain()
	for _, want := range []string{"▌0      fit the whole run  · there is no run yet", "^c", "⇧↵ ^j", "▒", "waiting for you, or paused by you"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if strings.Index(got, "Timeline") > strings.Index(got, "Question") {
		t.Errorf("the focused part does not come first:\n%s", got)
	}
}

func TestAnEntryExecutes(t *testing.T) {
	p := New(sample(), func(string) string { return "" }, keys.Line)
	for _, r := range "whole" {
		p.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	if out, _ := p.Update(tea.KeyPressMsg{Code: tea.KeyEnter}); out != palette.Chosen || p.Choice() != "fit" {
		t.Errorf("outcome %v choice %q", out, p.Choice())
	}
}
