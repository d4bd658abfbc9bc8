package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestCommandsOfToolServersAreRead(t *testing.T) {
	got, err := commandsOf(map[string]any{"files": []any{"npx", "-y", "a b"}, "web": "fetch  --safe"})
	if err != nil || !slices.Equal(got["files"], []string{"npx", "-y", "a b"}) || !slices.Equal(got["web"], []string{"fetch", "--safe"}) {
		t.Errorf("%v %v", got, err)
	}
	for name, v := range map[string]any{"empty": "", "none": []any{}, "number": 7, "numbers": []any{"a", 7}} {
		if _, err := commandsOf(map[string]any{name: v}); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestToolServersAreATableOfTheConfigFile(t *testing.T) {
	st, err := settingsOf(t, "[tool_servers]\nfiles = [\"server\", \"notes\"]\n")
	if err != nil {
		t.Fatal(err)
	}
	got, err := commandsOf(st.ToolServers.value)
	if err != nil || !slices.Equal(got["files"], []string{"server", "notes"}) {
		t.Errorf("%v %v", got, err)
	}
}
