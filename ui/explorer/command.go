package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/keys"
)

// A command is something that a person can do, by a key, in the palette and in the help.
type command struct {
	id    string // stable: settings name it
	on    []where
	short string        // for the footer; none: not there
	long  string        // for palette and help
	label func() string // a word for the footer that depends on the state, in place of short
	no    func() string // why it cannot be done now; nil or "": it can
	do    func() tea.Cmd
}

// where says where which keys call a command.
type where struct {
	scope keys.Scope
	keys  []string
}

func by(s keys.Scope, k ...string) where { return where{s, k} }

// blocked says why a command cannot be done now, or "".
func (c *command) blocked() string {
	if c.no == nil {
		return ""
	}
	return c.no()
}

// bindings makes the map of keys.
func bindings(cs []command) keys.Map {
	var list []keys.Binding
	for _, c := range cs {
		for _, o := range c.on {
			list = append(list, keys.Binding{Command: c.id, Scope: o.scope, Keys: o.keys, Short: c.short, Long: c.long})
		}
	}
	return keys.New(list)
}

// doMsg asks for a command from outside of the keys.
type doMsg struct{ command string }
