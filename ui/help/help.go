// Package help lists every key and what it does, and the signs of the timeline. It is a palette with headings: typing searches,
// enter does what the line says, and what cannot be done now says why.
package help

import (
	"slices"

	"weft/ui/keys"
	"weft/ui/palette"
)

// signs are the marks on the timeline and what they mean.
var signs = [][2]string{
	{"╌", "waits: for a worker, or for the index"}, {"█", "running"}, {"▂▅▇", "tokens per second while a model writes"}, {"▚", "an attempt that failed"},
	{"┈", "waits before it tries again"}, {"▒", "waits for a human, or was held by one"}, {"◆", "an event"}, {"━", "the run, or a sub-workflow"}, {"╎", "first token"},
	{"·", "not started"}, {"✓", "done"}, {"✗", "failed"}, {"?", "needs you"}, {"⊘", "cancelled or skipped"}, {"▼", "now, or the instant that is shown"},
	{"░", "work beside the critical path, when that is marked"}, {"⌇2m⌇", "a gap of two minutes, folded"}, {"↻", "time until it is tried again"},
	{"⚑", "in the engine's manual: differs from LlamaIndex Workflows on purpose"},
}

// New returns the help. blocked says why a command cannot be done now ("": it can); the scope that has the keys comes first.
func New(m keys.Map, blocked func(command string) string, focus keys.Scope) *palette.Palette {
	scopes := []keys.Scope{keys.Line, keys.Timeline, keys.Conversation, keys.Inspector, keys.Anywhere}
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
			items = append(items, palette.Item{ID: b.Command, Title: b.Long, Key: b.Label(), Group: s.String(), Blocked: blocked(b.Command)})
		}
		if s == keys.Line {
			items = append(items, palette.Item{Title: "a new line in the question", Key: "⇧↵ ^j", Group: s.String()})
		}
	}
	for _, b := range m.All() {
		if len(b.Keys) == 0 && b.Scope == keys.Anywhere {
			items = append(items, palette.Item{ID: b.Command, Title: b.Long, Key: "↵ here", Group: "Without a key", Blocked: blocked(b.Command)})
		}
	}
	for _, s := range signs {
		items = append(items, palette.Item{Title: s[1], Key: s[0], Group: "Signs"})
	}
	p := palette.New("help", "search; ↵ does what the line says", items)
	p.KeyLeft = true
	return p
}
