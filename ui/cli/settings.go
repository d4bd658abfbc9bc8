package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"

	"weft/rag/llm"
	"weft/rag/workflows"
	"weft/ui/theme"
)

// Settings are the values of all options and the tables of the config file. They are read once, at
// the start.
type settings struct {
	options
	file   string              // path of the config file, whether it exists or not
	keys   map[string][]string // keys by command, from the config file
	themes []theme.Theme       // the person's own themes, from the config file
	getenv func(string) string

	flags    *pflag.FlagSet
	config   map[string]written            // the config file's settings, by key
	profiles map[string]map[string]written // its profiles, by name and key

	keyMu   sync.Mutex
	printed string // the key that key_command has printed
	// unattended means that there is no person to ask. A server that was merely found is then not
	// used, because it may belong to another user.
	unattended bool
	// patience is how long a call of an agent waits for its run; 0: the default of mcpserver.
	patience time.Duration
}

// loadSettings determines the value of every option. The first source that has one wins: flags,
// weft's environment variables, config file, variables of other programs, default. What is detected
// on the machine ranks before the default.
func loadSettings(flags *pflag.FlagSet, getenv func(string) string) (*settings, error) {
	s := &settings{file: getenv("WEFT_CONFIG"), getenv: getenv, flags: flags}
	if s.file == "" {
		s.file = filepath.Join(ownDir("XDG_CONFIG_HOME", xdg.ConfigHome, configPlace), "config.toml")
	}
	var err error
	if s.config, err = s.readConfig(getenv("WEFT_CONFIG") != ""); err != nil {
		return nil, err
	}
	if err := s.resolve(); err != nil {
		return nil, err
	}
	return s.remembered()
}

// resolve determines the values of the options.
func (s *settings) resolve() error {
	for i, d := range s.describe() {
		if err := s.resolveOne(d); err != nil {
			return err
		}
		if i == 0 { // the profile is the first option, because it decides the values of others
			if err := s.checkProfile(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *settings) resolveOne(d described) error {
	text, from := d.def, source{}
	if e := s.getenv(d.shared); d.shared != "" && e != "" {
		text, from = e, source{fromShared, d.shared}
	}
	profile, chosen := s.ofProfile(d.key)
	if f, ok := s.config[d.key]; ok && !(s.Profile.value != "" && slices.Contains(endpointKeys, d.key)) {
		text, from = f.text, f.from
	}
	if profile.from.origin != fromDefault {
		text, from = profile.text, profile.from
	}
	if e := s.getenv(d.env); d.env != "" && e != "" && !chosen {
		text, from = e, source{fromEnvironment, d.env}
	}
	if d.flag != "" {
		if f := s.flags.Lookup(d.flag); f != nil && f.Changed {
			text, from = f.Value.String(), source{fromFlag, d.flag}
			if many, ok := f.Value.(pflag.SliceValue); ok {
				text = strings.Join(many.GetSlice(), ",")
			}
		}
	}
	if err := d.take(text, from); err != nil {
		return fmt.Errorf("%s from %s is %q: %w", d.key, from, text, err)
	}
	return nil
}

// changed returns the settings with some options changed, each given as key=value.
func (s *settings) changed(changes []string) (*settings, error) {
	other, err := loadSettings(s.flags, s.getenv)
	if err != nil {
		return nil, err
	}
	other.unattended = s.unattended
	for _, c := range changes {
		key, text, ok := strings.Cut(c, "=")
		i := slices.IndexFunc(other.describe(), func(d described) bool { return d.key == key })
		if !ok || i < 0 {
			return nil, fmt.Errorf("%q is no setting: write key=value, with a key of the config file", c)
		}
		if err := other.describe()[i].take(text, source{fromFlag, "against"}); err != nil {
			return nil, fmt.Errorf("%s: %w", c, err)
		}
	}
	return other, other.checkNames()
}

// named returns the text of an option and its source, given its key.
func (s *settings) named(key string) (text string, from source) {
	for _, d := range s.describe() {
		if d.key == key {
			return d.written()
		}
	}
	return "", source{}
}

// checkNames returns an error for a workflow or a theme that does not exist. The explorer would
// otherwise open with another one and not say why.
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
	if slices.Contains(names, s.Workflow.value) {
		return nil
	}
	return usageError{fmt.Errorf("workflow from %s: there is no workflow %q: there are %s",
		s.Workflow.from, s.Workflow.value, strings.Join(names, ", "))}
}

func (s *settings) checkTheme() error {
	if _, err := theme.Pick(s.themes, s.Theme.value, true); err != nil {
		return usageError{fmt.Errorf("theme from %s: %w", s.Theme.from, err)}
	}
	return nil
}

// ownThemes returns the person's themes. If the setting names a theme without its -dark or -light
// suffix, and only one of the two exists, that theme is returned under the short name, so that the
// list of themes marks it by the name the person knows.
func (s *settings) ownThemes() []theme.Theme {
	name, out := s.Theme.value, slices.Clone(s.themes)
	at := func(name string) int {
		return slices.IndexFunc(out, func(t theme.Theme) bool { return t.Name == name })
	}
	dark, light := at(name+"-dark"), at(name+"-light")
	if half := max(dark, light); at(name) < 0 && half >= 0 && min(dark, light) < 0 {
		out[half].Name = name
	}
	return out
}

// endpoint returns the endpoint settings that come from the sources accepted by decides.
func (s *settings) endpoint(decides func(source) bool) llm.Endpoint {
	get := func(o option[string]) string {
		if decides(o.from) {
			return o.value
		}
		return ""
	}
	e := llm.Endpoint{
		BaseURL: get(s.BaseURL), Ollama: get(s.OllamaHost), Key: llm.NewKey(get(s.APIKey)),
		Models: llm.Models{Chat: get(s.Model), Embed: get(s.EmbeddingModel), Rerank: get(s.RerankModel)},
	}
	if !e.Key.IsZero() {
		e.KeyName = s.APIKey.from.String()
	}
	return e
}

// onFile reports whether a source is the config file.
func onFile(from source) bool { return from.origin == fromConfig }

// forWeft reports whether a source is a flag or one of weft's own variables. Variables shared with
// other programs are left to provider detection, which reads them itself.
func forWeft(from source) bool {
	return from.origin == fromFlag || from.origin == fromEnvironment && strings.HasPrefix(from.name, "WEFT_")
}

// llm returns the settings for using an endpoint.
func (s *settings) llm() llm.Config {
	return llm.Config{
		Context: s.ContextTokens.value, MaxTokens: s.MaxTokens.value,
		DecideModel: s.DecideModel.value, Temperature: s.Temperature.value,
		HeadersTimeout: s.HeadersTimeout.value, IdleTimeout: s.IdleTimeout.value,
		Prices: llm.Prices{Input: s.PriceIn.value, Output: s.PriceOut.value, Currency: s.Currency.value},
	}
}
