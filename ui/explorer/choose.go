package explorer

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/palette"
	"weft/ui/theme"
)

// A Chooser is an Engine with lists that a person can choose from, such as models. Both methods may
// take a while.
type Chooser interface {
	Choices() []Choice
	Choose(id, option string) error
}

// A Choice is one list to choose from.
type Choice struct {
	ID      string // identifies the choice in a call of Choose
	Title   string // what is chosen: "the model that answers"
	Options []string
	Current string // the option in use
}

type (
	choicesMsg []Choice
	chosenMsg  struct{ err error }
)

// choices requests the engine's lists.
func (m *explorer) choices() tea.Cmd {
	c := m.engine.(Chooser)
	return func() tea.Msg { return choicesMsg(c.Choices()) }
}

func (m *explorer) noChoices() string {
	if _, ok := m.engine.(Chooser); !ok {
		return "there is nothing to choose"
	}
	return ""
}

// choose shows the lists, one after the other in one palette.
func (m *explorer) choose(lists []Choice) tea.Cmd {
	if len(lists) == 0 {
		return m.shell.say("no model server was found: there is nothing to choose", true)
	}
	const sep = "\x00"
	var items []palette.Item
	for _, c := range lists {
		for _, o := range c.Options {
			it := palette.Item{ID: c.ID + sep + o, Title: o, Group: c.Title}
			if o == c.Current {
				it.Detail = "in use"
			}
			items = append(items, it)
		}
	}
	return m.shell.list(palette.New("models", "which model?", items), func(id string) tea.Cmd {
		list, option, _ := strings.Cut(id, sep)
		c := m.engine.(Chooser)
		return func() tea.Msg { return chosenMsg{c.Choose(list, option)} }
	})
}

func (m *explorer) noTheme() string {
	switch {
	case m.shell.speaker.on:
		return m.shell.noPicture()
	case m.shell.opt.noColor():
		return "NO_COLOR is set"
	}
	return ""
}

// pickTheme lists the themes. The chosen one is used until weft quits.
func (m *explorer) pickTheme() tea.Cmd {
	about := map[string]string{
		"auto": "dark or light, as the terminal is", "dark-cb": "for the colour-blind, on a dark terminal", "light-cb": "for the colour-blind, on a light terminal", "mono": "no colours", "cb": "for the colour-blind, dark or light, as the terminal is",
	}
	var items []palette.Item
	for _, name := range append(theme.Names(), "cb") {
		items = append(items, palette.Item{ID: name, Title: name, Detail: about[name]})
	}
	for _, t := range m.shell.opt.Themes {
		if name, ok := strings.CutSuffix(t.Name, "-dark"); ok && slices.ContainsFunc(m.shell.opt.Themes, func(o theme.Theme) bool { return o.Name == name+"-light" }) {
			items = append(items, palette.Item{ID: name, Title: name, Detail: "your own, dark or light, as the terminal is"})
		}
		items = append(items, palette.Item{ID: t.Name, Title: t.Name, Detail: "your own"})
	}
	p := palette.New("theme", "which theme?", items)
	p.Select(m.shell.theme.Name)
	return m.shell.list(p, m.useTheme)
}

// useTheme changes the theme until weft quits.
func (m *explorer) useTheme(name string) tea.Cmd {
	before := m.shell.opt.Theme
	m.shell.opt.Theme = name
	if err := m.shell.setTheme(m.shell.dark); err != nil {
		m.shell.opt.Theme = before
		return m.shell.say(err.Error(), true)
	}
	return m.shell.say("until you quit; theme = \""+name+"\" in the config file keeps it", false)
}
