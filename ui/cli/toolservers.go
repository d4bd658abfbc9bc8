package cli

import (
	"fmt"
	"strings"

	"weft/rag/outside"
)

// toolServers returns the programs of the setting tool_servers; nil if there are none.
func (s *session) toolServers() (*outside.Servers, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.programs != nil || len(s.settings.ToolServers.value) == 0 {
		return s.programs, nil
	}
	commands, err := commandsOf(s.settings.ToolServers.value)
	if err != nil {
		return nil, usageError{fmt.Errorf("tool_servers from %s: %w", s.settings.ToolServers.from, err)}
	}
	s.programs = outside.New(commands)
	return s.programs, nil
}

// commandsOf returns the commands of a table: each a list of words, or a text without quotes.
func commandsOf(table map[string]any) (map[string][]string, error) {
	commands := map[string][]string{}
	for name, v := range table {
		switch v := v.(type) {
		case string:
			commands[name] = strings.Fields(v)
		case []any:
			for _, word := range v {
				text, ok := word.(string)
				if !ok {
					return nil, fmt.Errorf("%s is %v: it must be a list of texts", name, v)
				}
				commands[name] = append(commands[name], text)
			}
		}
		if len(commands[name]) == 0 {
			return nil, fmt.Errorf("%s has no command: give one, as in [\"npx\", \"-y\", \"the-server\"]", name)
		}
	}
	return commands, nil
}
