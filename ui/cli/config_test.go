package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// settingsOf reads a config file.
func settingsOf(t *testing.T, text string) (*settings, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "weft.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadSettings(pflag.NewFlagSet("", pflag.ContinueOnError), func(k string) string { return map[string]string{"WEFT_CONFIG": file}[k] })
}

func TestThemesAndKeysOfOnesOwnAreRead(t *testing.T) {
	st, err := settingsOf(t, `theme = "sea"

[keys]
"zoom.in" = ["+", "I"]
critical = "w" # and the other way round
workers = "c"

[themes.sea-dark]
base = "dark"
running = "#00c2ff"
selection = "#123"

[themes.sea-light]
base = "light"
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(st.themes) != 2 || st.themes[0].Name != "sea-dark" || !st.themes[0].Dark || st.themes[1].Dark {
		t.Errorf("%+v", st.themes)
	}
	if len(st.keys["zoom.in"]) != 2 || len(st.keys["workers"]) != 1 {
		t.Errorf("%v", st.keys)
	}
}

func TestWhatIsWrongInTheConfigFileIsToldWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a colour that is none": {"theme = \"sea\"\n[themes.sea]\nbase = \"dark\"\nrunning = \"blue\"\n", `line 4: theme sea: "blue" is no colour`},
		"a name that is none":   {"[themes.sea]\n\nsky = \"#fff\"\n", `line 3: theme sea: a theme has no colour "sky": there are accent`},
		"a base that is none":   {"[themes.sea]\nbase = \"pink\"\n", `line 2: theme sea: there is no base "pink"`},
		"a name that is taken":  {"\n[themes.dark]\nbase = \"light\"\n", `theme dark: a theme "dark" is there already`},
		"no table":              {"[themes]\nsea = \"blue\"\n", "line 2: theme sea: it must be a table"},
		"a key that is taken":   {"[keys]\nfilter = \"F9\"\ncritical = \"e\"\n", "line 3: keys: e is bound to both"},
		"no such command":       {"# mine\n[keys]\nfly = \"x\"\n", `line 3: keys: there is no command "fly"`},
		"no TOML":               {"theme = \n", "not valid TOML at line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := settingsOf(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "weft.toml") {
				t.Errorf("%v", err)
			}
		})
	}
}
