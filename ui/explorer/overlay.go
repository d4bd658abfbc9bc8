package explorer

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/help"
	"weft/ui/keys"
	"weft/ui/palette"
	"weft/ui/sources"
)

// An overlay is a list over everything else, and what choosing from it does.
type overlay struct {
	*palette.Palette
	choose func(id string) tea.Cmd
	whole  bool // as large as the screen
}

func (m *model) overlayUpdate(msg tea.Msg) tea.Cmd {
	o := m.overlay
	out, cmd := o.Update(msg)
	switch out {
	case palette.Closed:
		m.overlay = nil
	case palette.Chosen:
		m.overlay = nil
		return o.choose(o.Choice())
	}
	return cmd
}

func (m *model) palette() tea.Cmd {
	var items []palette.Item
	for i := range m.commands {
		c := &m.commands[i]
		if c.id == "palette" {
			continue
		}
		items = append(items, palette.Item{ID: c.id, Title: c.long, Key: m.keyOf(c.id), Blocked: m.blocked(c)})
	}
	const with = "with."
	if m.noWorkflows() == "" {
		for _, w := range m.workflows { // its name is what one types who wants another
			items = append(items, palette.Item{ID: with + w.Name, Title: "ask with " + w.Name, Detail: w.Description})
		}
	}
	slices.SortStableFunc(items, func(a, b palette.Item) int { // what can be done, and what is not done by moving about, comes first
		return rank(a) - rank(b)
	})
	m.overlay = &overlay{Palette: palette.New("commands", "what do you want to do?", items), choose: func(id string) tea.Cmd {
		if name, ok := strings.CutPrefix(id, with); ok {
			return m.setWorkflow(name)
		}
		return m.run(id)
	}}
	return nil
}

// keyOf is a key that calls a command from the question line if there is one, else from elsewhere; "" if it has none.
func (m *model) keyOf(id string) (key string) {
	for _, b := range m.keys.All() {
		if b.Command == id && b.Key() != "" && (key == "" || b.Scope == keys.Anywhere) {
			key = b.Key()
		}
	}
	return key
}

// rank is where a command stands in the palette: what can be done before what cannot, and what one does now and then, which is
// what one looks for here, before what has one's fingers already.
func rank(it palette.Item) (n int) {
	if it.Blocked != "" {
		n += 2
	}
	switch strings.Split(it.ID, ".")[0] {
	case "select", "scrub", "scroll", "page", "top", "bottom", "focus", "back", "type", "history", "ask", "interrupt", "eof", "zoom", "with":
		n++
	}
	return n
}

func (m *model) help() tea.Cmd {
	if m.reader.on {
		m.readHelp()
		return nil
	}
	m.overlay = &overlay{whole: true, choose: m.run, Palette: help.New(m.keys, func(id string) string {
		if c := m.command(id); c != nil {
			return m.blocked(c)
		}
		return ""
	}, m.focus)}
	return nil
}

func (m *model) pickWorkflow() tea.Cmd {
	var items []palette.Item
	for _, w := range m.workflows {
		items = append(items, palette.Item{ID: w.Name, Title: w.Name, Detail: w.Description})
	}
	p := palette.New("workflow", "which workflow answers?", items)
	p.Select(m.workflows[m.workflow].Name)
	m.overlay = &overlay{Palette: p, choose: m.setWorkflow}
	return nil
}

func (m *model) setWorkflow(name string) tea.Cmd {
	m.workflow = slices.IndexFunc(m.workflows, func(w flow.Graph) bool { return w.Name == name })
	m.focus = keys.Line
	return nil
}

func (m *model) pickSource() tea.Cmd {
	list := m.sourceList()
	var items []palette.Item
	for i, s := range list {
		items = append(items, palette.Item{ID: fmt.Sprint(i), Title: fmt.Sprintf("[%d] %s", s.N, sources.Where(s.Passage)), Detail: sources.Trail(s.Passage), Key: fmt.Sprintf("%.2f", s.Score)})
	}
	m.overlay = &overlay{Palette: palette.New("sources", "which source?", items), choose: func(id string) tea.Cmd {
		for i, s := range list {
			if fmt.Sprint(i) == id {
				return m.look(s)
			}
		}
		return nil
	}}
	return nil
}
