package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"weft/ui/explorer"
	"weft/ui/theme"
)

// written is an option's text in the config file, and its location.
type written struct {
	text string
	from source
}

// readConfig returns the settings in the config file with their lines, and stores its tables of
// keys and themes. A missing file yields no settings, and is an error only if the file was named
// explicitly.
func (s *settings) readConfig(named bool) (map[string]written, error) {
	data, err := os.ReadFile(s.file)
	if !named && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) { // HOME may be a file
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the config file cannot be read: %w", err)
	}
	var raw map[string]any
	if err := toml.Unmarshal(data, &raw); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			row, col := at.Position()
			return nil, fmt.Errorf("the config file %s is not valid TOML at line %d, column %d: %v",
				s.file, row, col, err)
		}
		return nil, fmt.Errorf("the config file %s is not valid TOML: %w", s.file, err)
	}
	out := map[string]written{}
	for key, v := range raw {
		if _, table := v.(map[string]any); table && (key == "keys" || key == "themes" || key == "profiles") {
			continue
		}
		if out[key], err = s.readSetting(data, v, key); err != nil {
			return nil, err
		}
	}
	if err := s.readProfiles(data, raw["profiles"]); err != nil {
		return nil, err
	}
	if err := s.readKeys(data, raw["keys"]); err != nil {
		return nil, err
	}
	return out, s.readThemes(data, raw["themes"])
}

// readSetting returns the text of a setting at a path of the config file, whose last element is its
// key. The text of a table is JSON.
func (s *settings) readSetting(data []byte, v any, path ...string) (written, error) {
	key, line := path[len(path)-1], lineOf(data, path...)
	if !slices.ContainsFunc(s.describe(), func(d described) bool { return d.key == key }) {
		return written{}, fmt.Errorf("the config file %s, line %d has an unknown setting %q: `weft doctor` lists those that exist",
			s.file, line, key)
	}
	from := source{fromConfig, fmt.Sprintf("%s, line %d", s.file, line)}
	if table, is := v.(map[string]any); is {
		text, err := json.Marshal(table)
		if err != nil {
			return written{}, fmt.Errorf("the config file %s, line %d: %s: %w", s.file, line, key, err)
		}
		return written{string(text), from}, nil
	}
	return written{strings.Join(texts(v), ","), from}, nil
}

// readKeys stores the table of keys. An error, such as one key for two commands, names the line at
// fault.
func (s *settings) readKeys(data []byte, table any) error {
	commands, _ := table.(map[string]any)
	if len(commands) == 0 {
		return nil
	}
	s.keys = map[string][]string{}
	for command, ks := range commands {
		s.keys[command] = texts(ks)
	}
	wrong := explorer.CheckKeys(s.keys)
	if wrong == nil {
		return nil
	}
	line := 0
	// The command at fault is the last one without which the table is valid.
	for command := range s.keys {
		rest := maps.Clone(s.keys)
		delete(rest, command)
		if explorer.CheckKeys(rest) == nil {
			line = max(line, lineOf(data, "keys", command))
		}
	}
	if line == 0 {
		line = lineOf(data, "keys")
	}
	return fmt.Errorf("the config file %s, line %d: %w", s.file, line, wrong)
}

// readThemes stores the person's own themes.
func (s *settings) readThemes(data []byte, table any) error {
	themes, _ := table.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(themes)) {
		wrong := func(err error, path ...string) error {
			return fmt.Errorf("the config file %s, line %d: theme %s: %w", s.file,
				lineOf(data, append([]string{"themes", name}, path...)...), name, err)
		}
		says, ok := themes[name].(map[string]any)
		if !ok {
			return wrong(fmt.Errorf("it must be a table: [themes.%s]", name))
		}
		base, colours := "", map[string]theme.Colour{}
		for _, key := range slices.Sorted(maps.Keys(says)) {
			text := fmt.Sprint(says[key])
			if key == "base" {
				base = text
				continue
			}
			var c theme.Colour
			if err := c.UnmarshalText([]byte(text)); err != nil {
				return wrong(err, key)
			}
			colours[key] = c
			if _, err := theme.Custom(name, "", map[string]theme.Colour{key: c}); err != nil {
				return wrong(err, key)
			}
		}
		t, err := theme.Custom(name, base, colours)
		if err != nil {
			return wrong(err, "base")
		}
		s.themes = append(s.themes, t)
	}
	return nil
}

// lineOf returns the line of a config file that sets a path, or else the line of its longest
// prefix.
func lineOf(data []byte, path ...string) (line int) {
	var p unstable.Parser
	p.Reset(data)
	var table []string
	deepest := 0
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable && e.Kind != unstable.KeyValue {
			continue
		}
		at := table
		if e.Kind != unstable.KeyValue {
			at = nil
		}
		row := 0
		for it := e.Key(); it.Next(); {
			at = append(slices.Clip(at), string(it.Node().Data))
			row = p.Shape(it.Node().Raw).Start.Line
		}
		if e.Kind != unstable.KeyValue {
			table = at
		}
		if n := len(at); n > deepest && n <= len(path) && slices.Equal(at, path[:n]) {
			deepest, line = n, row
		}
	}
	return line
}

// texts returns a value of the config file as a list of strings.
func texts(v any) []string {
	items, ok := v.([]any)
	if !ok {
		return []string{fmt.Sprint(v)}
	}
	var out []string
	for _, i := range items {
		out = append(out, fmt.Sprint(i))
	}
	return out
}
