package cli

import (
	"fmt"
	"strings"
	"sync"

	"weft/rag/outside"
)

// toolPrograms are the programs of the setting tool_servers, which have tools for the workflow
// agent.
type toolPrograms struct {
	settings *settings

	mu      sync.Mutex
	servers *outside.Servers // nil: none was needed yet
}

// get returns the programs of the setting tool_servers; nil if there are none.
func (t *toolPrograms) get() (*outside.Servers, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.servers != nil || len(t.settings.ToolServers.value) == 0 {
		return t.servers, nil
	}
	commands, err := commandsOf(t.settings.ToolServers.value)
	if err != nil {
		return nil, usageError{fmt.Errorf("tool_servers from %s: %w", t.settings.ToolServers.from, err)}
	}
	t.servers = outside.New(commands)
	return t.servers, nil
}

// close ends the programs.
func (t *toolPrograms) close() {
	if t.servers != nil {
		t.servers.Close()
	}
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
