package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"weft/rag/llm"
	"weft/rag/statefile"
)

// endpointKeys are the settings that belong to one endpoint. With a profile, those outside of it do
// not count: a key must not go to another address than its own.
var endpointKeys = []string{"base_url", "api_key", "key_env", "key_file", "key_command", "key_header",
	"headers", "query", "body", "ollama_host", "model", "decide_model", "embedding_model", "rerank_model",
	"context_tokens", "price_in", "price_out", "currency"}

// profileKeys are all settings that a profile may have.
var profileKeys = append([]string{"max_tokens", "temperature", "reasoning_effort", "headers_timeout",
	"idle_timeout"}, endpointKeys...)

// readProfiles stores the profiles of the config file.
func (s *settings) readProfiles(data []byte, table any) error {
	s.profiles = map[string]map[string]written{}
	profiles, _ := table.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		says, ok := profiles[name].(map[string]any)
		if !ok {
			return fmt.Errorf("the config file %s, line %d: profile %s must be a table: [profiles.%s]",
				s.file, lineOf(data, "profiles", name), name, name)
		}
		s.profiles[name] = map[string]written{}
		for key, v := range says {
			w, err := s.readSetting(data, v, "profiles", name, key)
			if err == nil && !slices.Contains(profileKeys, key) {
				err = fmt.Errorf("the config file %s, line %d: %s cannot be set in a profile",
					s.file, lineOf(data, "profiles", name, key), key)
			}
			if err != nil {
				return err
			}
			s.profiles[name][key] = w
		}
		if s.profiles[name]["base_url"].text == "" && s.profiles[name]["ollama_host"].text == "" {
			return fmt.Errorf("the config file %s, line %d: profile %s has no base_url: give its address",
				s.file, lineOf(data, "profiles", name), name)
		}
	}
	return nil
}

// ofProfile returns a setting of the chosen profile. chosen says that the profile was chosen by a
// flag, and so comes before the environment.
func (s *settings) ofProfile(key string) (w written, chosen bool) {
	if s.Profile.value == "" || key == "profile" {
		return written{}, false
	}
	w, ok := s.profiles[s.Profile.value][key]
	return w, s.Profile.from.origin == fromFlag && (ok || slices.Contains(endpointKeys, key))
}

// checkProfile returns an error for a profile that does not exist.
func (s *settings) checkProfile() error {
	name := s.Profile.value
	if _, ok := s.profiles[name]; ok || name == "" {
		return nil
	}
	there := "the config file has none"
	if names := slices.Sorted(maps.Keys(s.profiles)); len(names) > 0 {
		there = "there are " + strings.Join(names, ", ")
	}
	return usageError{fmt.Errorf("profile from %s: there is no profile %q: %s", s.Profile.from, name, there)}
}

// withProfile returns the settings as if a profile had been chosen by flag; "" is none.
func (s *settings) withProfile(name string) (*settings, error) {
	t := &settings{file: s.file, keys: s.keys, themes: s.themes, getenv: s.getenv, flags: s.flags,
		config: s.config, profiles: s.profiles}
	for i, d := range t.describe() {
		if i > 0 {
			if err := t.resolveOne(d); err != nil {
				return nil, err
			}
			continue
		}
		if err := d.take(name, source{fromFlag, "profile"}); err != nil {
			return nil, err
		}
		if err := t.checkProfile(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// commandTime limits how long a command may take to print a key: it may ask a person for a password.
const commandTime = time.Minute

// configured returns the endpoint of the config file or of the profile, with its key from wherever
// the settings say that it is.
func (s *settings) configured(ctx context.Context) (llm.Endpoint, error) {
	e := s.endpoint(onFile)
	e.Name = s.Profile.value
	e.Custom = llm.Custom{KeyHeader: s.KeyHeader.value, Headers: s.Headers.value, Query: s.Query.value,
		Body: s.Body.value, Effort: s.Effort.value}
	if !e.Key.IsZero() {
		return e, nil
	}
	key, name, err := s.keyFrom(ctx)
	if err != nil {
		return e, fmt.Errorf("the key cannot be read: %s: %w", name, err)
	}
	if e.Key = llm.NewKey(key); !e.Key.IsZero() {
		e.KeyName = name
	}
	return e, nil
}

// keyFrom reads the key from the variable, the file or the command that the settings name.
func (s *settings) keyFrom(ctx context.Context) (key, name string, err error) {
	switch {
	case s.KeyEnv.value != "":
		name = "environment " + s.KeyEnv.value
		if key = s.getenv(s.KeyEnv.value); key == "" {
			err = errors.New("the variable is not set")
		}
	case s.KeyFile.value != "":
		file := s.KeyFile.value
		if rest, ok := strings.CutPrefix(file, "~/"); ok {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", "key_file", err
			}
			file = filepath.Join(home, rest)
		}
		data, err := os.ReadFile(file)
		return string(data), "file " + s.KeyFile.value, err
	case s.KeyCommand.value != "":
		name = "key_command"
		s.keyMu.Lock() // the command runs once: it may ask a person
		defer s.keyMu.Unlock()
		if s.printed != "" {
			return s.printed, name, nil
		}
		ctx, cancel := context.WithTimeout(ctx, commandTime)
		defer cancel()
		shell := []string{"sh", "-c"}
		if runtime.GOOS == "windows" {
			shell = []string{"cmd", "/C"}
		}
		cmd := exec.CommandContext(ctx, shell[0], append(shell[1:], s.KeyCommand.value)...)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
			return "", name, fmt.Errorf("%w %s", err, line)
		}
		key, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
		if key == "" {
			return "", name, errors.New("it printed nothing")
		}
		s.printed = key
	}
	return key, name, err
}

// profileFile is where the profile that was chosen on the screen is remembered.
func profileFile(st *settings) string { return filepath.Join(stateDir(st), "profile") }

// remembered chooses the profile that was chosen on the screen last, unless a flag or a variable
// names another one or the config file does not have it any more.
func (s *settings) remembered() (*settings, error) {
	if s.Profile.from.origin >= fromEnvironment {
		return s, nil
	}
	data, err := readState(profileFile(s))
	if err != nil { // another profile may be one that sends documents elsewhere
		return nil, fmt.Errorf("the profile that was chosen last cannot be read: choose one with --profile: %w", err)
	}
	name := strings.TrimSpace(string(data))
	if data == nil || name == s.Profile.value {
		return s, nil
	}
	if _, ok := s.profiles[name]; !ok && name != "" {
		return s, nil
	}
	return s.withProfile(name)
}

// rememberProfile remembers a choice of the screen for the next start.
func rememberProfile(st *settings, name string) error {
	return statefile.Write(profileFile(st), []byte(name+"\n"))
}

// shown returns the option's text for a person, without secrets.
func (d described) shown() string {
	text, _ := d.written()
	switch o := d.anyOption.(type) {
	case *option[map[string]string]:
		return strings.Join(slices.Sorted(maps.Keys(o.value)), ", ")
	case *option[string]:
		if d.secret {
			return llm.NewKey(text).String()
		}
	}
	switch d.key {
	case "base_url", "ollama_host", "allow":
		addresses := strings.Fields(text)
		for i, a := range addresses {
			addresses[i] = llm.ShowURL(a) // hides a password, or a key in a parameter
		}
		return strings.Join(addresses, " ")
	}
	return text
}
