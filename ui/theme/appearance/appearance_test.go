package appearance

import "testing"

func TestTheDesktopOfARemoteSessionIsNotThatOfItsTerminal(t *testing.T) {
	isDark := func(func(string) string) (dark, known bool) { return true, true }
	for _, key := range []string{"SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION"} {
		if _, known := local(func(k string) string { return map[string]string{key: "x"}[k] }, isDark); known {
			t.Errorf("with %s the appearance is known", key)
		}
	}
	if dark, known := local(func(string) string { return "" }, isDark); !dark || !known {
		t.Error("the setting of this desktop is not used")
	}
}
