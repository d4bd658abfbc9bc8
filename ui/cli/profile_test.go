package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"weft/rag/llm"
)

// profiled loads settings with a config file, variables and flags.
func profiled(t *testing.T, config string, env map[string]string, args ...string) (*settings, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "config.toml", config)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	addFlags(flags, func(o *options) []anyOption { return []anyOption{&o.Profile, &o.BaseURL, &o.Model} })
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return loadSettings(flags, func(k string) string {
		switch k {
		case "WEFT_CONFIG":
			return dir + "/config.toml"
		case "WEFT_STATE":
			if env[k] == "" {
				return dir + "/state"
			}
		}
		return env[k]
	})
}

const twoProfiles = `
base_url = "http://127.0.0.1:9/v1"
api_key = "top"
model = "small"
max_tokens = 500
[profiles.work]
base_url = "https://gateway.test/v1"
key_env = "GATEWAY_KEY"
key_header = "api-key"
query = { "api-version" = "2024-06-01" }
headers = { "X-Team" = "docs" }
body = { top_p = 0.5 }
reasoning_effort = "low"
temperature = 0.2
decide_model = "tiny"
price_in = 0.5
[profiles.home]
ollama_host = "127.0.0.1:5000"
model = "qwen"
`

func TestAProfileIsChosenAndDecidesTheEndpoint(t *testing.T) {
	env := map[string]string{"GATEWAY_KEY": "gk", "OPENAI_API_KEY": "exported", "OPENAI_BASE_URL": "https://far.test/v1"}
	for _, c := range []struct {
		name, base, ollama, key, model string
		env                            string
		args                           []string
	}{
		{"none", "http://127.0.0.1:9/v1", "", "top", "small", "", nil},
		{"by flag", "https://gateway.test/v1", "", "gk", "", "", []string{"--profile", "work"}},
		{"by flag, another", "", "127.0.0.1:5000", "", "qwen", "", []string{"--profile", "home"}},
		{"by variable", "https://gateway.test/v1", "", "gk", "", "work", nil},
		{"a flag beside it", "https://gateway.test/v1", "", "gk", "", "home", []string{"--profile", "work"}},
	} {
		env["WEFT_PROFILE"] = c.env
		st, err := profiled(t, twoProfiles, env, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		e, err := st.configured(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if e.BaseURL != c.base || e.Ollama != c.ollama || e.Key.String() != llm.NewKey(c.key).String() || e.Chat != c.model || st.MaxTokens.value != 500 {
			t.Errorf("%s: %+v, key %s", c.name, e, e.Key)
		}
		if (e.Custom.Query["api-version"] != "") != (c.base == "https://gateway.test/v1") {
			t.Errorf("%s: %+v", c.name, e.Custom)
		}
	}
	env["WEFT_PROFILE"] = ""
	st, err := profiled(t, twoProfiles, env, "--profile", "work")
	if err != nil {
		t.Fatal(err)
	}
	e, err := st.configured(t.Context())
	if cfg := st.llm(); err != nil || cfg.Temperature != 0.2 || cfg.DecideModel != "tiny" || cfg.Prices.Input != 0.5 || e.Custom.Effort != "low" || e.Custom.Body["top_p"] != 0.5 {
		t.Errorf("%+v %+v %v", cfg, e.Custom, err)
	}
}

func TestAChosenProfileIsRemembered(t *testing.T) {
	env := map[string]string{"GATEWAY_KEY": "gk", "WEFT_STATE": t.TempDir()}
	load := func(args ...string) *settings {
		t.Helper()
		st, err := profiled(t, twoProfiles, env, args...)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if err := rememberProfile(load(), "work"); err != nil {
		t.Fatal(err)
	}
	if got := load().BaseURL.value; got != "https://gateway.test/v1" {
		t.Errorf("remembered: %s", got)
	}
	if got := load("--profile", "home").Model.value; got != "qwen" {
		t.Errorf("a flag: %s", got)
	}
	if err := rememberProfile(load(), ""); err != nil {
		t.Fatal(err)
	}
	if got := load().BaseURL.value; got != "http://127.0.0.1:9/v1" {
		t.Errorf("after the remembered profile was removed: %s", got)
	}
}

func TestAProfileThatIsWrongIsExplained(t *testing.T) {
	for config, want := range map[string]string{
		"[profiles.a]\nmodel = \"m\"":                                "line 1: profile a has no base_url",
		"[profiles.a]\nbase_url = \"http://h/v1\"\nbase_ulr = \"x\"": "line 3 has an unknown setting \"base_ulr\"",
		"[profiles.a]\nbase_url = \"http://h/v1\"\ntheme = \"dark\"": "line 3: theme cannot be set in a profile",
		"profile = \"b\"\n[profiles.a]\nbase_url = \"http://h/v1\"":  "there is no profile \"b\": there are a",
		"[profiles]\na = 1": "profile a must be a table",
		"[profiles.a]\nbase_url = \"http://h/v1\"\nheaders = \"X-A: yes\"": "",
	} {
		if want == "" {
			config += "\n" // this error comes only when the profile is chosen
			if _, err := profiled(t, config, nil, "--profile", "a"); err == nil || !strings.Contains(err.Error(), "it must be a table") {
				t.Errorf("%s: %v", config, err)
			}
			continue
		}
		if _, err := profiled(t, config, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", config, err)
		}
	}
}

func TestAKeyComesFromWhereTheSettingsSay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"key_env = \"MINE\"":                       "from-env",
		"key_file = '" + file + "'":                "from-file",
		"api_key = \"itself\"\nkey_env = \"MINE\"": "itself",
		"key_env = \"NONE\"":                       "environment NONE: the variable is not set",
		"key_file = \"/nowhere/key\"":              "file /nowhere/key",
	}
	if runtime.GOOS != "windows" {
		cases["key_command = \"echo from-command; echo more\""] = "from-command"
		cases["key_command = \"echo why >&2; exit 3\""] = "exit status 3 why"
	}
	for config, want := range cases {
		st, err := profiled(t, "base_url = \"https://h.test/v1\"\n"+config, map[string]string{"MINE": "from-env"})
		if err != nil {
			t.Fatal(err)
		}
		key, _, err := st.keyFrom(t.Context())
		if e, _ := st.configured(t.Context()); st.APIKey.value != "" {
			key, err = st.APIKey.value, nil
			if e.Key.IsZero() {
				t.Errorf("%s: no key", config)
			}
		}
		if err != nil {
			_, err = st.configured(t.Context())
			key = err.Error()
		}
		if !strings.Contains(strings.TrimSpace(key), want) {
			t.Errorf("%s: %q, want %q", config, key, want)
		}
	}
}
