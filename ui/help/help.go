// Package help lists all keys with their commands, and the signs of the timeline. It is a palette
// with headings: typing searches, enter executes the command of the line, and a command that is not
// available shows why.
package help

import (
	"slices"

	"weft/ui/keys"
	"weft/ui/palette"
	"weft/ui/status"
)

// marks are the signs on the timeline that do not represent a status, with their meanings.
var marks = [][2]string{
	{"▂▅▇", "tokens per second while a model writes"}, {"◆", "an event"},
	{"━", "the run, or a sub-workflow"}, {"╎", "first token"},
	{"▼", "now, or the moment that is shown"},
	{"░", "work beside the critical path, when that is marked"},
	{"⌇2m⌇", "a gap of two minutes, folded"}, {"↻", "time until the next attempt"},
	{"⚑", "in the engine's manual: differs from LlamaIndex Workflows on purpose"},
}

// New returns the help. blocked returns why a command is not available now, or "". The scope focus
// is listed first.
func New(m keys.Map, blocked func(command string) string, focus keys.Scope) *palette.Palette {
	scopes := keys.Scopes()
	slices.SortStableFunc(scopes, func(a, b keys.Scope) int {
		switch focus {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	var items []palette.Item
	for _, s := range scopes {
		for _, b := range m.In(s) {
			items = append(items, palette.Item{
				ID: b.Command, Title: b.Long, Key: b.Label(), Group: s.String(), Blocked: blocked(b.Command),
			})
		}
		if s == keys.Line {
			items = append(items, palette.Item{Title: "a new line in the question", Key: "⇧↵ ^j", Group: s.String()})
		}
	}
	for _, b := range m.All() {
		if len(b.Keys) == 0 && b.Scope == keys.Anywhere {
			items = append(items, palette.Item{
				ID: b.Command, Title: b.Long, Key: "↵ here", Group: "Without a key", Blocked: blocked(b.Command),
			})
		}
	}
	sign := func(mark, means string) { items = append(items, palette.Item{Title: means, Key: mark, Group: "Signs"}) }
	for _, s := range []status.Status{status.Queued, status.Running, status.Failed, status.Retrying, status.Waiting} {
		sign(s.Bar(), status.Table[s].Axis)
	}
	for _, s := range []status.Status{
		status.NotStarted, status.Done, status.Failed, status.Waiting, status.Paused, status.Cancelled,
	} {
		sign(s.Glyph(), s.Word())
	}
	for _, m := range marks {
		sign(m[0], m[1])
	}
	p := palette.New("help", "search; ↵ does what the line says, esc closes", items)
	p.KeyLeft = true
	return p
}
