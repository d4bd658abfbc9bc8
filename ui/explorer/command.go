package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/keys"
)

// A command is something that a person can do, by a key, in the palette and in the help.
type command struct {
	id    string // stable: settings name it
	on    []on
	short string        // for the footer; none: not there
	long  string        // for palette and help
	label func() string // a word for the footer that depends on what goes on, in place of short
	no    func() string // why it cannot be done now; nil or "": it can
	do    func() tea.Cmd
}

// on says where which keys call a command.
type on struct {
	scope keys.Scope
	keys  []string
}

func in(s keys.Scope, k ...string) on { return on{s, k} }

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

// A hint is a key for the footer with what it does here and now, in a word.
type hint struct {
	command   string // "" where it is no command
	key, word string
}

// command finds a command by its name.
func (s *shell) command(id string) *command {
	for i := range s.commands {
		if s.commands[i].id == id {
			return &s.commands[i]
		}
	}
	return nil
}

// run does a command, or says why not.
func (s *shell) run(id string) tea.Cmd {
	c := s.command(id)
	if c == nil {
		return nil
	}
	if why := c.blocked(); why != "" {
		return s.say(why, true)
	}
	return c.do()
}

// why says why a command cannot be done now, or "".
func (s *shell) why(id string) string {
	if c := s.command(id); c != nil {
		return c.blocked()
	}
	return ""
}

// keyOf is a key that calls a command from the question line if there is one, else from elsewhere; "" if it has none.
func (s *shell) keyOf(id string) (key string) {
	for _, b := range s.keys.All() {
		if b.Command == id && b.Key() != "" && (key == "" || b.Scope == keys.Anywhere) {
			key = b.Key()
		}
	}
	return key
}

// hints are the keys of commands that can be done now, those of the first scope first.
func (s *shell) hints(scopes ...keys.Scope) (out []hint) {
	for _, scope := range scopes {
		for _, b := range s.keys.In(scope) {
			c := s.command(b.Command)
			word := b.Short
			if c.label != nil {
				word = c.label()
			}
			if word == "" || c.blocked() != "" || b.Command == "back" && scope != keys.Anywhere { // esc closes everywhere, and is what one looks for
				continue
			}
			key := b.Key()
			if pair := pairs[b.Command]; pair != "" {
				key = s.pairKey(scope, b, pair)
			}
			out = append(out, hint{b.Command, key, word})
		}
	}
	return out
}

// pairs are commands that the footer shows together with their opposite.
var pairs = map[string]string{"select.up": "select.down", "scroll.up": "scroll.down", "scrub.back": "scrub.forward", "zoom.in": "zoom.out"}

func (s *shell) pairKey(scope keys.Scope, b keys.Binding, opposite string) string {
	for _, o := range s.keys.In(scope) {
		if o.Command == opposite {
			return b.Key() + o.Key()
		}
	}
	return b.Key()
}
