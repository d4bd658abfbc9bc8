package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

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
}

// loadSettings determines the value of every option. The first source that has one wins: flags,
// environment, config file, default. What is detected on the machine ranks between the config file
// and the default.
func loadSettings(flags *pflag.FlagSet, getenv func(string) string) (*settings, error) {
	s := &settings{file: getenv("WEFT_CONFIG"), getenv: getenv}
	if s.file == "" {
		s.file = filepath.Join(xdg.ConfigHome, "weft", "config.toml")
	}
	file, err := s.readConfig(getenv("WEFT_CONFIG") != "")
	if err != nil {
		return nil, err
	}
	for _, d := range s.describe() {
		text, from := d.def, source{}
		if f, ok := file[d.key]; ok {
			text, from = f.text, f.from
		}
		if e := getenv(d.env); d.env != "" && e != "" {
			text, from = e, source{fromEnvironment, d.env}
		}
		if f := flags.Lookup(d.flag); d.flag != "" && f != nil && f.Changed {
			text, from = f.Value.String(), source{fromFlag, d.flag}
			if many, ok := f.Value.(pflag.SliceValue); ok {
				text = strings.Join(many.GetSlice(), ",")
			}
		}
		if err := d.take(text, from); err != nil {
			return nil, fmt.Errorf("%s from %s is %q: %w", d.key, from, text, err)
		}
	}
	return s, nil
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
	return llm.Endpoint{
		BaseURL: get(s.BaseURL), Key: llm.NewKey(get(s.APIKey)),
		Chat: get(s.Model), Embed: get(s.EmbeddingModel), Rerank: get(s.RerankModel),
	}
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
		HeadersTimeout: s.HeadersTimeout.value, IdleTimeout: s.IdleTimeout.value,
		Prices: llm.Prices{Input: s.PriceIn.value, Output: s.PriceOut.value, Currency: s.Currency.value},
	}
}
