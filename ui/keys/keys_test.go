package keys

import (
	"strings"
	"testing"
)

func sample() Map {
	return New([]Binding{
		{Command: "help", Scope: Anywhere, Keys: []string{"f1"}, Short: "help"},
		{Command: "help", Scope: Timeline, Keys: []string{"?"}},
		{Command: "up", Scope: Timeline, Keys: []string{"up", "k", "w"}, Short: "step"},
	})
}

func TestAKeyIsLookedUpInTheFocusedScopeFirst(t *testing.T) {
	m := sample()
	if b, ok := m.Find("?", Timeline, Anywhere); !ok || b.Command != "help" {
		t.Errorf("? in the timeline: %v %v", b, ok)
	}
	if _, ok := m.Find("?", Line, Anywhere); ok {
		t.Error("? must go to the question line as text")
	}
	if b, ok := m.Find("f1", Line, Anywhere); !ok || b.Command != "help" {
		t.Errorf("f1 in the line: %v %v", b, ok)
	}
}

func TestEveryScopeIsListedOnceAndHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scopes() {
		if s.String() == "" || seen[s.String()] {
			t.Errorf("scope %d is called %q", s, s)
		}
		seen[s.String()] = true
	}
	if len(seen) != int(scopes) {
		t.Errorf("%d of %d scopes are listed", len(seen), scopes)
	}
}

func TestRemapMovesACommandAndRefusesConflictsAndUnknownNames(t *testing.T) {
	m, err := sample().Remap(map[string][]string{"up": {"i"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := m.Find("k", Timeline); ok {
		t.Error("the old key still works")
	}
	if b, ok := m.Find("i", Timeline); !ok || b.Command != "up" {
		t.Error("the new key does not work")
	}
	if _, err := sample().Remap(map[string][]string{"up": {"?"}}); err == nil || !strings.Contains(err.Error(), "help") {
		t.Errorf("a conflict gave %v", err)
	}
	if _, err := sample().Remap(map[string][]string{"fly": {"x"}}); err == nil || !strings.Contains(err.Error(), `"fly"`) {
		t.Errorf("an unknown command gave %v", err)
	}
}

func TestLabelsAreShort(t *testing.T) {
	for key, want := range map[string]string{
		"ctrl+p": "^p", "shift+left": "⇧←", "up": "↑", "enter": "↵", "space": "space", "?": "?",
		"shift+tab": "⇧tab", "pgdown": "PgDn",
	} {
		if got := Label(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if got := sample().All()[2].Label(); got != "↑ k" {
		t.Errorf("label %q", got)
	}
}

func TestOnlyKeysThatATerminalSendsAreValid(t *testing.T) {
	for _, k := range []string{
		"x", "X", "?", "é", "3", "f5", "f63", "enter", "space", "ctrl+p", "alt+x", "ctrl+shift+left",
		"shift+tab", "+", "ctrl++",
	} {
		if !IsKey(k) {
			t.Errorf("%q is not accepted as a key", k)
		}
	}
	for _, k := range []string{
		"", "bananas", "F5", "f64", "true", "ctrl+", "ctrl+P", "shift+a", "shift+ctrl+left",
		"ctrl+ctrl+x", "xy", " ", "Enter", "return", "\x1b",
	} {
		if IsKey(k) {
			t.Errorf("%q is accepted as a key", k)
		}
	}
}

func TestKeysHaveTheNamesOnTheKeyboard(t *testing.T) {
	for goos, want := range map[string]string{"linux": "alt+x", "windows": "alt+x", "darwin": "⌥x"} {
		if got := symbolsOn(goos).Replace("alt+x"); got != want {
			t.Errorf("%s: %q, want %q", goos, got, want)
		}
	}
}
