package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
)

// command returns the command with an ID.
func (s *shell) command(id string) *command {
	for i := range s.commands {
		if s.commands[i].id == id {
			return &s.commands[i]
		}
	}
	return nil
}

// run executes a command, or notes why it is not available.
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

// why returns why a command is not available now, or "".
func (s *shell) why(id string) string {
	if c := s.command(id); c != nil {
		return c.blocked()
	}
	return ""
}

// keyOf returns a key that calls a command, if possible from the question line; "" if there is
// none.
func (s *shell) keyOf(id string) (key string) {
	for _, b := range s.keys.All() {
		if b.Command == id && b.Key() != "" && (key == "" || b.Scope == keys.Anywhere) {
			key = b.Key()
		}
	}
	return key
}

// hints returns the keys of the available commands: those that help in the present state, then those
// of the first scope, then the others.
func (s *shell) hints(scopes ...keys.Scope) []hint {
	var first, rest []hint
	for _, scope := range scopes {
		for _, b := range s.keys.In(scope) {
			c := s.command(b.Command)
			word := b.Short
			if c.label != nil {
				word = c.label()
			}
			// The command back has a key in every scope: its hint is shown once, for keys.Anywhere.
			if word == "" || c.blocked() != "" || b.Command == "back" && scope != keys.Anywhere {
				continue
			}
			key := b.Key()
			if pair := pairs[b.Command]; pair != "" {
				key = s.pairKey(scope, b, pair)
			}
			h := hint{command: b.Command, key: key, word: word, first: c.first != nil && c.first()}
			if h.first {
				first = append(first, h)
			} else {
				rest = append(rest, h)
			}
		}
	}
	return append(first, rest...)
}

// label returns a function that returns the word for a command: that of the pane on top, or the
// usual one.
func label(s *shell, command, usual string) func() string {
	return func() string {
		if p, ok := s.top().(labeller); ok {
			if word := p.Label(command); word != "" {
				return word
			}
		}
		return usual
	}
}

// pairs maps commands to their opposites, with which the footer shows them together.
var pairs = map[string]string{"select.up": "select.down", "scroll.up": "scroll.down", "scrub.back": "scrub.forward", "zoom.in": "zoom.out", "play.slower": "play.faster", "run.previous": "run.next"}

func (s *shell) pairKey(scope keys.Scope, b keys.Binding, opposite string) string {
	for _, o := range s.keys.In(scope) {
		if o.Command == opposite {
			return b.Key() + o.Key()
		}
	}
	return b.Key()
}

// hintGap is how many cells are free between two hints of the footer.
const hintGap = 3

// fitHints returns the hints that have room in w cells, in their order. Those that help in the
// present state, and those that lead on, back and out, have room before the others. Of several with
// the same word, the first is shown.
func fitHints(hints []hint, w int, tab bool) (fitting []hint) {
	said := map[string]bool{}
	fits := make([]bool, len(hints))
	for _, round := range []func(hint) bool{
		func(h hint) bool { return h.first || h.command == "back" },
		func(h hint) bool { return h.command == "" },
		func(h hint) bool {
			return h.command == "interrupt" || h.command == "quit" || h.command == "help" || h.command == "focus" && tab
		},
		func(hint) bool { return true },
	} {
		for i, h := range hints {
			if fits[i] || said[h.word] || !round(h) {
				continue
			}
			n := canvas.Width(h.key) + 1 + canvas.Width(h.word)
			if n > w {
				break
			}
			w -= n + hintGap
			fits[i], said[h.word] = true, true
		}
	}
	for i, h := range hints {
		if fits[i] {
			fitting = append(fitting, h)
		}
	}
	return fitting
}

// otherRunLabel returns a function that returns the footer's word for the keys of the other runs
// where they are letters. Elsewhere they are two long names, which are left to the help.
func otherRunLabel(s *shell) func() string {
	return func() string {
		if scope := s.top().Scope(); scope == keys.Timeline || scope == keys.Conversation {
			return "run"
		}
		return ""
	}
}
