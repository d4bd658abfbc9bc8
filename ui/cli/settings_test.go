package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestEverySettingIsInTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	code := func(prefix, s string) string {
		if s == "" {
			return ""
		}
		return "`" + prefix + s + "` "
	}
	for _, k := range known {
		row := strings.TrimRight(fmt.Sprintf("| `%s` | %s| %s|", k.key, code("--", k.flag), code("", k.env)), " ")
		if !strings.Contains(string(manual), row) {
			t.Errorf("docs/configuration.md lacks the row %q", row)
		}
	}
	if got, want := strings.Count(string(manual), "\n| `"), len(known); got != want {
		t.Errorf("docs/configuration.md has %d settings, the program %d", got, want)
	}
}

func TestTheFirstPlaceThatSaysItWins(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "config.toml", "model = \"from-file\"\ntimeout = \"5s\"\nallow = [\"https://a/v1\", \"https://b/v1\"]\n")
	env := map[string]string{"WEFT_CONFIG": dir + "/config.toml"}
	load := func(args ...string) *settings {
		t.Helper()
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		addFlags(flags, "model", "timeout", "allow")
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		s, err := loadSettings(flags, func(k string) string { return env[k] })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	expect := func(s *settings, key, text, source string) {
		t.Helper()
		if v := s.values[key]; v.text != text || !strings.HasPrefix(v.source, source) {
			t.Errorf("%s is %q from %q, want %q from %q", key, v.text, v.source, text, source)
		}
	}
	expect(load(), "workflow", "rag", "default")
	expect(load(), "model", "from-file", "config")
	if got := load().list("allow"); len(got) != 2 || got[1] != "https://b/v1" {
		t.Errorf("allow is %q", got)
	}
	env["WEFT_MODEL"] = "from-environment"
	expect(load(), "model", "from-environment", "environment WEFT_MODEL")
	expect(load("--model", "from-flag"), "model", "from-flag", "flag --model")
	if got := load("--allow", "https://c/v1,https://d/v1").list("allow"); len(got) != 2 || got[0] != "https://c/v1" {
		t.Errorf("allow is %q", got)
	}
}

func TestKeysOfTheConfigFileReachTheExplorer(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "config.toml", "[keys]\ncritical = \"C\"\n\"zoom.in\" = [\"+\", \"I\"]\n")
	s, err := loadSettings(pflag.NewFlagSet("test", pflag.ContinueOnError), func(k string) string {
		return map[string]string{"WEFT_CONFIG": dir + "/config.toml"}[k]
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.keys); got != "map[critical:[C] zoom.in:[+ I]]" {
		t.Errorf("keys are %s", got)
	}
}

func TestQuestionsAreKeptForTheNextStart(t *testing.T) {
	h := history{t.TempDir() + "/state/questions"}
	if got := h.read(); got != nil {
		t.Errorf("at first there are %q", got)
	}
	asked := []string{"how?", "two\nlines"}
	if err := h.write(asked); err != nil {
		t.Fatal(err)
	}
	if got := h.read(); !slices.Equal(got, asked) {
		t.Errorf("read %q, want %q", got, asked)
	}
}
