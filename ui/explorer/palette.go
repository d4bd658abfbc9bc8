package explorer

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/palette"
)

// palette lists all commands and workflows.
func (m *explorer) palette() tea.Cmd {
	const with = "with."
	var items []palette.Item
	for i := range m.shell.commands {
		c := &m.shell.commands[i]
		if c.id != "palette" {
			items = append(items, palette.Item{ID: c.id, Title: c.long, Key: m.shell.keyOf(c.id), Blocked: c.blocked()})
		}
	}
	if m.runs.noWorkflows() == "" {
		items = append(items, workflowItems(m.runs.workflows, with, "ask with ")...)
	}
	slices.SortStableFunc(items, func(a, b palette.Item) int { return paletteRank(a) - paletteRank(b) })
	return m.shell.list(palette.New("commands", "what do you want to do?", items), func(id string) tea.Cmd {
		if name, ok := strings.CutPrefix(id, with); ok {
			return m.question.setWorkflow(name)
		}
		return m.shell.run(id)
	})
}

// paletteRank orders the commands in the palette: available ones first, and among these the rarely
// used ones, which people look for here, before those whose keys they know.
func paletteRank(it palette.Item) (n int) {
	if it.Blocked != "" {
		n += 2
	}
	switch strings.Split(it.ID, ".")[0] {
	case "select", "scrub", "scroll", "page", "top", "bottom", "focus", "back", "type", "history", "ask", "interrupt", "eof", "zoom", "with":
		n++
	}
	return n
}
