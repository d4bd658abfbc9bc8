package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// settingsOf loads settings from the text of a config file.
func settingsOf(t *testing.T, text string) (*settings, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "weft.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadSettings(pflag.NewFlagSet("", pflag.ContinueOnError), func(k string) string { return map[string]string{"WEFT_CONFIG": file}[k] })
}

func TestCustomThemesAndKeysAreRead(t *testing.T) {
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

func TestConfigFileErrorsNameTheLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a colour that is none": {"theme = \"sea\"\n[themes.sea]\nbase = \"dark\"\nrunning = \"blue\"\n", `line 4: theme sea: "blue" is no colour`},
		"a name that is none":   {"[themes.sea]\n\nsky = \"#fff\"\n", `line 3: theme sea: a theme has no colour "sky": there are accent`},
		"a base that is none":   {"[themes.sea]\nbase = \"pink\"\n", `line 2: theme sea: there is no base "pink"`},
		"a name that is taken":  {"\n[themes.dark]\nbase = \"light\"\n", `theme dark: a theme "dark" is there already`},
		"no table":              {"[themes]\nsea = \"blue\"\n", "line 2: theme sea: it must be a table"},
		"a key that is taken":   {"[keys]\nfilter = \"f9\"\ncritical = \"e\"\n", "line 3: keys: e is bound to both"},
		"no such command":       {"# mine\n[keys]\nfly = \"x\"\n", `line 3: keys: there is no command "fly"`},
		"what is no key":        {"[keys]\nfilter = \"f9\"\ncritical = \"bananas\"\n", `line 3: keys: "bananas" for critical is no key`},
		"a setting of no sense": {"\ntimeout = \"-5s\"\n", `line 2 is "-5s": it must be a duration`},
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

func TestAnUnknownNameIsReportedWithItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"\nworkflow = \"nope\"\n": `line 2: there is no workflow "nope": there are rag, simple, routing`,
		"theme = \"nope\"\n":      `line 1: there is no theme "nope": there are auto, dark, light, dark-cb, light-cb, mono, cb`,
		"theme = \"nope\"\n[themes.sea-dark]\nbase = \"dark\"\n": "mono, cb; and of your own sea-dark",
	} {
		st, err := settingsOf(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.checkNames(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "weft.toml") && !strings.Contains(want, "own") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if st, err := settingsOf(t, "theme = \"sea\"\n[themes.sea-dark]\nbase = \"dark\"\n"); err != nil || st.checkNames() != nil {
		t.Errorf("half of a pair is a theme: %v", err)
	}
}

func TestASingleThemeIsListedUnderItsShortName(t *testing.T) {
	for text, want := range map[string]string{
		"theme = \"sea\"\n[themes.sea-dark]\n[themes.mine-dark]\n":         "[mine-dark sea]",
		"theme = \"sea-dark\"\n[themes.sea-dark]\n":                        "[sea-dark]",
		"theme = \"sea\"\n[themes.sea-dark]\n[themes.sea-light]\n":         "[sea-dark sea-light]",
		"theme = \"sea\"\n[themes.sea]\n[themes.sea-light]\n":              "[sea sea-light]",
		"theme = \"auto\"\n[themes.sea-light]\nbase = \"light\"\n[keys]\n": "[sea-light]",
	} {
		st, err := settingsOf(t, text)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, th := range st.ownThemes() {
			names = append(names, th.Name)
		}
		if got := fmt.Sprint(names); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
