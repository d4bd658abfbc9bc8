package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"

	"weft/rag/llm"
	"weft/rag/workflows"
	"weft/ui/theme"
)

// A setting is one thing that a person can decide, with every place where it can be decided. The first place that has it
// wins: flag, environment, config file, default. What is detected on the machine stands between the file and the default.
type setting struct {
	key    string // in the config file; also the setting's name everywhere else
	flag   string // without the dashes; none for what must not stand in a process list
	env    string
	def    string
	kind   kind
	help   string
	secret bool
}

type kind uint8

const (
	text kind = iota
	yesNo
	duration
	number
	price
	list
)

var known = []setting{
	{key: "base_url", flag: "base-url", env: "OPENAI_BASE_URL", help: "address of an OpenAI-compatible endpoint, such as http://localhost:8080/v1"},
	{key: "api_key", env: "OPENAI_API_KEY", secret: true, help: "key for the endpoint"},
	{key: "ollama_host", env: "OLLAMA_HOST", help: "where Ollama listens"},
	{key: "model", flag: "model", env: "WEFT_MODEL", help: "model that writes answers"},
	{key: "embedding_model", flag: "embedding-model", env: "WEFT_EMBEDDING_MODEL", help: "model that embeds passages (none: embed offline)"},
	{key: "rerank_model", flag: "rerank-model", env: "WEFT_RERANK_MODEL", help: "model behind the endpoint's /rerank (none: rerank offline)"},
	{key: "offline", flag: "offline", env: "WEFT_OFFLINE", kind: yesNo, def: "false", help: "use no model and no network"},
	{key: "allow", flag: "allow", env: "WEFT_ALLOW", kind: list, help: "endpoints that documents may be sent to without asking"},
	{key: "hidden", flag: "hidden", env: "WEFT_HIDDEN", kind: yesNo, def: "false", help: "read hidden files and directories too"},
	{key: "no_ignore", flag: "no-ignore", env: "WEFT_NO_IGNORE", kind: yesNo, def: "false", help: "read what .gitignore and .ignore leave out too"},
	{key: "generated", flag: "generated", env: "WEFT_GENERATED", kind: yesNo, def: "false", help: "read lock files, node_modules and generated code too"},
	{key: "secrets", flag: "secrets", env: "WEFT_SECRETS", kind: yesNo, def: "false", help: "read keys, .env and credentials too"},
	{key: "workflow", flag: "workflow", env: "WEFT_WORKFLOW", def: "rag", help: "workflow that answers"},
	{key: "classifier", flag: "classifier", env: "WEFT_CLASSIFIER", def: "words", help: "who tells simple questions from complex ones in routing: words or model"},
	{key: "fault", flag: "fault", env: "WEFT_FAULT", kind: list, help: "let a step fail on purpose, as in rerank:error=0.5,delay=300ms"},
	{key: "timeout", flag: "timeout", env: "WEFT_TIMEOUT", kind: duration, def: "0s", help: "give a run up after this long (0s: never)"},
	{key: "context_tokens", env: "WEFT_CONTEXT_TOKENS", kind: number, def: "0", help: "the model's context in tokens, prompt and answer together (0: what the server says)"},
	{key: "max_tokens", env: "WEFT_MAX_TOKENS", kind: number, def: "0", help: "longest answer in tokens (0: a quarter of the context, at most 2048)"},
	{key: "headers_timeout", env: "WEFT_HEADERS_TIMEOUT", kind: duration, def: "5m", help: "how long a server may take before it begins to answer"},
	{key: "idle_timeout", env: "WEFT_IDLE_TIMEOUT", kind: duration, def: "1m", help: "how long a server may say nothing in the middle of an answer"},
	{key: "price_in", kind: price, def: "0", help: "price of a million prompt tokens"},
	{key: "price_out", kind: price, def: "0", help: "price of a million answer tokens"},
	{key: "currency", def: "USD", help: "of the prices"},
	{key: "prompts", env: "WEFT_PROMPTS", help: "directory of prompts that replace the built-in ones"},
	{key: "theme", flag: "theme", env: "WEFT_THEME", def: "auto", help: "colours: auto, dark, light, dark-cb, light-cb (for the colour-blind) or mono"},
	{key: "screen_reader", flag: "screen-reader", env: "WEFT_SCREEN_READER", def: "auto", help: "write lines of text for a screen reader and draw nothing: auto, on or off"},
	{key: "cache", env: "WEFT_CACHE", help: "directory for indexes (none: the user's cache directory)"},
	{key: "state", env: "WEFT_STATE", help: "directory for what is remembered, such as consent (none: the user's state directory)"},
}

// A value is what a setting came to, and from where.
type value struct{ text, source string }

// Settings are the values of all settings. They are read once, at the start.
type settings struct {
	values map[string]value
	file   string              // the config file, whether it exists or not
	keys   map[string][]string // keys by the names of commands, from the config file
	themes []theme.Theme       // the person's own, from the config file
	getenv func(string) string
}

// loadSettings settles every setting from the flags that were given, the environment and the config file.
func loadSettings(flags *pflag.FlagSet, getenv func(string) string) (*settings, error) {
	s := &settings{values: map[string]value{}, file: getenv("WEFT_CONFIG"), getenv: getenv}
	if s.file == "" {
		s.file = filepath.Join(xdg.ConfigHome, "weft", "config.toml")
	}
	file, err := s.readConfig(getenv("WEFT_CONFIG") != "")
	if err != nil {
		return nil, err
	}
	for _, k := range known {
		v := value{k.def, "default"}
		if f, ok := file[k.key]; ok {
			v = f
		}
		if e := getenv(k.env); k.env != "" && e != "" {
			v = value{e, "environment " + k.env}
		}
		if k.flag != "" {
			if f := flags.Lookup(k.flag); f != nil && f.Changed {
				v = value{f.Value.String(), "flag --" + k.flag}
				if many, ok := f.Value.(pflag.SliceValue); ok {
					v.text = strings.Join(many.GetSlice(), ",")
				}
			}
		}
		if err := k.check(v); err != nil {
			return nil, err
		}
		s.values[k.key] = v
	}
	return s, nil
}

func (k setting) check(v value) error {
	var err error
	switch k.kind {
	case yesNo:
		_, err = strconv.ParseBool(v.text)
	case duration:
		var d time.Duration
		if d, err = time.ParseDuration(v.text); err == nil && d < 0 {
			err = errors.New("no time is less than none")
		}
	case number:
		_, err = strconv.Atoi(v.text)
	case price:
		_, err = strconv.ParseFloat(v.text, 64)
	}
	if err != nil {
		want := map[kind]string{yesNo: "true or false", duration: "a duration such as 30s or 2m, not below 0", number: "a whole number", price: "a number such as 0.15"}[k.kind]
		return fmt.Errorf("%s from %s is %q: it must be %s", k.key, v.source, v.text, want)
	}
	return nil
}

// checkNames returns an error for a workflow or a theme that does not exist. A screen that opened with another would not say why.
func (s *settings) checkNames() error {
	if err := s.checkWorkflow(); err != nil {
		return err
	}
	return s.checkTheme()
}

func (s *settings) checkWorkflow() error {
	var names []string
	for _, w := range workflows.All(workflows.Parts{}) {
		names = append(names, w.Name())
	}
	if slices.Contains(names, s.text("workflow")) {
		return nil
	}
	return usageError{fmt.Errorf("workflow from %s: there is no workflow %q: there are %s", s.source("workflow"), s.text("workflow"), strings.Join(names, ", "))}
}

func (s *settings) checkTheme() error {
	if _, err := theme.Pick(s.themes, s.text("theme"), true); err != nil {
		return usageError{fmt.Errorf("theme from %s: %w", s.source("theme"), err)}
	}
	return nil
}

// ownThemes are the person's themes. One that the setting names without its end, and that has no twin, is called as it is written there: so
// the list of themes marks it by the name that the person knows.
func (s *settings) ownThemes() []theme.Theme {
	name, out := s.text("theme"), slices.Clone(s.themes)
	at := func(name string) int {
		return slices.IndexFunc(out, func(t theme.Theme) bool { return t.Name == name })
	}
	dark, light := at(name+"-dark"), at(name+"-light")
	if half := max(dark, light); at(name) < 0 && half >= 0 && min(dark, light) < 0 {
		out[half].Name = name
	}
	return out
}

func (s *settings) text(key string) string { return s.values[key].text }

func (s *settings) bool(key string) bool {
	b, _ := strconv.ParseBool(s.text(key)) // checked when it was read
	return b
}

func (s *settings) duration(key string) time.Duration {
	d, _ := time.ParseDuration(s.text(key))
	return d
}

func (s *settings) int(key string) int {
	n, _ := strconv.Atoi(s.text(key))
	return n
}

func (s *settings) list(key string) []string {
	return strings.FieldsFunc(s.text(key), func(r rune) bool { return r == ',' })
}

// endpoint returns what the sources that begin with one of the given words say about where to ask.
func (s *settings) endpoint(sources ...string) llm.Endpoint {
	get := func(key string) string {
		v := s.values[key]
		if slices.ContainsFunc(sources, func(from string) bool { return strings.HasPrefix(v.source, from) }) {
			return v.text
		}
		return ""
	}
	return llm.Endpoint{
		BaseURL: get("base_url"), Key: llm.NewKey(get("api_key")),
		Chat: get("model"), Embed: get("embedding_model"), Rerank: get("rerank_model"),
	}
}

// llm returns what the settings say about how an endpoint is used.
func (s *settings) llm() llm.Config {
	price := func(key string) float64 {
		p, _ := strconv.ParseFloat(s.text(key), 64)
		return p
	}
	return llm.Config{
		Context: s.int("context_tokens"), MaxTokens: s.int("max_tokens"),
		HeadersTimeout: s.duration("headers_timeout"), IdleTimeout: s.duration("idle_timeout"),
		Prices: llm.Prices{Input: price("price_in"), Output: price("price_out"), Currency: s.text("currency")},
	}
}

// source says where a setting's value comes from.
func (s *settings) source(key string) string { return s.values[key].source }

// addFlags gives a command the flags of the named settings.
func addFlags(flags *pflag.FlagSet, keys ...string) {
	for _, k := range known {
		if k.flag == "" || !slices.Contains(keys, k.key) {
			continue
		}
		switch k.kind {
		case yesNo:
			flags.Bool(k.flag, k.def == "true", k.help)
		case duration:
			d, _ := time.ParseDuration(k.def)
			flags.Duration(k.flag, d, k.help)
		case list:
			flags.StringSlice(k.flag, nil, k.help)
		default:
			flags.StringP(k.flag, map[string]string{"workflow": "w"}[k.key], k.def, k.help)
		}
	}
}
