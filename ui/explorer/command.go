package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/keys"
)

// A command is an action that a person can call by a key, in the palette and in the help.
type command struct {
	id    string // stable, because settings name it
	on    []where
	short string        // for the footer; none: not there
	long  string        // description for palette and help
	label func() string // a word for the footer that depends on the state, in place of short
	no    func() string // why it cannot be done now; nil or "": it can
	first func() bool   // reports whether the footer shows it before the others now; nil: never
	do    func() tea.Cmd
}

// where lists keys that call a command, and their scope.
type where struct {
	scope keys.Scope
	keys  []string
}

func by(s keys.Scope, k ...string) where { return where{s, k} }

// blocked returns why a command is not available now, or "".
func (c *command) blocked() string {
	if c.no == nil {
		return ""
	}
	return c.no()
}

// refuse makes the commands unavailable that an engine refuses.
func refuse(cs []command, by Refuser) {
	for i := range cs {
		if why := by.Refuses(cs[i].id); why != "" {
			cs[i].no = func() string { return why }
		}
	}
}

// bindings returns the key map of the commands.
func bindings(cs []command) keys.Map {
	var list []keys.Binding
	for _, c := range cs {
		for _, o := range c.on {
			list = append(list, keys.Binding{Command: c.id, Scope: o.scope, Keys: o.keys, Short: c.short, Long: c.long})
		}
	}
	return keys.New(list)
}

// doMsg calls a command without a key.
type doMsg struct{ command string }
